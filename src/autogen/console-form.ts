/**
 * The console form of the originals: who says what to whom, calls and results under starred headers,
 * eighty dashes. Pure text; whoever runs a chat passes a `print` to see it.
 */
import type { AgentEvent } from "../shared/events.ts";
import { type AgentMessage, responseId } from "./message.ts";

const RULE = "-".repeat(80);

/**
 * One message as AutoGen 0.2.40 prints it, without the last line break: each response to a tool call has
 * a head and a rule of its own, inside the message's.
 */
export function formatMessage(sender: string, recipient: string, message: AgentMessage): string {
  const head = [`${sender} (to ${recipient}):`, ""];
  const end = ["", RULE];
  const responses = (message.tool_responses ?? []).flatMap((one) => [
    ...head,
    ...result(one.role, responseId(one), one.content),
    ...end,
  ]);
  // A tool message's text only repeats its responses.
  if (message.role === "tool" && responses.length > 0) return [...head, ...responses].join("\n");
  return [...head, ...responses, ...body(message), ...end].join("\n");
}

/** The line between rounds, since 0.2.28. */
export function formatNextSpeaker(name: string): string {
  return `\nNext speaker: ${name}\n`;
}

export function formatExecuting(functionName: string): string {
  return `\n>>>>>>>> EXECUTING FUNCTION ${functionName}...`;
}

/**
 * A thought or a function trace as MemGPT's AutoGen interface words it, plain or `fancy`; undefined for
 * other events and for `send_message`, whose words are the reply itself.
 */
export function formatTrace(event: AgentEvent, fancy = false): string | undefined {
  if (event.type === "inner_thoughts") {
    return fancy ? `💭 ${event.text}` : `[inner thoughts] ${event.text}`;
  }
  if (event.type === "function_call") {
    const call = formatCall(event.name, event.arguments);
    return fancy && call !== undefined ? `⚡ ${call}` : call;
  }
  if (event.type !== "function_result" || event.name === "send_message") return undefined;
  if (event.ok) return `${fancy ? "⚡🟢 " : ""}[function - OK] Success: ${event.text}`;
  return `${fancy ? "⚡🔴 " : ""}[function - error] Error: ${event.text}`;
}

function formatCall(name: string, args: Readonly<Record<string, unknown>>): string | undefined {
  if (name === "send_message") return undefined;
  if (name === "core_memory_replace") {
    return `[old -> new] ${String(args.old_content)} -> ${String(args.new_content)}`;
  }
  const list = Object.entries(args)
    .filter(([key]) => key !== "request_heartbeat")
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `[function] ${list.join(", ")}`;
}

function body(message: AgentMessage): string[] {
  const lines: string[] = [];
  if (message.role === "tool") {
    return result("tool", message.tool_call_id ?? "No id found", message.content ?? "");
  }
  if (message.role === "function") {
    return result("function", message.name ?? "No id found", message.content ?? "");
  }
  if (message.content) lines.push(message.content);
  else if (message.content === "" && !message.tool_calls && !message.function_call) lines.push("");
  const call = message.function_call;
  if (call) lines.push(...suggested(`Suggested function call: ${call.name}`, call.arguments));
  for (const { id, function: called } of message.tool_calls ?? []) {
    lines.push(...suggested(`Suggested tool call (${id}): ${called.name}`, called.arguments));
  }
  return lines;
}

function suggested(title: string, args: string): string[] {
  const header = `***** ${title} *****`;
  return [header, "Arguments: ", args || "(No arguments found)", "*".repeat(header.length)];
}

function result(kind: "function" | "tool", id: string, content: string): string[] {
  const header = `***** Response from calling ${kind} (${id}) *****`;
  return [header, content, "*".repeat(header.length)];
}
