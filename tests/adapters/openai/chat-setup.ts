/**
 * What the tests of the chat model share: servers on loopback, a clock without waiting, and the
 * usual request.
 */
import { afterEach, beforeEach } from "vitest";
import { createLinesModel } from "../../../src/adapters/model-http/chat-line.ts";
import type { ModelDeps } from "../../../src/adapters/model-http/failover.ts";
import type { ModelEntry } from "../../../src/adapters/model-http/model-entry.ts";
import { createRequestLimit } from "../../../src/adapters/model-http/request-limit.ts";
import { createChatLine } from "../../../src/adapters/openai/chat-model.ts";
import type { ChatMessage, ChatModel, ToolSchema } from "../../../src/memgpt/ports.ts";
import { ModelError } from "../../../src/shared/errors.ts";
import { CountingIds, FakeClock } from "../../fakes/fake-clock.ts";
import { FakeOpenAiServer } from "../../fakes/openai-server.ts";
import { RecordingLogger } from "../../fakes/small-fakes.ts";

export const KEY = "sk-canary-0123456789";
export const messages: ChatMessage[] = [{ role: "user", content: "Hello?" }];
export const tools: ToolSchema[] = [
  {
    type: "function",
    function: {
      name: "send_message",
      description: "Speaks.",
      parameters: { type: "object", properties: { message: { type: "string" } } },
    },
  },
];

/** Time that passes at once, so that pauses between attempts cost a test nothing. */
export class HastyClock extends FakeClock {
  readonly pauses: number[] = [];

  override sleep(ms: number): Promise<void> {
    this.pauses.push(ms);
    return Promise.resolve();
  }
}

export let server: FakeOpenAiServer;
export let other: FakeOpenAiServer;
export let clock: HastyClock;
export let logger: RecordingLogger;

/** Two fresh servers, a clock and a logger for each test of the file that calls this. */
export function freshServers(): void {
  beforeEach(async () => {
    server = await FakeOpenAiServer.start();
    other = await FakeOpenAiServer.start();
    clock = new HastyClock();
    logger = new RecordingLogger();
  });

  afterEach(async () => {
    await server.close();
    await other.close();
  });
}

export function entry(fields: Partial<ModelEntry> = {}): ModelEntry {
  return { api_type: "openai", model: "gpt-4", base_url: server.base_url, api_key: KEY, ...fields };
}

export function createChatModel(entries: readonly ModelEntry[], deps: ModelDeps): ChatModel {
  return createLinesModel(
    entries.map((one) => createChatLine(one, deps)),
    deps,
  );
}

export function model(
  entries: readonly ModelEntry[] = [entry()],
  options: { timeout_ms?: number; stall_ms?: number } = {},
): ChatModel {
  const ids = new CountingIds();
  return createChatModel(entries, {
    clock,
    ids,
    logger,
    limit: createRequestLimit(),
    timeout_ms: 5000,
    ...options,
  });
}

export async function failure(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelError)) throw new Error(`Expected a ModelError, got ${error}`);
  return error;
}
