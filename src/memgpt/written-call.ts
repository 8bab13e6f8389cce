/**
 * A call that the model wrote out as its text instead of making it, as happens where a server does not
 * know the model's own form of calls: JSON with a name and arguments, alone, in a fence or in tags.
 */
import { jsonrepair } from "jsonrepair";
import { parseObject } from "./packaging.ts";
import type { ChatCompletion, ToolCall, ToolSchema } from "./ports.ts";

/** What may stand around the JSON. */
const AROUND = /^(?:```[a-z]*\s|<tool_call>)?\s*(\{[\s\S]*\})\s*(?:```|<\/tool_call>)?$/;
const LONGEST = 100_000;

/** The answer with the call that its text is, if it is one of an offered function; else as it was. */
export function readWrittenCall(
  answer: ChatCompletion,
  tools: readonly ToolSchema[],
): ChatCompletion {
  const text = answer.content?.trim() ?? "";
  if (answer.tool_calls.length > 0 || text.length > LONGEST) return answer;
  const json = AROUND.exec(text)?.[1];
  const written = json === undefined ? undefined : objectIn(json);
  if (!written) return answer;
  const name = written.name ?? written.function;
  const args = argumentsIn(written.arguments ?? written.params ?? written.parameters);
  if (!args || !tools.some((tool) => tool.function.name === name)) return answer;
  const { inner_thoughts, ...rest } = args;
  const thoughts = inner_thoughts ?? written.inner_thoughts;
  const call: ToolCall = {
    id: "written",
    type: "function",
    function: { name: String(name), arguments: JSON.stringify(rest) },
  };
  return {
    ...answer,
    content: typeof thoughts === "string" ? thoughts : null,
    tool_calls: [call],
  };
}

/** An object, or the text of one. */
function argumentsIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "string" ? objectIn(value) : parseObject(JSON.stringify(value ?? null));
}

function objectIn(json: string): Record<string, unknown> | undefined {
  try {
    return parseObject(json) ?? parseObject(jsonrepair(json));
  } catch {
    return undefined;
  }
}
