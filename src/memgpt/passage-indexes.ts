/**
 * Word indexes over owners of the `PassageStore`, built when first searched. A data
 * source is attached to many agents but read and indexed once, so one of these is shared by all.
 */
import type { PassageStore } from "./ports.ts";
import { PassageRanker, type RankedPassage } from "./ranking/passage-ranker.ts";
import type { SearchQuery } from "./ranking/search-query.ts";

export interface PassageMatch extends RankedPassage {
  owner: string;
}

interface Slot {
  /** The count that the owner was said to have when the index was asked for. */
  expected: number;
  index: Promise<PassageRanker>;
}

/** Owners kept; the one not used for longest is dropped first. */
const MAX_OWNERS = 64;
const MAX_PASSAGES = 500_000;

export class PassageIndexes {
  readonly #store: PassageStore;
  readonly #slots = new Map<string, Slot>();

  constructor(store: PassageStore) {
    this.#store = store;
  }

  /**
   * Passages of `owner` that contain the query or bear on it, in no order. `expected` is how many
   * the owner has by its record: when that changes, the index is built anew. `complete` is false
   * while the store has fewer, because they are being embedded again. Rejects with the store's
   * error, and then tries again the next time.
   */
  async search(
    owner: string,
    expected: number,
    query: SearchQuery,
    limit: number,
  ): Promise<{ matches: PassageMatch[]; complete: boolean }> {
    const index = await this.#slot(owner, expected).index;
    const matches = index.search(query, limit).map((match) => ({ ...match, owner }));
    const complete = index.size >= Math.min(expected, MAX_PASSAGES);
    if (!complete) this.drop(owner);
    return { matches, complete };
  }

  /** Forgets an owner's index, e.g. when its passages were deleted. */
  drop(owner: string): void {
    this.#slots.delete(owner);
  }

  #slot(owner: string, expected: number): Slot {
    const known = this.#slots.get(owner);
    this.#slots.delete(owner);
    const slot = known?.expected === expected ? known : { expected, index: this.#build(owner) };
    this.#slots.set(owner, slot);
    slot.index.catch(() => {
      if (this.#slots.get(owner) === slot) this.#slots.delete(owner);
    });
    for (const oldest of this.#slots.keys()) {
      if (this.#slots.size <= MAX_OWNERS) break;
      this.#slots.delete(oldest);
    }
    return slot;
  }

  async #build(owner: string): Promise<PassageRanker> {
    const index = new PassageRanker();
    for await (const passages of this.#store.every(owner)) {
      for (const passage of passages) index.add(passage, passage.source ?? "");
      if (index.size >= MAX_PASSAGES) break;
    }
    return index;
  }
}
