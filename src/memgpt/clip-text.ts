/**
 * Shortening texts and messages: never inside a surrogate pair, to a number of characters or of
 * tokens, and so that packaged JSON stays JSON.
 */
import { parseObject } from "./packaging.ts";
import type { ChatMessage, TokenCounter, ToolCall } from "./ports.ts";

/** `text.slice(start, end)`, an end inside a surrogate pair moved before it, a start behind it. */
export function sliceText(text: string, start: number, end: number): string {
  const from = isLowSurrogate(text, start) ? start + 1 : start;
  const to = isLowSurrogate(text, end) ? end - 1 : end;
  return text.slice(from, Math.max(from, to));
}

/** The beginning of a text, at most `limit` characters and an ellipsis. */
export function clipText(text: string, limit: number): string {
  return text.length <= limit ? text : `${sliceText(text, 0, limit)}…`;
}

/** The beginning of a text that fits into `limit` tokens. */
export function clipToTokens(text: string, limit: number, tokens: TokenCounter): string {
  // A token is at most a few characters on average; this spares counting a very long tail.
  let kept = sliceText(text, 0, limit * 8);
  for (let i = 0; i < 40; i += 1) {
    const count = tokens.count(kept);
    if (count <= limit) return kept;
    const length = Math.floor(kept.length * Math.min(0.9, limit / count));
    kept = sliceText(kept, 0, length);
  }
  return "";
}

/** What a message costs in a prompt: its texts and a few tokens of framing (OpenAI's cookbook). */
export function countMessage(message: ChatMessage, tokens: TokenCounter): number {
  let count = 4 + tokens.count(message.content ?? "");
  if (message.name !== undefined) count += 1 + tokens.count(message.name);
  for (const call of message.tool_calls ?? []) {
    count += 8 + tokens.count(call.function.name) + tokens.count(call.function.arguments);
  }
  return count;
}

const CUT = " [NOTE: cut to save space]";

/**
 * A copy of a message with its texts cut so that it takes about `limit` tokens. Deterministic, so
 * that a restored queue reads as it did.
 */
export function trimMessage(
  message: ChatMessage,
  limit: number,
  tokens: TokenCounter,
): ChatMessage {
  const calls = message.tool_calls ?? [];
  // Framing, names and JSON around the texts come out of the same allowance.
  const share = Math.max(8, Math.floor((limit - 40) / (1 + calls.length)));
  const cut = (text: string): string =>
    tokens.count(text) <= share ? text : clipToTokens(text, share, tokens) + CUT;
  return {
    ...message,
    content: message.content === null ? null : cutContent(message.content, cut),
    ...(calls.length > 0 ? { tool_calls: calls.map((call) => cutCall(call, cut)) } : {}),
  };
}

function cutContent(content: string, cut: (text: string) => string): string {
  const event = parseObject(content);
  return event && typeof event.message === "string"
    ? JSON.stringify({ ...event, message: cut(event.message) })
    : cut(content);
}

function cutCall(call: ToolCall, cut: (text: string) => string): ToolCall {
  const args = parseObject(call.function.arguments) ?? {};
  const entries = Object.entries(args).map(([key, value]) => [
    key,
    typeof value === "string" ? cut(value) : value,
  ]);
  const shorter = JSON.stringify(Object.fromEntries(entries));
  return { ...call, function: { ...call.function, arguments: shorter } };
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
