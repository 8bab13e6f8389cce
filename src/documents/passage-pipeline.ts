/**
 * Pages in, searchable passages out: keeps each page's text, splits it, embeds and stores the
 * passages while later pages are still being read. Bounded: a few batches are under way at a time,
 * and splitting pauses between slices so that other channels go on. Decides nothing about records.
 */
import type { Embedder, Passage, PassageStore, TokenCounter } from "../memgpt/ports.ts";
import { type AbortSignalLike, throwIfAborted } from "../shared/abort.ts";
import { StoreError } from "../shared/errors.ts";
import type { DocumentPage } from "./ports.ts";
import { type PagePassage, splitPage } from "./split-pages.ts";

export interface PipelineParts {
  tokens: TokenCounter;
  embedder: Embedder;
  passages: PassageStore;
  /** Lets other work run; awaited between slices. */
  breathe: () => Promise<void>;
}

export interface PipelineTarget {
  owner: string;
  /** Name of the data source, as quotes give it. */
  source: string;
  created_at: number;
  /** Makes the pages' text durable; absent when it is already. */
  keepText?: (pages: readonly DocumentPage[]) => Promise<void>;
}

/** What line ends mean on a page, and whether quotes name it. */
export interface PageLayout {
  keepLines: boolean;
  numbered: boolean;
}

export interface PipelineCounts {
  passages_done: number;
  passages_total: number;
}

const BATCH = 64;
const BATCHES_UNDER_WAY = 4;
/** Passages cut between two pauses: some 5 ms of token counting. */
const SLICE = 16;

export class PassagePipeline {
  readonly #parts: PipelineParts;
  readonly #target: PipelineTarget;
  readonly #signal: AbortSignalLike;
  readonly #onStored: (counts: PipelineCounts) => void;
  readonly #cuts: Generator<Passage>[] = [];
  readonly #ids = new Set<string>();
  #pages: DocumentPage[] = [];
  #ready: Passage[] = [];
  #stored = 0;
  #underWay = 0;
  #ended = false;
  #failure: { error: unknown } | undefined;
  /** Upserts follow each other, so that the store pages passages in reading order. */
  #lastUpsert: Promise<unknown> = Promise.resolve();
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

  /** Takes the next page. */
  add(page: DocumentPage, layout: PageLayout): void {
    if (this.#target.keepText) this.#pages.push(page);
    const cut = splitPage(page, { tokens: this.#parts.tokens, keepLines: layout.keepLines });
    this.#cuts.push(this.#passagesOf(cut, layout.numbered));
    this.#wake();
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
      while (await this.#step());
    } finally {
      this.#signal.removeEventListener("abort", onAbort);
      while (this.#underWay > 0) await this.#news();
    }
    if (this.#failure) throw this.#failure.error;
    await this.#keepText();
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

  *#passagesOf(cut: Generator<PagePassage>, numbered: boolean): Generator<Passage, undefined> {
    const { source, created_at } = this.#target;
    for (const { page, index, text } of cut) {
      const id = `${page}-${index}`;
      this.#ids.add(id);
      yield { id, text, created_at, source, ...(numbered ? { page } : {}) };
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
    const texts = batch.map((passage) => passage.text);
    const [vectors] = await Promise.all([
      this.#parts.embedder.embed(texts, this.#signal),
      this.#keepText(),
    ]);
    await before;
    // A batch before this one has failed: what is stored stays a prefix of the document.
    if (this.#failure) return;
    throwIfAborted(this.#signal);
    if (vectors.length !== batch.length) {
      throw new StoreError("store_corrupt", "The embedder did not give one vector per passage.");
    }
    await this.#parts.passages.upsert(this.#target.owner, batch, vectors);
    this.#stored += batch.length;
    this.#onStored({ passages_done: this.#stored, passages_total: this.#ids.size });
  }

  async #keepText(): Promise<void> {
    const pages = this.#pages;
    this.#pages = [];
    if (pages.length > 0) await this.#target.keepText?.(pages);
  }

  /** Resolves at the next `#wake`. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
