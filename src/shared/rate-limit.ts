/**
 * So many requests a second and no more (AutoGen's `api_rate_limit`): each waits until its own place
 * in time, in the order they came.
 */
import type { AbortSignalLike } from "./abort.ts";
import type { Clock } from "./clock.ts";

export class RateLimit {
  readonly #gap: number;
  readonly #clock: Pick<Clock, "monotonic" | "sleep">;
  #next = Number.NEGATIVE_INFINITY;

  /** @param per_second requests a second, may be below 1; 0 or less means no limit */
  constructor(per_second: number, clock: Pick<Clock, "monotonic" | "sleep">) {
    this.#gap = per_second > 0 ? 1000 / per_second : 0;
    this.#clock = clock;
  }

  /** Resolves when the next request may go out; rejects with the signal's reason. */
  async wait(signal?: AbortSignalLike): Promise<void> {
    if (this.#gap === 0) return;
    const now = this.#clock.monotonic();
    const turn = Math.max(now, this.#next);
    // The place is taken before waiting, so that two at once do not share it.
    this.#next = turn + this.#gap;
    if (turn > now) await this.#clock.sleep(turn - now, signal);
  }
}
