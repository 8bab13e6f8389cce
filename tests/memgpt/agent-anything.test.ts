import { expect, it } from "vitest";
import { MemgptAgent } from "../../src/memgpt/agent.ts";
import { countMessage } from "../../src/memgpt/clip-text.ts";
import { parseObject } from "../../src/memgpt/packaging.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { ModelError } from "../../src/shared/errors.ts";
import type { ScriptedCall, ScriptStep } from "../fakes/scripted-chat-model.ts";
import { quarterTokens } from "../fakes/small-fakes.ts";
import { ALL_FUNCTIONS, line, pairsAreWhole, world } from "./agent-fixture.ts";

/** Anything a model or a person may come up with, the same in every run of a seed. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, not including, 1 (Mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  of<T>(...choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }

  words(most: number): string {
    const word = () =>
      this.of("tea", "boat", "日本", "👋", "x".repeat(40), "naïve", '"q"', "\n", "}");
    return Array.from({ length: 1 + this.next() * most }, word).join(" ");
  }

  call(): ScriptedCall {
    const heartbeat = { request_heartbeat: this.of<unknown>(true, true, false, "true", null) };
    const page = this.of<unknown>(0, 1, null, "none", 99, "x");
    return this.of<() => ScriptedCall>(
      () => ({ name: "send_message", args: { message: this.words(60) } }),
      () => ({ name: "send_message", args: this.of<string>("{broken", "", '{"message": 5}') }),
      () => ({
        name: this.of("core_memory_append", "nothing_like_it"),
        args: { name: this.of("human", "human:ada", "?"), content: this.words(80), ...heartbeat },
      }),
      () => ({
        name: "core_memory_replace",
        args: { name: "human", old_content: this.of("tea", ""), new_content: "", ...heartbeat },
      }),
      () => ({ name: "conversation_search", args: { query: "tea", page, ...heartbeat } }),
      () => ({
        name: "archival_memory_insert",
        args: { content: this.words(300), ...heartbeat },
      }),
      () => ({ name: "archival_memory_search", args: { query: "boat", page, ...heartbeat } }),
    )();
  }

  answer(): ScriptStep {
    const lot = this.next();
    if (lot < 0.04) return new ModelError("context_length_exceeded", "maximum context length");
    if (lot < 0.06) return new ModelError("timeout", "slow");
    if (lot < 0.12) return this.words(5);
    const calls = Array.from({ length: this.of(1, 1, 1, 3, 40) }, () => this.call());
    const cut = this.next() < 0.05 ? { finish_reason: "length" as const } : {};
    return { content: this.of(null, "Hm.", this.words(10)), calls, ...cut };
  }
}

/** What is wrong with a request. */
function faultsOf({ messages, tools }: ChatRequest, window: number): string[] {
  const texts = messages.flatMap(({ role, content, tool_calls = [] }) => [
    ...(role === "user" || role === "tool" ? [content ?? ""] : []),
    ...tool_calls.map((call) => call.function.arguments),
  ]);
  const head = quarterTokens.count(JSON.stringify(tools));
  const size = messages.reduce((sum, message) => sum + countMessage(message, quarterTokens), head);
  return [
    ...(pairsAreWhole(messages) ? [] : ["parted pairs"]),
    ...texts.filter((text) => parseObject(text) === undefined).map((text) => `no JSON: ${text}`),
    ...(size <= window ? [] : [`${size} tokens in a window of ${window}`]),
  ];
}

it.each(Array.from({ length: 5 }, (_, i) => i + 1))(
  "whatever happens, requests fit and are well formed, and a restart changes nothing (seed %i)",
  async (seed) => {
    const chance = new Chance(seed);
    const window = chance.of(3600, 4096, 8192);
    const faults: string[] = [];
    const step = (request: ChatRequest): ScriptStep => {
      if (!request.tools) return chance.of<ScriptStep>("", "We talked.", new Error("down"));
      faults.push(...faultsOf(request, window));
      return chance.answer();
    };
    const w = world(
      Array.from({ length: 10_000 }, () => step),
      { context_window: window, options: { functions: ALL_FUNCTIONS } },
    );
    let agent = MemgptAgent.create(w.options, w.runtime);
    for (let turn = 0; turn < 15; turn += 1) {
      const lines = Array.from({ length: chance.of(0, 1, 2, 5) }, () => ({
        ...line(chance.words(chance.of(20, 80, 6000)), chance.of("Ada", "Zoë")),
        person: chance.of("1", "2"),
      }));
      await agent.reply(lines).catch((error: unknown) => expect(error).toBeInstanceOf(ModelError));
      if (chance.next() < 0.2) agent.undoEdits(2);
      if (chance.next() < 0.6) continue;
      await agent.save();
      const again = await MemgptAgent.load(w.options, w.runtime);
      expect(again?.prompt).toEqual(agent.prompt);
      agent = again ?? agent;
    }
    expect(faults).toEqual([]);
    expect(w.model.requests.length).toBeGreaterThan(15);
  },
);
