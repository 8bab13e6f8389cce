/**
 * Ranked word search over many short texts (BM25), kept in memory and grown line by line. It holds
 * words and counts, never the texts: what an id stands for, and whose it is, is the caller's.
 * The offline model picks sentences with it; recall and archival search rank with
 * `memgpt/ranking/`, which knows of order, speakers and sessions.
 */
import { allWordsOf, isStopWord } from "./words.ts";

const K1 = 0.9;
const B = 0.3;
/** A posting is `id * TF_RANGE + tf`: one number each, sorted by id. */
const TF_RANGE = 64;

interface Term {
  word: string;
  postings: number[];
}

interface Entry {
  length: number;
  /** Each different word once. */
  terms: Term[];
}

export interface LexicalHit {
  id: number;
  /** Greater than 0; comparable within one search only. */
  score: number;
}

export class LexicalIndex {
  readonly #terms = new Map<string, Term>();
  readonly #entries = new Map<number, Entry>();
  #totalLength = 0;

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Adds a text under a whole number from 0 to 2^46; replaces what stood under it. The speaker's
   * name is searched like the text's own words.
   */
  add(id: number, text: string, extra: { speaker?: string } = {}): void {
    if (!Number.isInteger(id) || id < 0 || id * TF_RANGE > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(
        `An id of the lexical index is a whole number from 0 to 2^46, not ${id}.`,
      );
    }
    this.remove(id);
    const words = allWordsOf(text);
    if (extra.speaker !== undefined) words.push(...allWordsOf(extra.speaker));
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const entry: Entry = { length: words.length, terms: [] };
    for (const [word, count] of counts) {
      const term = this.#terms.get(word) ?? this.#newTerm(word);
      insert(term.postings, id, Math.min(count, TF_RANGE - 1));
      entry.terms.push(term);
    }
    this.#entries.set(id, entry);
    this.#totalLength += entry.length;
  }

  /** Unknown ids are passed over. */
  remove(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#totalLength -= entry.length;
    for (const term of entry.terms) {
      term.postings.splice(lowerBound(term.postings, id * TF_RANGE), 1);
      if (term.postings.length === 0) this.#terms.delete(term.word);
    }
  }

  /**
   * At most `limit` texts that share a word with the query, best first, ties by lower id. Stop
   * words of the query count only when it has no others.
   */
  search(query: string, limit: number): LexicalHit[] {
    const words = new Set(allWordsOf(query));
    const meaningful = [...words].filter((word) => !isStopWord(word));
    const scores = new Map<number, number>();
    for (const word of meaningful.length > 0 ? meaningful : words) this.#score(word, scores);
    const hits: LexicalHit[] = [];
    for (const [id, score] of scores) hits.push({ id, score });
    return hits.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, Math.max(0, limit));
  }

  #score(word: string, scores: Map<number, number>): void {
    const postings = this.#terms.get(word)?.postings ?? [];
    const idf = Math.log(1 + (this.size - postings.length + 0.5) / (postings.length + 0.5));
    const averageLength = this.#totalLength / this.size;
    for (const posting of postings) {
      const id = Math.floor(posting / TF_RANGE);
      const tf = posting % TF_RANGE;
      const length = this.#entries.get(id)?.length ?? averageLength;
      const norm = K1 * (1 - B + (B * length) / averageLength);
      scores.set(id, (scores.get(id) ?? 0) + (idf * tf * (K1 + 1)) / (tf + norm));
    }
  }

  #newTerm(word: string): Term {
    // A fresh string: a slice would keep the whole text alive that it was cut from.
    const term: Term = { word: [...word].join(""), postings: [] };
    this.#terms.set(term.word, term);
    return term;
  }
}

function insert(postings: number[], id: number, tf: number): void {
  const posting = id * TF_RANGE + tf;
  const last = postings.at(-1);
  if (last === undefined || last < posting) postings.push(posting);
  else postings.splice(lowerBound(postings, posting), 0, posting);
}

/** Index of the first posting that is not below `value`. */
function lowerBound(postings: readonly number[], value: number): number {
  let low = 0;
  let high = postings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((postings[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
