/**
 * Where an agent's parts are kept in the `StateStore`, and which of them are not stored yet. Rows
 * come first, the record that refers to them after: a crash in between leaves rows that the next
 * run overwrites.
 */
import { StoreError } from "../shared/errors.ts";
import type { ArchivalMemory } from "./archival-memory.ts";
import type { CoreMemory } from "./core-memory.ts";
import type { MainContext } from "./main-context.ts";
import type { StateStore } from "./ports.ts";
import type { RecallMemory } from "./recall-memory.ts";
import type { Row } from "./runtime.ts";
import type { MemgptSnapshot } from "./snapshot.ts";

export function coreKey(owner: string, version: number): string {
  return `${owner}/core/${version}`;
}

export function summaryKey(owner: string, version: number): string {
  return `${owner}/summary/${version}`;
}

export function frontKey(owner: string, version: number): string {
  return `${owner}/front/${version}`;
}

/** A row of the agent's log of messages. */
export function logKey(owner: string, index: number): string {
  return `${owner}/log/${index}`;
}

/** The record of `MemgptAgent.save`; channels keep snapshots in a record of their own. */
export function stateKey(owner: string): string {
  return `${owner}/state`;
}

/** A row that a committed record refers to. Rejects with `store_corrupt` when it is gone. */
export async function readRow<T>(store: StateStore, key: string): Promise<T> {
  const row = await store.get<T>(key);
  if (row !== undefined) return row;
  throw new StoreError("store_corrupt", `The row ${key} is missing from the state store.`, {
    next: "Restore the data directory from a backup; nothing was overwritten.",
  });
}

export interface StoredParts {
  core: CoreMemory;
  recall: RecallMemory;
  archival: ArchivalMemory;
  context: MainContext;
}

export class AgentRows {
  readonly #owner: string;
  readonly #parts: StoredParts;
  #core: number;
  #summary: number;
  #front: number;

  /** `committed` is what the parts were restored from. */
  constructor(owner: string, parts: StoredParts, committed: MemgptSnapshot | undefined) {
    this.#owner = owner;
    this.#parts = parts;
    this.#core = committed?.core_version ?? 0;
    this.#summary = committed?.summary_version ?? 0;
    this.#front = committed?.front_version ?? 0;
  }

  pending(): Row[] {
    const { core, recall, archival, context } = this.#parts;
    const rows: Row[] = [...recall.log.pendingRows(), ...archival.log.pendingRows()];
    if (core.version > this.#core) {
      rows.push([coreKey(this.#owner, core.version), core.record()]);
    }
    const { summary, summary_version, front, front_version } = context;
    if (front && front_version > this.#front) {
      rows.push([frontKey(this.#owner, front_version), front]);
    }
    if (summary && summary_version > this.#summary) {
      rows.push([summaryKey(this.#owner, summary_version), summary]);
    }
    return rows;
  }

  committed(rows: readonly Row[]): void {
    this.#parts.recall.log.flushed(this.#under("log", rows).length);
    this.#parts.archival.log.flushed(this.#under("archival", rows).length);
    this.#core = Math.max(this.#core, ...this.#under("core", rows));
    this.#summary = Math.max(this.#summary, ...this.#under("summary", rows));
    this.#front = Math.max(this.#front, ...this.#under("front", rows));
  }

  /** Keys of everything committed. */
  keys(): string[] {
    const { recall, archival, core, context } = this.#parts;
    const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
    return [
      ...recall.log.keys(),
      ...archival.log.keys(),
      ...upTo(core.version).map((version) => coreKey(this.#owner, version)),
      ...upTo(context.summary_version).map((version) => summaryKey(this.#owner, version)),
      ...upTo(context.front_version).map((version) => frontKey(this.#owner, version)),
      stateKey(this.#owner),
    ];
  }

  /** The numbers of the rows of one part. */
  #under(part: string, rows: readonly Row[]): number[] {
    const prefix = `${this.#owner}/${part}/`;
    return rows.flatMap(([key]) =>
      key.startsWith(prefix) ? [Number(key.slice(prefix.length))] : [],
    );
  }
}
