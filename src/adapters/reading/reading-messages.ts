/**
 * What the bot and its reading process say to each other, and the process to its thread. One file
 * at a time: a request is followed by pages in order and exactly one outcome.
 */
import type { ReadingLimits } from "./reading-limits.ts";

/** What the reading process can read. */
export type ReadingFormat = "pdf" | "docx" | "epub" | "html" | "csv" | "json";

export interface ReadingTask {
  bytes: Uint8Array;
  format: ReadingFormat;
  /** Of a PDF that asks for one. */
  password?: string;
  /** Of formats that are text, as `TextDecoder` names it. Default "utf-8". */
  encoding?: string;
  /** Of a table. */
  delimiter?: string;
  /** First page to be read, those before being known. Default 1. */
  from?: number;
}

export type ReadingRequest = ReadingTask &
  Pick<
    ReadingLimits,
    "max_pages" | "max_text" | "page_ms" | "file_ms" | "file_ms_per_page" | "max_rss"
  >;

/** Why a file is not read, as far as the file is to blame. */
export type ReadingRefusal =
  /** `asked`: a password was given, and is not the one. */
  | { reason: "encrypted"; asked: boolean }
  /** Not with a password, but for instance with a certificate. */
  | { reason: "locked_otherwise" }
  /** Unpacked, it would be too large. */
  | { reason: "bomb"; detail: string }
  | { reason: "corrupt"; detail: string }
  | { reason: "too_many_pages"; pages: number }
  | { reason: "too_much_text" }
  /** The reading process kills itself after saying one of these. */
  | { reason: "memory" }
  | { reason: "page_time"; page: number }
  | { reason: "file_time"; pages: number };

export type ReadingOutcome =
  | { type: "done"; pages: number; rss: number; format: ReadingFormat | "text" }
  | ({ type: "refused" } & ReadingRefusal)
  /** The process ended without a word. */
  | { type: "died"; detail: string };

export type ReadingMessage =
  | { type: "ready" }
  | { type: "opened"; pages: number }
  | { type: "page"; number: number; text: string }
  | { type: "page_failed"; number: number; reason: string }
  | Exclude<ReadingOutcome, { type: "died" }>;
