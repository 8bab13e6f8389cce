/**
 * The records of data sources in a `StateStore`: one row per source and one row of ids per scope.
 * The row of ids is written first and removed last, so that whatever a crash leaves can be found.
 * Knows no passages. One catalog per store: its lock is what orders changes within a scope.
 */
import type { StateStore } from "../memgpt/ports.ts";
import { indexKey, recordKey, SCOPES_KEY, type SourceRecord } from "./data-source.ts";

export class SourceCatalog {
  readonly #store: StateStore;
  /** The last change under way in each scope. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Runs `change` when all earlier changes in `scope` have ended. Not reentrant. */
  exclusive<T>(scope: string, change: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(scope) ?? Promise.resolve();
    const result = before.then(change);
    const tail = result.then(
      () => {},
      () => {},
    );
    this.#tails.set(scope, tail);
    void tail.then(() => {
      if (this.#tails.get(scope) === tail) this.#tails.delete(scope);
    });
    return result;
  }

  get(scope: string, id: string): Promise<SourceRecord | undefined> {
    return this.#store.get<SourceRecord>(recordKey(scope, id));
  }

  /** All records of the scope, the oldest first, in whatever state. */
  async all(scope: string): Promise<SourceRecord[]> {
    const ids = await this.#ids(scope);
    if (ids.length === 0) return [];
    const rows = await this.#store.getMany<SourceRecord>(ids.map((id) => recordKey(scope, id)));
    // An id without a row: the process died between the two writes of `put` or `remove`.
    return rows.filter((row) => row !== undefined);
  }

  /** All scopes with records, in the order they came. */
  async scopes(): Promise<readonly string[]> {
    const row = await this.#store.get<{ scopes: string[] }>(SCOPES_KEY);
    return row?.scopes ?? [];
  }

  /** Adds or replaces a record. Within `exclusive` only. */
  async put(record: SourceRecord): Promise<void> {
    const { scope, id } = record.source;
    const ids = await this.#ids(scope);
    if (ids.length === 0) await this.#noteScope(scope, true);
    if (!ids.includes(id)) await this.#store.set(indexKey(scope), { ids: [...ids, id] });
    await this.#store.set(recordKey(scope, id), record);
  }

  /** Within `exclusive` only. */
  async remove(scope: string, id: string): Promise<void> {
    await this.#store.delete([recordKey(scope, id)]);
    const ids = await this.#ids(scope);
    await this.#putIds(
      scope,
      ids.filter((one) => one !== id),
    );
  }

  /** Forgets ids without a row, which a process left that died on the way. Within `exclusive` only. */
  async sweep(scope: string): Promise<void> {
    const ids = await this.#ids(scope);
    const rows = await this.#store.getMany(ids.map((id) => recordKey(scope, id)));
    const living = ids.filter((_, i) => rows[i] !== undefined);
    if (living.length < ids.length) await this.#putIds(scope, living);
  }

  async #putIds(scope: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) {
      await this.#store.set(indexKey(scope), { ids });
      return;
    }
    await this.#store.delete([indexKey(scope)]);
    await this.#noteScope(scope, false);
  }

  /** Its lock is one that no scope has: a scope's own is held by whoever calls. */
  #noteScope(scope: string, has: boolean): Promise<void> {
    return this.exclusive(SCOPES_KEY, async () => {
      const scopes = await this.scopes();
      if (scopes.includes(scope) === has) return;
      const others = scopes.filter((one) => one !== scope);
      if (has) await this.#store.set(SCOPES_KEY, { scopes: [...others, scope] });
      else if (others.length > 0) await this.#store.set(SCOPES_KEY, { scopes: others });
      else await this.#store.delete([SCOPES_KEY]);
    });
  }

  async #ids(scope: string): Promise<readonly string[]> {
    const row = await this.#store.get<{ ids: string[] }>(indexKey(scope));
    return row?.ids ?? [];
  }
}
