/**
 * Ranking of an agent's whole history for a question: BM25 over stems in base form, then what a
 * conversation adds to it. An answer seldom repeats the words of its question, but stands next to
 * lines that do, in a session about it, and is said by the one who is asked about.
 */
import { relatedWords } from "../../shared/related-words.ts";
import { feedbackWords } from "./feedback.ts";
import { type LineIndex, TF_RANGE } from "./line-index.ts";
import { SIGNS } from "./line-signs.ts";
import { type Question, readQuestion } from "./question.ts";
import type { TimeRange } from "./question-dates.ts";
import type { RankingWeights } from "./ranking-weights.ts";
import { type RankedRow, topRows } from "./top-rows.ts";

/**
 * At most `limit` rows, best first, ties by lower row. Rows that share no word with the query come
 * in by their neighbours only when the query has several words: one word asks for itself.
 */
export function rankLines(
  index: LineIndex,
  query: string,
  limit: number,
  weights: RankingWeights,
  times: readonly TimeRange[] = [],
): RankedRow[] {
  const question = readQuestion(query, index.speakers(), weights.frame);
  const first = scoreLines(index, question, question.words, weights, times);
  const more = feedbackWords(index, question.words, first, weights);
  const scores =
    more.size === 0
      ? first
      : scoreLines(index, question, new Map([...question.words, ...more]), weights, times);
  return topRows(scores, limit);
}

function scoreLines(
  index: LineIndex,
  question: Question,
  words: ReadonlyMap<string, number>,
  weights: RankingWeights,
  times: readonly TimeRange[],
): Float32Array {
  const own = new Float32Array(index.size);
  for (const [word, weight] of words) {
    const related = words.size > 1 && question.words.has(word) ? relatedWords(word) : [];
    addConcept(index, own, word, weight, related, weights);
  }
  for (const [a, b] of question.pairs) addPair(index, own, a, b, weights.pair);
  if (words.size === 0) addTimes(index, own, times);
  if (words.size <= 1) return withFactors(index, own, own, question, weights, times);
  return withFactors(index, spread(index, own, weights), own, question, weights, times);
}

/** A word, or what it may also be called: a line counts the best of them, once. */
function addConcept(
  index: LineIndex,
  own: Float32Array,
  word: string,
  weight: number,
  related: Iterable<readonly [string, number]>,
  { k1, b, related: relatedWeight }: RankingWeights,
): void {
  const best = new Map<number, number>();
  const take = (form: string, trust: number): void => {
    const postings = index.postings(form);
    const idf = inverseFrequency(index, postings.length);
    for (const posting of postings) {
      const row = Math.floor(posting / TF_RANGE);
      const tf = posting % TF_RANGE;
      const norm = k1 * (1 - b + (b * index.lengthOf(row)) / index.averageLength);
      const score = (trust * idf * tf * (k1 + 1)) / (tf + norm);
      if (score > (best.get(row) ?? 0)) best.set(row, score);
    }
  };
  take(word, weight);
  if (relatedWeight > 0)
    for (const [form, trust] of related) take(form, weight * trust * relatedWeight);
  for (const [row, score] of best) own[row] = (own[row] ?? 0) + score;
}

function addPair(index: LineIndex, own: Float32Array, a: string, b: string, weight: number): void {
  if (weight === 0 || a === b) return;
  const left = index.postings(a);
  const right = index.postings(b);
  const gain = weight * inverseFrequency(index, Math.max(left.length, right.length));
  let j = 0;
  for (const posting of left) {
    const row = Math.floor(posting / TF_RANGE);
    while (j < right.length && Math.floor((right[j] ?? 0) / TF_RANGE) < row) j += 1;
    if (j < right.length && Math.floor((right[j] ?? 0) / TF_RANGE) === row) {
      own[row] = (own[row] ?? 0) + gain;
    }
  }
}

/** A query that is nothing but a time asks for what was said then. */
function addTimes(index: LineIndex, own: Float32Array, times: readonly TimeRange[]): void {
  if (times.length === 0) return;
  for (let row = 0; row < own.length; row += 1) if (within(index.timeOf(row), times)) own[row] = 1;
}

/** Each line's own score with shares of its neighbours' and its session's. */
function spread(index: LineIndex, own: Float32Array, weights: RankingWeights): Float32Array {
  const { before, before2, after, after2, session: share } = weights;
  const spreaded = new Float32Array(own.length);
  for (let session = 0; session < index.sessions; session += 1) {
    const start = index.sessionStart(session);
    const end = index.sessionStart(session + 1);
    const prior = share * sessionScore(own, start, end);
    const at = (row: number): number => (row >= start && row < end ? (own[row] ?? 0) : 0);
    for (let row = start; row < end; row += 1) {
      const near =
        at(row) +
        before * at(row - 1) +
        before2 * at(row - 2) +
        after * at(row + 1) +
        after2 * at(row + 2);
      if (near > 0) spreaded[row] = near + prior;
    }
  }
  return spreaded;
}

/** The three best lines of a session, the best counting half. */
function sessionScore(own: Float32Array, start: number, end: number): number {
  let [first, second, third] = [0, 0, 0];
  for (let row = start; row < end; row += 1) {
    const score = own[row] ?? 0;
    if (score > first) [first, second, third] = [score, first, second];
    else if (score > second) [second, third] = [score, second];
    else if (score > third) third = score;
  }
  return 0.5 * first + 0.3 * second + 0.2 * third;
}

function withFactors(
  index: LineIndex,
  scores: Float32Array,
  own: Float32Array,
  question: Question,
  weights: RankingWeights,
  times: readonly TimeRange[],
): Float32Array {
  const out = new Float32Array(own.length);
  for (let row = 0; row < out.length; row += 1) {
    const score = scores[row] ?? 0;
    if (score <= 0) continue;
    const signs = index.signsOf(row);
    let factor = 1;
    if (question.speakers.has(index.speakerOf(row))) factor += weights.name;
    if ((signs & question.signs) !== 0) factor += weights.sign;
    if (answersQuestion(index, row)) factor += weights.answer;
    if (times.length > 0 && within(index.timeOf(row), times)) factor += weights.date;
    if ((signs & SIGNS.tells) === 0) factor -= weights.empty;
    out[row] = score * factor;
  }
  return out;
}

function answersQuestion(index: LineIndex, row: number): boolean {
  return (
    row > 0 &&
    (index.signsOf(row - 1) & SIGNS.asks) !== 0 &&
    index.sessionOf(row - 1) === index.sessionOf(row) &&
    index.speakerOf(row - 1) !== index.speakerOf(row)
  );
}

function within(at: number, times: readonly TimeRange[]): boolean {
  return times.some(({ start, end }) => at >= start && at < end);
}

function inverseFrequency(index: LineIndex, frequency: number): number {
  return Math.log(1 + (index.size - frequency + 0.5) / (frequency + 0.5));
}
