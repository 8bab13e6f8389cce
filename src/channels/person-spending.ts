/**
 * What was spent today for each person, wherever the bot is: one row a person, kept only where people
 * have a budget. The rows go along with the commits of the channel that spent.
 */
import type { StateStore } from "../memgpt/ports.ts";
import { type DaySpending, plus, type Spending, today } from "./budget.ts";

export class PersonSpending {
  readonly #store: StateStore;
  readonly #known = new Map<string, DaySpending | undefined>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Rejects with a `StoreError`: what cannot be read is not taken for nothing. */
  async today(person: string, now: number): Promise<DaySpending> {
    if (!this.#known.has(person)) {
      const stored = await this.#store.get<DaySpending>(keyOf(person));
      // Somebody may have read, and spent, in another channel meanwhile.
      if (!this.#known.has(person)) this.#known.set(person, stored);
    }
    return today(this.#known.get(person), now);
  }

  /** After `today` has been asked for the person. */
  add(person: string, spent: Spending, now: number): void {
    this.#known.set(person, plus(today(this.#known.get(person), now), spent));
  }

  row(person: string): readonly [key: string, value: unknown] {
    return [keyOf(person), this.#known.get(person)];
  }
}

function keyOf(person: string): string {
  return `people/${person}/spent`;
}
