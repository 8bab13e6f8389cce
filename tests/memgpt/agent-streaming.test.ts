import { describe, expect, it } from "vitest";
import { MemgptConversableAgent } from "../../src/autogen/index.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import type { IncomingLine } from "../../src/memgpt/runtime.ts";
import type { AgentEvent } from "../../src/shared/events.ts";
import { people, runAll, table } from "../autogen/table.ts";
import { type ScriptedCall, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { create, line, type World, world } from "./agent-fixture.ts";

async function streamed(
  w: World,
  lines: readonly IncomingLine[] = [line("Hi")],
): Promise<{ text: string; pieces: string[]; reply: string }> {
  const pieces: string[] = [];
  const onEvent = (event: AgentEvent) => {
    if (event.type === "text_delta") pieces.push(event.text);
  };
  const { messages } = await create(w).reply(lines, { onEvent, stream: true });
  return { text: pieces.join(""), pieces, reply: messages.join("\n") };
}

const say = (message: string, heartbeat = false): ScriptedCall => ({
  name: "send_message",
  args: { message, ...(heartbeat ? { request_heartbeat: true } : {}) },
});

describe("what the agent says", () => {
  it("appears while it is being written, decoded", async () => {
    const { text, pieces, reply } = await streamed(world([says('Grüße 👋, "Ada"!\nTea?')]));
    expect(text).toBe('Grüße 👋, "Ada"!\nTea?');
    expect(reply).toBe(text);
    expect(pieces.length).toBeGreaterThan(2);
  });

  it("joins to the whole reply over several calls and steps, and nothing else is in it", async () => {
    const keep = {
      name: "archival_memory_insert",
      args: { content: "Tea", message: "no", request_heartbeat: true },
    };
    const w = world([
      { calls: [say("One"), keep, say("Two", true)] },
      {
        calls: [{ name: "archival_memory_search", args: { query: "x", request_heartbeat: true } }],
      },
      { calls: [say("Three")] },
    ]);
    const { text, reply } = await streamed(w);
    expect(reply).toBe("One\nTwo\nThree");
    expect(text).toBe(reply);
  });

  it("is not streamed while the first answer is being verified", async () => {
    const w = world(["Hm.", says("Hello."), says("Again.")], { options: { skip_verify: false } });
    const agent = create(w);
    const told: AgentEvent[] = [];
    const onEvent = (event: AgentEvent) => told.push(event);
    await agent.reply([line("Hi")], { onEvent, stream: true });
    expect(told.filter((event) => event.type === "text_delta")).toEqual([]);
    expect(w.model.requests.some((request) => request.onToolCall)).toBe(false);
    await agent.reply([line("Hi")], { onEvent, stream: true });
    expect(told.filter((event) => event.type === "text_delta").length).toBeGreaterThan(0);
  });

  it("is asked of the model only where somebody listens", async () => {
    const w = world([says("Hi.")]);
    await create(w).reply([line("Hi")]);
    expect(w.model.requests[0]).not.toHaveProperty("onToolCall");
  });

  const cutOff = (text: string): ScriptStep => ({
    calls: [{ name: "send_message", args: `{"message":"${text}` }],
    finish_reason: "length",
  });

  it.each([
    ["goes on where a second attempt says the same", "Once upon a ti", "Once upon a time.", true],
    ["stops where a second attempt says something else", "Twice upon", "Once upon a time.", false],
  ])("%s", async (_, first, second, same) => {
    const w = world([cutOff(first), "Summary.", says(second)]);
    const lines = Array.from({ length: 6 }, (__, i) => line(`Line ${i}`));
    const { text, reply } = await streamed(w, lines);
    expect(reply).toBe("Once upon a time.");
    expect(text).toBe(same ? reply : first);
  });

  it("stops being told after a message that failed, and the reply is the truth", async () => {
    const bad = { name: "send_message", args: { message: "To Bob", to: "Bob" } };
    const { text, reply } = await streamed(world([{ calls: [bad] }, says("To all")]));
    expect([text, reply]).toEqual(["To Bob", "To all"]);
  });

  it("reaches the table's listener, unless traces stand between the words", async () => {
    for (const share_with_agents of [false, true]) {
      const w = world([says("Hello there.")]);
      const agent = new MemgptConversableAgent({
        agent: create(w),
        clock: w.clock,
        interface_kwargs: { share_with_agents },
      });
      const pieces: string[] = [];
      await runAll(table([people(), agent], { max_round: 2 }), {
        opening: { message: "Go", speaker: "User_proxy" },
        stream: true,
        onEvent: (event: AgentEvent) => {
          if (event.type === "text_delta") pieces.push(event.text);
        },
      });
      expect(pieces.join("")).toBe(share_with_agents ? "" : "Hello there.");
    }
  });
});

describe("a request", () => {
  it("carries nothing that changes what is sent when somebody listens", async () => {
    const bodies = await Promise.all(
      [true, false].map(async (listens) => {
        const w = world([says("Hi.")]);
        await create(w).reply(
          [line("Hi")],
          listens ? { onEvent: () => undefined, stream: true } : {},
        );
        const { onToolCall: _, ...rest } = w.model.requests[0] as ChatRequest;
        return JSON.stringify(rest);
      }),
    );
    expect(bodies[0]).toBe(bodies[1]);
  });
});
