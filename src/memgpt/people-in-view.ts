/**
 * Whose blocks of core memory the model has before its eyes. When somebody is heard, their block
 * comes into the prompt as an event at its end, because the front stays as it is for providers'
 * caches; at an eviction the front takes in the blocks of those who still speak in the queue.
 */
import type { CoreMemory, PersonBlock } from "./core-memory.ts";
import { blockText } from "./system-message.ts";

/** Blocks in the front. Who spoke longer ago has theirs back with their next line. */
const MOST_IN_FRONT = 12;

export class PeopleInView {
  readonly #core: CoreMemory;
  #loaded: ReadonlySet<string>;

  /** `loaded`: ids of those whose blocks are in the prompt already. */
  constructor(core: CoreMemory, loaded: readonly string[] = []) {
    this.#core = core;
    this.#loaded = new Set(loaded);
  }

  ids(): string[] {
    return [...this.#loaded];
  }

  /** Somebody speaks: the event's text that brings their block in, or undefined if it is there. */
  arrive(person: string, alias: string): string | undefined {
    if (this.#loaded.has(person) && this.#core.personBlock(person)) return undefined;
    const block = this.#core.addPerson(person, alias);
    if (!block) return undefined;
    this.#loaded = new Set([...this.#loaded, person]);
    if (block.text === "") {
      return `${alias} has a block of core memory, "${block.label}", which is empty. Write down there what you learn about ${alias}.`;
    }
    return `${alias} is here. This is what core memory has about ${alias}:\n${blockText(this.#core, block.label)}`;
  }

  /** A block was shown by another event. */
  shown(person: string): void {
    this.#loaded = new Set([...this.#loaded, person]);
  }

  /**
   * For the front that is being rendered: the blocks of the people heard last, as many as fit into
   * `room` as `cost` counts them, in the order of core memory.
   */
  render(heard: readonly string[], room: number, cost: (text: string) => number): PersonBlock[] {
    const chosen = new Set<string>();
    let left = room;
    for (const person of heard) {
      const block = this.#core.personBlock(person);
      if (!block) continue;
      left -= cost(block.text);
      if (left < 0 || chosen.size >= MOST_IN_FRONT) break;
      chosen.add(person);
    }
    this.#loaded = chosen;
    return this.#core.people.filter(({ person }) => chosen.has(person));
  }
}
