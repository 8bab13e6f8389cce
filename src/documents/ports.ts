/**
 * The ports that documents come in through: bytes to pages of text.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError, type ErrorDetails } from "../shared/errors.ts";

export interface DocumentPage {
  /**
   * From 1, as the document counts its pages; a book's are its chapters. What has no pages is one,
   * or where it is long several pieces in order.
   */
  number: number;
  /**
   * Of web pages, Word documents and books: Markdown. Of a table: a header line and lines of cells
   * parted by " | ". Of JSON: lines of `path: value`.
   */
  text: string;
}

/** A page that could not be read; the others are kept. */
export interface PageFailure {
  number: number;
  reason: string;
}

/** What a document turned out to be, by its content. */
export type DocumentKind =
  | "pdf"
  | "text"
  | "markdown"
  | "html"
  | "docx"
  | "epub"
  | "csv"
  | "json"
  | "code";

export interface ReadDocument {
  kind: DocumentKind;
  pages: DocumentPage[];
  page_count: number;
  failures: PageFailure[];
}

export type DocumentErrorCode =
  | "document_encrypted"
  | "document_scanned"
  | "document_corrupt"
  | "document_empty"
  | "document_too_large"
  | "document_unsupported"
  | "document_timeout"
  | "file_unreachable"
  | "file_expired"
  | "file_too_large"
  | "file_forbidden"
  | "source_unknown"
  | "source_name_taken";

/** A file could not be fetched or read; the message is a sentence for the person who sent it. */
export class DocumentError extends ColloquyError {
  override readonly name = "DocumentError";
  declare readonly code: DocumentErrorCode;

  constructor(code: DocumentErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/**
 * Bytes to pages of text. The kind is recognised by content, not by name. Pages are handed over in
 * order as they are read, so that embedding can overlap with reading. Bounded in time and memory
 * whatever the bytes are. Fails with a `DocumentError`; a document of which some pages fail is not
 * a failure. Leaves `bytes` untouched.
 */
export interface DocumentReader {
  read(
    file: { name: string; bytes: Uint8Array },
    options?: {
      signal?: AbortSignalLike;
      /** Opens an encrypted document (`document_encrypted`); kept nowhere. */
      password?: string;
      onPage?: (page: DocumentPage, pageCount: number, kind: DocumentKind) => void;
    },
  ): Promise<ReadDocument>;
}

/**
 * A URL to bytes, from allowed hosts only, within size and time limits. Never follows a redirect
 * to a host that is not allowed. Fails with a `DocumentError` of a `file_…` code.
 */
export interface FileFetcher {
  fetch(
    url: string,
    options?: { signal?: AbortSignalLike; maxBytes?: number },
  ): Promise<Uint8Array>;
}

/**
 * A web page, or a file that lies on the web, from a public address. Nothing private is ever asked,
 * whatever a URL redirects or resolves to. Fails with a `DocumentError` of a `file_…` code.
 */
export interface PageFetcher {
  fetchPage(
    url: string,
    options?: { signal?: AbortSignalLike },
  ): Promise<{ bytes: Uint8Array /** Host and path, for people. */; name: string }>;
}

/** The content hash that a data source is known by. */
export interface ContentHash {
  /** Hexadecimal SHA-256. */
  sha256(bytes: Uint8Array | string): string;
}
