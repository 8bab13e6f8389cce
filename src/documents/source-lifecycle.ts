/**
 * The life of a data source's record: reserved as `loading`, `ready` in one write after all else is
 * durable, `deleting` until its parts are gone. Whatever a crash or a failure leaves behind has a
 * record, and is removed or overwritten through it. Neither reads nor embeds.
 */
import type { PassageStore, StateStore } from "../memgpt/ports.ts";
import { errorCode, StoreError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { type DataSource, pageKey } from "./data-source.ts";
import { uniqueName } from "./names.ts";
import { DocumentError } from "./ports.ts";
import type { SourceCatalog } from "./source-catalog.ts";

export interface LifecycleParts {
  catalog: SourceCatalog;
  passages: PassageStore;
  store: StateStore;
  logger: Logger;
  /** Name of the embedder whose passages `passages` holds. */
  embedder: string;
  /** Whether somebody is working on this source now. */
  isBusy: (scope: string, id: string) => boolean;
}

const ROWS_AT_ONCE = 500;

export class SourceLifecycle {
  readonly #parts: LifecycleParts;
  /** Scopes in which leftovers of a crash were looked for. */
  readonly #tidied = new Set<string>();

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /** Gives the source a free name and writes its record as `loading`. */
  reserve(wanted: DataSource): Promise<DataSource> {
    const { catalog } = this.#parts;
    return catalog.exclusive(wanted.scope, async () => {
      await this.#tidy(wanted.scope);
      // The same content under another embedder goes by the same name.
      const others = (await catalog.all(wanted.scope)).filter(
        ({ source }) => source.sha256 !== wanted.sha256,
      );
      const taken = others.map(({ source }) => source.name);
      const source = { ...wanted, name: uniqueName(wanted.name, taken) };
      await catalog.put({ version: 1, state: "loading", source });
      return source;
    });
  }

  /** Notes how many pages there will be, before their text is written: so it can be removed. */
  notePages(source: DataSource, pages: number): Promise<void> {
    const { catalog } = this.#parts;
    return catalog.exclusive(source.scope, () =>
      catalog.put({ version: 1, state: "loading", source: { ...source, pages } }),
    );
  }

  /**
   * Makes the source seen. `ids` are those of its passages, durable by now; others under its owner
   * are removed first, so that counts are true.
   */
  async finish(source: DataSource, ids: ReadonlySet<string>): Promise<DataSource> {
    if (ids.size === 0) {
      throw new DocumentError("document_empty", "There is no text in this document.");
    }
    await this.#removeStrays(source.owner, ids);
    const { catalog } = this.#parts;
    return catalog.exclusive(source.scope, async () => {
      const before = await catalog.get(source.scope, source.id);
      const { places, published } = before?.source ?? source;
      const finished = { ...source, places, published, passages: ids.size };
      await catalog.put({ version: 1, state: "ready", source: finished });
      return finished;
    });
  }

  /** Runs `work`; when it fails, removes what it has written, and fails as it did. */
  async orRemove<T>(source: DataSource, work: () => Promise<T>): Promise<T> {
    const { catalog, logger } = this.#parts;
    try {
      return await work();
    } catch (error) {
      await catalog
        .exclusive(source.scope, () => this.#remove(source.scope, source.id))
        .catch((cleanup: unknown) => {
          // Its record stays, unseen; the next tidying finds it.
          this.#tidied.delete(source.scope);
          logger.warn("What a failed ingest has written could not be removed yet.", {
            ...{ source: source.id, scope: source.scope, code: errorCode(cleanup) },
          });
        });
      throw error;
    }
  }

  /** Changes a source that is ready; undefined if there is none. */
  change(
    scope: string,
    id: string,
    change: (source: DataSource) => DataSource,
  ): Promise<DataSource | undefined> {
    const { catalog } = this.#parts;
    return catalog.exclusive(scope, async () => {
      const record = await catalog.get(scope, id);
      if (record?.state !== "ready") return undefined;
      const source = change(record.source);
      if (source !== record.source) await catalog.put({ ...record, source });
      return source;
    });
  }

  /** Hides the source at once, then removes its parts; false if there was none to be seen. */
  delete(scope: string, id: string): Promise<boolean> {
    const { catalog } = this.#parts;
    return catalog.exclusive(scope, async () => {
      const record = await catalog.get(scope, id);
      if (!record) return false;
      await catalog.put({ ...record, state: "deleting" });
      this.#tidied.delete(scope);
      await this.#remove(scope, id);
      return record.state === "ready";
    });
  }

  /** Removes the leftovers of crashed ingests and deletions. Within `exclusive`; once per scope. */
  async #tidy(scope: string): Promise<void> {
    if (this.#tidied.has(scope)) return;
    for (const { state, source } of await this.#parts.catalog.all(scope)) {
      if (state === "ready" || this.#parts.isBusy(scope, source.id)) continue;
      await this.#remove(scope, source.id);
    }
    this.#tidied.add(scope);
  }

  /** Passages, then text, then the record: whatever is left is still found by its record. */
  async #remove(scope: string, id: string): Promise<void> {
    const { catalog, passages } = this.#parts;
    const records = await catalog.all(scope);
    const record = records.find(({ source }) => source.id === id);
    // Passages of another embedder are out of reach; its record waits for a service that has them.
    if (!record || record.source.embedder !== this.#parts.embedder) return;
    const { owner, sha256, pages } = record.source;
    await passages.deleteOwner(owner);
    const isShared = records.some((one) => one !== record && one.source.sha256 === sha256);
    if (!isShared) await this.#removeText(scope, sha256, pages);
    await catalog.remove(scope, id);
  }

  async #removeText(scope: string, sha256: string, pages: number): Promise<void> {
    for (let from = 1; from <= pages; from += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, pages - from + 1);
      await this.#parts.store.delete(
        Array.from({ length: count }, (_, i) => pageKey(scope, sha256, from + i)),
      );
    }
  }

  /** Deletes passages left by an ingest that was cut short, perhaps by another splitter. */
  async #removeStrays(owner: string, ids: ReadonlySet<string>): Promise<void> {
    const { passages } = this.#parts;
    const count = await passages.count(owner);
    if (count < ids.size) {
      throw new StoreError("store_unavailable", "Some passages did not arrive in the index.", {
        next: "Load the document again.",
      });
    }
    if (count === ids.size) return;
    const strays: string[] = [];
    for (let offset = 0; offset < count; offset += ROWS_AT_ONCE) {
      const rows = await passages.page(owner, offset, ROWS_AT_ONCE);
      strays.push(...rows.map((row) => row.id).filter((id) => !ids.has(id)));
    }
    await passages.delete(owner, strays);
  }
}
