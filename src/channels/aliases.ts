/**
 * Names for models: providers take `[A-Za-z0-9_-]{1,64}`, people take anything. An alias is
 * unique in its channel, stays with the person, and is never an agent's name, so that nobody can
 * speak as an agent by renaming themselves.
 */
import anyAscii from "any-ascii";

const LONGEST = 48;
/** Of a display name, that much is read: Discord allows 32 characters. */
const LONGEST_NAME = 200;
/** Beyond it, who has not written for longest is forgotten, and named anew when they come back. */
const MOST_ALIASES = 1000;

export type AliasRow = readonly [person_id: string, alias: string];

export class Aliases {
  /** The longest unused first. */
  readonly #byPerson: Map<string, string>;
  #changes = 0;
  #stored = 0;

  constructor(rows: readonly AliasRow[] = []) {
    this.#byPerson = new Map(rows);
  }

  /**
   * The alias that the person has here, else a new one made from the display name. `agents` are
   * names that nobody gets; case is ignored, as models do.
   */
  of(person: { id: string; display_name: string }, agents: readonly string[]): string {
    const known = this.#byPerson.get(person.id);
    const reserved = new Set(agents.map((name) => name.toLowerCase()));
    this.#byPerson.delete(person.id);
    const alias =
      known !== undefined && !reserved.has(known.toLowerCase())
        ? known
        : this.#free(sanitiseName(person.display_name) || "person", reserved);
    this.#byPerson.set(person.id, alias);
    if (alias !== known) this.#changes += 1;
    for (const oldest of this.#byPerson.keys()) {
      if (this.#byPerson.size <= MOST_ALIASES) break;
      this.#byPerson.delete(oldest);
    }
    return alias;
  }

  /** The alias that the person has already. */
  known(person: string): string | undefined {
    return this.#byPerson.get(person);
  }

  /** Everybody's, the one heard last comes last. */
  rows(): AliasRow[] {
    return [...this.#byPerson];
  }

  forget(person: string): void {
    if (this.#byPerson.delete(person)) this.#changes += 1;
  }

  /** What is to be stored, undefined when it is already. Call `stored` with its `change` then. */
  pending(): { rows: AliasRow[]; change: number } | undefined {
    if (this.#changes === this.#stored) return undefined;
    return { rows: [...this.#byPerson], change: this.#changes };
  }

  stored(change: number): void {
    this.#stored = change;
  }

  #free(stem: string, reserved: ReadonlySet<string>): string {
    const used = new Set([...this.#byPerson.values()].map((name) => name.toLowerCase()));
    const isFree = (name: string): boolean => {
      const lower = name.toLowerCase();
      return !used.has(lower) && !reserved.has(lower);
    };
    let alias = stem;
    // Ends: among more candidates than names in use, one is free.
    for (let n = 2; !isFree(alias); n += 1) alias = `${stem}_${n}`;
    return alias;
  }
}

/** Emoji and what joins and colours them: spelled out only where a name has nothing else. */
const PICTURES =
  /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f/gu;

/**
 * A name in the characters that providers accept: without accents, other scripts spelled in Latin letters
 * as well as it goes letter by letter (Chinese readings for Japanese characters, no vowels where
 * none are written). "" if nothing is left.
 */
export function sanitiseName(name: string): string {
  const folded = name.slice(0, LONGEST_NAME).normalize("NFKC");
  return ascii(folded.replace(PICTURES, " ")) || ascii(folded);
}

function ascii(text: string): string {
  return anyAscii(text)
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, LONGEST)
    .replace(/_+$/, "");
}
