/**
 * Edits of one message at a pace that Discord allows: the newest text wins, one edit at a time, at
 * most one in a second and a half, and none sooner than the last one took, which a rate limit may have
 * held back. A final text waits for the edit under way and for no other.
 */
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";

const GAP_MS = 1_500;

export interface Pace {
  /** From the first text to the first edit. */
  first_ms: number;
  /** How much longer than the one before each pause is, as a factor. */
  growth: number;
  longest_ms: number;
}

const STEADY: Pace = { first_ms: 0, growth: 1, longest_ms: GAP_MS };

export class PacedEdits {
  readonly #edit: (text: string) => Promise<void>;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #waiting: string | undefined;
  #shown: string | undefined;
  #gap = GAP_MS;
  #nextAt: number | undefined;
  #busy: Promise<void> = Promise.resolve();
  #looping = false;
  #hurry = new AbortSource();
  #closed = false;

  /** Failures of `edit` are passed over: the next text, or the final one, makes up for them. */
  constructor(edit: (text: string) => Promise<void>, clock: Clock, pace = STEADY) {
    this.#edit = edit;
    this.#clock = clock;
    this.#pace = pace;
  }

  update(text: string): void {
    if (this.#closed) return;
    this.#waiting = text;
    this.#nextAt ??= this.#clock.monotonic() + this.#pace.first_ms;
    if (!this.#looping) {
      this.#looping = true;
      void this.#loop();
    }
  }

  /** Drops the text that waits and runs `task` after the edit under way; fails as `task` does. */
  async replace(task: () => Promise<void>): Promise<void> {
    this.#waiting = undefined;
    this.#hurry.abort("replaced");
    this.#hurry = new AbortSource();
    this.#shown = undefined;
    const running = this.#busy.then(task);
    this.#busy = running.catch(() => undefined);
    await running;
    this.#nextAt = this.#clock.monotonic() + GAP_MS;
  }

  /** As `replace`; later updates are ignored. */
  async finish(task: () => Promise<void>): Promise<void> {
    this.#closed = true;
    await this.replace(task);
  }

  /** Shows the text that waits, now, and waits for it. */
  async flush(): Promise<void> {
    const text = this.#waiting;
    if (text !== undefined) await this.replace(() => this.#edit(text)).catch(() => undefined);
    else await this.#busy;
  }

  async #loop(): Promise<void> {
    while (this.#waiting !== undefined) {
      const wait = (this.#nextAt ?? 0) - this.#clock.monotonic();
      if (wait > 0) await this.#clock.sleep(wait, this.#hurry.signal).catch(() => undefined);
      await this.#busy;
      const text = this.#waiting;
      this.#waiting = undefined;
      if (text === undefined || text === this.#shown) continue;
      this.#shown = text;
      const began = this.#clock.monotonic();
      this.#busy = this.#edit(text).catch(() => undefined);
      await this.#busy;
      const now = this.#clock.monotonic();
      this.#nextAt = now + Math.max(this.#gap, now - began);
      this.#gap = Math.min(this.#gap * this.#pace.growth, this.#pace.longest_ms);
    }
    this.#looping = false;
  }
}
