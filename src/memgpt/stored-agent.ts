/**
 * Reads what a snapshot points to: core memory, front, summary and the queue's rows. Nothing is
 * written, and a missing row is an error, never an empty memory.
 */
import { coreKey, frontKey, readRow, summaryKey } from "./agent-rows.ts";
import type { CoreMemoryRecord } from "./core-memory.ts";
import type { Queued, Summary } from "./main-context.ts";
import type { ChatMessage, StateStore } from "./ports.ts";
import { type LogEntry, readLog } from "./recall-memory.ts";
import type { MemgptSnapshot } from "./snapshot.ts";
import type { Front } from "./system-message.ts";

export interface StoredAgent {
  core: CoreMemoryRecord;
  queue: Queued[];
  summary: Summary | null;
  front: Front | null;
}

/** Rejects with a `StoreError` when a row is missing. */
export async function readStoredAgent(
  store: StateStore,
  owner: string,
  snapshot: MemgptSnapshot,
): Promise<StoredAgent> {
  const { core_version, summary_version, front_version = 0, queue_start, recall } = snapshot;
  const core = await readRow<CoreMemoryRecord>(store, coreKey(owner, core_version));
  const rows = await readLog(store, owner, queue_start, recall.length);
  const summary =
    summary_version === 0
      ? null
      : await readRow<Summary | null>(store, summaryKey(owner, summary_version));
  const front =
    front_version === 0 ? null : await readRow<Front | null>(store, frontKey(owner, front_version));
  return { core, queue: queueOf(rows, queue_start), summary, front };
}

function queueOf(rows: readonly LogEntry[], start: number): Queued[] {
  return rows.flatMap(({ message, person, removed }, i) =>
    removed ? [] : [{ index: start + i, message, ...(person === undefined ? {} : { person }) }],
  );
}

/** Calls without a result: a process died between them, and providers refuse such a queue. */
export function openCalls(queue: readonly ChatMessage[]): { id: string; name: string }[] {
  const answered = new Set(queue.map((message) => message.tool_call_id));
  const last = queue.findLast((message) => message.role !== "tool");
  return (last?.tool_calls ?? [])
    .filter(({ id }) => !answered.has(id))
    .map(({ id, function: called }) => ({ id, name: called.name }));
}

/** Whether somebody's line has had no answer in the queue. */
export function endsUnanswered(queue: readonly ChatMessage[]): boolean {
  const last = queue.findLastIndex(({ role }) => role === "assistant");
  return queue.slice(last + 1).some(({ role, name }) => role === "user" && name !== undefined);
}
