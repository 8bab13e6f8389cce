/**
 * Which passages an owner has already, by id and content: what was embedded before a crash, under an
 * older splitter or another time with this embedder is not embedded again. Keeps a number of each
 * passage, not its text.
 */
import type { Passage, PassageStore } from "../memgpt/ports.ts";

export class KnownPassages {
  readonly #prints = new Map<string, number>();

  /** Reads what `owner` has. */
  static async of(store: PassageStore, owner: string): Promise<KnownPassages> {
    const known = new KnownPassages();
    for await (const passages of store.every(owner)) {
      for (const passage of passages) known.#prints.set(passage.id, printOf(passage));
    }
    return known;
  }

  /** Whether just this passage is stored, whenever it was made. */
  has(passage: Passage): boolean {
    return this.#prints.get(passage.id) === printOf(passage);
  }
}

/** 53 bits over all but the time (cyrb53). */
function printOf({ text, source, page, heading, link }: Passage): number {
  const content = JSON.stringify([text, source, page, heading, link]);
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < content.length; i += 1) {
    const code = content.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
