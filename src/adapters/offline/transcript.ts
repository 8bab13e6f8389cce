/**
 * A MemGPT prompt, read back into what the offline policy decides on: who said what since the last
 * answer, which functions have run since then and how they ended, and core memory as it stands
 * now: the prompt's blocks with the later edits in the queue applied.
 */
import type { ChatMessage } from "../../memgpt/ports.ts";

export interface Line {
  speaker: string;
  text: string;
  /** As packaged, e.g. `2026-01-05 09:00:00 AM UTC+0000`; absent for lines that carry none. */
  time?: string;
}

export interface DoneCall {
  name: string;
  args: ReadonlyMap<string, unknown>;
  ok: boolean;
  /** The result's message. */
  result: string;
}

export interface Transcript {
  persona: string;
  human: string;
  /** People's own blocks by label, as far as they are in the prompt. */
  people: Map<string, string>;
  /** Lines that were not answered yet, in order. */
  lines: Line[];
  /** Lines that were, as far as they are in the prompt. */
  earlier: Line[];
  /** Functions that ran since the last answer, `send_message` only where it failed. */
  calls: DoneCall[];
  /** What the agent has said, as far as it is in the prompt. */
  said: string[];
  /** Type of the newest event that is not a line: `heartbeat`, `login`, `system_alert`, … */
  event: string | undefined;
}

export function readTranscript(messages: readonly ChatMessage[]): Transcript {
  const transcript: Transcript = {
    ...blocksOf(messages),
    lines: [],
    earlier: [],
    calls: [],
    said: [],
    event: undefined,
  };
  const results = resultsOf(messages);
  for (const message of messages) {
    if (message.role === "user") addUserMessage(transcript, message);
    for (const { id, function: called } of message.tool_calls ?? []) {
      const args = objectOf(called.arguments) ?? new Map<string, unknown>();
      const result = results.get(id);
      // A call without a result has not run: only the first of several does.
      if (result) addCall(transcript, { name: called.name, args, ...result });
    }
  }
  return transcript;
}

/** A JSON object as a Map, so that no key can reach a prototype; undefined for anything else. */
export function objectOf(json: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

/** A text argument or field; empty when it is missing or no text. */
export function textOf(map: ReadonlyMap<string, unknown> | undefined, key: string): string {
  const value = map?.get(key);
  return typeof value === "string" ? value : "";
}

/** The call as it ran already: same function, same texts. */
export function callLike(
  calls: readonly DoneCall[],
  call: { name: string; args: Readonly<Record<string, unknown>> },
): DoneCall | undefined {
  return calls.find(
    (done) =>
      done.name === call.name &&
      Object.entries(call.args).every(([key, value]) => done.args.get(key) === value),
  );
}

function blocksOf(
  messages: readonly ChatMessage[],
): Pick<Transcript, "persona" | "human" | "people"> {
  const text = messages
    .filter((message) => message.role === "system")
    .map((message) => message.content ?? "")
    .join("\n");
  const people = new Map(labelsIn(text).map((label) => [label, blockOf(text, label)] as const));
  return { persona: blockOf(text, "persona"), human: blockOf(text, "human"), people };
}

/** The last block of that name: prompts may mention the tags in passing. */
function blockOf(text: string, label: string): string {
  const open = Math.max(text.lastIndexOf(`<${label} `), text.lastIndexOf(`<${label}>`));
  const start = text.indexOf(">", open) + 1;
  const end = text.indexOf(`</${label}>`, start);
  return open < 0 || start === 0 || end < 0 ? "" : text.slice(start, end).replace(/^\n|\n$/g, "");
}

const PERSON_BLOCK = /<(human:[\w-]{1,64}) characters="/g;
/** How MemGPT's events name a new block, and say that what stands above needs no answer any more. */
const NEW_BLOCK = /has a block of core memory, "(human:[\w-]{1,64})", which is empty/;
const ALL_ANSWERED = "Everything above has been answered.";

function labelsIn(text: string): string[] {
  return [...new Set([...text.matchAll(PERSON_BLOCK)].map(([, label = ""]) => label))];
}

/** Blocks of core memory come with events, too: when somebody arrives, and when people edit them. */
function readEvent(transcript: Transcript, text: string): void {
  const empty = NEW_BLOCK.exec(text)?.[1];
  if (empty !== undefined) transcript.people.set(empty, "");
  for (const label of labelsIn(text)) transcript.people.set(label, blockOf(text, label));
  for (const label of ["persona", "human"] as const) {
    if (text.includes(`<${label} characters="`)) transcript[label] = blockOf(text, label);
  }
  if (!text.endsWith(ALL_ANSWERED)) return;
  transcript.earlier.push(...transcript.lines);
  transcript.lines = [];
}

function resultsOf(messages: readonly ChatMessage[]): Map<string, Pick<DoneCall, "ok" | "result">> {
  const results = new Map<string, Pick<DoneCall, "ok" | "result">>();
  for (const message of messages) {
    if (message.role !== "tool" || message.tool_call_id === undefined) continue;
    const result = objectOf(message.content ?? "");
    results.set(message.tool_call_id, {
      ok: textOf(result, "status") !== "Failed",
      result: textOf(result, "message"),
    });
  }
  return results;
}

function addUserMessage(transcript: Transcript, message: ChatMessage): void {
  const content = message.content ?? "";
  const event = objectOf(content);
  const type = textOf(event, "type");
  if (type !== "" && type !== "user_message") {
    transcript.event = type;
    if (type === "system_alert") readEvent(transcript, textOf(event, "message"));
    return;
  }
  // MemGPT 0.3.5 put all but the newest line into the queue unpackaged.
  const packaged = type === "user_message";
  const time = textOf(event, "time");
  transcript.lines.push({
    speaker: (packaged && textOf(event, "name")) || message.name || "user",
    text: packaged ? textOf(event, "message") : content,
    ...(time === "" ? {} : { time }),
  });
}

function addCall(transcript: Transcript, call: DoneCall): void {
  if (call.name === "send_message" && call.ok) {
    transcript.said.push(textOf(call.args, "message"));
    transcript.earlier.push(...transcript.lines);
    transcript.lines = [];
    transcript.calls = [];
    return;
  }
  transcript.calls.push(call);
  if (call.ok) applyEdit(transcript, call);
}

/** Safe to repeat, because a prompt's blocks may be newer than the calls that stand in its queue. */
function applyEdit(transcript: Transcript, { name, args }: DoneCall): void {
  const label = textOf(args, "name");
  const own = label === "persona" || label === "human";
  const block = own ? transcript[label] : transcript.people.get(label);
  if (block === undefined) return;
  const edited = editedBlock(block, name, args, own ? "\n" : "");
  if (own) transcript[label] = edited;
  else transcript.people.set(label, edited);
}

/** `lead` stands before the first note of an empty block: none does in a person's own. */
function editedBlock(
  block: string,
  name: string,
  args: ReadonlyMap<string, unknown>,
  lead: string,
): string {
  if (name === "core_memory_append") {
    const content = textOf(args, "content");
    if (block === "") return `${lead}${content}`;
    return block.includes(content) ? block : `${block}\n${content}`;
  }
  const old = name === "core_memory_replace" ? textOf(args, "old_content") : "";
  return old === "" ? block : block.split(old).join(textOf(args, "new_content"));
}
