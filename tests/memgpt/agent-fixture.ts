import { MemgptAgent } from "../../src/memgpt/agent.ts";
import type { ChatMessage, ChatModel, Embedder } from "../../src/memgpt/ports.ts";
import type { IncomingLine, MemgptAgentOptions, MemgptRuntime } from "../../src/memgpt/runtime.ts";
import { CountingIds, FakeClock } from "../fakes/fake-clock.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { ScriptedChatModel, type ScriptStep } from "../fakes/scripted-chat-model.ts";
import { LetterEmbedder, quarterTokens, RecordingLogger } from "../fakes/small-fakes.ts";

export const NINE = "2026-01-05 09:00:00 AM UTC+0000";

export const ALL_FUNCTIONS = [
  "send_message",
  "pause_heartbeats",
  "core_memory_append",
  "core_memory_replace",
  "conversation_search",
  "conversation_search_date",
  "archival_memory_insert",
  "archival_memory_search",
];

export interface World {
  runtime: MemgptRuntime;
  options: MemgptAgentOptions;
  model: ScriptedChatModel;
  store: MemoryStateStore;
  passages: MemoryPassageStore;
  clock: FakeClock;
  logger: RecordingLogger;
}

/** An agent's surroundings with a scripted model; verification is off unless a test turns it on. */
export function world(
  steps: readonly ScriptStep[],
  changes: {
    context_window?: number;
    options?: Partial<MemgptAgentOptions>;
    embedder?: Embedder;
  } = {},
): World {
  const model = new ScriptedChatModel(steps, { context_window: changes.context_window ?? 32_768 });
  const store = new MemoryStateStore();
  const passages = new MemoryPassageStore();
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const runtime: MemgptRuntime = {
    model,
    tokens: quarterTokens,
    embedder: changes.embedder ?? new LetterEmbedder({ semantic: false }),
    passages,
    store,
    clock,
    ids: new CountingIds(),
    logger,
    time_zone: "UTC",
  };
  const options: MemgptAgentOptions = {
    name: "Sam",
    owner: "agent/here/Sam",
    system: "You remember.",
    persona: "I am Sam.",
    human: "Nobody yet.",
    functions: ALL_FUNCTIONS,
    skip_verify: true,
    ...changes.options,
  };
  return { runtime, options, model, store, passages, clock, logger };
}

export function create(w: World): MemgptAgent {
  return MemgptAgent.create(w.options, w.runtime);
}

/** The same world with another model, as after a restart. */
export function withModel(w: World, model: ChatModel): World {
  return { ...w, runtime: { ...w.runtime, model } };
}

export function line(
  text: string,
  speaker = "Ada",
  created_at = Date.UTC(2026, 0, 5, 9),
): IncomingLine {
  return { speaker, text, created_at };
}

/** The function results of a prompt, oldest first, the boot's left out. */
export function results(messages: readonly ChatMessage[]): { status: string; message: string }[] {
  return messages
    .filter((m) => m.role === "tool" && m.tool_call_id !== "call_boot")
    .map((m) => JSON.parse(m.content ?? "{}"));
}

/** The events (user messages) of a prompt. */
export function events(messages: readonly ChatMessage[]): Record<string, string>[] {
  return messages.filter((m) => m.role === "user").map((m) => JSON.parse(m.content ?? "{}"));
}

/** Every call in a prompt is followed by exactly its results, and every result follows its call. */
export function pairsAreWhole(messages: readonly ChatMessage[]): boolean {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      if (open.shift() !== message.tool_call_id) return false;
      continue;
    }
    if (open.length > 0) return false;
    open = (message.tool_calls ?? []).map((call) => call.id);
  }
  return open.length === 0;
}
