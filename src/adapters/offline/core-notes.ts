/**
 * Core memory as the offline model uses it: a list of notes, one per line, each with the name of the
 * person who gave it. Finds notes, and the exact strings that an edit of them needs.
 */
import { rank } from "./sentences.ts";
import { type DoneCall, type Transcript, textOf } from "./transcript.ts";

/** "human", "persona", or the label of a person's own block. */
export type Block = string;

export type Core = Pick<Transcript, "persona" | "human" | "people">;

/** Where a fact from this person belongs: their own block, if they have one. */
export function blockFor({ people }: Core, speaker: string): Block {
  const label = `human:${speaker.toLowerCase()}`;
  return people.has(label) ? label : "human";
}

/** The blocks on people, each with its notes. */
function humanBlocks({ human, people }: Core): (readonly [block: Block, text: string])[] {
  return [...people, ["human", human]];
}

/** A note with the name of who gave it: `Ada: my name is Ada`. */
export function noteOf(speaker: string, fact: string): string {
  return `${speaker.replace(/\s+/g, " ")}: ${fact}`;
}

export function notesIn(block: string): string[] {
  return block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The block that has the note. */
export function knownIn(core: Core, note: string): Block | undefined {
  const found = humanBlocks(core).find(([, text]) =>
    notesIn(text).some((line) => line.toLowerCase() === note.toLowerCase()),
  );
  return found?.[0];
}

export interface FoundNote {
  block: Block;
  note: string;
  /** Share of the query's words that the note has. */
  coverage: number;
}

/**
 * Notes that bear on a query, best first. With `personal`, "my" and "I" mean `speaker`, so what
 * others said of themselves is left out.
 */
export function findNotes(
  core: Core,
  query: string,
  { speaker, personal }: { speaker: string; personal: boolean },
): FoundNote[] {
  const notes = humanBlocks(core)
    .flatMap(([block, text]) => notesIn(text).map((note) => ({ block, note })))
    .filter(({ note }) => !personal || !isOthers(note, speaker));
  const human = rank(query, notes, ({ note }) => note).map(({ item, coverage }) => ({
    ...item,
    coverage,
  }));
  const persona = rank(query, notesIn(core.persona), (note) => note).map((hit) =>
    found("persona", hit),
  );
  return [
    ...human.filter((hit) => hit.coverage >= 0.5),
    // A persona is prose about the agent: a single shared word says nothing.
    ...persona.filter((hit) => hit.coverage === 1),
  ];
}

/** What a person has told; if nothing, the notes in which nobody else speaks of themselves. */
export function notesOf(core: Core, speaker: string): string[] {
  const notes = humanBlocks(core).flatMap(([, text]) => notesIn(text));
  const own = notes.filter((note) => note.startsWith(noteOf(speaker, "")));
  return own.length > 0 ? own : notes.filter((note) => !isOthers(note, speaker));
}

export interface CoreEdit {
  name: Block;
  old_content: string;
  new_content: string;
}

/**
 * The edit that puts `to` for `from`, or takes the line out that has `from` when `to` is empty.
 * Undefined unless the text stands there in whole words, in any case of letters, and an exact
 * replacement would touch nothing else.
 */
export function editFor(core: Core, from: string, to: string): CoreEdit | undefined {
  for (const [name, text] of [...humanBlocks(core), ["persona", core.persona] as const]) {
    const at = wordsAt(text, from);
    if (at < 0) continue;
    const exact = text.slice(at, at + from.length);
    const edit = to === "" ? lineEdit(text, at) : { old_content: exact, new_content: to };
    const once = text.split(edit.old_content).length === 2;
    return once ? { name, ...edit } : undefined;
  }
  return undefined;
}

/** Where a text begins that is no part of longer words; -1 if nowhere. */
function wordsAt(block: string, text: string): number {
  const [low, wanted] = [block.toLowerCase(), text.toLowerCase()];
  const letter = /[\p{L}\p{N}]/u;
  for (let at = low.indexOf(wanted); at >= 0 && wanted !== ""; at = low.indexOf(wanted, at + 1)) {
    const before = letter.test(low[at - 1] ?? "") && letter.test(wanted[0] ?? "");
    const after = letter.test(low[at + wanted.length] ?? "") && letter.test(wanted.at(-1) ?? "");
    if (!before && !after) return at;
  }
  return -1;
}

/** The block had no room for it. */
export function isOverLimit(call: DoneCall): boolean {
  return !call.ok && call.result.includes("character limit");
}

/** The replacement that a correction led to, however it ended. */
export function editDone(calls: readonly DoneCall[], from: string): DoneCall | undefined {
  return calls.find(
    (call) =>
      call.name === "core_memory_replace" &&
      textOf(call.args, "old_content").toLowerCase().includes(from.toLowerCase()),
  );
}

function lineEdit(block: string, at: number): Omit<CoreEdit, "name"> {
  const start = block.lastIndexOf("\n", at - 1) + 1;
  const next = block.indexOf("\n", at);
  const line = block.slice(start, next < 0 ? block.length : next);
  if (start > 0 && next >= 0) return { old_content: `\n${line}\n`, new_content: "\n" };
  if (start > 0) return { old_content: `\n${line}`, new_content: "" };
  return { old_content: next < 0 ? line : `${line}\n`, new_content: "" };
}

/** Another person says something of themselves. "First name: Ada" is nobody speaking. */
function isOthers(note: string, speaker: string): boolean {
  const [, owner, said = ""] = /^(.{1,100}?): (.*)$/.exec(note) ?? [];
  return owner !== undefined && owner !== speaker && /\b(?:i|me|my|mine|we|our)\b/i.test(said);
}

function found(block: Block, hit: { item: string; coverage: number }): FoundNote {
  return { block, note: hit.item, coverage: hit.coverage };
}
