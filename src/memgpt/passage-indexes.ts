/**
 * Word indexes over owners of the `PassageStore`, built when first searched, by paging. A data
 * source is attached to many agents but read and indexed once, so one of these is shared by all.
 */
import { LexicalIndex } from "../shared/lexical-index.ts";
import type { Passage, PassageStore } from "./ports.ts";

export interface PassageMatch {
  passage: Passage;
  owner: string;
  /** Greater than 0; comparable within one owner, roughly so between owners. */
  score: number;
}

interface OwnerIndex {
  passages: Passage[];
  words: LexicalIndex;
}

interface Slot {
  /** The count that the owner was said to have when the index was asked for. */
  expected: number;
  index: Promise<OwnerIndex>;
}

/** Owners kept; the one not used for longest is dropped first. */
const MAX_OWNERS = 64;
const PAGE = 500;
const MAX_PASSAGES = 500_000;

export class PassageIndexes {
  readonly #store: PassageStore;
  readonly #slots = new Map<string, Slot>();

  constructor(store: PassageStore) {
    this.#store = store;
  }

  /**
   * Passages of `owner` that share words with the query, best first. `expected` is how many the
   * owner has by its record: when that changes, the index is built anew. Rejects with the store's
   * error, and then tries again the next time.
   */
  async search(
    owner: string,
    expected: number,
    query: string,
    limit: number,
  ): Promise<PassageMatch[]> {
    const { passages, words } = await this.#slot(owner, expected).index;
    return words.search(query, limit).flatMap(({ id, score }) => {
      const passage = passages[id];
      return passage ? [{ passage, owner, score }] : [];
    });
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

  async #build(owner: string): Promise<OwnerIndex> {
    const passages: Passage[] = [];
    const words = new LexicalIndex();
    while (passages.length < MAX_PASSAGES) {
      const page = await this.#store.page(owner, passages.length, PAGE);
      if (page.length === 0) break;
      for (const passage of page) words.add(passages.push(passage) - 1, passage.text);
    }
    return { passages, words };
  }
}
