/** The best of many scores, without sorting them all. */

export interface RankedRow {
  row: number;
  /** Greater than 0; comparable within one search only. */
  score: number;
}

/** At most `limit` rows with a score above 0, best first, ties by lower row. */
export function topRows(scores: Float32Array, limit: number): RankedRow[] {
  let kept: RankedRow[] = [];
  let floor = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row] ?? 0;
    if (score <= floor) continue;
    kept.push({ row, score });
    if (kept.length < 8 * limit + 64) continue;
    kept = kept.sort(better).slice(0, limit);
    floor = kept.at(-1)?.score ?? 0;
  }
  return kept.sort(better).slice(0, Math.max(0, limit));
}

function better(a: RankedRow, b: RankedRow): number {
  return b.score - a.score || a.row - b.row;
}
