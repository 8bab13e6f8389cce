/**
 * Keeps vectors of a log's rows in the `PassageStore`, behind the log: from a cursor, in batches,
 * under deterministic ids, so that a crash, an outage or another embedder only means catching up.
 * The log stays the truth; nothing here is needed to read it.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { errorCode } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import type { Embedder, Passage, PassageStore } from "./ports.ts";

/** How far the index has come. A cursor of another embedder counts for nothing. */
export interface IndexCursor {
  embedder: string;
  /** Rows below this one are indexed. */
  done: number;
}

/** Log rows per round of embedding and storing. */
export const INDEX_BATCH = 64;

export interface WriteBehindOptions {
  owner: string;
  passages: PassageStore;
  embedder: Embedder;
  logger: Logger;
  cursor: IndexCursor | undefined;
  /** Rows in the log now. */
  length: () => number;
  /** The passages of rows `from` to `to` (exclusive); rows without a passage are passed over. */
  read: (from: number, to: number) => Promise<readonly Passage[]>;
}

export class WriteBehindIndex {
  readonly #options: WriteBehindOptions;
  #done: number;
  #running: Promise<void> | undefined;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
    const { cursor, embedder } = options;
    this.#done = cursor?.embedder === embedder.name ? cursor.done : 0;
  }

  get cursor(): IndexCursor {
    return { embedder: this.#options.embedder.name, done: this.#done };
  }

  /** Rows not indexed yet. */
  get behind(): number {
    return Math.max(0, this.#options.length() - this.#done);
  }

  /**
   * Indexes at most `batches` batches. Rejects with the embedder's or store's error; what was done
   * until then stands. Callers that come while one runs wait for it and then do the rest.
   */
  async catchUp(batches: number, signal?: AbortSignalLike): Promise<void> {
    for (let i = 0; i < batches && this.behind > 0; i += 1) {
      this.#running ??= this.#batch(signal).finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  /** `catchUp` in the background: a failure is logged, and made good the next time. */
  start(batches: number): void {
    this.catchUp(batches).catch((cause: unknown) => this.logFailure(cause));
  }

  logFailure(cause: unknown): void {
    const { owner, logger } = this.#options;
    logger.warn("the passage index is behind its log", {
      owner,
      behind: this.behind,
      code: errorCode(cause),
      cause,
    });
  }

  async #batch(signal: AbortSignalLike | undefined): Promise<void> {
    const { owner, passages, embedder, read, length } = this.#options;
    const from = this.#done;
    const to = Math.min(from + INDEX_BATCH, length());
    const batch = await read(from, to);
    if (batch.length > 0) {
      const vectors = await embedder.embed(
        batch.map((passage) => passage.text),
        signal,
      );
      await passages.upsert(owner, batch, vectors);
    }
    this.#done = to;
  }
}
