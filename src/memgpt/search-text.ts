/**
 * Search results in words, as models (the offline one among them) and `/memory` read them.
 */
import { sliceText } from "./clip-text.ts";
import type { Passage } from "./ports.ts";
import type { RecallLine } from "./recall-memory.ts";
import type { TimeFormat } from "./time-format.ts";

/** Characters of one recall result; longer lines are shown around what was looked for. */
const MAX_LINE = 1500;

/** `timestamp: T, user - Ada: text` or `timestamp: T, assistant - text`. */
export function formatLine(line: RecallLine, time: TimeFormat, query: string): string {
  const who = line.role === "user" ? `user - ${line.speaker}: ` : "assistant - ";
  return `timestamp: ${time.format(line.created_at)}, ${who}${excerpt(line.text, query)}`;
}

/** `timestamp: T, memory: [source, p. n] text`; the bracket only for what comes from a source. */
export function formatPassage(passage: Passage, time: TimeFormat): string {
  const { text, source, page, created_at } = passage;
  const name = source?.replace(/\s+/g, " ").replaceAll("[", "(").replaceAll("]", ")");
  const from = name ? `[${name}${page === undefined ? "" : `, p. ${page}`}] ` : "";
  return `timestamp: ${time.format(created_at)}, memory: ${from}${text}`;
}

function excerpt(text: string, query: string): string {
  if (text.length <= MAX_LINE) return text;
  const at = Math.max(0, text.toLowerCase().indexOf(query.toLowerCase()));
  const start = Math.max(0, Math.min(at - 200, text.length - MAX_LINE));
  const cut = sliceText(text, start, start + MAX_LINE);
  return `${start > 0 ? "… " : ""}${cut}${start + MAX_LINE < text.length ? " …" : ""}`;
}
