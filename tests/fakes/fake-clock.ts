import type { AbortSignalLike } from "../../src/shared/abort.ts";
import type { Clock, Ids } from "../../src/shared/clock.ts";

interface Sleeper {
  due: number;
  wake: () => void;
}

/** Time that stands still until `advance` moves it and wakes the sleepers that are due, in order. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #sleepers: Sleeper[] = [];

  constructor(start = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = {
        due: this.#monotonic + ms,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Sleepers that wait now. */
  get waiting(): number {
    return this.#sleepers.length;
  }

  /** Moves both clocks on, waking sleepers one by one with the microtasks they cause between. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.filter((s) => s.due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#now += Math.max(0, next.due - this.#monotonic);
      this.#monotonic = Math.max(this.#monotonic, next.due);
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
    }
    this.#now += end - this.#monotonic;
    this.#monotonic = end;
    await settle();
  }

  /** Moves the wall clock only, as an administrator or NTP would. */
  jump(ms: number): void {
    this.#now += ms;
  }
}

/** Lets everything run that is ready without timers. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

/** `id1`, `id2`, … */
export class CountingIds implements Ids {
  #count = 0;

  next(): string {
    this.#count += 1;
    return `id${this.#count}`;
  }
}
