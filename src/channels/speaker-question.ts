/**
 * AutoGen's manual speaker selection in a channel: the floor is asked who speaks next. Nobody is waited
 * for longer than two minutes; then it is the next in the list.
 */
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { RunJournal } from "./channel-state.ts";
import type { Surface } from "./ports.ts";
import { runKey, stopControl } from "./run-controls.ts";

export const ANSWER_WITHIN_MS = 120_000;
/** As many as a menu holds. */
const MOST_NAMES = 25;

export class SpeakerQuestion {
  readonly #surface: Surface;
  readonly #clock: Clock;
  #open: { names: readonly string[]; close: AbortSource } | undefined;
  #answer: string | undefined;

  constructor(surface: Surface, clock: Clock) {
    this.#surface = surface;
    this.#clock = clock;
  }

  /** Among whom is being chosen now. */
  get names(): readonly string[] | undefined {
    return this.#open?.names;
  }

  /** False when nothing is being asked (any more), or not about this one. */
  choose(name: string): boolean {
    const open = this.#open;
    if (!open?.names.includes(name)) return false;
    this.#answer = name;
    this.#open = undefined;
    open.close.abort("answered");
    return true;
  }

  /** `names` in turn; `run` is the one that waits. Resolves with a name, or undefined; never rejects. */
  async ask(
    names: readonly string[],
    run: RunJournal,
    signal: AbortSignalLike,
  ): Promise<string | undefined> {
    const [first, ...others] = names.slice(0, MOST_NAMES);
    if (first === undefined || others.length === 0) return first;
    const close = new AbortSource();
    const stop = (): void => close.abort("stopped");
    signal.addEventListener("abort", stop);
    this.#answer = undefined;
    this.#open = { names: [first, ...others], close };
    try {
      await this.#surface.notify(
        `Who speaks next? Without a choice it is ${first}, in two minutes.`,
        [
          { id: `who:${runKey(run)}`, label: "Who speaks next?", options: [first, ...others] },
          stopControl(run),
        ],
      );
      if (!signal.aborted) await this.#clock.sleep(ANSWER_WITHIN_MS, close.signal);
    } catch {
      // Answered, stopped, or nobody could be asked: the next in the list then.
    } finally {
      signal.removeEventListener("abort", stop);
      this.#open = undefined;
    }
    return this.#answer;
  }
}
