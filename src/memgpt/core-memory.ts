/**
 * Core memory: the labelled blocks of text that stand in every prompt (MemGPT's working context),
 * edited by the model within a limit of characters. Each change makes a new version; where a
 * version is kept is the agent's business.
 */
import { ColloquyError } from "../shared/errors.ts";

/** Characters (code points) per block, MemGPT 0.3.5. */
export const CORE_MEMORY_LIMIT = 2000;

export type BlockLabel = "persona" | "human";

const LABELS: readonly BlockLabel[] = ["persona", "human"];

/** A version as it is stored. */
export interface CoreMemoryRecord {
  persona: string;
  human: string;
  /** Milliseconds since the epoch. */
  modified_at: number;
}

export class CoreMemory {
  readonly limit = CORE_MEMORY_LIMIT;
  readonly #blocks: Map<string, string>;
  #version: number;
  #modifiedAt: number;

  /** Texts over the limit are taken as they are: they can be read and shortened, not grown. */
  constructor(record: CoreMemoryRecord, version: number) {
    this.#blocks = new Map([
      ["persona", record.persona],
      ["human", record.human],
    ]);
    this.#version = version;
    this.#modifiedAt = record.modified_at;
  }

  get persona(): string {
    return this.#blocks.get("persona") ?? "";
  }

  get human(): string {
    return this.#blocks.get("human") ?? "";
  }

  /** Grows by one with each change. */
  get version(): number {
    return this.#version;
  }

  /** Milliseconds since the epoch. */
  get modified_at(): number {
    return this.#modifiedAt;
  }

  /** Characters of a block, as they are counted against `limit`. */
  size(label: BlockLabel): number {
    return characters(this.#blocks.get(label) ?? "");
  }

  /** For people to look at. */
  blocks(): { label: BlockLabel; value: string; limit: number }[] {
    return LABELS.map((label) => ({ label, value: this[label], limit: this.limit }));
  }

  record(): CoreMemoryRecord {
    return { persona: this.persona, human: this.human, modified_at: this.#modifiedAt };
  }

  /** Adds a line. Throws `core_memory_edit_failed`; then nothing has changed. */
  append(name: string, content: string, now: number): BlockLabel {
    const label = this.#label(name);
    const old = this.#blocks.get(label) ?? "";
    return this.#write(label, `${old}\n${content}`, now);
  }

  /** Replaces every exact occurrence; an empty `newContent` deletes. Throws as `append` does. */
  replace(name: string, oldContent: string, newContent: string, now: number): BlockLabel {
    const label = this.#label(name);
    if (oldContent === "") {
      throw editError(
        "old_content cannot be an empty string (must specify old_content to replace)",
      );
    }
    const old = this.#blocks.get(label) ?? "";
    if (!old.includes(oldContent)) {
      throw editError(`Content not found in ${label} (make sure to use exact string)`);
    }
    return this.#write(label, old.split(oldContent).join(newContent), now);
  }

  #label(name: string): BlockLabel {
    if (name === "persona" || name === "human") return name;
    throw editError(`No memory section named ${name} (must be either "persona" or "human")`);
  }

  #write(label: BlockLabel, text: string, now: number): BlockLabel {
    const requested = characters(text);
    // A block that came in over the limit may shrink step by step.
    const shrinks = requested < this.size(label);
    if (requested > this.limit && !shrinks) {
      throw editError(
        `Edit failed: Exceeds ${this.limit} character limit (requested ${requested}). ` +
          `Shorten what already stands in ${label}, or move its less important parts to archival memory, and then try again.`,
      );
    }
    this.#blocks.set(label, text);
    this.#version += 1;
    this.#modifiedAt = now;
    return label;
  }
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function editError(message: string): ColloquyError {
  return new ColloquyError("core_memory_edit_failed", message);
}
