/**
 * One reading process and the files that wait for it: started when needed, confined where Node can,
 * replaced when a file has killed it, let go when nothing comes. One file at a time, in order.
 */
import { type AbortSignalLike, throwIfAborted } from "../../shared/abort.ts";
import type { Logger } from "../../shared/logger.ts";
import { ReadingChild } from "./reading-child.ts";
import { noReaderError } from "./reading-errors.ts";
import type { ReadingLimits } from "./reading-limits.ts";

/** A process that has grown this large is replaced before the next file. */
const RECYCLE_RSS = 320 * 1024 * 1024;

export class ReadingLane {
  readonly #limits: ReadingLimits;
  readonly #logger: Logger;
  #child: Promise<ReadingChild> | undefined;
  #current: ReadingChild | undefined;
  /** Settles when the last file that was accepted is done with. */
  #lastTurn: Promise<void> = Promise.resolve();
  #accepted = 0;
  #hardened = true;
  #closed = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(limits: ReadingLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** Files being read or waiting. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Id of the process, while there is one. */
  get pid(): number | undefined {
    return this.#current?.alive ? this.#current.pid : undefined;
  }

  /** Starts the process ahead of the first file. Never rejects. */
  async warm(): Promise<void> {
    try {
      await this.#liveChild();
    } catch {
      // Told in the log; the first file tries again and tells the person.
    }
    this.#restIfIdle();
  }

  /** Does `work` when all earlier turns have ended; rejects with the signal's reason. */
  async turn<T>(signal: AbortSignalLike | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#lastTurn;
    let release = (): void => {};
    this.#lastTurn = new Promise((resolve) => {
      release = resolve;
    });
    this.#accepted += 1;
    try {
      await orAborted(before, signal);
      return await work();
    } finally {
      this.#accepted -= 1;
      // Whoever gave up waiting still hands on the turn in order.
      void before.then(release);
      this.#restIfIdle();
    }
  }

  /** A process that can be given a file. Within a turn. Fails with a `DocumentError`. */
  async child(): Promise<ReadingChild> {
    try {
      return await this.#liveChild();
    } catch (error) {
      throw noReaderError(error);
    }
  }

  /** Replaces a process that has grown to `rss` bytes, if that is too much. */
  outgrown(child: ReadingChild, rss: number): void {
    if (rss > RECYCLE_RSS) child.kill();
  }

  /** Ends the process; a file being read fails. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    const child = await this.#child?.catch(() => undefined);
    await child?.stop();
  }

  /** The living process, or a new one. Callers queue on one another, so that one starts it. */
  #liveChild(): Promise<ReadingChild> {
    const start = (): Promise<ReadingChild> => this.#start();
    this.#child = this.#child
      ? this.#child.then((child) => (child.alive ? child : start()), start)
      : start();
    return this.#child;
  }

  async #start(): Promise<ReadingChild> {
    if (this.#closed) throw new Error("The reader was closed.");
    try {
      this.#current = await ReadingChild.start(this.#hardened);
      return this.#current;
    } catch (error) {
      if (!this.#hardened) {
        this.#logger.error("The reading process does not start.", { error });
        throw error;
      }
      this.#logger.warn("The reading process does not start confined; trying without.", { error });
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
  throwIfAborted(signal);
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
