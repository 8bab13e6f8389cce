/**
 * Data sources: a document becomes searchable once per scope and embedder, however often it is
 * loaded. Knows what there is, who may see it, and which work is under way. Attaching a source to an
 * agent is the channel's business: it only links the owner. MemGPT's `memgpt load`, idempotent.
 */
import type { Embedder, PassageStore, StateStore, TokenCounter } from "../memgpt/ports.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { type DataSource, type IngestProgress, isSeenIn } from "./data-source.ts";
import { type ContentHash, DocumentError, type DocumentReader } from "./ports.ts";
import { type RunOptions, SharedRuns } from "./shared-runs.ts";
import { SourceCatalog } from "./source-catalog.ts";
import { SourceLifecycle } from "./source-lifecycle.ts";
import { type IngestRequest, SourceLoader } from "./source-loader.ts";

export type { DataSource, IngestProgress } from "./data-source.ts";
export type { IngestRequest } from "./source-loader.ts";

export interface DataSourcesParts {
  reader: DocumentReader;
  tokens: TokenCounter;
  embedder: Embedder;
  /** The passages of `embedder`'s vectors. */
  passages: PassageStore;
  /** One `DataSources` per store: it orders the changes of a scope. */
  store: StateStore;
  hash: ContentHash;
  clock: Clock;
  logger: Logger;
  /** Lets other work run while a long text is being split, e.g. `setImmediate`. Default: nothing. */
  breathe?: () => Promise<void>;
}

export type IngestOptions = RunOptions<IngestProgress>;

export class DataSources {
  readonly #parts: DataSourcesParts;
  readonly #catalog: SourceCatalog;
  readonly #lifecycle: SourceLifecycle;
  readonly #loader: SourceLoader;
  readonly #runs = new SharedRuns<DataSource, IngestProgress>();

  constructor(parts: DataSourcesParts) {
    const { store, passages, logger, embedder } = parts;
    this.#parts = parts;
    this.#catalog = new SourceCatalog(store);
    this.#lifecycle = new SourceLifecycle({
      ...{ catalog: this.#catalog, passages, store, logger },
      embedder: embedder.name,
      isBusy: (scope, id) => this.#runs.has(`${scope}/${id}`),
    });
    this.#loader = new SourceLoader(parts, this.#lifecycle);
  }

  /**
   * Makes the file searchable. `created` is false when it was already, or when another caller's
   * ingest of the same bytes did it; then nothing is read or embedded again (but for passages that
   * the index has lost). Fails with a `DocumentError`, `ModelError`, `StoreError` or the signal's
   * reason, and leaves nothing to be seen.
   */
  async ingest(
    request: IngestRequest,
    options: IngestOptions = {},
  ): Promise<{ source: DataSource; created: boolean }> {
    const { scope, place, file } = request;
    const sha256 = this.#parts.hash.sha256(file.bytes);
    const id = this.#idOf(sha256);
    let created = false;
    const source = await this.#runs.join(
      `${scope}/${id}`,
      async (signal, tell) => {
        const known = await this.get(scope, id);
        if (known && (await this.#isIndexed(known))) return known;
        if (known) return this.#loader.reindex(known, id, { signal, tell });
        created = true;
        return this.#loader.load(id, sha256, request, { signal, tell });
      },
      options,
    );
    const seen = await this.#lifecycle.change(scope, id, (now) =>
      now.places.includes(place) ? now : { ...now, places: [...now.places, place] },
    );
    return { source: seen ?? source, created };
  }

  /**
   * Embeds a source again from its kept text, under this service's embedder: after the index was
   * lost, or the embedder changed (then the result has another id). Fails like `ingest`.
   */
  async rebuild(scope: string, id: string, options: IngestOptions = {}): Promise<DataSource> {
    const source = await this.get(scope, id);
    if (!source) {
      throw new DocumentError("file_unreachable", "There is no such data source any more.", {
        next: "`/sources list` shows what there is.",
      });
    }
    const target = this.#idOf(source.sha256);
    return this.#runs.join(
      `${scope}/${target}`,
      (signal, tell) => this.#loader.reindex(source, target, { signal, tell }),
      options,
    );
  }

  /** Sources of a scope, the oldest first; with `place`, those seen there. */
  async list(scope: string, place?: string): Promise<DataSource[]> {
    const ready = (await this.#catalog.all(scope)).filter((record) => record.state === "ready");
    const sources = ready.map((record) => record.source);
    return place === undefined ? sources : sources.filter((source) => isSeenIn(source, place));
  }

  async get(scope: string, id: string): Promise<DataSource | undefined> {
    const record = await this.#catalog.get(scope, id);
    return record?.state === "ready" ? record.source : undefined;
  }

  /** By name, whatever its case, among those seen in `place` where one is given. */
  async findByName(scope: string, name: string, place?: string): Promise<DataSource | undefined> {
    const wanted = name.trim().toLowerCase();
    const named = (await this.list(scope, place)).filter(
      (source) => source.name.toLowerCase() === wanted,
    );
    return named.find((source) => source.embedder === this.#parts.embedder.name) ?? named[0];
  }

  /** Shows a source in its whole scope, or only where it was loaded. Undefined: no such source. */
  publish(scope: string, id: string, published: boolean): Promise<DataSource | undefined> {
    return this.#lifecycle.change(scope, id, (source) => ({ ...source, published }));
  }

  /**
   * Removes a source for everyone, with its passages and text; false if there was none. It is hidden
   * first: if the rest fails, the source is seen no more, and the rest is removed later.
   */
  async delete(scope: string, id: string): Promise<boolean> {
    const why = new DocumentError("file_unreachable", "The data source was deleted meanwhile.");
    await this.#runs.cancel(`${scope}/${id}`, why);
    return this.#lifecycle.delete(scope, id);
  }

  #idOf(sha256: string): string {
    return this.#parts.hash.sha256(`${sha256}\n${this.#parts.embedder.name}`).slice(0, 16);
  }

  async #isIndexed(source: DataSource): Promise<boolean> {
    return (await this.#parts.passages.count(source.owner)) === source.passages;
  }
}
