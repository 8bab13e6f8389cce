/**
 * What a data source is, and where its parts are kept. A source is MemGPT's `memgpt load` result: the
 * passages of one document or several under one owner, shared by all agents of a server that attach it.
 */
import type { DocumentKind, PageFailure } from "./ports.ts";

/** One file or web page of a source. */
export interface SourceDocument {
  /** Display text: the file's name, or the page's host and path. */
  name: string;
  kind: DocumentKind;
  /** Hexadecimal SHA-256 of the file. */
  sha256: string;
  /** Size of the file. */
  bytes: number;
  /** Row of its first page among the source's pages, from 1. */
  first: number;
  pages: number;
  /** Pages that could not be read, the first hundred of them. */
  failures: readonly PageFailure[];
  failed_pages: number;
  /** The message or address it came from. */
  link?: string;
  /** The web page that it is a copy of. */
  url?: string;
  /** Why it could not be read at all; it then has no pages. */
  error?: string;
}

export interface DataSource {
  /** Stable for as long as the source exists. */
  id: string;
  /** The guild, direct message or terminal it belongs to; nothing crosses scopes. */
  scope: string;
  /** Places where it was loaded, and so is seen before it is published. */
  places: readonly string[];
  /** Seen in the whole scope. */
  published: boolean;
  /** Display text, unique in its scope. */
  name: string;
  /** Of its first document. */
  kind: DocumentKind;
  /** Hexadecimal SHA-256 of its content: of the file, or over the hashes of all files. */
  sha256: string;
  /** Owner of its passages in the `PassageStore` of `embedder`. */
  owner: string;
  /** Name of the embedder whose vectors the passages have. */
  embedder: string;
  passages: number;
  pages: number;
  /** Size of all its files. */
  bytes: number;
  /** Pages that could not be read, the first hundred of them, by their rows. */
  failures: readonly PageFailure[];
  /** How many pages could not be read. */
  failed_pages: number;
  /** Milliseconds since the epoch. */
  created_at: number;
  /** The first line of its text, at most 120 characters; may be empty. */
  description: string;
  /** Absent in records written before sources could hold several files. */
  documents?: readonly SourceDocument[];
  /** Version of the splitter that made the passages; absent is 1. */
  splitter?: number;
}

/** Where an ingest stands. Totals are what is known so far and may grow; 0 is unknown. */
export interface IngestProgress {
  stage: "reading" | "storing";
  pages_done: number;
  pages_total: number;
  passages_done: number;
  passages_total: number;
}

/**
 * A source's row. Only `ready` ones are seen; the others tell what a crash left behind. `version` is
 * that of this shape.
 */
export interface SourceRecord {
  version: 1;
  state: "loading" | "ready" | "deleting";
  source: DataSource;
  /** While loading: all text is kept, so that the rest can be done without the files. */
  read?: true;
  /** While ready: passages are being made anew from this text, which replaces the one before. */
  rework?: { sha256: string; pages: number };
  /** Other embedders whose stores hold passages of this owner. */
  elsewhere?: readonly string[];
}

/** What an agent needs to know of a source that it is linked to. */
export interface SourceLink {
  id: string;
  name: string;
  owner: string;
  kind: string;
  passages: number;
  description?: string;
}

/** The link for `attachSource`: made at once, whatever the source's size. */
export function linkTo(source: DataSource): SourceLink {
  const { id, name, owner, passages, description } = source;
  const count = documentsOf(source).length;
  const kind = count > 1 ? `${count} documents` : source.kind;
  return { id, name, owner, kind, passages, ...(description ? { description } : {}) };
}

export function documentsOf(source: DataSource): readonly SourceDocument[] {
  if (source.documents) return source.documents;
  const { name, kind, sha256, bytes, pages, failures, failed_pages } = source;
  return [{ name, kind, sha256, bytes, first: 1, pages, failures, failed_pages }];
}

/** Ids of all records of a scope, in the order they were made. */
export function indexKey(scope: string): string {
  return `source/${scope}`;
}

/** All scopes that have records. */
export const SCOPES_KEY = "source-scopes";

export function recordKey(scope: string, id: string): string {
  return `source/${scope}/${id}`;
}

/** The kept text of a page: the truth from which passages can be made again. */
export function pageKey(scope: string, sha256: string, row: number): string {
  return `source/${scope}/${sha256}/page/${row}`;
}

export function passageOwner(scope: string, sha256: string, embedder: string): string {
  return `source/${scope}/${sha256}/${embedder}`;
}

/** Whether people and agents in `place` may see the source. */
export function isSeenIn(source: DataSource, place: string): boolean {
  return source.published || source.places.includes(place);
}
