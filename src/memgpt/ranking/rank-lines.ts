/**
 * Ranking of an agent's whole history for a question: BM25 over stems in base form, then what a
 * conversation adds to it. An answer seldom repeats the words of its question, but stands next to
 * lines that do, in a session about it, and is said by the one who is asked about.
 */
import { feedbackWords } from "./feedback.ts";
import type { LineIndex } from "./line-index.ts";
import { LineScores } from "./line-scores.ts";
import { SIGNS } from "./line-signs.ts";
import { type Question, readQuestion } from "./question.ts";
import type { TimeRange } from "./question-dates.ts";
import type { RankingWeights } from "./ranking-weights.ts";
import { type RankedRow, topRows } from "./top-rows.ts";

/** People tell what happened when they next talk: so long after a time, lines count half. */
const TOLD_LATER = 10 * 86_400_000;

/**
 * At most `limit` rows, best first, ties by lower row. `times` are the times that the query names.
 * Rows that share no word with the query come in by their neighbours, but not when the query is
 * one word: that asks for itself.
 */
export function rankLines(
  index: LineIndex,
  query: string,
  limit: number,
  weights: RankingWeights,
  times: readonly TimeRange[] = [],
): RankedRow[] {
  const question = readQuestion(query, index.speakers(), weights, times.length > 0);
  const scores = new LineScores(index, weights);
  if (question.lone) {
    for (const word of question.words.keys()) scores.addAlone(word);
    return topRows(scores.lines, limit);
  }
  if (times.length > 0) addTimes(index, scores, times, weights.time);
  for (const [word, weight] of question.words) scores.add(word, weight, true);
  const first = weighed(index, scores, question, weights, times);
  const more = feedbackWords(index, question.words, first, weights);
  if (more.size === 0) return topRows(first, limit);
  for (const [word, weight] of more) scores.add(word, weight, false);
  return topRows(weighed(index, scores, question, weights, times), limit);
}

/** A time that is named counts like a word that the lines said then have in common. */
function addTimes(
  index: LineIndex,
  scores: LineScores,
  times: readonly TimeRange[],
  weight: number,
): void {
  for (let row = 0; row < index.size; row += 1) {
    const score = weight * nearness(index.timeOf(row), times);
    if (score > 0) scores.lines[row] = (scores.lines[row] ?? 0) + score;
  }
}

/** Scores with what the session and the line itself add: who, when, what kind of line. */
function weighed(
  index: LineIndex,
  scores: LineScores,
  question: Question,
  weights: RankingWeights,
  times: readonly TimeRange[],
): Float32Array {
  const out = new Float32Array(index.size);
  for (let row = 0; row < out.length; row += 1) {
    const score = scores.lines[row] ?? 0;
    if (score <= 0) continue;
    const signs = index.signsOf(row);
    let factor = 1;
    if (question.speakers.has(index.speakerOf(row))) factor += weights.name;
    if ((signs & question.signs) !== 0) factor += weights.sign;
    if (answersQuestion(index, row)) factor += weights.answer;
    if (times.length > 0) factor += weights.date * nearness(index.timeOf(row), times);
    if ((signs & SIGNS.tells) === 0) factor -= weights.empty;
    const session = scores.sessions[index.sessionOf(row)] ?? 0;
    out[row] = (score + weights.session * session) * factor;
  }
  return out;
}

/** Whether the line before is a question of somebody else. */
function answersQuestion(index: LineIndex, row: number): boolean {
  return (
    row > 0 &&
    (index.signsOf(row - 1) & SIGNS.asks) !== 0 &&
    index.sessionOf(row - 1) === index.sessionOf(row) &&
    index.speakerOf(row - 1) !== index.speakerOf(row)
  );
}

/** 1 within one of the times, 0.5 soon after one, else 0. */
function nearness(at: number, times: readonly TimeRange[]): number {
  let nearest = 0;
  for (const { start, end } of times) {
    if (at >= start && at < end) return 1;
    if (at >= end && at < end + TOLD_LATER) nearest = 0.5;
  }
  return nearest;
}
