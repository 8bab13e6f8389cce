/**
 * What a local model wrote, as thoughts and at most one function call (MemGPT 0.3.5
 * `output_to_chat_completion_response`). An answer that is no call comes back as text; asking again
 * is the step loop's.
 */
import type { ToolSchema } from "../../memgpt/ports.ts";
import { record } from "../model-http/completion.ts";
import { readObject } from "./repair-json.ts";

export interface ParsedAnswer {
  content: string | null;
  call?: { name: string; arguments: string };
}

/** @param forced the beginning that the prompt ended with and the answer goes on from */
export function parseAnswer(
  raw: string,
  forced: string,
  tools: readonly ToolSchema[],
): ParsedAnswer {
  const text = raw.trim();
  const prose: ParsedAnswer = { content: text === "" ? null : text };
  if (tools.length === 0) return prose;
  // Some models begin anew in spite of the beginning that they were given.
  const whole = text.startsWith("{") ? text : `${forced}${raw}`.trim();
  const answer = readObject(whole);
  if (!answer) return prose;
  const known = new Set(tools.map((tool) => tool.function.name));
  return callIn(answer, known) ?? prose;
}

function callIn(
  answer: Record<string, unknown>,
  known: ReadonlySet<string>,
): ParsedAnswer | undefined {
  // Having begun anew inside the given beginning, the call stands in the place of its name.
  const made = record(answer.function) ?? answer;
  const { function: called, name: named, ...others } = made;
  const name = called ?? named;
  const { params, arguments: args, parameters, inner_thoughts: top, ...loose } = others;
  const given = paramsOf(params ?? args ?? parameters);
  if (typeof name !== "string" || /^(?:none|null)?$/i.test(name.trim())) {
    const thought = textOf(top ?? answer.inner_thoughts);
    return thought === null ? undefined : { content: thought };
  }
  const fn = name.trim();
  // A word after the forced beginning looks like a name; only what is more than that is a call.
  if (!given && !known.has(fn)) return undefined;
  const { inner_thoughts, ...rest } = given ?? loose;
  // The original never lets a message ask for a heartbeat.
  if (fn === "send_message") delete rest.request_heartbeat;
  return {
    content: textOf(inner_thoughts ?? top ?? answer.inner_thoughts),
    call: { name: fn, arguments: JSON.stringify(rest) },
  };
}

/** An object, or the text of one. */
function paramsOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "string" ? readObject(value) : record(value);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
