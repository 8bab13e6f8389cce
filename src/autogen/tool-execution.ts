/**
 * Runs the functions that a message calls and makes each outcome, failures included, a text for the
 * model. Never code execution: only functions that the program registered by name.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { throwIfAborted } from "../shared/abort.ts";
import { abortable } from "./abortable.ts";
import {
  type AgentMessage,
  type FunctionCall,
  type MessageFields,
  responseId,
  type ToolResponse,
} from "./message.ts";

/** Gets the parsed arguments; what it returns is made text (JSON unless it is a string). */
export type AgentFunction = (
  args: Readonly<Record<string, unknown>>,
  context: { signal?: AbortSignalLike },
) => unknown;

export interface Execution {
  ok: boolean;
  content: string;
}

export interface ExecutionOptions {
  signal?: AbortSignalLike;
  onCall?: (name: string, args: Readonly<Record<string, unknown>>) => void;
  onResult?: (name: string, execution: Execution) => void;
}

/** Runs one call; rejects only when the signal is aborted. */
export async function executeFunction(
  call: FunctionCall,
  functions: ReadonlyMap<string, AgentFunction>,
  options: ExecutionOptions = {},
): Promise<Execution> {
  const execution = await abortable(run(call, functions, options), options.signal);
  throwIfAborted(options.signal);
  options.onResult?.(call.name, execution);
  return execution;
}

/** The reply of AutoGen's `generate_tool_calls_reply`: one tool message with a response per call. */
export async function toolCallsReply(
  message: AgentMessage,
  execute: (call: FunctionCall) => Promise<{ content: string }>,
): Promise<MessageFields | undefined> {
  const responses: ToolResponse[] = [];
  for (const call of message.tool_calls ?? []) {
    const { content } = await execute(call.function);
    responses.push({ tool_call_id: call.id, role: "tool", content });
  }
  if (responses.length === 0) return undefined;
  return { role: "tool", tool_responses: responses, content: responsesText(responses) };
}

function responsesText(responses: readonly ToolResponse[]): string {
  return responses.map((one) => `Tool Call Id: ${responseId(one)}\n${one.content}`).join("\n\n");
}

async function run(
  call: FunctionCall,
  functions: ReadonlyMap<string, AgentFunction>,
  options: ExecutionOptions,
): Promise<Execution> {
  const execute = functions.get(call.name);
  if (!execute) return { ok: false, content: `Error: Function ${call.name} not found.` };
  let args: Readonly<Record<string, unknown>>;
  try {
    args = parseArguments(call.arguments ?? "{}");
  } catch (error) {
    const why = errorText(error);
    return { ok: false, content: `Error: ${why}\n The argument must be in JSON format.` };
  }
  options.onCall?.(call.name, args);
  try {
    const result = await execute(args, options.signal ? { signal: options.signal } : {});
    return { ok: true, content: resultText(result) };
  } catch (error) {
    return { ok: false, content: `Error: ${errorText(error)}` };
  }
}

function parseArguments(text: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(escapeRawBreaks(text));
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    throw new Error("The arguments are not a JSON object.");
  }
  return parsed as Readonly<Record<string, unknown>>;
}

/** Models write raw line breaks and tabs inside JSON strings; JSON wants them escaped. */
function escapeRawBreaks(text: string): string {
  const escapes = new Map([
    ["\n", "\\n"],
    ["\r", "\\r"],
    ["\t", "\\t"],
  ]);
  let inString = false;
  let escaped = false;
  let result = "";
  for (const char of text) {
    result += inString ? (escapes.get(char) ?? char) : char;
    if (escaped) escaped = false;
    else if (char === "\\") escaped = inString;
    else if (char === '"') inString = !inString;
  }
  return result;
}

function resultText(result: unknown): string {
  if (result === undefined || result === null) return "";
  return typeof result === "string" ? result : (JSON.stringify(result) ?? String(result));
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
