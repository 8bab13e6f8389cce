/**
 * A chat request as one prompt, in the form of a model wrapper (MemGPT 0.3.5
 * `chat_completion_to_prompt`). Unlike there, past calls are printed whatever their shape, several
 * calls of one answer each stand with their result, and nobody's words can open a turn.
 */
import type { ChatMessage, ChatRequest, ToolCall, ToolSchema } from "../../memgpt/ports.ts";
import { record } from "../model-http/completion.ts";
import type { Template } from "./templates.ts";
import type { Wrapper } from "./wrappers.ts";

const CHOOSE =
  "From the functions listed here, choose the one that fits the conversation best, with its parameters. Answer in JSON.";
const MAY_CHOOSE = "Always write inner thoughts; you need not call a function every time.";
const THOUGHTS = "Your own thoughts. Nobody else sees them.";
const HINTS = [
  "# Reminders:",
  "# What matters about you and the people stands in core memory, which is small",
  "# core_memory_replace changes it, core_memory_append adds to it",
  "# Everything else belongs into archival memory, which has no limit",
  "# archival_memory_insert adds to it, archival_memory_search finds in it",
  "# When you learn something new that matters, save it at once",
].join("\n");

export interface Prompt {
  text: string;
  /** The answer's beginning that stands at the prompt's end already; empty when there is none. */
  forced: string;
  stop: readonly string[];
}

/** Ends a call that the model would follow with another one. */
const AFTER_CALL = "  }\n}\n";

/** @param grammar whether the server holds the model to a grammar, so that nothing is forced */
export function renderPrompt(wrapper: Wrapper, request: ChatRequest, grammar = false): Prompt {
  const { template } = wrapper;
  const tools = toolsOf(request);
  const [first, ...others] = request.messages;
  const headed = first?.role === "system";
  const conversation = headed ? others : request.messages;
  const system = headed ? defused(first.content ?? "", template) : "";
  const functions = tools.length > 0 ? functionBlock(wrapper, tools) : "";
  const head = [system, functions].filter((part) => part !== "").join("\n");
  const calling = tools.length > 0;
  const forced = calling && !grammar ? wrapper.forced : "";
  const text = [
    head === "" ? "" : template.system(head),
    template.conversation,
    ...turns(wrapper, conversation),
    template.answer,
    calling && wrapper.hints ? `\n${HINTS}` : "",
    forced,
  ].join("");
  return {
    text: head === "" ? text.trimStart() : text,
    forced,
    stop: calling ? [...template.stop, AFTER_CALL] : template.stop,
  };
}

/** The functions that may be called in the answer. */
export function toolsOf(request: ChatRequest): readonly ToolSchema[] {
  return request.tool_choice === "none" ? [] : (request.tools ?? []);
}

function functionBlock({ thoughts }: Wrapper, tools: readonly ToolSchema[]): string {
  const described = tools.map(({ function: { name, description, parameters } }) => {
    const params = Object.entries(parameters.properties).map(
      ([key, schema]) => `\n    ${key}: ${String(schema.description ?? schema.type ?? "")}`,
    );
    const own = thoughts === "params" ? `\n    inner_thoughts: ${THOUGHTS}` : "";
    return `\n${name}:\n  description: ${description}\n  params:${own}${params.join("")}`;
  });
  const ask = thoughts === "top" ? `${CHOOSE} ${MAY_CHOOSE}` : CHOOSE;
  return `${ask}\nAvailable functions:${described.join("")}`;
}

function turns(wrapper: Wrapper, messages: readonly ChatMessage[]): string[] {
  const printed: string[] = [];
  for (let i = 0; i < messages.length; i += 1) {
    const message = messages[i];
    if (!message) continue;
    if (message.role === "assistant" && message.tool_calls && message.tool_calls.length > 0) {
      const results = resultsAfter(messages, i);
      printed.push(...calls(wrapper, message.content, message.tool_calls, results));
      i += results.length;
    } else printed.push(turn(wrapper, message));
  }
  return printed;
}

/** The results that follow the calls at `index` at once. */
function resultsAfter(messages: readonly ChatMessage[], index: number): ChatMessage[] {
  const results: ChatMessage[] = [];
  for (let i = index + 1; messages[i]?.role === "tool"; i += 1) {
    const result = messages[i];
    if (result) results.push(result);
  }
  return results;
}

/** Each call with its own result; results of unknown calls come last. */
function calls(
  wrapper: Wrapper,
  content: string | null,
  made: readonly ToolCall[],
  results: readonly ChatMessage[],
): string[] {
  const { template } = wrapper;
  const left = new Set(results);
  const printed = made.flatMap((call, i) => {
    const thought = i === 0 ? content : null;
    const own = results.find((one) => left.has(one) && one.tool_call_id === call.id);
    if (own) left.delete(own);
    const json = defused(callJson(wrapper, call, thought), template);
    const aside = wrapper.thoughts === "none" && thought ? `${defused(thought, template)}\n` : "";
    return [template.call(`${aside}${json}`), ...(own ? [turn(wrapper, own)] : [])];
  });
  return [...printed, ...[...left].map((result) => turn(wrapper, result))];
}

function callJson({ thoughts }: Wrapper, call: ToolCall, content: string | null): string {
  const inner = { inner_thoughts: content };
  const args = record(parsed(call.function.arguments)) ?? {};
  const params = thoughts === "params" ? { ...inner, ...args } : args;
  const made = { function: call.function.name, params };
  return JSON.stringify(thoughts === "top" ? { ...inner, ...made } : made, null, 2);
}

function turn(wrapper: Wrapper, message: ChatMessage): string {
  const { template } = wrapper;
  const content = message.content ?? "";
  switch (message.role) {
    case "assistant":
      return template.assistant(defused(content, template));
    case "tool":
      return template.result(defused(wrapper.plain_lines ? content : indented(content), template));
    case "system":
      return template.event(defused(content, template));
    case "user":
      return userTurn(wrapper, message, content);
  }
}

function userTurn(
  { template, plain_lines }: Wrapper,
  message: ChatMessage,
  content: string,
): string {
  const event = record(parsed(content));
  const said = event === undefined || event.type === "user_message";
  const line = plain_lines && typeof event?.message === "string" ? event.message : undefined;
  const text = defused(line ?? (plain_lines ? content : indented(content)), template);
  if (!said) return template.event(text);
  // The event has the name that the wire form could not hold; printed whole, it still says so.
  const name = plain_lines && typeof event?.name === "string" ? event.name : message.name;
  return template.user(name?.replace(/[^\p{L}\p{N}_. -]+/gu, "_").slice(0, 64), text);
}

function indented(content: string): string {
  const value = parsed(content);
  return typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : content;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes the meaning from what looks like a mark of the form: a message must not open a turn. */
function defused(text: string, { marks }: Template): string {
  return text.replace(marks, (mark) => `${mark} `);
}
