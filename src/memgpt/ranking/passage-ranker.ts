/**
 * Passages of one owner, kept in memory to be searched by words: those that contain the query
 * itself, and those that bear on it. Passages next to each other in one document are neighbours.
 */
import type { Passage } from "../ports.ts";
import { LineIndex } from "./line-index.ts";
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
  readonly #words = new LineIndex();

  get size(): number {
    return this.#passages.length;
  }

  /** `document`: passages of different ones are no neighbours. */
  add(passage: Passage, document: string): void {
    this.#passages.push(passage);
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
    for (const passage of this.#passages) {
      if (foldText(passage.text).includes(needle)) exact.add(passage);
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
}

/** Exact hits first, then by score; equal ones keep their order. */
export function byRank(a: RankedPassage, b: RankedPassage): number {
  return Number(b.exact) - Number(a.exact) || b.score - a.score;
}
