/**
 * Passages of one owner, kept in memory to be searched by words: those that contain the query
 * itself, and those that bear on it. Passages next to each other in one document are neighbours.
 */
import { contentWords } from "../../shared/content-words.ts";
import type { Passage } from "../ports.ts";
import { LineIndex, TF_RANGE } from "./line-index.ts";
import { rankLines } from "./rank-lines.ts";
import { PASSAGES } from "./ranking-weights.ts";
import { foldText, type SearchQuery } from "./search-query.ts";

export interface RankedPassage {
  passage: Passage;
  /** Whether it contains the query as it stands (`foldText`). */
  exact: boolean;
  /** 0 for an exact hit that shares no whole word; roughly comparable between owners. */
  score: number;
}

export class PassageRanker {
  readonly #passages: Passage[] = [];
  /** By row too: the texts as `foldText` makes them, for a search may read them all. */
  readonly #folded: string[] = [];
  readonly #words = new LineIndex();

  get size(): number {
    return this.#passages.length;
  }

  /** `document`: passages of different ones are no neighbours. */
  add(passage: Passage, document: string): void {
    this.#passages.push(passage);
    this.#folded.push(foldText(passage.text));
    this.#words.add(passage.text, { at: passage.created_at, group: document });
  }

  /** In the order they were added, from `offset`. */
  page(offset: number, limit: number): Passage[] {
    return this.#passages.slice(offset, offset + limit);
  }

  /** All exact hits and, unless only those are asked for, at most `limit` others; in no order. */
  search({ text, exact_only }: SearchQuery, limit: number): RankedPassage[] {
    const needle = foldText(text.trim());
    if (needle === "") return [];
    const exact = new Set<Passage>();
    for (const row of this.#candidates(needle)) {
      const passage = this.#passages[row];
      if (passage && this.#folded[row]?.includes(needle)) exact.add(passage);
    }
    const found: RankedPassage[] = [];
    for (const { row, score } of rankLines(this.#words, text, limit + exact.size, PASSAGES)) {
      const passage = this.#passages[row];
      if (!passage) continue;
      const isExact = exact.delete(passage);
      if (isExact || !exact_only) found.push({ passage, exact: isExact, score });
    }
    for (const passage of exact) found.push({ passage, exact: true, score: 0 });
    return found;
  }

  /**
   * Passages that may contain the needle: those with the rarest of its inner words. The outermost
   * may be parts of longer words in the text; without others, every passage has to be looked through.
   */
  #candidates(needle: string): Iterable<number> {
    let fewest: readonly number[] | undefined;
    for (const word of innerWords(needle)) {
      const postings = this.#words.postings(word);
      if (!fewest || postings.length < fewest.length) fewest = postings;
    }
    return fewest?.map((posting) => Math.floor(posting / TF_RANGE)) ?? this.#folded.keys();
  }
}

/** The words between the first and the last white space, which stand in a text as they are. */
function innerWords(needle: string): string[] {
  const inner = needle.split(/\s+/).slice(1, -1);
  // Beyond ASCII, letters may fuse with what is next to them.
  return inner.filter((part) => /^[ -~]+$/.test(part)).flatMap(contentWords);
}

/** Exact hits first, then by score; equal ones keep their order. */
export function byRank(a: RankedPassage, b: RankedPassage): number {
  return Number(b.exact) - Number(a.exact) || b.score - a.score;
}
