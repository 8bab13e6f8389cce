/**
 * Whether an answer may take long enough to be watched. Streaming costs the bot's processor, and what
 * comes within a second is posted whole: an agent that has answered so several times in a row is
 * not asked to stream, until it takes its time again.
 */

/** Sooner than this, an answer is not shown while it is written. */
const SOON_MS = 1_000;
const IN_A_ROW = 8;

export class AnswerTimes {
  /** How often in a row each agent, by name, was soon done. */
  readonly #soon = new Map<string, number>();

  note(agent: string, ms: number): void {
    this.#soon.set(agent, ms < SOON_MS ? (this.#soon.get(agent) ?? 0) + 1 : 0);
  }

  /** Whether any of these may be watched while it writes. */
  mayTakeLong(agents: readonly string[]): boolean {
    return agents.some((agent) => (this.#soon.get(agent) ?? 0) < IN_A_ROW);
  }
}
