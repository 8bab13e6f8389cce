/**
 * Search results in words, as models (the offline one among them) and `/memory` read them.
 */
import { cutToBudget, sizeOf } from "./cut-to-budget.ts";
import type { Passage } from "./ports.ts";
import type { RecallLine } from "./recall-memory.ts";
import { formatResultPage, pageOf } from "./result-page.ts";
import type { TimeFormat } from "./time-format.ts";

/** Characters within the bracket of a passage, at most. */
const LONGEST_PROVENANCE = 300;
/**
 * What the names and texts of one page may take together, as `sizeOf` counts it: about 105 tokens.
 * With the stamps, and packaged, two pages are at most 600.
 */
const PAGE_BUDGET = 410;

/**
 * A page of recall results within `PAGE_BUDGET`: lines that are too long for it are cut around the
 * words of the query.
 */
export function formatLinePage(
  lines: readonly RecallLine[],
  page: number,
  time: TimeFormat,
  query = "",
  note?: string,
): string {
  const shown = pageOf(lines, page);
  const names = shown.reduce((sum, line) => sum + sizeOf(nameOf(line)), 0);
  const cuts = cutToBudget(
    shown.map((line) => line.text),
    PAGE_BUDGET - names,
    query,
  );
  const texts = new Map(shown.map((line, i) => [line, cuts[i] ?? line.text]));
  return formatResultPage(
    lines,
    page,
    (line) => formatLine(line, texts.get(line) ?? line.text, time),
    note,
  );
}

/** The agent's own name is not shown. */
function nameOf({ role, speaker }: RecallLine): string {
  return role === "user" ? speaker : "";
}

/** `timestamp: T, user - Ada: text` or `timestamp: T, assistant - text`. */
function formatLine(line: RecallLine, text: string, time: TimeFormat): string {
  const who = line.role === "user" ? `user - ${nameOf(line)}: ` : "assistant - ";
  return `timestamp: ${time.format(line.created_at)}, ${who}${text}`;
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
