/**
 * The work behind a data source: a file's pages go through the pipeline while they are read, their
 * text is kept, and the record is finished at the end. Decides neither whether to work nor for whom.
 */
import type { Embedder, PassageStore, StateStore, TokenCounter } from "../memgpt/ports.ts";
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { cleanText } from "./clean-text.ts";
import { type DataSource, type IngestProgress, pageKey, passageOwner } from "./data-source.ts";
import { ProgressTeller } from "./ingest-progress.ts";
import { firstLine, sourceName } from "./names.ts";
import { type PageLayout, PassagePipeline } from "./passage-pipeline.ts";
import type { DocumentPage, DocumentReader, ReadDocument } from "./ports.ts";
import type { SourceLifecycle } from "./source-lifecycle.ts";

export interface IngestRequest {
  scope: string;
  /** The place where the file was posted; the source is seen there. */
  place: string;
  file: { name: string; bytes: Uint8Array };
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

const FAILURES_KEPT = 100;
const ROWS_AT_ONCE = 64;

export class SourceLoader {
  readonly #parts: LoaderParts;
  readonly #lifecycle: SourceLifecycle;

  constructor(parts: LoaderParts, lifecycle: SourceLifecycle) {
    this.#parts = parts;
    this.#lifecycle = lifecycle;
  }

  /** Reads, splits, embeds and stores a file. Fails as its parts do, and then leaves nothing. */
  async load(
    id: string,
    sha256: string,
    { scope, place, file }: IngestRequest,
    run: LoadRun,
  ): Promise<DataSource> {
    const embedder = this.#parts.embedder.name;
    const source = await this.#lifecycle.reserve({
      ...{ id, scope, places: [place], published: false, name: sourceName(file.name) },
      ...{ kind: "text", sha256, owner: passageOwner(scope, sha256, embedder), embedder },
      ...{ passages: 0, pages: 0, bytes: file.bytes.length, failures: [], failed_pages: 0 },
      ...{ created_at: this.#parts.clock.now(), description: "" },
    });
    return this.#lifecycle.orRemove(source, async () => {
      const progress = new ProgressTeller(run.tell);
      let noted: Promise<void> | undefined;
      const keepText = async (pages: readonly DocumentPage[]): Promise<void> => {
        noted ??= this.#lifecycle.notePages(source, progress.pages_total);
        await noted;
        await this.#parts.store.setMany(
          pages.map((page) => [pageKey(scope, sha256, page.number), page.text]),
        );
      };
      const { result, ids } = await this.#pump(
        source,
        run.signal,
        progress,
        keepText,
        (pipeline, stop) => this.#read(file, pipeline, stop, progress),
      );
      return this.#finish(ids, {
        ...source,
        kind: result.kind,
        pages: result.page_count,
        failures: result.failures.slice(0, FAILURES_KEPT),
        failed_pages: result.failures.length,
        description: describe(result),
      });
    });
  }

  async #read(
    file: IngestRequest["file"],
    pipeline: PassagePipeline,
    signal: AbortSignalLike,
    progress: ProgressTeller,
  ): Promise<ReadDocument> {
    const document = await this.#parts.reader.read(file, {
      signal,
      onPage: (page, pageCount) => {
        progress.page(pageCount);
        // How a single page is laid out depends on the kind, which is known at the end.
        if (pageCount > 1) pipeline.add(page, layoutOf("pdf"));
      },
    });
    progress.allRead(document.page_count);
    const [only] = document.pages;
    if (document.page_count === 1 && only) pipeline.add(only, layoutOf(document.kind));
    return document;
  }

  /**
   * Embeds and stores the kept text again. `from` is the source as it was; if that is of another
   * embedder, a new one with the given id is made beside it.
   */
  async reindex(from: DataSource, id: string, run: LoadRun): Promise<DataSource> {
    const embedder = this.#parts.embedder.name;
    const work = async (source: DataSource): Promise<DataSource> => {
      const progress = new ProgressTeller(run.tell, source.pages);
      const { ids } = await this.#pump(source, run.signal, progress, undefined, (pipeline, stop) =>
        this.#readKept(source, pipeline, stop),
      );
      return this.#finish(ids, source);
    };
    if (from.embedder === embedder) return work(from);
    const source = await this.#lifecycle.reserve({
      ...from,
      ...{ id, embedder },
      owner: passageOwner(from.scope, from.sha256, embedder),
    });
    return this.#lifecycle.orRemove(source, () => work(source));
  }

  async #readKept(
    source: DataSource,
    pipeline: PassagePipeline,
    stop: AbortSignalLike,
  ): Promise<void> {
    for (let from = 1; from <= source.pages && !stop.aborted; from += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, source.pages - from + 1);
      const keys = Array.from({ length: count }, (_, i) =>
        pageKey(source.scope, source.sha256, from + i),
      );
      const texts = await this.#parts.store.getMany<string>(keys);
      for (const [i, text] of texts.entries()) {
        // A page that could not be read has no row.
        if (text !== undefined) pipeline.add({ number: from + i, text }, layoutOf(source.kind));
      }
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
    keepText: ((pages: readonly DocumentPage[]) => Promise<void>) | undefined,
    feed: (pipeline: PassagePipeline, stop: AbortSignalLike) => Promise<T>,
  ): Promise<{ result: T; ids: ReadonlySet<string> }> {
    const { tokens, embedder, passages, breathe } = this.#parts;
    const stop = new AbortSource();
    const onAbort = (): void => stop.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const pipeline = new PassagePipeline(
      { tokens, embedder, passages, breathe: breathe ?? (() => Promise.resolve()) },
      {
        ...{ owner: source.owner, source: source.name, created_at: source.created_at },
        ...(keepText ? { keepText } : {}),
      },
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

/** The first line of the first page that has text. */
function describe(document: ReadDocument): string {
  const text = document.pages.find((page) => /\S/.test(page.text))?.text ?? "";
  return firstLine(cleanText(text.slice(0, 4000)));
}

/** Line ends mean something in text and Markdown; a quote names the page only of a PDF. */
function layoutOf(kind: ReadDocument["kind"]): PageLayout {
  return { keepLines: kind !== "pdf", numbered: kind === "pdf" };
}
