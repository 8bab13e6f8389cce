/**
 * Pages in, searchable passages out: keeps each page's text, splits it, embeds and stores the
 * passages while later pages are still being read. Bounded: a few batches are under way at a time,
 * and splitting pauses between slices so that other channels go on. Decides nothing about records.
 */
import type { Embedder, Passage, PassageStore, TokenCounter } from "../memgpt/ports.ts";
import { type AbortSignalLike, throwIfAborted } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { ModelError, StoreError } from "../shared/errors.ts";
import { HeadingTrail } from "./headings.ts";
import type { KnownPassages } from "./known-passages.ts";
import { layoutOf } from "./layouts.ts";
import type { DocumentKind, DocumentPage } from "./ports.ts";
import { RunningLines } from "./running-lines.ts";
import { splitPage } from "./split-pages.ts";

export interface PipelineParts {
  tokens: TokenCounter;
  embedder: Embedder;
  passages: PassageStore;
  clock: Clock;
  /** Lets other work run; awaited between slices. */
  breathe: () => Promise<void>;
}

export interface PipelineTarget {
  owner: string;
  created_at: number;
  /** Passages that need not be embedded again; looked up while the first pages are read. */
  known: Promise<KnownPassages>;
  /** Makes the text of pages durable, by row; absent when it is already. */
  keepText?: (rows: readonly KeptPage[]) => Promise<void>;
}

/** A page's text under its row. */
export type KeptPage = readonly [row: number, text: string];

/** One of the documents that the passages are made of. */
export interface PipelineDocument {
  /** As quotes give it. */
  name: string;
  kind: DocumentKind;
  /** Row of its first page. */
  first: number;
  link?: string;
}

/** Takes a document's pages in order; another one only after `end`. */
export interface DocumentInlet {
  add(page: DocumentPage): void;
  end(): void;
}

export interface PipelineCounts {
  passages_done: number;
  passages_total: number;
}

const BATCH = 64;
const BATCHES_UNDER_WAY = 4;
/** Waits for an embedder that is over its rate or gone: 1 s, doubled up to 32 s, a minute in all. */
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 32_000;
const PASSING: ReadonlySet<string> = new Set(["rate_limited", "unavailable", "timeout"]);
const ANY_TEXT = "text";
/** Passages cut between two pauses: some 5 ms of token counting. */
const SLICE = 16;

export class PassagePipeline {
  readonly #parts: PipelineParts;
  readonly #target: PipelineTarget;
  readonly #signal: AbortSignalLike;
  readonly #onStored: (counts: PipelineCounts) => void;
  readonly #cuts: Generator<Passage>[] = [];
  readonly #ids = new Set<string>();
  #pages: KeptPage[] = [];
  #ready: Passage[] = [];
  #stored = 0;
  #underWay = 0;
  #ended = false;
  #failure: { error: unknown } | undefined;
  /** Upserts follow each other, so that the store pages passages in reading order. */
  #lastUpsert: Promise<unknown> = Promise.resolve();
  /** Settles when the embedder may be asked again. */
  #cooling: Promise<void> = Promise.resolve();
  #lastKept: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(
    parts: PipelineParts,
    target: PipelineTarget,
    signal: AbortSignalLike,
    onStored: (counts: PipelineCounts) => void,
  ) {
    this.#parts = parts;
    this.#target = target;
    this.#signal = signal;
    this.#onStored = onStored;
  }

  /** Opens the next document. */
  document(document: PipelineDocument): DocumentInlet {
    const trail = new HeadingTrail();
    const running = document.kind === "pdf" ? new RunningLines() : undefined;
    const cut = (page: DocumentPage): void => {
      this.#cuts.push(this.#passagesOf(page, document, trail));
    };
    return {
      add: (page) => {
        if (this.#target.keepText) this.#pages.push([rowOf(document, page), page.text]);
        for (const ready of running?.add(page) ?? [page]) cut(ready);
        this.#wake();
      },
      end: () => {
        for (const ready of running?.end() ?? []) cut(ready);
        this.#wake();
      },
    };
  }

  /** No page will follow. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Makes `run` fail with `error`. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /**
   * Resolves with the ids of all passages once they and the pages' texts are durable. Rejects with
   * the first failure or the signal's reason, when no write is under way any more.
   */
  async run(): Promise<ReadonlySet<string>> {
    const onAbort = (): void => this.#wake();
    this.#signal.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#parts.breathe();
      // The first count loads the counter's tables, which is then done before there is a page.
      this.#parts.tokens.count(ANY_TEXT);
      while (await this.#step());
    } finally {
      this.#signal.removeEventListener("abort", onAbort);
      while (this.#underWay > 0) await this.#news();
    }
    if (this.#failure) throw this.#failure.error;
    await this.keepText();
    return this.#ids;
  }

  /** One decision: start a batch, wait for news, or end (false). */
  async #step(): Promise<boolean> {
    throwIfAborted(this.#signal);
    if (this.#failure) return false;
    await this.#fill();
    // A page that came while the last one was being cut.
    if (this.#ready.length < BATCH && this.#cuts.length > 0) return true;
    const last = this.#ended && this.#cuts.length === 0;
    const worthIt = this.#ready.length >= BATCH || last || this.#underWay === 0;
    if (this.#ready.length > 0 && worthIt && this.#underWay < BATCHES_UNDER_WAY) {
      this.#start(this.#ready.splice(0, BATCH));
      return true;
    }
    if (last && this.#ready.length === 0 && this.#underWay === 0) return false;
    await this.#news();
    return true;
  }

  /** Cuts waiting pages until a batch is ready. */
  async #fill(): Promise<void> {
    let sincePause = 0;
    while (this.#ready.length < BATCH) {
      const cut = this.#cuts[0];
      if (!cut) return;
      const { done, value } = cut.next();
      if (done) {
        this.#cuts.shift();
        continue;
      }
      this.#ready.push(value);
      sincePause += 1;
      if (sincePause % SLICE === 0) await this.#parts.breathe();
    }
  }

  *#passagesOf(
    page: DocumentPage,
    document: PipelineDocument,
    trail: HeadingTrail,
  ): Generator<Passage, undefined> {
    const { name: source, kind, link } = document;
    const options = { tokens: this.#parts.tokens, layout: layoutOf(kind), trail };
    for (const { index, text, heading } of splitPage(page, options)) {
      const id = `${rowOf(document, page)}-${index}`;
      this.#ids.add(id);
      yield {
        ...{ id, text, created_at: this.#target.created_at, source },
        // Only a PDF's pages are those that a reader would look up.
        ...(kind === "pdf" ? { page: page.number } : {}),
        ...(heading === undefined ? {} : { heading }),
        ...(link === undefined ? {} : { link }),
      };
    }
    return undefined;
  }

  #start(batch: Passage[]): void {
    this.#underWay += 1;
    const before = this.#lastUpsert;
    const work = this.#embedAndStore(batch, before);
    this.#lastUpsert = work.catch(() => {});
    work
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.#underWay -= 1;
        this.#wake();
      });
  }

  async #embedAndStore(batch: readonly Passage[], before: Promise<unknown>): Promise<void> {
    const known = await this.#target.known;
    const fresh = batch.filter((passage) => !known.has(passage));
    const texts = fresh.map((passage) => passage.text);
    const [vectors] = await Promise.all([
      texts.length > 0 ? this.#embed(texts) : [],
      this.keepText(),
    ]);
    await before;
    // A batch before this one has failed: what is stored stays a prefix of the document.
    if (this.#failure) return;
    throwIfAborted(this.#signal);
    if (vectors.length !== fresh.length) {
      throw new StoreError("store_corrupt", "The embedder did not give one vector per passage.");
    }
    if (fresh.length > 0) {
      await this.#parts.passages.upsert(this.#target.owner, fresh, vectors);
    }
    this.#stored += batch.length;
    this.#onStored({ passages_done: this.#stored, passages_total: this.#ids.size });
  }

  /** The embedder has its own quick retries; here it is given time to recover, all batches at once. */
  async #embed(texts: readonly string[]): Promise<number[][]> {
    for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
      await this.#cooling;
      try {
        return await this.#parts.embedder.embed(texts, this.#signal);
      } catch (error) {
        const passes = error instanceof ModelError && PASSING.has(error.code);
        if (!passes || wait > LAST_WAIT_MS || this.#failure) throw error;
        this.#cooling = this.#parts.clock.sleep(wait, this.#signal);
        this.#cooling.catch(() => {});
      }
    }
  }

  /** Makes the text of all pages that came in durable. */
  keepText(): Promise<void> {
    const pages = this.#pages;
    this.#pages = [];
    if (pages.length > 0) {
      const before = this.#lastKept;
      this.#lastKept = before.then(() => this.#target.keepText?.(pages));
      // Whoever waits for it is told; nobody may be waiting yet.
      this.#lastKept.catch(() => {});
    }
    return this.#lastKept;
  }

  /** Resolves at the next `#wake`. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function rowOf(document: PipelineDocument, page: DocumentPage): number {
  return document.first + page.number - 1;
}
