/**
 * Pages of text to passages of some 300 tokens on sentence and heading bounds, each knowing its page
 * and heading: what the papers' archival memory holds of a document. Never joins text of two pages,
 * so that a quote can name its page. Counts each sentence's tokens once.
 */
import type { TokenCounter } from "../memgpt/ports.ts";
import { cleanText } from "./clean-text.ts";
import { type Counted, fitPieces } from "./fit-pieces.ts";
import { HeadingTrail } from "./headings.ts";
import { type Layout, type Piece, piecesOf } from "./layouts.ts";
import type { DocumentPage } from "./ports.ts";

/**
 * Changes when the same text would be split otherwise than before, so that sources which were split
 * by an older version can be told.
 */
export const SPLITTER_VERSION = 3;

export interface SplitOptions {
  tokens: TokenCounter;
  /** Upper bound of a passage in tokens, with its provenance. Default 300, as in MemGPT's loader. */
  size?: number;
  /** Tokens of whole trailing sentences repeated in the next passage, at most. Default 20. */
  overlap?: number;
  /** Default prose. */
  layout?: Layout;
  /** The headings so far, to be carried from page to page. Default none. */
  trail?: HeadingTrail;
}

export interface PagePassage {
  page: number;
  /** From 0 on each page. */
  index: number;
  text: string;
  /** The path of headings under which it begins. */
  heading?: string;
}

/** Tokens kept free for the `[source, p. n]` before a quoted passage; a name of 100 characters fits. */
const PROVENANCE_TOKENS = 40;

/** How full, as a part of the size, a passage must be for a heading to end it. */
const ENOUGH: Readonly<Record<Layout, number>> = {
  ...{ prose: 0.5, lines: 1, markdown: 0.2, table: 1, code: 1 },
};
/** A heading this near the end of a full passage goes to the next one. */
const NEAR_END = 0.5;

interface Unit extends Counted, Omit<Piece, "text"> {}

/** The passages of all pages, in order. Pages without text give none. */
export function splitPages(pages: readonly DocumentPage[], options: SplitOptions): PagePassage[] {
  const trail = options.trail ?? new HeadingTrail();
  return pages.flatMap((page) => [...splitPage(page, { ...options, trail })]);
}

/** The passages of one page, made as they are asked for, so that a long page can be cut in slices. */
export function* splitPage(page: DocumentPage, options: SplitOptions): Generator<PagePassage> {
  const budget = Math.max(1, (options.size ?? 300) - PROVENANCE_TOKENS);
  const groups =
    options.layout === "table"
      ? tableGroups(page.text, budget, options)
      : groupsOf(page.text, budget, options);
  let index = 0;
  for (const units of groups) {
    const text = joined(units);
    if (text.trim() === "") continue;
    const heading = units[0]?.heading;
    yield { page: page.number, index, text, ...(heading === undefined ? {} : { heading }) };
    index += 1;
  }
}

/** Runs of units, each within the budget. */
function* groupsOf(raw: string, budget: number, options: SplitOptions): Generator<Unit[]> {
  const layout = options.layout ?? "prose";
  const overlap = layout === "code" ? 0 : (options.overlap ?? 20);
  let held: Unit[] = [];
  let tokens = 0;
  for (const unit of unitsOf(raw, budget, layout, options)) {
    if (unit.starts && held.length > 0 && tokens >= budget * ENOUGH[layout]) {
      yield held;
      held = [];
      tokens = 0;
    } else if (held.length > 0 && tokens + unit.tokens > budget) {
      const at = lateStart(held, tokens, unit.tokens, budget);
      yield at > 0 ? held.slice(0, at) : held;
      held = at > 0 ? held.slice(at) : tail(held, Math.min(overlap, budget - unit.tokens));
      tokens = sum(held);
    }
    held.push(unit);
    tokens += unit.tokens;
  }
  if (held.length > 0) yield held;
}

function* unitsOf(
  raw: string,
  budget: number,
  layout: Layout,
  options: SplitOptions,
): Generator<Unit> {
  // In code nearly every piece brings a line end of its own.
  const lineEnd = layout === "code" ? 1 : 0;
  const count = (piece: string): number => options.tokens.count(piece) + lineEnd;
  for (const piece of piecesOf(raw, layout, options.trail ?? new HeadingTrail())) {
    let { joint, starts } = piece;
    for (const part of fitPieces(piece.text, budget, count)) {
      yield { ...piece, ...part, joint, starts };
      joint = " ";
      starts = false;
    }
  }
}

/** Lines of a table under its header, which every group begins with. */
function* tableGroups(raw: string, budget: number, options: SplitOptions): Generator<Unit[]> {
  const count = (piece: string): number => options.tokens.count(piece) + 1;
  const [first = "", ...rows] = cleanText(raw).split("\n");
  const unit = (part: Counted): Unit => ({ ...part, joint: "\n", starts: false });
  // A header longer than half a passage is shown as far as it fits.
  const [header] = fitPieces(first, Math.max(1, Math.floor(budget / 2)), count);
  if (!header) return;
  let held = [unit(header)];
  let tokens = header.tokens;
  for (const row of rows) {
    for (const part of fitPieces(row, Math.max(1, budget - header.tokens), count)) {
      if (held.length > 1 && tokens + part.tokens > budget) {
        yield held;
        held = [unit(header)];
        tokens = header.tokens;
      }
      held.push(unit(part));
      tokens += part.tokens;
    }
  }
  yield held;
}

/** Where in a full group something begins so late that the next group had better begin with it; else 0. */
function lateStart(held: readonly Unit[], tokens: number, next: number, budget: number): number {
  let after = 0;
  for (let at = held.length - 1; at > 0; at -= 1) {
    after += held[at]?.tokens ?? 0;
    if (after > tokens * NEAR_END || after + next > budget) return 0;
    if (held[at]?.starts) return at;
  }
  return 0;
}

/** The longest run of trailing units within `limit` tokens; never all of them. */
function tail(units: readonly Unit[], limit: number): Unit[] {
  let from = units.length;
  let tokens = 0;
  while (from > 1) {
    tokens += units[from - 1]?.tokens ?? 0;
    if (tokens > limit) break;
    from -= 1;
  }
  return units.slice(from);
}

function sum(units: readonly Unit[]): number {
  return units.reduce((total, unit) => total + unit.tokens, 0);
}

function joined(units: readonly Unit[]): string {
  return units.reduce((text, unit, i) => (i === 0 ? unit.text : text + unit.joint + unit.text), "");
}
