/**
 * Lines written while the bot was away: after a start, a lost gateway session or a server's outage, the
 * history of each known place is read behind its newest stored line. What is written meanwhile waits,
 * so that lines keep their order. Which lines are answered is the host's to say.
 */
import { SnowflakeUtil } from "discord.js";
import { isNewerId } from "../channels/channel-state.ts";
import type { KnownPlace } from "../channels/host.ts";
import type { Place } from "../channels/ports.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { ApiMessage } from "./discord-api.ts";
import { errorFields } from "./discord-error.ts";

/** What is older is passed over: nobody waits for its answer any more. */
const OLDEST_MS = 24 * 3_600_000;
/** Of each place; older ones are passed over. Also the most that Discord gives at once. */
const MOST_MESSAGES = 100;
/** Places read at the same time. */
const LANES = 4;

export interface CatchingUpOptions {
  knownPlaces: () => Promise<readonly KnownPlace[]>;
  /** What the client knows without asking. */
  history: (place: Place) => { readable: boolean; newest: string | undefined };
  /** Up to 100 messages directly after `after`, or the newest ones; oldest first. */
  messagesAfter: (channel: string, after: string | undefined) => Promise<readonly ApiMessage[]>;
  /** Hands on what was missed, oldest first; messages that were heard already may be among them. */
  deliver: (place: Place, messages: readonly ApiMessage[]) => Promise<void>;
  clock: Clock;
  logger: Logger;
}

export class CatchingUp {
  readonly #options: CatchingUpOptions;
  readonly #places = new Map<string, Promise<void>>();
  readonly #lanes = Array.from({ length: LANES }, () => Promise.resolve());
  /** Servers to catch up on; undefined stands for all. */
  readonly #scopes = new Set<string | undefined>();
  #reading: Promise<void> | undefined;
  #next = 0;
  /** Until it is known which places there are to catch up on. */
  #begun: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  constructor(options: CatchingUpOptions) {
    this.#options = options;
    this.hold();
  }

  /** From now on lines wait until `begin` or `release`. */
  hold(): void {
    const open = this.#open;
    this.#begun = new Promise((resolve) => {
      this.#open = () => {
        resolve();
        open();
      };
    });
  }

  /** Nothing was missed: lines that waited go on. */
  release(): void {
    this.#open();
  }

  /** Catches up on all known places, or on those of one server. Never rejects. */
  async begin(scope?: string): Promise<void> {
    this.hold();
    const open = this.#open;
    this.#scopes.add(scope);
    // Many servers may come back at the same time: they share one look into the store.
    this.#reading ??= this.#readPlaces();
    await this.#reading;
    open();
  }

  /** Resolves when the lines of a place that were missed are handed on. Never rejects. */
  async done(place: string): Promise<void> {
    await this.#begun;
    await this.#places.get(place);
  }

  async #readPlaces(): Promise<void> {
    try {
      const places = await this.#options.knownPlaces();
      for (const known of places) {
        const { kind, scope } = known.place;
        const isWanted = this.#scopes.has(undefined) || this.#scopes.has(scope);
        if (kind !== "terminal" && isWanted) this.#enqueue(known);
      }
    } catch (error) {
      this.#options.logger.error("lines written meanwhile cannot be looked for", { error });
    } finally {
      this.#scopes.clear();
      this.#reading = undefined;
    }
  }

  #enqueue(known: KnownPlace): void {
    const { id } = known.place;
    const lane = this.#next % LANES;
    this.#next += 1;
    const done = (this.#lanes[lane] ?? Promise.resolve())
      .then(() => this.#catchUp(known))
      .finally(() => {
        if (this.#places.get(id) === done) this.#places.delete(id);
      });
    this.#lanes[lane] = done;
    this.#places.set(id, done);
  }

  async #catchUp({ place, newest_message_id }: KnownPlace): Promise<void> {
    const { history, deliver, logger, clock } = this.#options;
    try {
      const oldest = String(SnowflakeUtil.generate({ timestamp: clock.now() - OLDEST_MS }));
      const after = isNewerId(newest_message_id, oldest) ? newest_message_id : oldest;
      const { readable, newest } = history(place);
      if (!readable || (newest !== undefined && !isNewerId(newest, after))) return;
      const missed = await this.#missed(place.id, after);
      if (missed.length > 0) await deliver(place, missed);
    } catch (error) {
      logger.warn("lines written meanwhile could not be read", {
        channel: place.id,
        ...errorFields(error),
      });
    }
  }

  async #missed(channel: string, after: string): Promise<readonly ApiMessage[]> {
    const { messagesAfter } = this.#options;
    const next = await messagesAfter(channel, after);
    if (next.length < MOST_MESSAGES) return next;
    const newest = await messagesAfter(channel, undefined);
    return newest.filter((message) => isNewerId(message.id, after));
  }
}
