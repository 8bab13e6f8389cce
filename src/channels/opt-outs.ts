/**
 * Who is not to be remembered. A choice of the person's own, so it holds wherever the bot is. Read
 * once; a read that fails lets nobody's line be kept, because no session opens then.
 */
import type { StateStore } from "../memgpt/ports.ts";
import { TurnLock } from "./turn-lock.ts";

const RECORD = "people/opted-out";

export class OptOuts {
  readonly #store: StateStore;
  readonly #writes = new TurnLock();
  #ids: ReadonlySet<string> | undefined;

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** To be awaited before `has`. Rejects with a `StoreError`, and then tries again the next time. */
  async load(): Promise<void> {
    await this.#writes.run(async () => {
      await this.#loaded();
    });
  }

  has(person: string): boolean {
    if (!this.#ids) throw new Error("The opt-outs are not loaded.");
    return this.#ids.has(person);
  }

  /** Durable when it resolves; false when it was so already. */
  set(person: string, opted_out: boolean): Promise<boolean> {
    return this.#writes.run(async () => {
      const ids = new Set(await this.#loaded());
      if (ids.has(person) === opted_out) return false;
      if (opted_out) ids.add(person);
      else ids.delete(person);
      await this.#store.set(RECORD, { version: 1, ids: [...ids] });
      this.#ids = ids;
      return true;
    });
  }

  async #loaded(): Promise<ReadonlySet<string>> {
    if (this.#ids) return this.#ids;
    const record = await this.#store.get<{ ids: string[] }>(RECORD);
    this.#ids = new Set(record?.ids ?? []);
    return this.#ids;
  }
}
