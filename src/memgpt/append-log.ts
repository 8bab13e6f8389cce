/**
 * An append-only log over a `StateStore`: one row per entry under `<prefix>/<index>`. Entries are
 * buffered until `flush`; only the length that a state record has committed counts, so rows
 * written past it by a crashed process are overwritten, never read. This is the truth that recall
 * memory, archival inserts and the group's transcript are kept in.
 */
import { StoreError } from "../shared/errors.ts";
import type { StateStore } from "./ports.ts";

export class AppendLog<T> {
  readonly #store: StateStore;
  readonly #prefix: string;
  #length: number;
  #pending: T[] = [];

  /** `length` is the committed number of entries, 0 for a new log. */
  constructor(store: StateStore, prefix: string, length = 0) {
    this.#store = store;
    this.#prefix = prefix;
    this.#length = length;
  }

  /** Entries so far, buffered ones included. */
  get length(): number {
    return this.#length + this.#pending.length;
  }

  /** Buffers an entry and returns its index. */
  append(entry: T): number {
    this.#pending.push(entry);
    return this.length - 1;
  }

  /** Rows that must be stored before a record that commits `length`. Call `flushed` once they are. */
  pendingRows(): (readonly [key: string, value: T])[] {
    return this.#pending.map((entry, i) => [this.#key(this.#length + i), entry] as const);
  }

  /** Marks the first `count` pending rows as stored. */
  flushed(count: number): void {
    this.#length += count;
    this.#pending.splice(0, count);
  }

  /** Entries `from` (inclusive) to `to` (exclusive), clamped to the log. Throws if a row is gone. */
  async read(from: number, to: number): Promise<T[]> {
    const start = Math.max(0, from);
    const end = Math.min(to, this.length);
    const storedEnd = Math.min(end, this.#length);
    const keys: string[] = [];
    for (let i = start; i < storedEnd; i += 1) keys.push(this.#key(i));
    const buffered = this.#pending.slice(
      Math.max(0, start - this.#length),
      Math.max(0, end - this.#length),
    );
    const rows = keys.length > 0 ? await this.#store.getMany<T>(keys) : [];
    const entries = rows.map((row, i) => {
      if (row === undefined) throw missingRow(keys[i] ?? this.#prefix);
      return row;
    });
    return [...entries, ...buffered];
  }

  /** All keys of stored rows, for deleting the log. */
  keys(): string[] {
    return Array.from({ length: this.#length }, (_, i) => this.#key(i));
  }

  #key(index: number): string {
    return `${this.#prefix}/${index}`;
  }
}

function missingRow(key: string): Error {
  return new StoreError("store_corrupt", `The log row ${key} is missing from the state store.`, {
    next: "Restore the data directory from a backup; nothing was overwritten.",
  });
}
