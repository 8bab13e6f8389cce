/**
 * What the bot and its PDF reading process say to each other, and the process to its thread. One file
 * at a time: a request is followed by pages in order and exactly one outcome.
 */
import type { PdfLimits } from "./pdf-limits.ts";

export type PdfRequest = { bytes: Uint8Array } & Pick<
  PdfLimits,
  "max_pages" | "max_text" | "page_ms" | "file_ms" | "file_ms_per_page" | "max_rss"
>;

/** Why a file is not read, as far as the file is to blame. */
export type PdfRefusal =
  | { reason: "encrypted" }
  | { reason: "corrupt"; detail: string }
  | { reason: "too_many_pages"; pages: number }
  | { reason: "too_much_text" }
  /** The reading process kills itself after saying one of these. */
  | { reason: "memory" }
  | { reason: "page_time"; page: number }
  | { reason: "file_time"; pages: number };

export type PdfOutcome =
  | { type: "done"; pages: number; rss: number }
  | ({ type: "refused" } & PdfRefusal)
  /** The process ended without a word. */
  | { type: "died"; detail: string };

export type PdfMessage =
  | { type: "ready" }
  | { type: "opened"; pages: number }
  | { type: "page"; number: number; text: string }
  | { type: "page_failed"; number: number; reason: string }
  | Exclude<PdfOutcome, { type: "died" }>;
