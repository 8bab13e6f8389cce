/**
 * Every HTTP request that the bot makes by itself goes through here: bounded in time, never retried
 * unless the caller says that repeating is harmless, and failing with `DiscordError` only. The
 * library's own retries are off, because they post a webhook message twice when Discord stored
 * the first and answered badly.
 */
import { type RawFile, REST, type RouteLike } from "discord.js";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { DiscordError, errorFields, toDiscordError, unavailable } from "./discord-error.ts";

export interface DiscordRestOptions {
  token: string;
  /** Base URL without version; Discord's own when left out. */
  api?: string;
  clock: Clock;
  logger: Logger;
  /** How long one attempt waits for Discord to begin its answer. Default 15 s. */
  attempt_ms?: number;
  /** Called at each 401 that concerns the bot's token. */
  onTokenRefused: (error: DiscordError) => void;
}

export interface RestRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  route: RouteLike;
  body?: unknown;
  files?: RawFile[];
  query?: URLSearchParams;
  /** False where a webhook or interaction token in the route is what counts. */
  auth?: boolean;
  /** Repeating does no harm, so outages are retried. */
  idempotent: boolean;
}

/** One attempt, until Discord begins to answer. */
const ATTEMPT_MS = 15_000;
/** One attempt with all its waiting for rate limits, until the answer's last byte. */
const REQUEST_MS = 90_000;
/** A longer wait for a rate limit is a failure. */
const LONGEST_WAIT_MS = 60_000;
const RETRY_DELAYS_MS = [500, 1_500, 4_000];

export class DiscordRest {
  readonly #rest: REST;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onTokenRefused: (error: DiscordError) => void;
  readonly #inFlight = new Set<AbortController>();
  #clockOffset: number;
  #stopped = false;

  constructor(options: DiscordRestOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#onTokenRefused = options.onTokenRefused;
    this.#clockOffset = this.#offset();
    this.#rest = new REST({
      version: "10",
      retries: 0,
      timeout: options.attempt_ms ?? ATTEMPT_MS,
      rejectOnRateLimit: (limit) =>
        Math.max(limit.timeToReset, limit.retryAfter, limit.sublimitTimeout) > LONGEST_WAIT_MS,
      ...(options.api === undefined ? {} : { api: options.api }),
    }).setToken(options.token);
  }

  /**
   * Resolves with Discord's JSON answer, or undefined for an empty one. An answer that is not JSON
   * (a proxy's page) counts as `discord_unavailable`.
   */
  async request(request: RestRequest): Promise<unknown> {
    const delays = request.idempotent ? RETRY_DELAYS_MS : [];
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(request);
      } catch (error) {
        const failure = toDiscordError(error, request.route);
        const delay = delays[attempt];
        if (!failure.ambiguous || delay === undefined || this.#stopped) throw failure;
        this.#logger.debug("Discord did not answer properly; trying again", errorFields(failure));
        await this.#clock.sleep(delay);
      }
    }
  }

  /** Ends what is under way; later requests fail. */
  stop(): void {
    this.#stopped = true;
    for (const controller of this.#inFlight) controller.abort();
    this.#inFlight.clear();
    this.#rest.clearHandlerSweeper();
    this.#rest.clearHashSweeper();
  }

  async #once(request: RestRequest): Promise<unknown> {
    if (this.#stopped) throw new DiscordError("discord_stopped", "The bot is stopping.");
    this.#followClockJump();
    try {
      return await this.#bounded(request);
    } catch (error) {
      const failure = toDiscordError(error, request.route);
      if (failure.code === "discord_token_invalid") this.#onTokenRefused(failure);
      if (failure.code === "discord_rate_limited" && this.#followClockJump()) {
        return await this.#bounded(request);
      }
      throw failure;
    }
  }

  async #bounded(request: RestRequest): Promise<unknown> {
    // One controller per request: the library never removes its listeners from a signal.
    const controller = new AbortController();
    this.#inFlight.add(controller);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      controller.signal.addEventListener("abort", () => reject(unavailable(request.route)));
      timer = setTimeout(() => controller.abort(), REQUEST_MS);
    });
    try {
      const answer = await Promise.race([this.#send(request, controller.signal), late]);
      if (answer instanceof ArrayBuffer) {
        if (answer.byteLength === 0) return undefined;
        throw unavailable(request.route, 200);
      }
      return answer;
    } finally {
      clearTimeout(timer);
      this.#inFlight.delete(controller);
    }
  }

  #send(request: RestRequest, signal: AbortSignal): Promise<unknown> {
    return this.#rest.request({
      // The library's enum of methods has these very strings as values.
      method: request.method as Parameters<REST["request"]>[0]["method"],
      fullRoute: request.route,
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.files === undefined ? {} : { files: request.files }),
      ...(request.query === undefined ? {} : { query: request.query }),
      ...(request.auth === undefined ? {} : { auth: request.auth }),
    });
  }

  #offset(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }

  /**
   * The library keeps the ends of rate limits as times of day: with the clock set back an hour, a
   * bucket would wait an hour. After a jump the ends are moved along. True if there was one.
   */
  #followClockJump(): boolean {
    const jump = this.#offset() - this.#clockOffset;
    if (Math.abs(jump) < 1_000) return false;
    this.#clockOffset += jump;
    for (const bucket of this.#rest.handlers.values() as Iterable<{ reset?: number }>) {
      if (bucket.reset !== undefined && bucket.reset > 0) bucket.reset += jump;
    }
    if (this.#rest.globalReset > 0) this.#rest.globalReset += jump;
    return true;
  }
}
