/**
 * What the tests of the completions endpoints share: a conversation with every kind of message, two
 * functions, and a model on a scripted server.
 */
import { createCompletionsLine } from "../../../src/adapters/completions/completions-line.ts";
import { createLinesModel } from "../../../src/adapters/model-http/chat-line.ts";
import type { ModelEntry } from "../../../src/adapters/model-http/model-entry.ts";
import { createRequestLimit } from "../../../src/adapters/model-http/request-limit.ts";
import type { ChatMessage, ChatModel, ToolSchema } from "../../../src/memgpt/ports.ts";
import type { ServerKind } from "../../fakes/completion-protocols.ts";
import { CountingIds, FakeClock } from "../../fakes/fake-clock.ts";
import { RecordingLogger } from "../../fakes/small-fakes.ts";

const time = "2024-01-02 03:04:05 PM UTC+0000";

export const tools: ToolSchema[] = [
  {
    type: "function",
    function: {
      name: "send_message",
      description: "Says something.",
      parameters: {
        type: "object",
        properties: { message: { type: "string", description: "What to say." } },
        required: ["message"],
      },
    },
  },
  {
    type: "function",
    function: {
      name: "conversation_search",
      description: "Searches what was said.",
      parameters: {
        type: "object",
        properties: {
          query: { type: "string", description: "What to look for." },
          page: { type: "integer", description: "Which page." },
          request_heartbeat: { type: "boolean", description: "Whether to be called again." },
        },
        required: ["query", "request_heartbeat"],
      },
    },
  },
];

export const conversation: ChatMessage[] = [
  { role: "system", content: "You are Sam." },
  {
    role: "assistant",
    content: "Let me search.",
    tool_calls: [
      {
        id: "c1",
        type: "function",
        function: {
          name: "conversation_search",
          arguments: '{"query":"tea","request_heartbeat":true}',
        },
      },
    ],
  },
  {
    role: "tool",
    tool_call_id: "c1",
    content: JSON.stringify({ status: "OK", message: "No results.", time }),
  },
  { role: "user", content: JSON.stringify({ type: "heartbeat", reason: "Go on.", time }) },
  {
    role: "user",
    name: "Ada",
    content: JSON.stringify({ type: "user_message", message: "Schöne Grüße!", time }),
  },
];

/** Pauses between attempts cost a test nothing. */
class HastyClock extends FakeClock {
  override sleep(): Promise<void> {
    return Promise.resolve();
  }
}

export function model(
  kind: ServerKind,
  base_url: string,
  options: { wrapper?: string; entry?: Partial<ModelEntry>; timeout_ms?: number } = {},
): ChatModel {
  const deps = {
    clock: new HastyClock(),
    ids: new CountingIds(),
    logger: new RecordingLogger(),
    limit: createRequestLimit(),
    timeout_ms: options.timeout_ms ?? 5000,
    tokens: { count: (text: string) => Math.ceil(text.length / 4) },
  };
  const entry: ModelEntry = {
    api_type: "openai",
    model: "m",
    base_url,
    api_key: "NULL",
    context_window: 8192,
    completions: { server: kind, wrapper: options.wrapper ?? "chatml" },
    ...options.entry,
  };
  return createLinesModel([createCompletionsLine(entry, deps)], deps);
}
