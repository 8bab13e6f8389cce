/**
 * Core memory as the offline model uses it: a list of notes, one per line, each with the name of the
 * person who gave it. Finds notes, and the exact strings that an edit of them needs.
 */
import { coverage, rank } from "./sentences.ts";
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
    const edit = to === "" ? cutEdit(text, at, from) : { old_content: exact, new_content: to };
    if (!edit) return undefined;
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

/** Before a clause that says something on its own. */
const JOINT = /,? and that |,? and (?=(?:i|i['’]m|my|we|our|he|his|she|her|they|their|it)\b)/gi;

/**
 * Takes out the clause of a note that has the text, or the whole line where that is one fact.
 * Undefined where the rest would say something else than before.
 */
function cutEdit(block: string, at: number, from: string): Omit<CoreEdit, "name"> | undefined {
  const start = block.lastIndexOf("\n", at - 1) + 1;
  const next = block.indexOf("\n", at);
  const line = block.slice(start, next < 0 ? block.length : next);
  const owner = /^[^:]{1,100}: /.exec(line)?.[0].length ?? 0;
  const [begin, end] = [at - start, at - start + from.length];
  const joints = [...line.matchAll(JOINT)].map((m) => [m.index, m.index + m[0].length] as const);
  const before = joints.findLast(([, after]) => after <= begin);
  const behind = joints.find(([joint]) => joint >= end);
  const inside = joints.some(([joint, after]) => joint >= begin && after <= end);
  let kept = "";
  if (before) kept = line.slice(0, before[0]) + line.slice(behind?.[0] ?? line.length);
  else if (behind) kept = line.slice(0, owner) + line.slice(behind[1]);
  else if (!inside && / and $/i.test(line.slice(0, begin)) && end === line.length) {
    kept = line.slice(0, begin).replace(/,? and $/i, "");
  } else if (!inside && / and$/i.test(line.slice(end, end + 4)) && begin > owner) {
    kept = line.slice(0, begin) + line.slice(end + 5);
  } else if (!inside && begin === owner && /^,? and /i.test(line.slice(end))) return undefined;
  return kept === "" ? lineEdit(block, at) : { old_content: line, new_content: kept };
}

/** What a person has put right: `to` for `from`, which stands in one note that speaks of the same. */
export function amendedIn(
  core: Core,
  amend: { speaker: string; left: string; from: string },
): { from: string; to: string } | undefined {
  const { speaker, from } = amend;
  const left = amend.left.replace(/[\s,]+(?:now|instead|actually|these days|nowadays)$/i, "");
  const notes = humanBlocks(core)
    .flatMap(([, text]) => notesIn(text))
    .filter((line) => wordsAt(line, from) >= 0);
  const [note] = notes;
  if (note === undefined || notes.length > 1 || isOthers(note, speaker)) return undefined;
  if (!editFor(core, from, "…")) return undefined;
  const lead = note.slice(0, wordsAt(note, from)).trim();
  const words = left.split(/\s+/);
  const last = lead.split(/\s+/).at(-1)?.toLowerCase();
  const at = words.findLastIndex((word) => word.toLowerCase() === last);
  const same = coverage(lead.replace(/^[^:]{1,100}: /, ""), left) > 0;
  if (!same && (at < 0 || !note.startsWith(noteOf(speaker, "")))) return undefined;
  const to = words.slice(at >= 0 ? at + 1 : -from.split(/\s+/).length).join(" ");
  return to === "" || to.toLowerCase() === from.toLowerCase() ? undefined : { from, to };
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
