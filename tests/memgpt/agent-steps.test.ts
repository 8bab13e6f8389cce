import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import type { AgentEvent } from "../../src/shared/events.ts";
import { type ScriptedCall, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { create, events, line, NINE, pairsAreWhole, results, world } from "./agent-fixture.ts";

function calls(...list: ScriptedCall[]): ScriptStep {
  return { content: "Thinking.", calls: list };
}

const insert = (heartbeat: unknown): ScriptedCall => ({
  name: "archival_memory_insert",
  args: { content: "Tea", request_heartbeat: heartbeat },
});

describe("a reply", () => {
  it("hears every line once, packaged, with its speaker and its own time", async () => {
    const w = world([says("Hi both.")]);
    const agent = create(w);
    const reply = await agent.reply([
      line("Hello", "Ada"),
      line("Grüße", "Bob", Date.UTC(2026, 0, 5, 8)),
    ]);
    expect(reply).toEqual({ messages: ["Hi both."] });
    const [, , , , ada, bob] = w.model.requests[0]?.messages ?? [];
    expect([ada?.name, ada?.content]).toEqual([
      "Ada",
      `{"type":"user_message","message":"Hello","time":"${NINE}"}`,
    ]);
    expect([bob?.name, bob?.content]).toEqual([
      "Bob",
      '{"type":"user_message","message":"Grüße","time":"2026-01-05 08:00:00 AM UTC+0000"}',
    ]);
  });

  it("begins with system, boot sequence and login, and offers the functions", async () => {
    const w = world([says("Hi.")]);
    await create(w).reply([line("Hello")]);
    const request = w.model.requests[0] as ChatRequest;
    expect(request.messages.map((m) => m.role)).toEqual([
      "system",
      "assistant",
      "tool",
      "user",
      "user",
    ]);
    expect(request.tools).toHaveLength(8);
    expect(request.messages[0]?.content).toBe(
      [
        "You remember.",
        "",
        "### Memory",
        "Core memory shown below (limited in size; what does not fit is in archival / recall memory):",
        '<persona characters="9/2000">',
        "I am Sam.",
        "</persona>",
        '<human characters="11/2000">',
        "Nobody yet.",
        "</human>",
        `[last modified: ${NINE}]`,
        "",
        `As of ${NINE}:`,
        "0 previous messages between you and the people are stored in recall memory (use functions to access them)",
        "0 total memories are stored in archival memory (use functions to access them)",
      ].join("\n"),
    );
  });

  it("grows its prompt at the end only, also when core memory is edited", async () => {
    const edit = {
      name: "core_memory_append",
      args: { name: "human", content: "Ada", request_heartbeat: true },
    };
    const w = world([calls(edit), says("Noted."), says("Yes.")]);
    const agent = create(w);
    await agent.reply([line("I am Ada")]);
    await agent.reply([line("Still there?")]);
    const prompts = w.model.requests.map((r) => JSON.stringify(r.messages).slice(0, -1));
    expect(prompts[1]?.startsWith(prompts[0] ?? "-")).toBe(true);
    expect(prompts[2]?.startsWith(prompts[1] ?? "-")).toBe(true);
    expect(agent.core.human).toBe("Nobody yet.\nAda");
    expect(results(agent.prompt)[0]).toMatchObject({
      status: "OK",
      message: "Saved to core memory. human now has 15 of 2000 characters.",
    });
  });

  it("is the same byte by byte in two runs", async () => {
    const script = () => [calls(insert(true), insert(false)), says("Done.")];
    const runs = await Promise.all(
      [0, 1].map(async () => {
        const w = world(script());
        await create(w).reply([line("Go")]);
        return JSON.stringify(w.model.requests);
      }),
    );
    expect(runs[0]).toBe(runs[1]);
  });

  it("tells thoughts, calls and results as events, and what is said not twice", async () => {
    const told: AgentEvent[] = [];
    const w = world([calls(insert(true)), says("Done.", "Good.")]);
    await create(w).reply([line("Go")], { onEvent: (event) => told.push(event) });
    expect(told.map((e) => e.type).filter((type) => type !== "text_delta")).toEqual([
      "inner_thoughts",
      "function_call",
      "function_result",
      "memory_receipt",
      "inner_thoughts",
    ]);
    expect(told[1]).toMatchObject({
      name: "archival_memory_insert",
      arguments: { content: "Tea" },
    });
  });

  it("refuses a second reply at the same time", async () => {
    const w = world([says("One.")]);
    const agent = create(w);
    const first = agent.reply([line("a")]);
    await expect(agent.reply([line("b")])).rejects.toMatchObject({ code: "agent_busy" });
    expect((await first).messages).toEqual(["One."]);
  });
});

describe("the chain", () => {
  it("runs several calls of one answer in order, each with its result", async () => {
    const w = world([
      calls(
        insert(false),
        { name: "send_message", args: { message: "One" } },
        { name: "send_message", args: { message: "Two" } },
      ),
    ]);
    const agent = create(w);
    expect((await agent.reply([line("Go")])).messages).toEqual(["One", "Two"]);
    expect(results(agent.prompt).map((r) => r.message)).toEqual([
      "Saved to archival memory, which now holds 1 passage.",
      "None",
      "None",
    ]);
    expect(pairsAreWhole(agent.prompt)).toBe(true);
  });

  it("honours request_heartbeat on send_message, and takes the string true for false", async () => {
    const w = world([
      calls({ name: "send_message", args: { message: "One moment.", request_heartbeat: true } }),
      calls({ name: "send_message", args: { message: "Here.", request_heartbeat: "true" } }),
    ]);
    const agent = create(w);
    expect((await agent.reply([line("Go")])).messages).toEqual(["One moment.", "Here."]);
    expect(events(agent.prompt).at(-1)).toMatchObject({
      type: "heartbeat",
      reason: expect.stringContaining("request_heartbeat is true"),
    });
  });

  it("puts a failure before a requested heartbeat, and a failed call asks for none", async () => {
    const w = world([
      calls({
        name: "core_memory_replace",
        args: { name: "human", old_content: "x", new_content: "y", request_heartbeat: true },
      }),
      says("It was not there."),
    ]);
    const agent = create(w);
    await agent.reply([line("Go")]);
    expect(results(agent.prompt)[0]).toMatchObject({
      status: "Failed",
      message:
        "Error calling function core_memory_replace: Content not found in human (make sure to use exact string)",
    });
    expect(events(agent.prompt).at(-1)?.reason).toContain("failed");
  });

  it("puts the memory-pressure warning before a failure", async () => {
    const w = world(
      [{ calls: [{ name: "nothing", args: {} }], total_tokens: 30_000 }, says("Fine.")],
      { context_window: 32_768 },
    );
    const agent = create(w);
    await agent.reply([line("Go")]);
    expect(events(agent.prompt).at(-1)).toMatchObject({
      type: "system_alert",
      message: expect.stringContaining("filling up"),
    });
    expect(results(agent.prompt)[0]?.message).toBe("No function named nothing");
  });

  it("goes on when a function ran and nobody has had an answer", async () => {
    const w = world([calls(insert(false)), says("Saved.")]);
    const agent = create(w);
    expect((await agent.reply([line("Keep tea")])).messages).toEqual(["Saved."]);
    expect(events(agent.prompt).at(-1)?.reason).toContain("nobody has had an answer");
  });

  it("gives in after a few such corrections, and says that there is no answer", async () => {
    const w = world(Array.from({ length: 6 }, () => calls(insert(false))));
    expect(await create(w).reply([line("Go")])).toEqual({
      messages: [],
      notices: ["Sam found no answer."],
    });
    w.model.assertDone();
  });

  it("lets the agent be silent on purpose", async () => {
    const w = world([calls({ name: "pause_heartbeats", args: { minutes: 999 } })]);
    const agent = create(w);
    expect(await agent.reply([line("Bye")])).toEqual({ messages: [] });
    expect(results(agent.prompt)[0]?.message).toBe("Pausing timed heartbeats for 360 min");
  });

  it("stops at its limit and tells it", async () => {
    const w = world(
      Array.from({ length: 4 }, () => calls(insert(true))),
      { options: { max_chain: 4 } },
    );
    expect(await create(w).reply([line("Go")])).toEqual({
      messages: [],
      notices: ["Sam stopped after 4 steps, the limit for one reply."],
    });
  });

  it("stops at 50 when nothing else is said", async () => {
    const w = world(Array.from({ length: 50 }, () => calls(insert(true))));
    const reply = await create(w).reply([line("Go")]);
    expect(reply.notices).toEqual(["Sam stopped after 50 steps, the limit for one reply."]);
    w.model.assertDone();
  });

  it("does not go on for ever with arguments that nobody can read", async () => {
    const bad = { name: "archival_memory_insert", args: "certainly [not" };
    const w = world([calls(bad), calls(bad), calls(bad)]);
    const reply = await create(w).reply([line("Go")]);
    expect(reply.notices?.[0]).toContain("cannot be read");
    w.model.assertDone();
  });
});

describe("an answer without a call", () => {
  it("is a thought: nobody hears it, and the model is told once", async () => {
    const w = world(["I should say hello.", says("Hello!")]);
    const agent = create(w);
    expect((await agent.reply([line("Hi")])).messages).toEqual(["Hello!"]);
    expect(events(agent.prompt).at(-1)?.reason).toContain("Call send_message");
  });

  it("becomes the message when the model answers in prose again", async () => {
    const w = world(["Hello there!", "Hello there, Ada!"]);
    const agent = create(w);
    expect(await agent.reply([line("Hi")])).toEqual({ messages: ["Hello there, Ada!"] });
    const last = agent.prompt.at(-2);
    expect(last?.tool_calls?.[0]?.function).toEqual({
      name: "send_message",
      arguments: '{"message":"Hello there, Ada!"}',
    });
    expect((await agent.recall.search("hello there")).lines.map((l) => l.text)).toEqual([
      "Hello there, Ada!",
    ]);
  });

  it("ends quietly after something was said", async () => {
    const w = world([
      calls({ name: "send_message", args: { message: "Hi.", request_heartbeat: true } }),
      "All done.",
    ]);
    expect(await create(w).reply([line("Hi")])).toEqual({ messages: ["Hi."] });
  });

  it("that is empty twice ends in a line for the people", async () => {
    const w = world([{ content: null }, { content: "" }]);
    const agent = create(w);
    expect((await agent.reply([line("Hi")])).notices).toEqual(["Sam found no answer."]);
    expect(agent.prompt.filter((m) => m.role === "assistant")).toHaveLength(1);
  });
});

describe("first-message verification", () => {
  const verified = { options: { skip_verify: false } };

  it("tries again until the first answer speaks, and keeps only that answer", async () => {
    const w = world(["Hm.", calls(insert(true)), says("Hi.")], verified);
    const agent = create(w);
    expect((await agent.reply([line("Hi")])).messages).toEqual(["Hi."]);
    expect(agent.prompt.filter((m) => m.role === "assistant")).toHaveLength(2);
    expect(agent.archival.count()).toBe(0);
  });

  it("accepts a search of the archive as the first call", async () => {
    const search = {
      name: "archival_memory_search",
      args: { query: "x", request_heartbeat: true },
    };
    const w = world([calls(search), says("Nothing there.")], verified);
    expect((await create(w).reply([line("Hi")])).messages).toEqual(["Nothing there."]);
  });

  it("takes the best of three tries, tells people so, and logs it", async () => {
    const misplaced = says("Hi.", "I call send_message now");
    const w = world([calls(insert(true)), misplaced, "Hm."], verified);
    const { messages, notices } = await create(w).reply([line("Hi")]);
    expect(messages).toEqual(["Hi."]);
    expect(notices).toEqual([expect.stringContaining("in 3 tries")]);
    expect(
      w.logger.lines.some((l) => l.level === "warn" && l.message.includes("not verified")),
    ).toBe(true);
  });

  it("wants a monologue only where it is asked for", async () => {
    const silent: ScriptStep = { calls: [{ name: "send_message", args: { message: "Hi." } }] };
    const asked = world([silent, says("Hello.")], {
      options: { skip_verify: false, first_message_verify_mono: true },
    });
    expect((await create(asked).reply([line("Hi")])).messages).toEqual(["Hello."]);
    expect((await create(world([silent], verified)).reply([line("Hi")])).messages).toEqual(["Hi."]);
  });

  it("is over after the first answer", async () => {
    const w = world([says("Hi."), calls(insert(true)), says("Ok.")], verified);
    const agent = create(w);
    await agent.reply([line("Hi")]);
    expect((await agent.reply([line("Save tea")])).messages).toEqual(["Ok."]);
    w.model.assertDone();
  });
});
