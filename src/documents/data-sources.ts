/**
 * Data sources: documents become searchable once per scope, however often they are loaded. Knows
 * what there is, who may see it, and which work is under way. Attaching a source to an agent is the
 * channel's business: it only links the owner. MemGPT's `memgpt load`, idempotent.
 */
import type { Embedder, Passage, PassageStore, StateStore, TokenCounter } from "../memgpt/ports.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import {
  type DataSource,
  documentsOf,
  type IngestProgress,
  isSeenIn,
  type SourceDocument,
} from "./data-source.ts";
import { sourceName } from "./names.ts";
import { type ContentHash, DocumentError, type DocumentReader, type PageFetcher } from "./ports.ts";
import type { IncomingDocument } from "./read-documents.ts";
import { type RunOptions, SharedRuns } from "./shared-runs.ts";
import { SourceCatalog } from "./source-catalog.ts";
import { SourceLifecycle } from "./source-lifecycle.ts";
import { type LoadRequest, SourceLoader } from "./source-loader.ts";

export type { DataSource, IngestProgress, SourceDocument, SourceLink } from "./data-source.ts";
export { documentsOf, linkTo } from "./data-source.ts";
export type { IncomingDocument } from "./read-documents.ts";
export type { LoadRequest } from "./source-loader.ts";

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
  /** For `refresh` of web pages, and `loadPages`. */
  pages?: PageFetcher;
  /** The passages of this owner are others than before, or gone. */
  onChanged?: (owner: string) => void;
  /** Lets other work run while a long text is being split, e.g. `setImmediate`. Default: nothing. */
  breathe?: () => Promise<void>;
}

export type IngestOptions = RunOptions<IngestProgress>;

/** One file of its own. */
export interface IngestRequest {
  scope: string;
  place: string;
  file: IncomingDocument;
}

export interface Loaded {
  source: DataSource;
  /** False when it was searchable already. */
  created: boolean;
}

/** What a source holds, for people. */
export interface SourceView {
  source: DataSource;
  /** Its files with their kinds, pages and failures. */
  documents: readonly SourceDocument[];
  /** Its first passages. */
  first: readonly Passage[];
  /** It has to be re-embedded before it is found: the embedder is another than when it was loaded. */
  stale: boolean;
}

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

  /** `load` of one file under its own name; one that is taken by something else gets a number. */
  ingest({ scope, place, file }: IngestRequest, options: IngestOptions = {}): Promise<Loaded> {
    return this.load({ scope, place, files: [file] }, options);
  }

  /**
   * Makes files searchable as one source. `created` is false when they were already, or when another
   * caller's load of the same bytes did it; then nothing is read or embedded again (but for passages
   * that the index has lost), and the source keeps its name. Of several files, one that cannot be
   * read is left out (`SourceDocument.error`). Fails with a `DocumentError`, `ModelError`,
   * `StoreError` or the signal's reason, and leaves nothing to be seen.
   */
  async load(request: LoadRequest, options: IngestOptions = {}): Promise<Loaded> {
    const { scope, place } = request;
    const files = this.#distinct(request.files);
    if (files.length === 0) {
      throw new DocumentError("document_empty", "There is no file to load.");
    }
    const sha256 = this.#contentOf(files);
    const id = (await this.#find(scope, sha256))?.id ?? this.#idOf(sha256);
    let created = false;
    const source = await this.#runs.join(
      `${scope}/${id}`,
      async (signal, tell) => {
        const known = await this.get(scope, id);
        if (known && (await this.#isIndexed(known))) return known;
        if (known) return this.#changed(await this.#loader.reindex(known, { signal, tell }));
        created = true;
        const run = { signal, tell };
        return this.#changed(await this.#loader.load(id, sha256, { ...request, files }, run));
      },
      options,
    );
    const seen = await this.#lifecycle.change(scope, id, (now) =>
      now.places.includes(place) ? now : { ...now, places: [...now.places, place] },
    );
    return { source: seen ?? source, created };
  }

  /** `load` of web pages, fetched one after the other. Fails with a `file_…` code for the first bad one. */
  async loadPages(
    request: Omit<LoadRequest, "files"> & { urls: readonly string[] },
    options: IngestOptions = {},
  ): Promise<Loaded> {
    const { urls, ...rest } = request;
    const files: IncomingDocument[] = [];
    for (const url of urls) files.push(await this.#fetch(url, options.signal));
    return this.load({ ...rest, files }, options);
  }

  /**
   * Makes a source anew: fetches its web page again where it is one, then splits the kept text again
   * and embeds what changed. Links to it stay valid but for their count of passages.
   */
  async refresh(scope: string, id: string, options: IngestOptions = {}): Promise<DataSource> {
    const source = await this.#wanted(scope, id);
    return this.#runs.join(
      `${scope}/${source.id}`,
      async (signal, tell) => {
        const run = { signal, tell };
        const now = await this.#wanted(scope, id);
        const [only, ...others] = documentsOf(now);
        if (only?.url !== undefined && others.length === 0 && this.#parts.pages) {
          const file = await this.#fetch(only.url, signal);
          const sha256 = this.#parts.hash.sha256(file.bytes);
          if (sha256 !== now.sha256) {
            const files = [{ ...file, sha256, name: only.name }];
            return this.#changed(await this.#loader.replace(now, sha256, files, run));
          }
        }
        return this.#changed(await this.#loader.reindex(now, run));
      },
      options,
    );
  }

  /**
   * Does what a crash, another embedder or a lost index has left to do, in all scopes, one source
   * after the other: finishes ingests whose text is all kept, embeds again what the passage store
   * does not hold. A failure is logged and tried again the next time. Resolves with how many sources
   * were mended.
   */
  async resume(signal?: AbortSignalLike): Promise<number> {
    let mended = 0;
    for (const scope of await this.#catalog.scopes()) {
      for (const { state, source, read, rework } of await this.#catalog.all(scope)) {
        if (signal?.aborted) return mended;
        const unfinished = state === "loading" && read;
        try {
          const stale = rework !== undefined || !(await this.#isIndexed(source));
          if (!unfinished && !(state === "ready" && stale)) continue;
          this.#parts.logger.info("a data source is being prepared for searching again", {
            source: source.id,
            scope,
            passages: source.passages,
          });
          await this.#runs.join(
            `${scope}/${source.id}`,
            async (stop, tell) =>
              this.#changed(await this.#loader.reindex(source, { signal: stop, tell })),
            signal ? { signal } : {},
          );
          mended += 1;
        } catch (error) {
          if (signal?.aborted) return mended;
          const fields = { source: source.id, scope, error };
          this.#parts.logger.warn("A data source could not be brought up to date yet.", fields);
        }
      }
    }
    return mended;
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
    return (await this.list(scope, place)).find((source) => source.name.toLowerCase() === wanted);
  }

  /** A source with its documents, failures and first passages. Undefined: no such source. */
  async show(scope: string, id: string, passages = 3): Promise<SourceView | undefined> {
    const source = await this.get(scope, id);
    if (!source) return undefined;
    const first = await this.#parts.passages.page(source.owner, 0, passages);
    const stale = source.embedder !== this.#parts.embedder.name;
    return { source, documents: documentsOf(source), first, stale };
  }

  /** Undefined: no such source. Fails with `source_name_taken`. Quotes go on naming the file. */
  rename(scope: string, id: string, name: string): Promise<DataSource | undefined> {
    return this.#lifecycle.rename(scope, id, sourceName(name));
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
    const source = await this.get(scope, id);
    const deleted = await this.#lifecycle.delete(scope, id);
    if (source) this.#changed(source);
    return deleted;
  }

  async #fetch(url: string, signal: AbortSignalLike | undefined): Promise<IncomingDocument> {
    if (!this.#parts.pages) {
      throw new DocumentError("file_forbidden", "Web pages are not fetched by this bot.");
    }
    const page = await this.#parts.pages.fetchPage(url, signal ? { signal } : {});
    return { name: page.name, bytes: page.bytes, url };
  }

  async #wanted(scope: string, id: string): Promise<DataSource> {
    const source = await this.get(scope, id);
    if (source) return source;
    throw new DocumentError("source_unknown", "There is no such data source any more.", {
      next: "`/sources list` shows what there is.",
    });
  }

  #changed(source: DataSource): DataSource {
    this.#parts.onChanged?.(source.owner);
    return source;
  }

  /** Each content once, with its hash. */
  #distinct(files: readonly IncomingDocument[]): (IncomingDocument & { sha256: string })[] {
    const { hash } = this.#parts;
    const all = files.map((file) => ({ ...file, sha256: hash.sha256(file.bytes) }));
    return [...new Map(all.reverse().map((file) => [file.sha256, file])).values()].reverse();
  }

  #contentOf(files: readonly { sha256: string }[]): string {
    const [only, ...others] = files;
    if (only && others.length === 0) return only.sha256;
    const hashes = files.map((file) => file.sha256).sort();
    return this.#parts.hash.sha256(hashes.join("\n"));
  }

  /** The source of that content, whatever embedder it was made with. */
  async #find(scope: string, sha256: string): Promise<DataSource | undefined> {
    const same = (await this.list(scope)).filter((source) => source.sha256 === sha256);
    return same.find((source) => source.embedder === this.#parts.embedder.name) ?? same[0];
  }

  #idOf(sha256: string): string {
    return this.#parts.hash.sha256(`${sha256}\n${this.#parts.embedder.name}`).slice(0, 16);
  }

  async #isIndexed({ owner, passages, embedder }: DataSource): Promise<boolean> {
    if (embedder !== this.#parts.embedder.name) return false;
    return (await this.#parts.passages.count(owner)) === passages;
  }
}
