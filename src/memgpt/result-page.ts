/**
 * How MemGPT's three search functions hand out results: five to a page, with the true total. The
 * form is the 0.2.11 one, to the letter, because models and the offline model read it.
 */

/** MemGPT's `RETRIEVAL_QUERY_DEFAULT_PAGE_SIZE`. */
export const PAGE_SIZE = 5;

/** How far down a ranking one can page. */
export const RANKED_LIMIT = 100;

/** The results on a page; pages count from 0. */
export function pageOf<T>(results: readonly T[], page: number): T[] {
  return results.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
}

/**
 * `Showing 5 of 7 results (page 0/1): ["…", …]`; `No results found.` also for a page past the last, as
 * 0.2.11 says it. Pages count from 0. `note` is put at the end.
 */
export function formatResultPage<T>(
  results: readonly T[],
  page: number,
  format: (result: T) => string,
  note?: string,
): string {
  const tail = note === undefined ? "" : ` [NOTE: ${note}]`;
  const shown = pageOf(results, page);
  if (shown.length === 0) return `No results found.${tail}`;
  const lastPage = Math.ceil(results.length / PAGE_SIZE) - 1;
  const list = shown.map((result) => JSON.stringify(format(result))).join(", ");
  return `Showing ${shown.length} of ${results.length} results (page ${page}/${lastPage}): [${list}]${tail}`;
}

/** Reciprocal rank fusion: several rankings of the same things as one, best first (k = 60). */
export function fuseRankings<K>(rankings: readonly (readonly K[])[]): K[] {
  const scores = new Map<K, number>();
  for (const ranking of rankings) {
    for (const [rank, key] of ranking.entries()) {
      scores.set(key, (scores.get(key) ?? 0) + 1 / (60 + rank + 1));
    }
  }
  // Sorting is stable: equal scores keep the order of the first ranking.
  return [...scores].sort((a, b) => b[1] - a[1]).map(([key]) => key);
}
