/**
 * The reader for whatever people post: recognises the format by content, hands what takes a parser
 * to the reading processes, decodes plain text, Markdown and source code itself, and refuses the rest
 * with its name. Limits sizes first.
 */
import {
  DocumentError,
  type DocumentPage,
  type DocumentReader,
  type ReadDocument,
} from "../../documents/ports.ts";
import { throwIfAborted } from "../../shared/abort.ts";
import type { ReadingHint, ReadOptions } from "./child-document-reader.ts";
import { cutPages } from "./formats/cut-pages.js";
import { recognise, type TextEncodingName } from "./recognise.ts";
import { recogniseText } from "./recognise-text.ts";

/** What has a parser of its own: told the format, reads it. */
export interface ParsingReader {
  read(
    file: { name: string; bytes: Uint8Array },
    options?: ReadOptions,
    hint?: ReadingHint,
  ): Promise<ReadDocument>;
}

export interface RecognisingDocumentReaderOptions {
  parser: ParsingReader;
  /** Largest file of any kind, in bytes. Default 50 MB. */
  max_file_bytes?: number;
  /** Largest text file, in bytes; it is decoded in one go. Default 10 MB. */
  max_text_bytes?: number;
}

const MB = 1024 * 1024;

export class RecognisingDocumentReader implements DocumentReader {
  readonly #parser: ParsingReader;
  readonly #maxBytes: number;
  readonly #maxTextBytes: number;

  constructor(options: RecognisingDocumentReaderOptions) {
    this.#parser = options.parser;
    this.#maxBytes = options.max_file_bytes ?? 50 * MB;
    this.#maxTextBytes = options.max_text_bytes ?? 10 * MB;
  }

  async read(
    file: { name: string; bytes: Uint8Array },
    options: ReadOptions = {},
  ): Promise<ReadDocument> {
    throwIfAborted(options.signal);
    checkSize(file.bytes, this.#maxBytes);
    const found = recognise(file.bytes);
    switch (found.kind) {
      case "pdf":
      case "docx":
      case "epub":
        return this.#parser.read(file, options, { format: found.kind });
      case "empty":
        throw emptyError();
      case "locked":
        throw new DocumentError("document_encrypted", "This document is locked with a password.", {
          next: "Post a copy without the password.",
        });
      case "unsupported":
        throw new DocumentError("document_unsupported", `This is ${found.what}.`, {
          why: "Read are PDF, Word (docx), EPUB, HTML, Markdown, tables (CSV, TSV), JSON, source code and plain text, whatever the file's name says.",
          next: "Save it as one of these and post it again.",
        });
      case "text":
        checkSize(file.bytes, this.#maxTextBytes);
        return this.#readText(file, found.encoding, options);
    }
  }

  async #readText(
    file: { name: string; bytes: Uint8Array },
    encoding: TextEncodingName,
    options: ReadOptions,
  ): Promise<ReadDocument> {
    const text = new TextDecoder(encoding).decode(file.bytes);
    if (text.trim() === "") throw emptyError();
    const found = recogniseText(file.name, text);
    switch (found.kind) {
      case "html": {
        const declared = encoding === "windows-1252" ? declaredEncoding(text) : undefined;
        return this.#parser.read(file, options, { format: "html", encoding: declared ?? encoding });
      }
      case "json":
        return this.#parser.read(file, options, { format: "json", encoding });
      case "csv": {
        const { delimiter } = found;
        return this.#parser.read(file, options, { format: "csv", encoding, delimiter });
      }
      case "markdown":
      case "code":
      case "text": {
        const texts = cutPages(text);
        const pages = texts.map((one, i): DocumentPage => ({ number: i + 1, text: one }));
        for (const page of pages) options.onPage?.(page, pages.length, found.kind);
        return { kind: found.kind, pages, page_count: pages.length, failures: [] };
      }
    }
  }
}

/** What a page that is not UTF-8 says of itself, where it can be decoded. */
function declaredEncoding(html: string): string | undefined {
  const label = /<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,30})/i.exec(
    html.slice(0, 4096),
  )?.[1];
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function checkSize(bytes: Uint8Array, limit: number): void {
  if (bytes.length <= limit) return;
  const size = (bytes.length / MB).toFixed(1);
  throw new DocumentError("document_too_large", `This file is too large: ${size} MB.`, {
    why: `The limit is ${(limit / MB).toFixed(limit < MB ? 2 : 0)} MB.`,
    next: "Split it into smaller files.",
  });
}

function emptyError(): DocumentError {
  return new DocumentError("document_empty", "This file is empty: there is no text in it.", {
    next: "Check the file on your side, and post it again.",
  });
}
