/**
 * A message as agents keep it: AutoGen's kept keys and no others, with the role as the holder of the
 * thread sees it. One heard line is one object, shared by the log and by all who heard it; the
 * speaker alone keeps a second one, in the assistant's role.
 */
import type { ToolCall } from "../memgpt/ports.ts";
import { AutogenError } from "./errors.ts";

export interface FunctionCall {
  name: string;
  /** The model's raw text. */
  arguments: string;
}

/** The answer to one call: by its id, or by the function's name for a legacy `function_call`. */
export type ToolResponse =
  | { tool_call_id: string; role: "tool"; name?: never; content: string }
  | { tool_call_id?: never; role: "function"; name: string; content: string };

/** What a response answers, as the console and models name it. */
export function responseId(response: ToolResponse): string {
  return response.role === "function" ? response.name : response.tool_call_id;
}

export type MessageRole = "system" | "user" | "assistant" | "tool" | "function";

export interface AgentMessage {
  readonly role: MessageRole;
  /** null only beside a function or tool call. */
  readonly content: string | null;
  /** The true speaker; a person's own alias on a user proxy's line. */
  readonly name?: string;
  readonly function_call?: FunctionCall;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_responses?: readonly ToolResponse[];
  readonly tool_call_id?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch, where the caller knows it; never sent to a model. */
  readonly created_at?: number;
  /** Which person speaks, where the caller tells people apart; never sent to a model. */
  readonly person?: SpeakingPerson;
}

export interface SpeakingPerson {
  readonly id: string;
  /** Not to be remembered: see `IncomingLine.off_record`. */
  readonly off_record?: boolean;
}

/** One part of a typed content; only `text` is kept, other parts become `<image>` and the like. */
export interface ContentPart {
  type: string;
  text?: string;
}

/** What may be handed in: a text, or a message whose unknown keys are dropped and role overwritten. */
export interface MessageFields {
  content?: string | readonly ContentPart[] | null;
  role?: string;
  name?: string;
  function_call?: FunctionCall;
  tool_calls?: readonly ToolCall[];
  tool_responses?: readonly ToolResponse[];
  tool_call_id?: string;
  context?: Readonly<Record<string, unknown>>;
  created_at?: number;
  person?: SpeakingPerson;
}
export type MessageInput = string | MessageFields;

/** Content as one text; null and missing become "". */
export function contentText(content: MessageFields["content"]): string {
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  return content
    .map((part) => (part.type === "text" ? (part.text ?? "") : `<${part.type.split("_")[0]}>`))
    .join("");
}

/**
 * The line as others hear it: role `user` under the speaker's name (or the message's own `name`);
 * a call is `assistant` in everybody's thread, a result keeps `tool` or `function`.
 * Throws `invalid_message` when there is neither content nor a call.
 */
export function heardLine(input: MessageInput, speaker: string): AgentMessage {
  const fields: MessageFields = typeof input === "string" ? { content: input } : input;
  const calls = hasCalls(fields);
  const missing = fields.content === undefined || fields.content === null;
  if (missing && !calls) {
    throw new AutogenError(
      "invalid_message",
      `A message of ${speaker} has neither content nor a function or tool call`,
      { next: "Give it a `content`, which may be empty, or a call." },
    );
  }
  const { role } = fields;
  const kept = role === "tool" || role === "function" ? role : calls ? "assistant" : "user";
  return {
    role: kept,
    content: missing ? null : contentText(fields.content),
    name: fields.name || speaker,
    ...(fields.function_call ? { function_call: fields.function_call } : {}),
    ...(fields.tool_calls?.length ? { tool_calls: fields.tool_calls } : {}),
    ...(fields.tool_responses ? { tool_responses: fields.tool_responses } : {}),
    ...(fields.tool_call_id === undefined ? {} : { tool_call_id: fields.tool_call_id }),
    ...(fields.context ? { context: fields.context } : {}),
    ...(fields.created_at === undefined ? {} : { created_at: fields.created_at }),
    ...(fields.person ? { person: fields.person } : {}),
  };
}

/** The same line as its speaker keeps it. */
export function ownLine(heard: AgentMessage): AgentMessage {
  return heard.role === "user" ? { ...heard, role: "assistant" } : heard;
}

export function hasCalls(message: Pick<MessageFields, "function_call" | "tool_calls">): boolean {
  return Boolean(message.function_call) || Boolean(message.tool_calls?.length);
}

/** Names of the functions that a message calls, in order. */
export function calledFunctions(message: AgentMessage): string[] {
  const names = (message.tool_calls ?? []).map((call) => call.function.name);
  return message.function_call ? [message.function_call.name, ...names] : names;
}

/** A name that every backend takes: `[A-Za-z0-9_-]`, at most 64 characters. */
export function wireName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
}

export type TerminationPredicate = (message: AgentMessage) => boolean;

/** AutoGen's default: the content equals "TERMINATE", nothing around it. */
export function isTerminate(message: AgentMessage): boolean {
  return message.content === "TERMINATE";
}
