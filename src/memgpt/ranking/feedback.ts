/**
 * Pseudo-relevance feedback: the words that the best lines of a first ranking have in common, and
 * that are rare elsewhere, are asked for as well (Rocchio, RM3).
 */
import { isStopWord } from "../../shared/words.ts";
import type { LineIndex } from "./line-index.ts";
import type { RankingWeights } from "./ranking-weights.ts";
import { topRows } from "./top-rows.ts";

/** A word in more than this share of the lines says nothing. */
const COMMON = 0.05;

/** Further words with their weights; none when feedback is off. */
export function feedbackWords(
  index: LineIndex,
  asked: ReadonlyMap<string, number>,
  scores: Float32Array,
  { feedback, feedback_lines, feedback_words }: RankingWeights,
): Map<string, number> {
  if (feedback_lines === 0 || asked.size < 2) return new Map();
  const top = topRows(scores, feedback_lines);
  const total = top.reduce((sum, { score }) => sum + score, 0);
  const gains = new Map<string, number>();
  for (const { row, score } of top) {
    for (const word of new Set(index.wordsOf(row))) {
      const frequency = index.frequency(word);
      if (asked.has(word) || word.length < 3 || isStopWord(word)) continue;
      if (frequency > index.size * COMMON) continue;
      const gain = (score / total) * Math.log(1 + index.size / frequency);
      gains.set(word, (gains.get(word) ?? 0) + gain);
    }
  }
  const best = [...gains].sort((a, b) => b[1] - a[1]).slice(0, feedback_words);
  const most = best[0]?.[1] ?? 1;
  return new Map(best.map(([word, gain]) => [word, (feedback * gain) / most]));
}
