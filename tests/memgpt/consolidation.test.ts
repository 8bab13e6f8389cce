import { describe, expect, it } from "vitest";
import { MemgptAgent } from "../../src/memgpt/agent.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { type ScriptedCall, ScriptedChatModel, says } from "../fakes/scripted-chat-model.ts";
import { create, line, world } from "./agent-fixture.ts";

const HUMAN = "Ada sails.\nada sails\nAda lives in Oslo.\nAda moved to Bergen.";
const tidy: ScriptedCall[] = [
  { name: "archival_memory_insert", args: { content: "Ada once lived in Oslo." } },
  {
    name: "core_memory_replace",
    args: {
      name: "human",
      old_content: "Ada lives in Oslo.\nAda moved to Bergen.",
      new_content: "Ada lives in Bergen.",
    },
  },
];

describe("consolidation", () => {
  it("merges duplicates, and lets the model tidy by function calls", async () => {
    const w = world([says("Hello."), { calls: tidy }, { calls: [{ name: "finish", args: {} }] }], {
      options: { human: HUMAN },
    });
    const agent = create(w);
    await agent.reply([line("I moved.")]);
    const before = agent.recall.log.length;
    expect(await agent.consolidate()).toEqual({
      changes: [
        'changed in human: "Ada sails. ada sails Ada lives in Oslo. Ada moved to Bergen." → "Ada sails. Ada lives in Oslo. Ada moved to Bergen."',
        "kept in archival memory: Ada once lived in Oslo.",
        'changed in human: "Ada lives in Oslo. Ada moved to Bergen." → "Ada lives in Bergen."',
      ],
    });
    w.model.assertDone();
    expect(agent.core.human).toBe("Ada sails.\nAda lives in Bergen.");
    expect(agent.archival.count()).toBe(1);
    expect(agent.recall.log.length, "the talk knows nothing of it").toBe(before);
    expect(agent.prompt[0]?.content, "the prompt shows it").toContain("Ada lives in Bergen.");

    const [first] = w.model.requests.slice(1);
    const offered = first?.tools?.map((tool) => tool.function.name) ?? [];
    expect(offered).not.toContain("send_message");
    expect(offered).not.toContain("refresh_summary");
    expect(first?.max_tokens).toBe(1000);
    expect(first?.messages.at(-1)?.content).toContain("Ada: I moved.");
    expect(first?.messages.at(-1)?.content).not.toContain("ada sails\n");
    const results = w.model.requests[2]?.messages.filter((m) => m.role === "tool");
    expect(results?.map((m) => JSON.parse(m.content ?? "").status)).toEqual(["OK", "OK"]);

    await agent.save();
    const again = await MemgptAgent.load(w.options, w.runtime);
    expect(again?.core.human).toBe("Ada sails.\nAda lives in Bergen.");
  });

  it("changes nothing where the model finds all well", async () => {
    const w = world(["All is well."]);
    const agent = create(w);
    const prompt = JSON.stringify(agent.prompt);
    expect(await agent.consolidate()).toEqual({ changes: [] });
    expect(JSON.stringify(agent.prompt)).toBe(prompt);
  });

  it("only merges duplicates with the offline model", async () => {
    const w = world([], { options: { human: HUMAN } });
    const model = Object.assign(new ScriptedChatModel([]), { offline: true });
    const agent = MemgptAgent.create(w.options, { ...w.runtime, model });
    expect((await agent.consolidate()).changes).toHaveLength(1);
    expect(agent.core.human).toBe("Ada sails.\nAda lives in Oslo.\nAda moved to Bergen.");
    expect(await agent.consolidate()).toEqual({ changes: [] });
    expect(model.requests).toEqual([]);
  });

  it("renews the summary where there is one", async () => {
    const w = world([], { context_window: 2048 });
    const renew = { name: "refresh_summary", args: { text: "Ada sails, in short." } };
    let idle = false;
    w.model.complete = (request) => {
      const step = idle ? { calls: [renew, { name: "finish", args: {} }] } : says("y".repeat(400));
      return new ScriptedChatModel([request.tools ? step : "I met Ada."]).complete(request);
    };
    const agent = create(w);
    for (let i = 0; i < 10; i += 1) await agent.reply([line(`${i} ${"x".repeat(400)}`)]);
    await agent.save();
    expect(JSON.stringify(agent.prompt)).toContain("I met Ada.");
    const { summary_version } = agent.snapshot();
    idle = true;
    expect(await agent.consolidate()).toEqual({
      changes: ["renewed the summary: Ada sails, in short."],
    });
    expect(agent.snapshot().summary_version).toBe(summary_version + 1);
    await agent.save();
    const again = await MemgptAgent.load(w.options, w.runtime);
    expect(JSON.stringify(again?.prompt)).toContain("Ada sails, in short.");
    expect(w.store.rows.has(`agent/here/Sam/summary/${summary_version}`)).toBe(true);
  });

  it("gives the model its errors, and ends at a limit of steps and of calls", async () => {
    const wrong = { name: "core_memory_append", args: { name: "nobody", content: "x" } };
    const w = world(Array.from({ length: 8 }, () => ({ calls: [wrong] })));
    expect(await create(w).consolidate()).toEqual({ changes: [], ended: "limit" });
    const last = w.model.requests[7]?.messages.at(-1);
    expect(last?.content).toContain("No memory section named nobody");
    const many = world([{ calls: Array.from({ length: 100 }, () => wrong) }]);
    expect(await create(many).consolidate()).toEqual({ changes: [], ended: "limit" });
  });

  it("calls nothing but what it was offered", async () => {
    const calls = [
      { name: "send_message", args: { message: "Hello?" } },
      { name: "constructor", args: {} },
      { name: "http_request", args: { method: "GET", url: "https://x" } },
    ];
    const w = world([{ calls }, "Done."]);
    const agent = create(w);
    expect(await agent.consolidate()).toEqual({ changes: [] });
    const results = w.model.requests[1]?.messages.filter((m) => m.role === "tool") ?? [];
    expect(results.map((m) => JSON.parse(m.content ?? "").message)).toEqual([
      "No function named send_message",
      "No function named constructor",
      "No function named http_request",
    ]);
    expect(agent.recall.count()).toBe(0);
  });

  it("ends with what it has when the model fails", async () => {
    const w = world([{ calls: tidy.slice(0, 1) }, new Error("gone")]);
    expect(await create(w).consolidate()).toMatchObject({
      changes: [expect.any(String)],
      ended: "failed",
    });
  });

  it("ends at once when it is aborted, and is done by no agent that answers", async () => {
    const stop = new AbortSource();
    const w = world([
      () => {
        stop.abort(new Error("somebody writes"));
        return { calls: tidy };
      },
      says("Hello."),
    ]);
    const agent = create(w);
    expect(await agent.consolidate({ signal: stop.signal })).toEqual({
      changes: [],
      ended: "aborted",
    });
    const answering = agent.reply([line("Hi")]);
    await expect(agent.consolidate()).rejects.toThrow("is answering");
    expect((await answering).messages).toEqual(["Hello."]);
  });
});
