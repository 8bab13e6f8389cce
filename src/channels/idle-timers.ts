/**
 * When a place is quiet: nobody has written or called a command for a while, and nothing is being
 * answered. Then its work is done, one place at a time in the whole process, and ended at once when
 * somebody comes.
 */
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { Place } from "./ports.ts";
import { TurnLock } from "./turn-lock.ts";

export interface IdleTimersOptions {
  quiet_ms: number;
  clock: Clock;
  logger: Logger;
  work(place: Place, signal: AbortSource["signal"]): Promise<void>;
}

interface Watch {
  /** Calls in flight. */
  awake: number;
  quiet: AbortSource;
}

export class IdleTimers {
  readonly #options: IdleTimersOptions;
  readonly #watches = new Map<string, Watch>();
  readonly #works = new TurnLock();
  #stopped = false;

  constructor(options: IdleTimersOptions) {
    this.#options = options;
  }

  /** Does what people ask for; idle work waits until it is done, and then for the time of quiet. */
  async awake<T>(place: Place, work: () => Promise<T>): Promise<T> {
    const watch = this.#watches.get(place.id) ?? { awake: 0, quiet: new AbortSource() };
    this.#watches.set(place.id, watch);
    watch.awake += 1;
    watch.quiet.abort(new Error("somebody is there"));
    try {
      return await work();
    } finally {
      watch.awake -= 1;
      if (watch.awake === 0) this.#wait(place, watch);
    }
  }

  /** Ends what goes on and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { quiet } of this.#watches.values()) quiet.abort(new Error("the bot is stopping"));
    await this.#works.run(async () => {});
  }

  #wait(place: Place, watch: Watch): void {
    if (this.#stopped) return;
    const quiet = new AbortSource();
    watch.quiet = quiet;
    void this.#whenQuiet(place, quiet).finally(() => {
      if (watch.quiet === quiet && watch.awake === 0) this.#watches.delete(place.id);
    });
  }

  async #whenQuiet(place: Place, { signal }: AbortSource): Promise<void> {
    const { quiet_ms, clock, logger, work } = this.#options;
    try {
      await clock.sleep(quiet_ms, signal);
      await this.#works.run(async () => {
        if (!signal.aborted) await work(place, signal);
      });
    } catch (error) {
      if (!signal.aborted) logger.warn("idle work failed", { channel: place.id, error });
    }
  }
}
