const DISCORD_EPOCH_MS = 1_420_070_400_000n;
const FIRST_PLACE_MS = 1_704_067_200_000n; // 2024-01-01T00:00:00Z

/**
 * Snowflakes of 19 digits, strictly growing. Places and people (`fixed`) get the same ids in every
 * run; messages, interactions and files (`next`) carry the clock, because clients read the age of a
 * message from its id.
 */
export class Snowflakes {
  readonly #now: () => number;
  #places = 0n;
  #last = 0n;

  constructor(now: () => number) {
    this.#now = now;
  }

  fixed(): string {
    this.#places += 1n;
    return (((FIRST_PLACE_MS + this.#places * 1000n - DISCORD_EPOCH_MS) << 22n) | 1n).toString();
  }

  next(): string {
    const wanted = (BigInt(Math.trunc(this.#now())) - DISCORD_EPOCH_MS) << 22n;
    this.#last = wanted > this.#last ? wanted : this.#last + 1n;
    return this.#last.toString();
  }
}

/** True when `a` was made before `b`; ids of one length compare as text, others by length. */
export function isOlder(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}
