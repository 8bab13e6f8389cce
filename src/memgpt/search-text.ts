/**
 * Search results in words, as models (the offline one among them) and `/memory` read them.
 */
import { sliceText } from "./clip-text.ts";
import type { Passage } from "./ports.ts";
import type { RecallLine } from "./recall-memory.ts";
import type { TimeFormat } from "./time-format.ts";

/** Characters of one recall result; longer lines are shown around what was looked for. */
const MAX_LINE = 1500;
/** Characters within the bracket of a passage, at most. */
const LONGEST_PROVENANCE = 300;

/** `timestamp: T, user - Ada: text` or `timestamp: T, assistant - text`. */
export function formatLine(line: RecallLine, time: TimeFormat, query: string): string {
  const who = line.role === "user" ? `user - ${line.speaker}: ` : "assistant - ";
  return `timestamp: ${time.format(line.created_at)}, ${who}${excerpt(line.text, query)}`;
}

/**
 * `timestamp: T, memory: [source, p. n, link] text`; the bracket only for what comes from a source, and
 * in it what is known. `also` are other passages with the same text.
 */
export function formatPassage(
  passage: Passage,
  time: TimeFormat,
  also: readonly Passage[] = [],
): string {
  const places = [...new Set([passage, ...also].map(provenance).filter((one) => one !== ""))];
  const from = places.length > 0 ? `[${places.join("; ").slice(0, LONGEST_PROVENANCE)}] ` : "";
  return `timestamp: ${time.format(passage.created_at)}, memory: ${from}${passage.text}`;
}

/** `source, p. n, link`; a document without pages is quoted by its heading. Never a bracket in it. */
function provenance({ source, page, heading, link }: Passage): string {
  if (!source) return "";
  const place = page !== undefined ? `p. ${page}` : heading ? `\u00A7 ${heading}` : "";
  return [source, place, link ?? ""]
    .filter((part) => part !== "")
    .join(", ")
    .replace(/\s+/g, " ")
    .replaceAll("[", "(")
    .replaceAll("]", ")");
}

function excerpt(text: string, query: string): string {
  if (text.length <= MAX_LINE) return text;
  const at = Math.max(0, text.toLowerCase().indexOf(query.toLowerCase()));
  const start = Math.max(0, Math.min(at - 200, text.length - MAX_LINE));
  const cut = sliceText(text, start, start + MAX_LINE);
  return `${start > 0 ? "… " : ""}${cut}${start + MAX_LINE < text.length ? " …" : ""}`;
}
