/**
 * Reads PDFs with pdf-parse, in a warm process of its own that is killed and replaced when a file
 * asks too much of it. One file at a time, the others wait in order. Knows nothing of other formats.
 */
import type {
  DocumentPage,
  DocumentReader,
  PageFailure,
  ReadDocument,
} from "../../documents/ports.ts";
import { type AbortSignalLike, throwIfAborted } from "../../shared/abort.ts";
import type { Logger } from "../../shared/logger.ts";
import { PdfChild } from "./pdf-child.ts";
import {
  allPagesFailedError,
  emptyError,
  noReaderError,
  pdfError,
  queueFullError,
  scannedError,
  tooLargeError,
} from "./pdf-errors.ts";
import { PDF_LIMITS, type PdfLimits } from "./pdf-limits.ts";

export interface PdfDocumentReaderOptions {
  logger: Logger;
  limits?: Partial<PdfLimits>;
}

type ReadOptions = NonNullable<Parameters<DocumentReader["read"]>[1]>;

/** A process that has grown this large is replaced before the next file. */
const RECYCLE_RSS = 320 * 1024 * 1024;

export class PdfDocumentReader implements DocumentReader {
  readonly #limits: PdfLimits;
  readonly #logger: Logger;
  #child: Promise<PdfChild> | undefined;
  #current: PdfChild | undefined;
  /** Settles when the last file that was accepted is done with. */
  #lastTurn: Promise<void> = Promise.resolve();
  #accepted = 0;
  #hardened = true;
  #closed = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: PdfDocumentReaderOptions) {
    this.#limits = { ...PDF_LIMITS, ...options.limits };
    this.#logger = options.logger;
  }

  /**
   * Starts the process ahead of the first file (some 0.3 s of CPU and 100 MB while it lives). Never
   * rejects; it is let go again when nothing comes.
   */
  async warm(): Promise<void> {
    try {
      await this.#liveChild();
    } catch {
      // Told in the log; the first file tries again and tells the person.
    }
    this.#restIfIdle();
  }

  /** Id of the reading process, while there is one. */
  get pid(): number | undefined {
    return this.#current?.alive ? this.#current.pid : undefined;
  }

  async read(
    file: { name: string; bytes: Uint8Array },
    options: ReadOptions = {},
  ): Promise<ReadDocument> {
    throwIfAborted(options.signal);
    this.#checkSize(file.bytes.length);
    if (this.#accepted > this.#limits.max_waiting) throw queueFullError();
    const before = this.#lastTurn;
    let release = (): void => {};
    this.#lastTurn = new Promise((resolve) => {
      release = resolve;
    });
    this.#accepted += 1;
    try {
      await orAborted(before, options.signal);
      return await this.#readNow(file.bytes, options);
    } finally {
      this.#accepted -= 1;
      // Whoever gave up waiting still hands on the turn in order.
      void before.then(release);
      this.#restIfIdle();
    }
  }

  /** Ends the process; files being read fail. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    const child = await this.#child?.catch(() => undefined);
    await child?.stop();
  }

  #checkSize(length: number): void {
    if (length === 0) throw emptyError("it has no bytes");
    if (length > this.#limits.max_bytes) throw tooLargeError(this.#limits);
  }

  async #readNow(bytes: Uint8Array, options: ReadOptions): Promise<ReadDocument> {
    const child = await this.#liveChild().catch((error: unknown) => {
      throw noReaderError(error);
    });
    throwIfAborted(options.signal);
    const pages: DocumentPage[] = [];
    const failures: PageFailure[] = [];
    let page_count = 0;
    const onAbort = (): void => child.kill();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const outcome = await child
      .read({ bytes, ...this.#limits }, (message) => {
        if (message.type === "opened") {
          page_count = message.pages;
        } else if (message.type === "page_failed") {
          failures.push({ number: message.number, reason: message.reason });
        } else {
          const page = { number: message.number, text: message.text };
          pages.push(page);
          if (!options.signal?.aborted) options.onPage?.(page, page_count);
        }
      })
      .finally(() => options.signal?.removeEventListener("abort", onAbort));
    throwIfAborted(options.signal);
    if (outcome.type !== "done") {
      this.#logger.info("A PDF was not read.", {
        ...{ bytes: bytes.length, outcome: outcome.type },
        reason: outcome.type === "died" ? outcome.detail : outcome.reason,
      });
      throw pdfError(outcome, this.#limits);
    }
    if (outcome.rss > RECYCLE_RSS) child.kill();
    if (failures.length > 0 && pages.length === 0) {
      throw allPagesFailedError(page_count, failures[0]?.reason ?? "");
    }
    if (page_count === 0) throw emptyError("it has no pages");
    if (!pages.some((page) => /\S/.test(page.text))) throw scannedError(page_count);
    return { kind: "pdf", pages, page_count, failures };
  }

  /** The living process, or a new one. Callers queue on one another, so that one starts it. */
  #liveChild(): Promise<PdfChild> {
    const start = (): Promise<PdfChild> => this.#start();
    this.#child = this.#child
      ? this.#child.then((child) => (child.alive ? child : start()), start)
      : start();
    return this.#child;
  }

  async #start(): Promise<PdfChild> {
    if (this.#closed) throw new Error("The PDF reader was closed.");
    try {
      this.#current = await PdfChild.start(this.#hardened);
      return this.#current;
    } catch (error) {
      if (!this.#hardened) {
        this.#logger.error("The PDF reading process does not start.", { error });
        throw error;
      }
      this.#logger.warn("The PDF reading process does not start confined; trying without.", {
        error,
      });
      this.#hardened = false;
      return this.#start();
    }
  }

  #restIfIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#accepted > 0 || !this.#child) return;
    this.#idleTimer = setTimeout(() => {
      const child = this.#child;
      this.#child = undefined;
      void child?.then((one) => one.stop()).catch(() => {});
    }, this.#limits.idle_ms);
    this.#idleTimer.unref();
  }
}

/** Waits for `turn`; rejects as soon as the signal is aborted. */
async function orAborted(turn: Promise<void>, signal: AbortSignalLike | undefined): Promise<void> {
  if (!signal) return turn;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
