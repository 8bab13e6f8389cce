/**
 * What is stored of an agent in its place's state record: cursors and references only. The bulk
 * (messages, archival rows, core memory, summaries) is in rows of their own, written before it.
 */
import { StoreError } from "../shared/errors.ts";
import type { ArchivalState } from "./archival-memory.ts";
import type { Trim } from "./main-context.ts";
import type { RecallState } from "./recall-memory.ts";
import type { AttachedSource } from "./runtime.ts";

export interface MemgptSnapshot {
  version: 1;
  name: string;
  /** Log row at which the queue begins; it reaches to the log's end. */
  queue_start: number;
  /** Messages of the queue that were cut to make room. */
  trims: readonly Trim[];
  recall: RecallState;
  archival: ArchivalState;
  /** Row `<owner>/core/<version>`. */
  core_version: number;
  /** Row `<owner>/summary/<version>`; 0: nothing was evicted yet. */
  summary_version: number;
  /** Row `<owner>/front/<version>`; absent or 0: to be rendered when the agent is restored. */
  front_version?: number;
  sources: readonly AttachedSource[];
  /** The first answer has been given and verified. */
  first_message_done: boolean;
  /** The memory-pressure warning was given since the last eviction. */
  warned: boolean;
}

/**
 * Checks a snapshot that was read from a store. Throws `store_corrupt` for another version or shape,
 * so that what this program does not understand is neither used nor overwritten.
 */
export function checkSnapshot(value: unknown, owner: string): MemgptSnapshot {
  const snapshot = value as Partial<MemgptSnapshot> | null | undefined;
  if (typeof snapshot !== "object" || snapshot === null || snapshot.version !== 1) {
    const version = JSON.stringify((snapshot as { version?: unknown } | null)?.version ?? null);
    throw new StoreError("store_corrupt", `The saved agent ${owner} cannot be read.`, {
      why: `Its format has version ${version}, and this program knows version 1.`,
      next: "Use the program version that saved it, or a backup; nothing was overwritten.",
    });
  }
  const numbers = [
    snapshot.queue_start,
    snapshot.core_version,
    snapshot.summary_version,
    snapshot.front_version ?? 0,
    snapshot.recall?.length,
    snapshot.recall?.said,
    snapshot.archival?.length,
    snapshot.archival?.passages,
  ];
  const complete = numbers.every((n) => Number.isSafeInteger(n) && (n ?? -1) >= 0);
  if (!complete || !Array.isArray(snapshot.sources) || !Array.isArray(snapshot.trims)) {
    throw new StoreError("store_corrupt", `The saved agent ${owner} cannot be read.`, {
      why: "Its record is incomplete.",
      next: "Restore the data directory from a backup; nothing was overwritten.",
    });
  }
  return snapshot as MemgptSnapshot;
}
