import { describe, expect, it } from "vitest";
import { MemgptAgent } from "../../src/memgpt/agent.ts";
import { countMessage } from "../../src/memgpt/clip-text.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { explainError, ModelError } from "../../src/shared/errors.ts";
import { ScriptedChatModel, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { quarterTokens } from "../fakes/small-fakes.ts";
import { create, events, line, pairsAreWhole, withModel, world } from "./agent-fixture.ts";

const small = { context_window: 1000, options: { functions: ["send_message"] } };

/** Answers a chat, and the summariser when it is asked. */
function answering(summary: ScriptStep): ScriptStep {
  return (request: ChatRequest) => (request.tools ? says("Ok.") : summary);
}

function tokensOf(request: ChatRequest): number {
  const messages = request.messages.reduce((sum, m) => sum + countMessage(m, quarterTokens), 0);
  return messages + quarterTokens.count(JSON.stringify(request.tools ?? []));
}

describe("memory pressure", () => {
  it("is told once: at 750 of 1000 tokens not, at 751 yes, at 900 no more", async () => {
    const used = (total_tokens: number): ScriptStep => ({
      calls: [{ name: "send_message", args: { message: "Ok." } }],
      total_tokens,
    });
    const w = world([used(750), used(751), says("Saved."), used(900)], small);
    const agent = create(w);
    const warnings = () =>
      events(agent.prompt).filter((e) => e.message?.includes("filling up")).length;
    await agent.reply([line("a")]);
    expect(warnings()).toBe(0);
    await agent.reply([line("b")]);
    expect(warnings()).toBe(1);
    await agent.reply([line("c")]);
    expect(warnings()).toBe(1);
    w.model.assertDone();
  });

  it("is reckoned by the agent itself when the backend does not report usage", async () => {
    const w = world([says("x".repeat(1400)), says("y".repeat(1400)), says("Saved.")], small);
    const agent = create(w);
    await agent.reply([line("a")]);
    await agent.reply([line("b".repeat(900))]);
    expect(events(agent.prompt).some((e) => e.message?.includes("filling up"))).toBe(true);
  });
});

describe("a model whose every answer fills the window", () => {
  it("is warned once in a reply, and not woken again after each eviction", async () => {
    const w = world(
      Array.from(
        { length: 60 },
        () => (request: ChatRequest) => (request.tools ? says("x".repeat(2400)) : "S."),
      ),
      small,
    );
    const agent = create(w);
    for (let i = 0; i < 4; i += 1) {
      const reply = await agent.reply([line("Tell me a lot.")]);
      expect(reply.messages.length).toBeLessThanOrEqual(2);
      expect(reply.notices).toBeUndefined();
    }
  });
});

describe("eviction", () => {
  it("comes before a request overflows, however long the talk", async () => {
    const w = world(
      Array.from({ length: 200 }, () => answering("Ada tells me numbers.")),
      small,
    );
    const agent = create(w);
    let said = 0;
    for (let i = 0; i < 40; i += 1) {
      const reply = await agent.reply([line(`Number ${i} ${"blah ".repeat(30)}`)]);
      said += 1 + reply.messages.length;
      expect(pairsAreWhole(agent.prompt)).toBe(true);
    }
    for (const request of w.model.requests) expect(tokensOf(request)).toBeLessThanOrEqual(875);
    expect(w.model.requests.filter((r) => !r.tools).length).toBeGreaterThan(3);
    expect(agent.prompt[1]?.content).toContain("Ada tells me numbers.");
    // What left the window can still be found.
    expect((await agent.recall.search("Number 0 blah")).lines[0]?.text).toContain("Number 0");
    expect(agent.recall.count()).toBe(said);
  });

  it("renders the front anew, with core memory and counts as they are now", async () => {
    const edit = {
      name: "core_memory_append",
      args: { name: "human", content: "Likes tea", request_heartbeat: true },
    };
    const w = world(
      [{ calls: [edit] }, says("Noted."), ...Array.from({ length: 30 }, () => answering("S."))],
      { context_window: 2000, options: { functions: ["send_message", "core_memory_append"] } },
    );
    const agent = create(w);
    await agent.reply([line("I like tea")]);
    expect(agent.prompt[0]?.content).not.toContain("Likes tea");
    for (let i = 0; i < 8; i += 1) await agent.reply([line("blah ".repeat(100))]);
    expect(agent.prompt[0]?.content).toContain("Likes tea");
    expect(agent.prompt[0]?.content).toMatch(/\b1\d previous messages/);
  });

  it("says how many messages are hidden, of how many", async () => {
    const w = world(
      Array.from({ length: 30 }, () => answering("S.")),
      small,
    );
    const agent = create(w);
    for (let i = 0; i < 6; i += 1) await agent.reply([line("blah ".repeat(60))]);
    const shown = /\((\d+) of (\d+)\)/.exec(agent.prompt[1]?.content ?? "");
    expect(Number(shown?.[1])).toBe(agent.snapshot().queue_start);
    expect(Number(shown?.[2])).toBeLessThanOrEqual(agent.snapshot().recall.length);
  });

  it("helps when the provider says the prompt is too long although it looked small", async () => {
    const w = world(
      [
        ...Array.from({ length: 6 }, () => says("Ok.")),
        new ModelError("context_length_exceeded", "maximum context length"),
        "Ada says hi often.",
        says("Still here."),
      ],
      { context_window: 8000, options: { functions: ["send_message"] } },
    );
    const agent = create(w);
    for (let i = 0; i < 6; i += 1) await agent.reply([line("Hi")]);
    expect((await agent.reply([line("There?")])).messages).toEqual(["Still here."]);
    expect(w.model.requests.at(-1)?.messages.length).toBeLessThan(
      w.model.requests[5]?.messages.length ?? 0,
    );
  });

  it("does not verify the answer to a retry where verification is off", async () => {
    const keep = {
      name: "archival_memory_insert",
      args: { content: "x", request_heartbeat: true },
    };
    const w = world([
      new ModelError("context_length_exceeded", "maximum context length"),
      "Summary.",
      { calls: [keep] },
      says("Kept."),
    ]);
    const lines = Array.from({ length: 6 }, (_, i) => line(`Line ${i}`));
    expect((await create(w).reply(lines)).messages).toEqual(["Kept."]);
    w.model.assertDone();
  });

  it("ends after a few attempts when the provider refuses every prompt", async () => {
    const overflow = new ModelError("context_length_exceeded", "maximum context length");
    const w = world(
      Array.from({ length: 20 }, () => overflow),
      { context_window: 8000 },
    );
    const agent = create(w);
    await expect(agent.reply([line("Hi"), line("Hi"), line("Hi")])).rejects.toBe(overflow);
    expect(w.model.requests.length).toBeLessThanOrEqual(10);
  });

  it("is not tried where prompt and functions alone fill the window: that is told at once", async () => {
    const w = world([], { context_window: 1000, options: { system: "Rules. ".repeat(600) } });
    const agent = create(w);
    const error = await agent.reply([line("Hi")]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).code).toBe("context_length_exceeded");
    expect(explainError(error)).toMatch(
      /^The context window of scripted, 1000 tokens, is too small for Sam\. .* take \d+ tokens.*context_window/,
    );
    expect(w.model.requests).toEqual([]);
    // A larger window, and the line that was heard gets its answer.
    const larger = withModel(w, new ScriptedChatModel([says("Hello.")]));
    await agent.save();
    const again = await MemgptAgent.load(larger.options, larger.runtime);
    expect((await again?.reply([]))?.messages).toEqual(["Hello."]);
  });

  const cutOff: ScriptStep = {
    calls: [{ name: "send_message", args: '{"message":"Once upon a ti' }],
    finish_reason: "length",
  };

  it("makes room and asks again when the window cut an answer off", async () => {
    const w = world([
      ...Array.from({ length: 4 }, () => says("Ok.")),
      cutOff,
      "S.",
      says("Once upon a time."),
    ]);
    const agent = create(w);
    for (let i = 0; i < 4; i += 1) await agent.reply([line("Hi")]);
    expect((await agent.reply([line("A story!")])).messages).toEqual(["Once upon a time."]);
    w.model.assertDone();
  });

  it("repairs an answer that was cut off when there is nothing to evict", async () => {
    const w = world([cutOff]);
    expect((await create(w).reply([line("A story!")])).messages).toEqual(["Once upon a ti"]);
  });

  it("does not evict for an answer that ended at a limit of the provider's own", async () => {
    const w = world([
      {
        calls: [{ name: "send_message", args: { message: "Short." } }],
        finish_reason: "length",
        total_tokens: 300,
      },
    ]);
    const agent = create(w);
    expect((await agent.reply([line("Hi")])).messages).toEqual(["Short."]);
    expect(agent.snapshot().summary_version).toBe(0);
  });

  it("goes on without a summariser", async () => {
    const w = world(
      Array.from({ length: 200 }, () => answering(new ModelError("unavailable", "down"))),
      small,
    );
    const agent = create(w);
    for (let i = 0; i < 12; i += 1) await agent.reply([line(`Fact ${i}. ${"blah ".repeat(40)}`)]);
    expect(agent.prompt[1]?.content).toContain("Ada said: Fact");
  });

  it("takes a message larger than the window", async () => {
    const w = world(
      Array.from({ length: 9 }, () => answering("S.")),
      small,
    );
    const agent = create(w);
    expect((await agent.reply([line("x".repeat(100_000))])).messages[0]).toBe("Ok.");
    for (const request of w.model.requests) expect(tokensOf(request)).toBeLessThanOrEqual(875);
    expect((await agent.recall.search("xxx")).lines[0]?.text).toHaveLength(100_000);
  });
});

describe("token counting", () => {
  it("counts each message once, however often it is sent", async () => {
    let counted = 0;
    const w = world(
      Array.from({ length: 300 }, () => says("Ok.")),
      {
        context_window: 1_000_000,
      },
    );
    w.runtime.tokens = {
      count: (text) => {
        counted += text.length;
        return quarterTokens.count(text);
      },
    };
    const agent = create(w);
    const perTurn: number[] = [];
    for (let i = 0; i < 120; i += 1) {
      const before = counted;
      await agent.reply([line("The same line again.")]);
      perTurn.push(counted - before);
      agent.committed(agent.pendingRows());
    }
    expect(perTurn[119]).toBeLessThan((perTurn[1] ?? 0) + 20);
  });
});
