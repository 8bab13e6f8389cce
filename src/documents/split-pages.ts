/**
 * Pages of text to passages of some 300 tokens on sentence bounds, each knowing its page: what the
 * papers' archival memory holds of a document. Never joins text of two pages, so that a quote can
 * name its page. Counts each sentence's tokens once.
 */
import type { TokenCounter } from "../memgpt/ports.ts";
import { sentencesOf } from "../shared/sentences.ts";
import { cleanText, joinHyphenated } from "./clean-text.ts";
import { type Counted, fitPieces } from "./fit-pieces.ts";
import type { DocumentPage } from "./ports.ts";

export interface SplitOptions {
  tokens: TokenCounter;
  /** Upper bound of a passage in tokens, with its provenance. Default 300, as in MemGPT's loader. */
  size?: number;
  /** Tokens of whole trailing sentences repeated in the next passage, at most. Default 20. */
  overlap?: number;
  /** Line ends carry meaning (Markdown, plain text) and are kept. Default false. */
  keepLines?: boolean;
}

export interface PagePassage {
  page: number;
  /** From 0 on each page. */
  index: number;
  text: string;
}

/** Tokens kept free for the `[source, p. n]` before a quoted passage; a name of 100 characters fits. */
const PROVENANCE_TOKENS = 40;

/** Characters cleaned at once. */
const BLOCK = 65_536;

/** A sentence or a part of one, and what joins it to the one before. */
interface Unit extends Counted {
  joint: " " | "\n";
}

/** The passages of all pages, in order. Pages without text give none. */
export function splitPages(pages: readonly DocumentPage[], options: SplitOptions): PagePassage[] {
  return pages.flatMap((page) => [...splitPage(page, options)]);
}

/** The passages of one page, made as they are asked for, so that a long page can be cut in slices. */
export function* splitPage(page: DocumentPage, options: SplitOptions): Generator<PagePassage> {
  const budget = Math.max(1, (options.size ?? 300) - PROVENANCE_TOKENS);
  const overlap = options.overlap ?? 20;
  let index = 0;
  let held: Unit[] = [];
  let tokens = 0;
  for (const unit of unitsOf(page.text, budget, options)) {
    if (held.length > 0 && tokens + unit.tokens > budget) {
      yield { page: page.number, index, text: joined(held) };
      index += 1;
      held = tail(held, Math.min(overlap, budget - unit.tokens));
      tokens = held.reduce((sum, one) => sum + one.tokens, 0);
    }
    held.push(unit);
    tokens += unit.tokens;
  }
  if (held.length > 0) yield { page: page.number, index, text: joined(held) };
}

function* unitsOf(raw: string, budget: number, options: SplitOptions): Generator<Unit> {
  const count = (piece: string): number => options.tokens.count(piece);
  for (const paragraph of paragraphsOf(raw, options.keepLines ? "\n" : "\n\n")) {
    let joint: Unit["joint"] = "\n";
    for (const sentence of sentencesOf(paragraph.replaceAll("\n", " "))) {
      for (const piece of fitPieces(sentence, budget, count)) {
        yield { ...piece, joint };
        joint = " ";
      }
    }
  }
}

/** Cleaned block by block, at line ends: a text file of megabytes is one page. */
function* paragraphsOf(raw: string, separator: string): Generator<string> {
  for (let from = 0; from < raw.length; ) {
    const lineEnd = raw.lastIndexOf("\n", from + BLOCK);
    const whole = raw.length - from <= BLOCK;
    const to = whole ? raw.length : lineEnd > from ? lineEnd + 1 : from + BLOCK;
    yield* joinHyphenated(cleanText(raw.slice(from, to))).split(separator);
    from = to;
  }
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

function joined(units: readonly Unit[]): string {
  return units.reduce((text, unit) => (text ? text + unit.joint + unit.text : unit.text), "");
}
