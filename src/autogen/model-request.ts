/**
 * A thread's lines as a chat model takes them: tool responses unrolled and set right behind their
 * call (a person may have spoken in between), legacy function calls as tool calls, names in the
 * backends' alphabet. A call without a result gets one that says so: backends refuse it otherwise.
 */
import type { ChatMessage, ToolCall } from "../memgpt/ports.ts";
import { type AgentMessage, wireName } from "./message.ts";

const NO_RESULT = "Error: No result was returned for this call.";

export function toChatMessages(lines: readonly AgentMessage[]): ChatMessage[] {
  const results = new ResultShelf(lines);
  const request: ChatMessage[] = [];
  lines.forEach((line, index) => {
    if (line.tool_responses || line.role === "tool" || line.role === "function") {
      for (const text of results.unclaimed(line)) request.push(userLine(text, line.name));
      // On a tool line the content only repeats the responses; a person's words stand beside them.
      if (line.tool_responses && line.role !== "tool") request.push(plainLine(line));
      return;
    }
    const calls = callsOf(line, index);
    if (calls.length === 0) {
      request.push(plainLine(line));
      return;
    }
    request.push({
      role: "assistant",
      // Some backends refuse an empty text beside a call.
      content: line.content || null,
      ...(line.name ? { name: wireName(line.name) } : {}),
      tool_calls: calls,
    });
    for (const call of calls) {
      request.push({ role: "tool", tool_call_id: call.id, content: results.claim(call) });
    }
  });
  return request;
}

interface Result {
  line: AgentMessage;
  key: string;
  content: string;
  claimed: boolean;
}

/** Results by call id, or by function name for legacy calls; each is claimed by one call. */
class ResultShelf {
  readonly #byKey = new Map<string, Result[]>();
  readonly #byLine = new Map<AgentMessage, Result[]>();

  constructor(lines: readonly AgentMessage[]) {
    for (const line of lines) {
      for (const [key, content] of resultsOf(line)) {
        const result = { line, key, content, claimed: false };
        push(this.#byKey, key, result);
        push(this.#byLine, line, result);
      }
    }
    // A result belongs to a call that came before it, so claims are marked in a first pass.
    lines.forEach((line, index) => {
      for (const call of callsOf(line, index)) {
        const result = this.#find(call);
        if (result) result.claimed = true;
      }
    });
  }

  claim(call: ToolCall): string {
    return this.#take(call)?.content ?? NO_RESULT;
  }

  unclaimed(line: AgentMessage): string[] {
    return (this.#byLine.get(line) ?? []).filter((one) => !one.claimed).map((one) => one.content);
  }

  #find(call: ToolCall): Result | undefined {
    const shelf = this.#byKey.get(call.id) ?? this.#byKey.get(legacyKey(call.function.name));
    return shelf?.find((one) => !one.claimed);
  }

  #take(call: ToolCall): Result | undefined {
    const shelf = this.#byKey.get(call.id) ?? this.#byKey.get(legacyKey(call.function.name));
    return shelf?.shift();
  }
}

function callsOf(line: AgentMessage, index: number): ToolCall[] {
  const legacy: ToolCall[] = line.function_call
    ? [{ id: `call_function_${index}`, type: "function", function: line.function_call }]
    : [];
  return [...legacy, ...(line.tool_calls ?? [])];
}

function resultsOf(line: AgentMessage): (readonly [key: string, content: string])[] {
  if (line.tool_responses) {
    return line.tool_responses.map((one) => {
      const key = one.role === "function" ? legacyKey(one.name) : one.tool_call_id;
      return [key, one.content] as const;
    });
  }
  if (line.role === "tool") return [[line.tool_call_id ?? "", line.content ?? ""]];
  if (line.role === "function") return [[legacyKey(line.name ?? ""), line.content ?? ""]];
  return [];
}

function legacyKey(functionName: string): string {
  return `function ${functionName}`;
}

function plainLine(line: AgentMessage): ChatMessage {
  const role = line.role === "assistant" || line.role === "system" ? line.role : "user";
  const name = line.name ? { name: wireName(line.name) } : {};
  return { role, content: line.content ?? "", ...name };
}

function userLine(text: string, name: string | undefined): ChatMessage {
  return { role: "user", content: text, ...(name ? { name: wireName(name) } : {}) };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
