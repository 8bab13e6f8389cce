/**
 * Keeps one Chroma server running as a child for as long as the bot runs: starts it, restarts it
 * when it dies (with growing pauses), kills and restarts it when it no longer answers, stops it at
 * the end. Acknowledged writes survive all of these.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import { type ChromaAddress, type ChromaConnection, heartbeat } from "./chroma-connection.ts";
import { ChromaProcess } from "./chroma-process.ts";

export interface ChromaServerOptions {
  directory: string;
  logger: Logger;
  /** How long a start may take. Default 20 s. */
  ready_ms?: number;
  /** Pause between health checks. Default 5 s. */
  check_every_ms?: number;
  /** A health check fails after this long, twice in a row. Default 2 s. */
  heartbeat_ms?: number;
}

/** Before the first restart, the second, …; the last stands for all further ones. */
const PAUSES_MS = [0, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A run this long counts as healthy, and the pauses begin anew. */
const HEALTHY_RUN_MS = 60_000;
const SECOND_LOOK_MS = 200;

export class ChromaServer implements ChromaConnection {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #readyMs: number;
  readonly #heartbeatMs: number;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** undefined between two runs. */
  #process: ChromaProcess | undefined;
  #restarting: Promise<void> = Promise.resolve();
  #checking: Promise<void> | undefined;
  /** Restarts since the last healthy run. */
  #restarts = 0;

  private constructor(options: ChromaServerOptions) {
    this.#directory = options.directory;
    this.#logger = options.logger;
    this.#readyMs = options.ready_ms ?? 20_000;
    this.#heartbeatMs = options.heartbeat_ms ?? 2_000;
    this.#timer = setInterval(() => void this.suspect(), options.check_every_ms ?? 5_000);
    this.#timer.unref();
  }

  /** Resolves when the server answers. Fails with a `StoreError` that says why it did not start. */
  static async start(options: ChromaServerOptions): Promise<ChromaServer> {
    const server = new ChromaServer(options);
    try {
      await server.#launch(undefined);
    } catch (error) {
      clearInterval(server.#timer);
      throw error;
    }
    return server;
  }

  /** Process id of the child, for logs and tests; undefined between two runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async ready(limitMs: number): Promise<ChromaAddress> {
    if (!this.#process && !this.#stopping.signal.aborted) {
      const waiting = new AbortController();
      const limit = sleep(limitMs, undefined, { signal: waiting.signal }).catch(() => {});
      await Promise.race([this.#restarting, limit]);
      waiting.abort();
    }
    if (this.#process) return this.#process.address;
    throw new StoreError("store_unavailable", "The Chroma server is not running.", {
      why: this.#stopping.signal.aborted
        ? "The bot is stopping."
        : "It ended and is being restarted.",
      next: "Try again in a moment.",
    });
  }

  /** Looks twice, because a busy machine may be late once; then kills what does not answer. */
  suspect(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** Ends the child. May be called often. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#restarting;
    await this.#process?.stop();
    this.#process = undefined;
  }

  async #check(): Promise<void> {
    const looked = this.#process;
    if (!looked) return;
    if (await heartbeat(looked.address, this.#heartbeatMs)) return;
    await sleep(SECOND_LOOK_MS);
    if (this.#process !== looked || this.#stopping.signal.aborted) return;
    if (await heartbeat(looked.address, this.#heartbeatMs)) return;
    if (this.#process !== looked || this.#stopping.signal.aborted) return;
    this.#logger.warn("the Chroma server does not answer and is killed", { pid: looked.pid });
    await looked.kill();
  }

  async #launch(port: number | undefined): Promise<void> {
    const started = performance.now();
    const run = await ChromaProcess.start({
      directory: this.#directory,
      logger: this.#logger,
      ready_ms: this.#readyMs,
      signal: this.#stopping.signal,
      ...(port === undefined ? {} : { port }),
    });
    this.#process = run;
    const took_ms = Math.round(performance.now() - started);
    this.#logger.info("the Chroma server runs", { pid: run.pid, port: run.address.port, took_ms });
    const up = performance.now();
    void run.exited.then((how) => {
      if (this.#process !== run || this.#stopping.signal.aborted) return;
      this.#process = undefined;
      this.#logger.warn("the Chroma server ended and is restarted", { pid: run.pid, how });
      const healthy = performance.now() - up > HEALTHY_RUN_MS;
      this.#restarting = this.#restart(run.address.port, healthy);
    });
  }

  /** Goes on until the server runs or the bot stops; at most twice a minute in the long run. */
  async #restart(port: number, healthy: boolean): Promise<void> {
    if (healthy) this.#restarts = 0;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const pause = PAUSES_MS[Math.min(this.#restarts, PAUSES_MS.length - 1)] ?? 0;
      this.#restarts += 1;
      try {
        await sleep(pause, undefined, { signal, ref: false });
        await this.#launch(port);
        return;
      } catch (error) {
        if (!signal.aborted) this.#logger.error("the Chroma server did not start", { error });
      }
    }
  }
}
