/**
 * Going back to a saved state without losing what came after: core memory, summary, queue and
 * sources become what they were, as new rows at the end of the logs. Recall and archival memory
 * keep everything, so nothing that was said or stored since can get lost.
 */

import { coreKey, frontKey, logKey, readRow, summaryKey } from "./agent-rows.ts";
import type { CoreMemoryRecord } from "./core-memory.ts";
import type { Summary } from "./main-context.ts";
import type { StateStore } from "./ports.ts";
import { type LogEntry, readLog } from "./recall-memory.ts";
import type { Row } from "./runtime.ts";
import type { MemgptSnapshot } from "./snapshot.ts";
import type { Front } from "./system-message.ts";

export interface Rewound {
  snapshot: MemgptSnapshot;
  /** To be stored before the record that holds the snapshot. */
  rows: Row[];
}

/**
 * `saved`, on top of the logs as `current` has them; both are snapshots of the agent `owner`.
 * Rejects with a `StoreError` when a row is missing; writes nothing.
 */
export async function rewind(
  store: StateStore,
  owner: string,
  saved: MemgptSnapshot,
  current: MemgptSnapshot,
): Promise<Rewound> {
  const start = current.recall.length;
  const core_version = current.core_version + 1;
  const summary_version = current.summary_version + 1;
  const core = await readRow<CoreMemoryRecord>(store, coreKey(owner, saved.core_version));
  // A summary row without a text stands for "nothing was evicted yet": versions never go back.
  const summary: Summary | null =
    saved.summary_version === 0
      ? null
      : await readRow<Summary | null>(store, summaryKey(owner, saved.summary_version));
  const front_version = (current.front_version ?? 0) + 1;
  const front = saved.front_version
    ? await readRow<Front | null>(store, frontKey(owner, saved.front_version))
    : null;
  const queue = await readLog(store, owner, saved.queue_start, saved.recall.length);
  const replayed = queue.map((entry, i): Row => {
    const row: LogEntry = { ...entry, replayed: true };
    return [logKey(owner, start + i), row];
  });
  return {
    rows: [
      ...replayed,
      [coreKey(owner, core_version), core],
      [summaryKey(owner, summary_version), summary],
      [frontKey(owner, front_version), front],
    ],
    snapshot: {
      ...saved,
      core_version,
      summary_version,
      front_version,
      queue_start: start,
      trims: saved.trims.map(([index, tokens]) => [index - saved.queue_start + start, tokens]),
      recall: { ...current.recall, length: start + queue.length },
      archival: current.archival,
    },
  };
}
