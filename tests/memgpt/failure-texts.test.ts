import { describe, expect, it } from "vitest";
import { type ScriptedCall, says } from "../fakes/scripted-chat-model.ts";
import { create, events, line, NINE, results, world } from "./agent-fixture.ts";

type Case = readonly [call: string, args: ScriptedCall["args"], text: string];

const human = (fields: Record<string, unknown>) => ({
  name: "human",
  request_heartbeat: true,
  ...fields,
});

const CASES: readonly Case[] = [
  ["make_coffee", {}, "No function named make_coffee"],
  [
    "send_message",
    "let me think",
    "Error parsing JSON for function 'send_message' arguments: let me think",
  ],
  ["send_message", {}, "Error calling function send_message: missing required argument 'message'"],
  [
    "send_message",
    { message: "Hi", to: "Ada" },
    "Error calling function send_message: got an unexpected argument 'to'",
  ],
  [
    "send_message",
    { message: " " },
    "Error calling function send_message: 'message' argument must not be empty",
  ],
  [
    "core_memory_append",
    human({ content: "x".repeat(1990) }),
    "Error calling function core_memory_append: Edit failed: Exceeds 2000 character limit (requested 2002). Shorten what already stands in human, or move its less important parts to archival memory, and then try again.",
  ],
  [
    "core_memory_append",
    { name: "dog", content: "Rex", request_heartbeat: true },
    'Error calling function core_memory_append: No memory section named dog (must be either "persona" or "human")',
  ],
  [
    "core_memory_replace",
    human({ old_content: "Somebody", new_content: "Ada" }),
    "Error calling function core_memory_replace: Content not found in human (make sure to use exact string)",
  ],
  [
    "core_memory_replace",
    human({ old_content: "", new_content: "Ada" }),
    "Error calling function core_memory_replace: old_content cannot be an empty string (must specify old_content to replace)",
  ],
  [
    "conversation_search",
    { query: "tea", page: "first", request_heartbeat: true },
    "Error calling function conversation_search: 'page' argument must be an integer",
  ],
  [
    "conversation_search",
    { query: "tea", page: -1, request_heartbeat: true },
    "Error calling function conversation_search: 'page' argument must be 0 or greater",
  ],
  [
    "conversation_search_date",
    { start_date: "yesterday", end_date: "2026-01-05", request_heartbeat: true },
    "Error calling function conversation_search_date: 'start_date' argument must be a date as YYYY-MM-DD, not \"yesterday\"",
  ],
  [
    "archival_memory_insert",
    { content: "\n", request_heartbeat: true },
    "Error calling function archival_memory_insert: content is empty: there is nothing to archive",
  ],
  [
    "pause_heartbeats",
    { minutes: "many" },
    "Error calling function pause_heartbeats: 'minutes' argument must be an integer",
  ],
];

describe("a call that fails", () => {
  it.each(CASES)(
    "%s with %j is told to the model, which is called again",
    async (name, args, text) => {
      const w = world([{ calls: [{ name, args }] }, says("I see.")]);
      const agent = create(w);
      const before = agent.core.record();
      expect((await agent.reply([line("Go")])).messages).toEqual(["I see."]);
      expect(results(agent.prompt)[0]).toEqual({ status: "Failed", message: text, time: NINE });
      expect(events(agent.prompt).at(-1)).toMatchObject({
        type: "heartbeat",
        reason: expect.stringContaining("Your last function call failed"),
      });
      expect(agent.core.record()).toEqual(before);
      w.model.assertDone();
    },
  );
});

describe("an answer", () => {
  it("has its calls under ids of the agent's own, unique in the conversation", async () => {
    const search = (query: string): ScriptedCall => ({
      name: "conversation_search",
      args: { query, request_heartbeat: true },
    });
    const w = world([
      { calls: [search("a"), search("b")] },
      { calls: [search("c")] },
      says("Done."),
    ]);
    const agent = create(w);
    await agent.reply([line("Go")]);
    const ids = agent.prompt.flatMap((message) => message.tool_calls ?? []).map((call) => call.id);
    expect(ids).toEqual(["call_boot", "call_4_0", "call_4_1", "call_8_0", "call_11_0"]);
  });

  it("keeps its monologue as the content of the message that has the calls", async () => {
    const agent = create(world([says("Hi.", "They greet me.")]));
    await agent.reply([line("Hello")]);
    expect(agent.prompt.at(-2)).toMatchObject({ role: "assistant", content: "They greet me." });
  });
});

describe("what comes after a step", () => {
  it("is the pressure warning before a requested heartbeat", async () => {
    const keep = {
      name: "archival_memory_insert",
      args: { content: "x", request_heartbeat: true },
    };
    const w = world([{ calls: [keep], total_tokens: 30_000 }, says("Fine.")]);
    const agent = create(w);
    await agent.reply([line("Go")]);
    expect(events(agent.prompt).map((event) => event.type)).toEqual([
      "login",
      "user_message",
      "system_alert",
    ]);
  });

  it("is nothing after an answer that was said", async () => {
    const agent = create(world([says("Hi.")]));
    await agent.reply([line("Hello")]);
    expect(events(agent.prompt).map((event) => event.type)).toEqual(["login", "user_message"]);
  });
});
