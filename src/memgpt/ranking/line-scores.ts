/**
 * Scores of all lines while a question is being ranked: what each of its words gives to the lines
 * that have it, to their neighbours and to their session. Words are added one by one, so that
 * feedback can add more to what is there.
 */
import { relatedWords } from "../../shared/related-words.ts";
import { type LineIndex, TF_RANGE } from "./line-index.ts";
import type { RankingWeights } from "./ranking-weights.ts";

/** Numbers by row, most of them 0, that can be emptied without touching them all. */
class Sparse {
  readonly #values: Float32Array;
  readonly #rows: number[] = [];

  constructor(size: number) {
    this.#values = new Float32Array(size);
  }

  at(row: number): number {
    return this.#values[row] ?? 0;
  }

  /** `value` is greater than 0. */
  set(row: number, value: number): void {
    if (this.#values[row] === 0) this.#rows.push(row);
    this.#values[row] = value;
  }

  /** Hands out every row that is not 0, and is empty then. */
  drain(take: (row: number, value: number) => void): void {
    for (const row of this.#rows) {
      take(row, this.at(row));
      this.#values[row] = 0;
    }
    this.#rows.length = 0;
  }
}

export class LineScores {
  /** By row: the line with its neighbours. */
  readonly lines: Float32Array;
  /** By session: each word once, by the line where it counts most. */
  readonly sessions: Float32Array;
  readonly #index: LineIndex;
  readonly #weights: RankingWeights;
  readonly #own: Sparse;
  readonly #near: Sparse;
  readonly #inSession: Sparse;
  readonly #averageLength: number;

  constructor(index: LineIndex, weights: RankingWeights) {
    this.#index = index;
    this.#weights = weights;
    this.lines = new Float32Array(index.size);
    this.sessions = new Float32Array(index.sessions);
    this.#own = new Sparse(index.size);
    this.#near = new Sparse(index.size);
    this.#inSession = new Sparse(index.sessions);
    this.#averageLength = index.averageLength;
  }

  /** BM25 of a word in the lines that have it, and nowhere else. */
  addAlone(word: string): void {
    this.#take(word, 1);
    this.#own.drain((row, score) => {
      this.lines[row] = (this.lines[row] ?? 0) + score;
    });
  }

  /**
   * A word, or what it may also be called, in lines and around them. A line counts the best form
   * only, and however many neighbours repeat the word, not much more than one rare mention of it.
   */
  add(word: string, weight: number, withRelated: boolean): void {
    this.#take(word, weight);
    if (withRelated && this.#weights.related > 0) {
      for (const [form, trust] of relatedWords(word)) {
        this.#take(form, weight * trust * this.#weights.related);
      }
    }
    const cap = this.#weights.cap * weight * this.#rarity(this.#mentions(word));
    this.#own.drain((row, score) => this.#spread(row, score, Math.max(cap, score)));
    this.#near.drain((row, score) => {
      this.lines[row] = (this.lines[row] ?? 0) + score;
    });
    this.#inSession.drain((session, score) => {
      this.sessions[session] = (this.sessions[session] ?? 0) + score;
    });
  }

  #take(form: string, trust: number): void {
    const { k1, b } = this.#weights;
    const postings = this.#index.postings(form);
    const factor = trust * this.#rarity(postings.length) * (k1 + 1);
    for (const posting of postings) {
      const row = Math.floor(posting / TF_RANGE);
      const count = posting % TF_RANGE;
      const norm = k1 * (1 - b + (b * this.#index.lengthOf(row)) / this.#averageLength);
      const score = (factor * count) / (count + norm);
      if (score > this.#own.at(row)) this.#own.set(row, score);
    }
  }

  #spread(row: number, score: number, cap: number): void {
    const { before, before2, before3, after, after2 } = this.#weights;
    const session = this.#index.sessionOf(row);
    if (score > this.#inSession.at(session)) this.#inSession.set(session, score);
    const start = this.#index.sessionStart(session);
    const end = this.#index.sessionStart(session + 1);
    const give = (to: number, share: number): void => {
      if (share === 0 || to < start || to >= end) return;
      this.#near.set(to, Math.min(cap, this.#near.at(to) + share * score));
    };
    give(row, 1);
    // What stands before a line weighs in it, so a line gives to those behind it.
    give(row + 1, before);
    give(row + 2, before2);
    give(row + 3, before3);
    give(row - 1, after);
    give(row - 2, after2);
  }

  /** Lines that have the word; of its related words, when there is none. */
  #mentions(word: string): number {
    return this.#index.frequency(word) || this.#index.size / 20;
  }

  #rarity(frequency: number): number {
    return Math.log(1 + (this.#index.size - frequency + 0.5) / (frequency + 0.5));
  }
}
