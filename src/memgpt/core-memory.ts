/**
 * Core memory: the labelled blocks of text that stand in the prompt (MemGPT's working context),
 * edited by the model within a limit of characters: `persona`, `human`, and one block per person who
 * speaks (`human:ada`). Each change makes a new version and can be undone; where a version is kept,
 * and which people's blocks are in view, is the agent's business.
 */
import { ColloquyError } from "../shared/errors.ts";
import { type BlockEdit, reverted, type TextChange, textChange } from "./block-edits.ts";
import { nearestLine } from "./nearest-line.ts";

/** Characters (code points) per block, MemGPT 0.3.5. */
export const CORE_MEMORY_LIMIT = 2000;

/** "persona", "human" or a person's label. */
export type BlockLabel = string;

/** What is known about one person. */
export interface PersonBlock {
  /** The person's id, which the block stays with whatever they are called. */
  person: string;
  /** `human:<alias>`, in lower case. */
  label: BlockLabel;
  text: string;
}

/** A version as it is stored. */
export interface CoreMemoryRecord {
  persona: string;
  human: string;
  /** Milliseconds since the epoch. */
  modified_at: number;
  /** The one heard last comes last. */
  people?: readonly PersonBlock[];
  /** What `undo` can take back, oldest first. */
  edits?: readonly BlockEdit[];
}

/** An edit that was made, for a receipt. */
export interface EditReceipt extends TextChange {
  label: BlockLabel;
}

/** Blocks of people: beyond it, an empty one makes room for somebody new. */
const MOST_PEOPLE = 500;
/** Edits that `undo` can take back. */
export const EDITS_KEPT = 10;
/** How the label of a person's block begins. */
export const PERSON_LABEL = "human:";
/** Labels that an error names. */
const MOST_NAMED = 20;

export class CoreMemory {
  readonly limit = CORE_MEMORY_LIMIT;
  readonly #blocks: Map<BlockLabel, string>;
  /** Label by person id. */
  readonly #people: Map<string, BlockLabel>;
  #edits: readonly BlockEdit[];
  #version: number;
  #modifiedAt: number;

  /** Texts over the limit are taken as they are: they can be read and shortened, not grown. */
  constructor(record: CoreMemoryRecord, version: number) {
    const people = record.people ?? [];
    this.#blocks = new Map([
      ["persona", record.persona],
      ["human", record.human],
      ...people.map(({ label, text }) => [label, text] as const),
    ]);
    this.#people = new Map(people.map(({ person, label }) => [person, label]));
    this.#edits = record.edits ?? [];
    this.#version = version;
    this.#modifiedAt = record.modified_at;
  }

  get persona(): string {
    return this.text("persona");
  }

  get human(): string {
    return this.text("human");
  }

  /** A block's text; empty for a label that is not there. */
  text(label: BlockLabel): string {
    return this.#blocks.get(label) ?? "";
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
    return characters(this.text(label));
  }

  /** For people to look at. */
  blocks(): { label: BlockLabel; value: string; limit: number; person?: string }[] {
    const own = ["persona", "human"].map((label) => ({
      label,
      value: this.text(label),
      limit: this.limit,
    }));
    const people = this.people.map(({ person, label, text }) => ({
      label,
      value: text,
      limit: this.limit,
      person,
    }));
    return [...own, ...people];
  }

  /** The one who came first comes first. */
  get people(): PersonBlock[] {
    return [...this.#people].map(([person, label]) => ({ person, label, text: this.text(label) }));
  }

  personBlock(person: string): PersonBlock | undefined {
    const label = this.#people.get(person);
    return label === undefined ? undefined : { person, label, text: this.text(label) };
  }

  /**
   * The person's block, made if there is none; undefined when there is no room for another, as
   * what is known of somebody is not thrown away for somebody new.
   */
  addPerson(person: string, alias: string): PersonBlock | undefined {
    const known = this.personBlock(person);
    if (known) return known;
    if (this.#people.size >= MOST_PEOPLE) {
      const empty = this.people.find((block) => block.text === "");
      if (!empty) return undefined;
      this.#people.delete(empty.person);
      this.#blocks.delete(empty.label);
    }
    const label = this.#freeLabel(alias);
    this.#people.set(person, label);
    this.#blocks.set(label, "");
    this.#version += 1;
    return { person, label, text: "" };
  }

  record(): CoreMemoryRecord {
    const { people } = this;
    return {
      persona: this.persona,
      human: this.human,
      modified_at: this.#modifiedAt,
      ...(people.length > 0 ? { people } : {}),
      ...(this.#edits.length > 0 ? { edits: this.#edits } : {}),
    };
  }

  /** Adds a line. Throws `core_memory_edit_failed`; then nothing has changed. */
  append(name: string, content: string, now: number): EditReceipt {
    const label = this.#label(name);
    const old = this.text(label);
    // The original's blocks are never empty; a person's begins so, and gets no empty first line.
    const isNew = old === "" && label.includes(":");
    return this.#write(label, isNew ? content : `${old}\n${content}`, now);
  }

  /** Replaces every exact occurrence; an empty `newContent` deletes. Throws as `append` does. */
  replace(name: string, oldContent: string, newContent: string, now: number): EditReceipt {
    const label = this.#label(name);
    if (oldContent === "") {
      throw editError(
        "old_content cannot be an empty string (must specify old_content to replace)",
      );
    }
    const old = this.text(label);
    if (!old.includes(oldContent)) throw this.#notFound(label, oldContent);
    return this.#write(label, old.split(oldContent).join(newContent), now);
  }

  /** Takes the newest edit back; undefined when none is known any more. */
  undo(now: number): EditReceipt | undefined {
    const edit = this.#edits.at(-1);
    if (!edit) return undefined;
    this.#edits = this.#edits.slice(0, -1);
    const before = reverted(this.text(edit.label), edit);
    if (before === undefined || !this.#blocks.has(edit.label)) return this.undo(now);
    this.#set(edit.label, before, now);
    return { label: edit.label, at: edit.at, old: edit.new, new: edit.old };
  }

  /** A person's own correction: it stands, so what was there before can no longer be brought back. */
  settle(label: BlockLabel): void {
    this.#edits = this.#edits.filter((edit) => edit.label !== label);
  }

  #label(name: string): BlockLabel {
    const label = this.#blocks.has(name) ? name : name.trim().toLowerCase();
    if (this.#blocks.has(label)) return label;
    const people = [...this.#people.values()].slice(-MOST_NAMED);
    const choices = ["persona", "human", ...people].map((choice) => `"${choice}"`);
    const last = choices.pop();
    const either = people.length === 0 ? "either " : "";
    throw editError(
      `No memory section named ${name} (must be ${either}${choices.join(", ")} or ${last})`,
    );
  }

  #freeLabel(alias: string): BlockLabel {
    const stem = `${PERSON_LABEL}${alias.toLowerCase()}`;
    let label = stem;
    for (let n = 2; this.#blocks.has(label); n += 1) label = `${stem}_${n}`;
    return label;
  }

  #notFound(label: BlockLabel, wanted: string): ColloquyError {
    const message = `Content not found in ${label} (make sure to use exact string)`;
    const near = nearestLine(this.text(label), wanted);
    if (near !== undefined) return editError(`${message}. The nearest line there is: ${near}`);
    const other = [...this.#blocks].find(([, text]) => text.includes(wanted))?.[0];
    return editError(other === undefined ? message : `${message}. It stands in ${other}.`);
  }

  #write(label: BlockLabel, text: string, now: number): EditReceipt {
    const requested = characters(text);
    // A block that came in over the limit may be corrected, and shrink step by step.
    const grows = requested > this.size(label);
    if (requested > this.limit && grows) {
      throw editError(
        `Edit failed: Exceeds ${this.limit} character limit (requested ${requested}). ` +
          `Shorten what already stands in ${label}, or move its less important parts to archival memory, and then try again.`,
      );
    }
    const change = textChange(this.text(label), text);
    this.#set(label, text, now);
    this.#edits = [...this.#edits, { label, ...change, edited_at: now }].slice(-EDITS_KEPT);
    return { label, ...change };
  }

  #set(label: BlockLabel, text: string, now: number): void {
    this.#blocks.set(label, text);
    this.#version += 1;
    this.#modifiedAt = now;
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
