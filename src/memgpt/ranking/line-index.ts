/**
 * What ranking needs to know of many short texts in their order: which words stand where, who said
 * it, and which texts belong to one session. Grown line by line, compact (whole numbers in flat
 * arrays), never the texts themselves: a row's meaning is the caller's.
 */
import { contentWords } from "../../shared/content-words.ts";
import { GrowingInts } from "./growing-ints.ts";
import { lineSigns } from "./line-signs.ts";

/** A posting is `row * TF_RANGE + count`. */
export const TF_RANGE = 16;

export interface LineFacts {
  /** Who said it; absent for passages. */
  speaker?: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** Lines of different groups (documents) are no neighbours. */
  group?: string;
}

/** A pause that ends a session, in milliseconds. */
const SESSION_PAUSE = 2 * 3_600_000;
/** Lines after which a session without a pause ends all the same. */
const SESSION_LINES = 60;

export class LineIndex {
  readonly #terms = new Map<string, number>();
  readonly #words: string[] = [];
  readonly #postings: number[][] = [];
  readonly #speakers = new Map<string, number>();
  readonly #forward = new GrowingInts();
  readonly #ends = new GrowingInts();
  readonly #said = new GrowingInts();
  readonly #signs = new GrowingInts();
  readonly #sessionOf = new GrowingInts();
  readonly #sessionStarts = new GrowingInts();
  readonly #times: number[] = [];
  #group: string | undefined;

  /** Rows so far; the next row's number. */
  get size(): number {
    return this.#times.length;
  }

  get sessions(): number {
    return this.#sessionStarts.length;
  }

  /** Words per line on average; 1 for an empty index. */
  get averageLength(): number {
    return Math.max(1, this.#forward.length / Math.max(1, this.size));
  }

  /** Takes in the next line and returns its row. */
  add(text: string, facts: LineFacts): number {
    const row = this.size;
    const counts = new Map<number, number>();
    for (const word of contentWords(text)) {
      const term = this.#terms.get(word) ?? this.#newTerm(word);
      this.#forward.push(term);
      counts.set(term, (counts.get(term) ?? 0) + 1);
    }
    for (const [term, count] of counts) {
      this.#postings[term]?.push(row * TF_RANGE + Math.min(count, TF_RANGE - 1));
    }
    this.#ends.push(this.#forward.length);
    this.#said.push(this.#speakerId(facts.speaker));
    this.#signs.push(lineSigns(text));
    this.#placeInSession(row, facts);
    this.#times.push(facts.at);
    return row;
  }

  /** Postings (`row * TF_RANGE + count`, by row) of a word as `contentWords` gives it. */
  postings(word: string): readonly number[] {
    const term = this.#terms.get(word);
    return term === undefined ? [] : (this.#postings[term] ?? []);
  }

  /** Rows that have the word. */
  frequency(word: string): number {
    return this.postings(word).length;
  }

  /** The words of a row, in order. */
  wordsOf(row: number): string[] {
    const words: string[] = [];
    for (let i = this.#start(row); i < this.#ends.at(row); i += 1) {
      words.push(this.#words[this.#forward.at(i)] ?? "");
    }
    return words;
  }

  lengthOf(row: number): number {
    return this.#ends.at(row) - this.#start(row);
  }

  /** Numbers from 1; 0 for nobody. */
  speakerOf(row: number): number {
    return this.#said.at(row);
  }

  /** Names, in lower case, with their numbers. */
  speakers(): ReadonlyMap<string, number> {
    return this.#speakers;
  }

  /** Bits of `SIGNS`. */
  signsOf(row: number): number {
    return this.#signs.at(row);
  }

  sessionOf(row: number): number {
    return this.#sessionOf.at(row);
  }

  /** First row of a session; `size` for the one after the last. */
  sessionStart(session: number): number {
    return session < this.sessions ? this.#sessionStarts.at(session) : this.size;
  }

  timeOf(row: number): number {
    return this.#times[row] ?? 0;
  }

  #start(row: number): number {
    return row === 0 ? 0 : this.#ends.at(row - 1);
  }

  #newTerm(word: string): number {
    const term = this.#words.length;
    // A fresh string: a slice would keep the whole text alive that it was cut from.
    const own = [...word].join("");
    this.#terms.set(own, term);
    this.#words.push(own);
    this.#postings.push([]);
    return term;
  }

  #speakerId(speaker: string | undefined): number {
    if (speaker === undefined) return 0;
    const name = speaker.toLowerCase();
    const known = this.#speakers.get(name);
    if (known !== undefined) return known;
    this.#speakers.set(name, this.#speakers.size + 1);
    return this.#speakers.size;
  }

  #placeInSession(row: number, { at, group }: LineFacts): void {
    const pause = row > 0 && Math.abs(at - this.timeOf(row - 1)) > SESSION_PAUSE;
    const start = row === 0 ? 0 : this.sessionStart(this.sessions - 1);
    if (row === 0 || pause || group !== this.#group || row - start >= SESSION_LINES) {
      this.#sessionStarts.push(row);
    }
    this.#sessionOf.push(this.sessions - 1);
    this.#group = group;
  }
}
