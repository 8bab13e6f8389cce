/**
 * What a scripted answer may say, and how it goes out as a stream, for `openai-server.ts`.
 */
import type { ServerResponse } from "node:http";
import { pause } from "./openai-faults.ts";

export interface FakeCall {
  name: string;
  /** An object is sent as JSON text, a string as it is. */
  args: Record<string, unknown> | string;
  id?: string;
}

export interface FakeAnswer {
  content?: string | null;
  calls?: readonly FakeCall[];
  finish_reason?: string | null;
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  /** Streams: the text goes out in pieces of this many characters. Default 8. */
  piece?: number;
  /** Streams: milliseconds before each piece, of the text and of calls' arguments. */
  piece_delay_ms?: number;
  /** Milliseconds before the answer begins. */
  delay_ms?: number;
  /** Streams: leaves out what careless servers leave out. */
  careless?: readonly ("index" | "id" | "type" | "role" | "finish_reason" | "done")[];
  /** Sends arguments as an object instead of text. */
  object_arguments?: boolean;
  /** Answers a stream request with a whole JSON body. */
  whole?: boolean;
}

interface WireCall {
  index: number;
  id: string;
  type: string;
  function: { name: string; arguments: unknown };
}

export async function streamAnswer(
  answer: FakeAnswer,
  calls: readonly WireCall[],
  finish_reason: string | null,
  head: Record<string, unknown>,
  response: ServerResponse,
): Promise<void> {
  const omit = new Set<string>(answer.careless ?? []);
  const choose = (delta: Record<string, unknown>, end?: string | null): string => {
    const choice = { index: 0, delta, ...(end ? { finish_reason: end } : {}) };
    const chunk = { ...head, object: "chat.completion.chunk", choices: [choice] };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  };
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  if (!omit.has("role")) response.write(choose({ role: "assistant", content: "" }));
  const text = answer.content ?? "";
  const size = answer.piece ?? 8;
  for (let at = 0; at < text.length; at += size) {
    if (answer.piece_delay_ms) await pause(answer.piece_delay_ms);
    if (response.destroyed) return;
    response.write(choose({ content: text.slice(at, at + size) }));
  }
  for (const call of calls) {
    const shape = (fn: Record<string, unknown>, first: boolean): Record<string, unknown> => ({
      ...(omit.has("index") ? {} : { index: call.index }),
      ...(omit.has("id") || !first ? {} : { id: call.id }),
      ...(omit.has("type") || !first ? {} : { type: "function" }),
      function: fn,
    });
    const { name, arguments: args } = call.function;
    if (typeof args !== "string") {
      response.write(choose({ tool_calls: [shape({ name, arguments: args }, true)] }));
      continue;
    }
    response.write(choose({ tool_calls: [shape({ name, arguments: "" }, true)] }));
    for (let at = 0; at < args.length; at += size) {
      if (answer.piece_delay_ms) await pause(answer.piece_delay_ms);
      if (response.destroyed) return;
      const piece = { arguments: args.slice(at, at + size) };
      response.write(choose({ tool_calls: [shape(piece, false)] }));
    }
  }
  if (!omit.has("finish_reason")) response.write(choose({}, finish_reason));
  if (answer.usage) {
    response.write(`data: ${JSON.stringify({ ...head, choices: [], usage: answer.usage })}\n\n`);
  }
  response.end(omit.has("done") ? "" : "data: [DONE]\n\n");
}
