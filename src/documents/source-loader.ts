/**
 * The work behind a data source: the pages of its files go through the pipeline while they are read,
 * their text is kept, and the record is finished at the end. Decides neither whether to work nor for
 * whom.
 */
import type { Embedder, PassageStore, StateStore, TokenCounter } from "../memgpt/ports.ts";
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import {
  type DataSource,
  documentsOf,
  type IngestProgress,
  pageKey,
  passageOwner,
} from "./data-source.ts";
import { ProgressTeller } from "./ingest-progress.ts";
import { KnownPassages } from "./known-passages.ts";
import { sourceName } from "./names.ts";
import { type KeptPage, PassagePipeline } from "./passage-pipeline.ts";
import type { DocumentReader } from "./ports.ts";
import { type IncomingDocument, readDocuments } from "./read-documents.ts";
import type { SourceLifecycle } from "./source-lifecycle.ts";
import { SPLITTER_VERSION } from "./split-pages.ts";

export interface LoadRequest {
  scope: string;
  /** The place where the files were posted; the source is seen there. */
  place: string;
  /** Wanted name; that of the first file if absent. One that is taken is refused. */
  name?: string;
  files: readonly IncomingDocument[];
}

export interface LoaderParts {
  reader: DocumentReader;
  tokens: TokenCounter;
  embedder: Embedder;
  passages: PassageStore;
  store: StateStore;
  clock: Clock;
  logger: Logger;
  breathe?: () => Promise<void>;
}

export interface LoadRun {
  signal: AbortSignalLike;
  tell: (progress: IngestProgress) => void;
}

const ROWS_AT_ONCE = 64;

export class SourceLoader {
  readonly #parts: LoaderParts;
  readonly #lifecycle: SourceLifecycle;

  constructor(parts: LoaderParts, lifecycle: SourceLifecycle) {
    this.#parts = parts;
    this.#lifecycle = lifecycle;
  }

  /** Reads, splits, embeds and stores files. Fails as its parts do, and then leaves nothing. */
  async load(
    id: string,
    sha256: string,
    { scope, place, name, files }: LoadRequest,
    run: LoadRun,
  ): Promise<DataSource> {
    const embedder = this.#parts.embedder.name;
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const wanted: DataSource = {
      ...{ id, scope, places: [place], published: false },
      name: sourceName(name ?? files[0]?.name ?? ""),
      ...{ kind: "text", sha256, owner: passageOwner(scope, sha256, embedder), embedder, bytes },
      ...{ passages: 0, pages: 0, failures: [], failed_pages: 0, description: "" },
      ...{ created_at: this.#parts.clock.now(), splitter: SPLITTER_VERSION },
    };
    const source = await this.#lifecycle.reserve(wanted, name !== undefined);
    return this.#lifecycle.orRemove(source, () => this.#loadAs(source, files, run, true));
  }

  /**
   * Puts new content in the place of a source's old one. When that fails, the source is as it was,
   * as far as the stores allow.
   */
  async replace(
    from: DataSource,
    sha256: string,
    files: readonly IncomingDocument[],
    run: LoadRun,
  ): Promise<DataSource> {
    await this.#lifecycle.noteRework(from);
    try {
      return await this.#loadAs({ ...from, sha256 }, files, run, false);
    } catch (error) {
      const quiet = { signal: new AbortSource().signal, tell: () => {} };
      await this.reindex(from, quiet).catch((cause: unknown) => {
        // Its record says so; `resume` tries again.
        this.#parts.logger.warn("A data source could not be put back as it was yet.", {
          ...{ source: from.id, scope: from.scope, error: cause },
        });
      });
      throw error;
    }
  }

  async #loadAs(
    source: DataSource,
    files: readonly IncomingDocument[],
    run: LoadRun,
    isNew: boolean,
  ): Promise<DataSource> {
    const { reader, store } = this.#parts;
    const { scope, sha256 } = source;
    const progress = new ProgressTeller(run.tell);
    let noted = isNew ? 0 : -1;
    const keepText = async (rows: readonly KeptPage[]): Promise<void> => {
      const last = Math.max(...rows.map(([row]) => row));
      if (last > noted) {
        noted = Math.max(last, progress.pages_total);
        await this.#lifecycle.notePages(source, noted);
      }
      await store.setMany(rows.map(([row, text]) => [pageKey(scope, sha256, row), text]));
    };
    const { result, ids } = await this.#pump(
      ...([source, run.signal, progress, keepText] as const),
      async (pipeline, signal) => {
        const read = await readDocuments(files, { reader, pipeline, progress, signal });
        const full: DataSource = { ...source, ...read };
        await pipeline.keepText();
        if (isNew) await this.#lifecycle.noteRead(full);
        return full;
      },
    );
    return this.#finish(ids, result);
  }

  /**
   * Makes the passages anew from the kept text, under this service's embedder and splitter; those
   * that are there already are not embedded again.
   */
  async reindex(source: DataSource, run: LoadRun): Promise<DataSource> {
    await this.#lifecycle.noteRework(source);
    const progress = new ProgressTeller(run.tell, source.pages);
    const { ids } = await this.#pump(source, run.signal, progress, undefined, (pipeline, stop) =>
      this.#readKept(source, pipeline, stop),
    );
    return this.#finish(ids, { ...source, splitter: SPLITTER_VERSION });
  }

  async #readKept(
    source: DataSource,
    pipeline: PassagePipeline,
    stop: AbortSignalLike,
  ): Promise<void> {
    for (const document of documentsOf(source)) {
      const inlet = pipeline.document(document);
      const end = document.first + document.pages;
      for (let from = document.first; from < end && !stop.aborted; from += ROWS_AT_ONCE) {
        const count = Math.min(ROWS_AT_ONCE, end - from);
        const keys = Array.from({ length: count }, (_, i) =>
          pageKey(source.scope, source.sha256, from + i),
        );
        const texts = await this.#parts.store.getMany<string>(keys);
        for (const [i, text] of texts.entries()) {
          // A page that could not be read has no row.
          if (text !== undefined) inlet.add({ number: from + i - document.first + 1, text });
        }
      }
      inlet.end();
    }
  }

  /**
   * Lets `feed` fill a pipeline while it runs. The failure of one stops the other; both have ended
   * when this settles.
   */
  async #pump<T>(
    source: DataSource,
    signal: AbortSignalLike,
    progress: ProgressTeller,
    keepText: ((rows: readonly KeptPage[]) => Promise<void>) | undefined,
    feed: (pipeline: PassagePipeline, stop: AbortSignalLike) => Promise<T>,
  ): Promise<{ result: T; ids: ReadonlySet<string> }> {
    const { tokens, embedder, passages, breathe, clock } = this.#parts;
    const { owner, created_at } = source;
    const known = KnownPassages.of(passages, owner);
    // The pipeline is told, when it has something to store; until then nobody waits for it.
    known.catch(() => {});
    const stop = new AbortSource();
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const pipeline = new PassagePipeline(
      { tokens, embedder, passages, clock, breathe: breathe ?? (() => Promise.resolve()) },
      { owner, created_at, known, ...(keepText ? { keepText } : {}) },
      stop.signal,
      (counts) => progress.stored(counts),
    );
    const feeding = feed(pipeline, stop.signal).then(
      (result) => {
        pipeline.end();
        return result;
      },
      (error: unknown) => {
        pipeline.fail(error);
        throw error;
      },
    );
    const storing = pipeline.run().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
    try {
      await Promise.allSettled([feeding, storing]);
      const [result, ids] = await Promise.all([feeding, storing]);
      return { result, ids };
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #finish(ids: ReadonlySet<string>, source: DataSource): Promise<DataSource> {
    const finished = await this.#lifecycle.finish(source, ids);
    this.#parts.logger.info("A data source is ready.", {
      ...{ source: finished.id, scope: finished.scope, pages: finished.pages },
      ...{ passages: finished.passages, failed_pages: finished.failed_pages },
    });
    return finished;
  }
}
