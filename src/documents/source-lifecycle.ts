/**
 * The life of a data source's record: reserved as `loading`, `ready` in one write after all else is
 * durable, `deleting` until its parts are gone. Whatever a crash or a failure leaves behind has a
 * record, and is removed or overwritten through it. Neither reads nor embeds.
 */
import type { PassageStore, StateStore } from "../memgpt/ports.ts";
import { errorCode, StoreError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { type DataSource, pageKey, type SourceRecord } from "./data-source.ts";
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

  /**
   * Writes the source's record as `loading`, under its name or the next free one like it; an `exact`
   * name that is taken fails with `source_name_taken`. What an ingest of the same content left behind
   * when it was cut short is taken over.
   */
  reserve(wanted: DataSource, exact = false): Promise<DataSource> {
    const { catalog } = this.#parts;
    return catalog.exclusive(wanted.scope, async () => {
      await this.#tidy(wanted.scope);
      const records = await catalog.all(wanted.scope);
      const left = records.find(({ source }) => source.id === wanted.id)?.source;
      const taken = records
        .filter(({ state, source }) => source.id !== wanted.id && state !== "deleting")
        .map(({ source }) => source.name);
      const name = uniqueName(wanted.name, taken);
      if (exact && name !== wanted.name) throw nameTakenError(wanted.name);
      const source = {
        ...wanted,
        ...(left ? { created_at: left.created_at, pages: left.pages } : {}),
        name,
      };
      await catalog.put({ version: 1, state: "loading", source });
      return source;
    });
  }

  /** Notes how many pages there will be, before their text is written: so it can be removed. */
  notePages(source: DataSource, pages: number): Promise<void> {
    const { catalog } = this.#parts;
    return catalog.exclusive(source.scope, async () => {
      const before = await catalog.get(source.scope, source.id);
      if (before?.state === "ready") {
        const { rework } = before;
        // Left by a refresh that was cut short; there is room for one note only.
        if (rework && rework.sha256 !== source.sha256) {
          await this.#removeText(source.scope, source.id, rework, before.source);
        }
        await catalog.put({ ...before, rework: { sha256: source.sha256, pages } });
      } else {
        await catalog.put({ version: 1, state: "loading", source: { ...source, pages } });
      }
    });
  }

  /** Notes that all text is kept: what is left can be done without the files. */
  noteRead(source: DataSource): Promise<void> {
    const { catalog } = this.#parts;
    return catalog.exclusive(source.scope, () =>
      catalog.put({ version: 1, state: "loading", source, read: true }),
    );
  }

  /** Notes that a source's passages are about to be made anew, so that a crash on the way is seen. */
  noteRework(source: DataSource): Promise<void> {
    const { catalog } = this.#parts;
    return catalog.exclusive(source.scope, async () => {
      const before = await catalog.get(source.scope, source.id);
      if (before?.state !== "ready") return;
      const { sha256, pages } = before.rework ?? before.source;
      await catalog.put({ ...before, rework: { sha256, pages } });
    });
  }

  /**
   * Makes the source seen. `ids` are those of its passages, durable by now; others under its owner
   * are removed first, so that counts are true. Text that it no longer has is removed last.
   */
  async finish(source: DataSource, ids: ReadonlySet<string>): Promise<DataSource> {
    if (ids.size === 0) {
      throw new DocumentError("document_empty", "There is no text in this document.");
    }
    await this.#removeStrays(source.owner, ids);
    const { catalog, embedder } = this.#parts;
    return catalog.exclusive(source.scope, async () => {
      const before = await catalog.get(source.scope, source.id);
      const { name, places, published } = before?.source ?? source;
      const finished = { ...source, name, places, published, embedder, passages: ids.size };
      const elsewhere = spacesOf(before).filter((one) => one !== embedder);
      const record: SourceRecord = {
        ...{ version: 1, state: "ready", source: finished },
        ...(elsewhere.length > 0 ? { elsewhere } : {}),
      };
      const old = [before?.source, before?.rework].find(
        (text) => text && (text.sha256 !== finished.sha256 || text.pages > finished.pages),
      );
      if (old) {
        // Still noted until it is gone.
        const { sha256, pages } = old;
        await catalog.put({ ...record, rework: { sha256, pages } });
        await this.#removeText(source.scope, source.id, old, finished);
      }
      await catalog.put(record);
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

  /** Gives a ready source another name; undefined if there is none. Fails with `source_name_taken`. */
  rename(scope: string, id: string, name: string): Promise<DataSource | undefined> {
    const { catalog } = this.#parts;
    return catalog.exclusive(scope, async () => {
      const records = await catalog.all(scope);
      const record = records.find(({ source }) => source.id === id);
      if (record?.state !== "ready") return undefined;
      const others = records
        .filter((one) => one !== record && one.state !== "deleting")
        .map(({ source }) => source.name);
      if (uniqueName(name, others) !== name) throw nameTakenError(name);
      const source = { ...record.source, name };
      await catalog.put({ ...record, source });
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
    for (const { state, source, read } of await this.#parts.catalog.all(scope)) {
      if (state === "ready" || read || this.#parts.isBusy(scope, source.id)) continue;
      await this.#remove(scope, source.id);
    }
    await this.#parts.catalog.sweep(scope);
    this.#tidied.add(scope);
  }

  /** Passages, then text, then the record: whatever is left is still found by its record. */
  async #remove(scope: string, id: string): Promise<void> {
    const { catalog, passages, embedder } = this.#parts;
    const record = await catalog.get(scope, id);
    if (!record) return;
    await passages.deleteOwner(record.source.owner);
    for (const text of [record.source, record.rework]) {
      if (text) await this.#removeText(scope, id, text);
    }
    // Passages of another embedder are out of reach; a record waits for a service that has them.
    const [left, ...elsewhere] = spacesOf(record).filter((one) => one !== embedder);
    if (left === undefined) return catalog.remove(scope, id);
    const source = { ...record.source, pages: 0, embedder: left };
    await catalog.put({ version: 1, state: "deleting", source, elsewhere });
  }

  /** Removes the rows of a text that neither another source nor `kept` has. */
  async #removeText(
    scope: string,
    id: string,
    { sha256, pages }: { sha256: string; pages: number },
    kept?: { sha256: string; pages: number },
  ): Promise<void> {
    const records = await this.#parts.catalog.all(scope);
    const shared = records
      .filter(({ source }) => source.id !== id && source.sha256 === sha256)
      .map(({ source }) => source.pages);
    const used = Math.max(0, kept?.sha256 === sha256 ? kept.pages : 0, ...shared);
    for (let from = used + 1; from <= pages; from += ROWS_AT_ONCE) {
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
    for await (const rows of passages.every(owner)) {
      strays.push(...rows.map((row) => row.id).filter((id) => !ids.has(id)));
    }
    await passages.delete(owner, strays);
  }
}

/** The embedders in whose stores a record's owner may have passages. */
function spacesOf(record: SourceRecord | undefined): string[] {
  return record ? [...new Set([record.source.embedder, ...(record.elsewhere ?? [])])] : [];
}

function nameTakenError(name: string): DocumentError {
  return new DocumentError("source_name_taken", `There is a data source ${name} already.`, {
    why: "It holds something else.",
    next: "Choose another name, or delete that one first.",
  });
}
