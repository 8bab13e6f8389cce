/**
 * What a data source is, and where its parts are kept. A source is MemGPT's `memgpt load` result: a
 * document's passages under one owner, shared by all agents of a server that attach it.
 */
import type { PageFailure, ReadDocument } from "./ports.ts";

export interface DataSource {
  /** Stable: follows from the content and the embedder. */
  id: string;
  /** The guild, direct message or terminal it belongs to; nothing crosses scopes. */
  scope: string;
  /** Places where it was loaded, and so is seen before it is published. */
  places: readonly string[];
  /** Seen in the whole scope. */
  published: boolean;
  /** Display text, unique in its scope but for the same content under another embedder. */
  name: string;
  kind: ReadDocument["kind"];
  /** Hexadecimal SHA-256 of the file. */
  sha256: string;
  /** Owner of its passages in the `PassageStore` of `embedder`. */
  owner: string;
  /** Name of the embedder whose vectors the passages have. */
  embedder: string;
  passages: number;
  pages: number;
  /** Size of the file. */
  bytes: number;
  /** Pages that could not be read, the first hundred of them. */
  failures: readonly PageFailure[];
  /** How many pages could not be read. */
  failed_pages: number;
  /** Milliseconds since the epoch. */
  created_at: number;
  /** The first line of its text, at most 120 characters; may be empty. */
  description: string;
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
}

/** Ids of all records of a scope, in the order they were made. */
export function indexKey(scope: string): string {
  return `source/${scope}`;
}

export function recordKey(scope: string, id: string): string {
  return `source/${scope}/${id}`;
}

/** The kept text of a page: the truth from which passages can be made again. */
export function pageKey(scope: string, sha256: string, page: number): string {
  return `source/${scope}/${sha256}/page/${page}`;
}

export function passageOwner(scope: string, sha256: string, embedder: string): string {
  return `source/${scope}/${sha256}/${embedder}`;
}

/** Whether people and agents in `place` may see the source. */
export function isSeenIn(source: DataSource, place: string): boolean {
  return source.published || source.places.includes(place);
}
