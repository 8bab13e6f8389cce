/**
 * A talk as exchanges: what people say, and what is thought, done and answered until a person speaks
 * again. Forgetting somebody takes their exchanges out, because answers repeat what was asked.
 */
import { PERSON_LABEL } from "./core-memory.ts";
import { parseObject, saidIn } from "./packaging.ts";
import type { LogEntry } from "./recall-memory.ts";

/** Who is to be forgotten, and what marks them in what is stored. */
export interface WhoIsForgotten {
  person: string;
  /** Their name for models; rows of before persons were noted carry nothing else. */
  alias: string;
  /** Label of their block of core memory. */
  label: string | undefined;
  /** Names of agents, whose lines are answers. */
  agents: readonly string[];
}

export type RowKind = "theirs" | "others" | "agent" | "work";

export interface ExchangeRow<T> {
  index: number;
  entry: T;
  kind: RowKind;
}

/** Groups rows as they come; call `end` for the last exchange. */
export class Exchanges<T> {
  #rows: ExchangeRow<T>[] = [];
  #answered = false;

  /** Returns the exchange that this row ended, if it did. */
  add(row: ExchangeRow<T>): ExchangeRow<T>[] | undefined {
    const byPerson = row.kind === "theirs" || row.kind === "others";
    const ended = byPerson && this.#answered ? this.end() : undefined;
    this.#rows.push(row);
    if (row.kind === "agent") this.#answered = true;
    return ended;
  }

  end(): ExchangeRow<T>[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#answered = false;
    return rows;
  }
}

/** Events and function results are "work": they belong to the exchange that they stand in. */
export function kindOf({ message, person }: LogEntry, who: WhoIsForgotten): RowKind {
  if (message.role === "assistant") return "agent";
  const said = message.role === "user" ? saidIn(message) : undefined;
  if (!said) return "work";
  return speakerKind(said.speaker ?? "", person, who);
}

export function speakerKind(
  speaker: string,
  person: string | undefined,
  { person: id, alias, agents }: Omit<WhoIsForgotten, "label">,
): RowKind {
  if (person !== undefined) return person === id ? "theirs" : "others";
  if (agents.includes(speaker)) return "agent";
  return speaker.toLowerCase() === alias.toLowerCase() ? "theirs" : "others";
}

/** A row of the agent's own, in an exchange of others, that repeats what somebody said or their block. */
export function repeats({ message }: LogEntry, { alias, label }: WhoIsForgotten): boolean {
  const calls = (message.tool_calls ?? []).map((call) => call.function.arguments);
  const texts = [message.content ?? "", ...calls];
  if (label !== undefined && texts.some((text) => text.includes(label))) return true;
  return message.role === "tool" && texts.some((text) => text.includes(`user - ${alias}: `));
}

/** Texts that an answer's calls wrote to memory. */
export function writtenIn({ message }: LogEntry): string[] {
  return (message.tool_calls ?? []).flatMap(({ function: called }) => {
    const args = parseObject(called.arguments);
    const text = called.name === "core_memory_replace" ? args?.new_content : args?.content;
    return called.name !== "send_message" && typeof text === "string" && text.trim() !== ""
      ? [text]
      : [];
  });
}

/** Whether a note names somebody as the one it is from: `Ada: likes tea`, or by their block's label. */
export function isNoteOf(
  note: string,
  { alias, label }: Pick<WhoIsForgotten, "alias" | "label">,
): boolean {
  const text = note.replace(/^[\s\-*•]+/, "").toLowerCase();
  const own = `${PERSON_LABEL}${alias.toLowerCase()}`;
  const stems = [own, label ?? own].flatMap((one) => [one, one.slice(PERSON_LABEL.length)]);
  return alias !== "" && stems.some((stem) => text.startsWith(`${stem}:`));
}
