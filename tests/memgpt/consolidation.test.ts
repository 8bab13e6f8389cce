import { describe, expect, it } from "vitest";
import { MemgptAgent } from "../../src/memgpt/agent.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import {
  type ScriptedCall,
  ScriptedChatModel,
  type ScriptStep,
  says,
} from "../fakes/scripted-chat-model.ts";
import { create, line, results, world } from "./agent-fixture.ts";

const HUMAN =
  "Ada sails.\nada sails\nAda sails on Sundays.\nAda lives in Oslo.\nAda moved to Bergen.";
const merge: ScriptedCall = {
  name: "merge_lines",
  args: {
    name: "human",
    old_content: "Ada sails.\nAda sails on Sundays.",
    new_content: "Ada sails on Sundays.",
  },
};
const move: ScriptedCall = {
  name: "move_to_archival",
  args: { name: "human", lines: "Ada lives in Oslo." },
};

function statuses(request: ChatRequest | undefined): string[] {
  return results(request?.messages ?? []).map(({ status }) => status);
}

const finish: ScriptedCall = { name: "finish", args: {} };

/** Ada and Bob as people with blocks of their own, which the agent has filled. */
async function withPeople(steps: readonly ScriptStep[]) {
  const note = (name: string, content: string): ScriptStep => ({
    calls: [
      { name: "core_memory_append", args: { name, content } },
      { name: "send_message", args: { message: "Noted." } },
    ],
  });
  const adas = "Likes tea.\nLikes tea\nBorn 1990.";
  const w = world([note("human:ada", adas), note("human:bob", "Rows.\nRows"), ...steps]);
  const agent = create(w);
  await agent.reply([{ ...line("Hi"), person: "1" }]);
  await agent.reply([{ ...line("Hi", "Bob"), person: "2" }]);
  return { w, agent };
}

describe("consolidation", () => {
  it("merges duplicates, and lets the model tidy by function calls", async () => {
    const w = world([says("Hello."), { calls: [move, merge] }, { calls: [finish] }], {
      options: { human: HUMAN },
    });
    const agent = create(w);
    await agent.reply([line("I moved.")]);
    const before = agent.recall.log.length;
    expect(await agent.consolidate()).toEqual({
      changes: [
        expect.stringMatching(/^merged in human: "Ada sails. ada sails Ada sails on Sun.*" → "Ada/),
        "moved 1 line of human to archival memory: Ada lives in Oslo.",
        'merged in human: "Ada sails. Ada sails on Sundays." → "Ada sails on Sundays."',
      ],
    });
    w.model.assertDone();
    expect(agent.core.human).toBe("Ada sails on Sundays.\nAda moved to Bergen.");
    expect((await agent.archival.page(0, 9)).map(({ text }) => text)).toEqual([
      "Ada lives in Oslo.",
    ]);
    expect(agent.recall.log.length, "the talk knows nothing of it").toBe(before);
    expect(agent.prompt[0]?.content, "the prompt shows it").not.toContain("Oslo");

    const [first] = w.model.requests.slice(1);
    const offered = first?.tools?.map((tool) => tool.function.name);
    expect(offered).toEqual(["merge_lines", "move_to_archival", "finish"]);
    expect(first?.max_tokens).toBe(1000);
    expect(first?.messages.at(-1)?.content).not.toContain("ada sails\n");
    expect(statuses(w.model.requests[2])).toEqual(["OK", "OK"]);

    await agent.save();
    const again = await MemgptAgent.load(w.options, w.runtime);
    expect(again?.core.human).toBe("Ada sails on Sundays.\nAda moved to Bergen.");
    again?.undoEdits(3);
    expect(again?.core.human, "every edit can be taken back").toBe(HUMAN);
  });

  it("neither invents nor loses, whatever the model asks for", async () => {
    const ask = (name: string, args: Record<string, string>): ScriptedCall => ({
      name,
      args: { name: "human", ...args },
    });
    const calls = [
      ask("merge_lines", { old_content: "Ada sails.", new_content: "Ada hates sailing." }),
      ask("merge_lines", { old_content: "Ada moved to Bergen.", new_content: "Ada moved" }),
      ask("merge_lines", { old_content: "Ada sails.", new_content: " " }),
      ask("merge_lines", { old_content: "not there", new_content: "Ada" }),
      ask("move_to_archival", { lines: "Ada moved" }),
      ask("move_to_archival", { lines: "" }),
      ask("move_to_archival", { name: "human:eve", lines: "Ada sails." }),
    ];
    const w = world([{ calls }, "Done."], {
      options: { human: "Ada sails.\nAda moved to Bergen." },
    });
    const agent = create(w);
    expect(await agent.consolidate()).toEqual({ changes: [] });
    expect(statuses(w.model.requests[1])).toEqual(calls.map(() => "Failed"));
    expect(agent.core.human).toBe("Ada sails.\nAda moved to Bergen.");
    expect(agent.archival.count()).toBe(0);
  });

  it("keeps what is about a person theirs: in their block, or as a note of their name", async () => {
    const calls = [
      { name: "move_to_archival", args: { name: "human:ada", lines: "Born 1990." } },
      finish,
    ];
    const { w, agent } = await withPeople([{ calls }]);
    expect(await agent.consolidate()).toEqual({
      changes: [
        "merged lines of human:ada",
        "merged lines of human:bob",
        "moved 1 line of human:ada to archival memory",
      ],
    });
    w.model.assertDone();
    expect(agent.core.text("human:ada")).toBe("Likes tea.");
    expect((await agent.archival.page(0, 9)).map(({ text }) => text)).toEqual(["ada: Born 1990."]);
  });

  it("neither shows nor touches what is about people who are not to be remembered", async () => {
    const calls = [
      { name: "move_to_archival", args: { name: "human:ada", lines: "Born 1990." } },
      finish,
    ];
    const { w, agent } = await withPeople([{ calls }]);
    const isLeftOut = (person: string): boolean => person === "1";
    expect(await agent.consolidate({ isLeftOut })).toEqual({
      changes: ["merged lines of human:bob"],
    });
    const shown = w.model.requests
      .at(-1)
      ?.messages.map((m) => m.content)
      .join("\n");
    expect(shown).toContain("human:bob");
    expect(shown).not.toContain("1990");
    expect(agent.core.text("human:ada")).toBe("Likes tea.\nLikes tea\nBorn 1990.");
  });

  it("shows no more of people's blocks than a quarter of the window", async () => {
    const w = world([...Array.from({ length: 20 }, () => says("Hi.")), "Done."], {
      context_window: 8192,
    });
    const agent = create(w);
    for (let i = 0; i < 20; i += 1) {
      const speaker = `P${i}`;
      await agent.reply([{ ...line("Hi", speaker), person: speaker }]);
      agent.core.append(`human:p${i}`, "x".repeat(1900 + i), 0);
    }
    await agent.consolidate();
    const asked = w.model.requests.at(-1)?.messages.at(-1)?.content ?? "";
    expect(asked.match(/<human:p/g)).toHaveLength(4);
    expect(asked).toContain("<human:p19 ");
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
    expect(agent.core.human).toBe(HUMAN.replace("ada sails\n", ""));
    expect(await agent.consolidate()).toEqual({ changes: [] });
    expect(model.requests).toEqual([]);
  });

  it("renews the summary where there is one", async () => {
    const w = world([], { context_window: 2048 });
    const renew: ScriptedCall = { name: "refresh_summary", args: { text: "Ada sails, in short." } };
    let idle = false;
    let asked = "";
    w.model.complete = (request) => {
      asked = request.messages.at(-1)?.content ?? "";
      const step = idle ? { calls: [renew, finish] } : says("y".repeat(400));
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
    expect(asked, "a line that has left the queue").toContain("Ada: 0 xxx");
    expect(asked, "a line that is still in it").not.toContain("Ada: 9 xxx");
    expect(agent.snapshot().summary_version).toBe(summary_version + 1);
    await agent.save();
    const again = await MemgptAgent.load(w.options, w.runtime);
    expect(JSON.stringify(again?.prompt)).toContain("Ada sails, in short.");
    expect(w.store.rows.has(`agent/here/Sam/summary/${summary_version}`)).toBe(true);
  });

  it("gives the model its errors, and ends at a limit of steps and of calls", async () => {
    const wrong = { name: "move_to_archival", args: { name: "nobody", lines: "x" } };
    const w = world(Array.from({ length: 8 }, () => ({ calls: [wrong] })));
    expect(await create(w).consolidate()).toEqual({ changes: [], ended: "limit" });
    const last = w.model.requests[7]?.messages.at(-1);
    expect(last?.content).toContain("there is no block nobody; there are: persona, human");
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

  it("changes no more than can be undone", async () => {
    const human = Array.from({ length: 20 }, (_, i) => `Fact ${i}`).join("\n");
    const calls = Array.from({ length: 20 }, (_, i) => ({
      name: "move_to_archival",
      args: { name: "human", lines: `Fact ${i}` },
    }));
    const w = world([{ calls }], { options: { human } });
    const agent = create(w);
    const { changes, ended } = await agent.consolidate();
    expect([changes.length, ended]).toEqual([10, "limit"]);
    agent.undoEdits(10);
    expect(agent.core.human).toBe(human);
  });

  it("ends with what it has when the model fails", async () => {
    const w = world([{ calls: [move] }, new Error("gone")], { options: { human: HUMAN } });
    expect(await create(w).consolidate()).toMatchObject({
      changes: [expect.any(String), expect.any(String)],
      ended: "failed",
    });
  });

  it("ends at once when it is aborted, and is done by no agent that answers", async () => {
    const stop = new AbortSource();
    const w = world([
      () => {
        stop.abort(new Error("somebody writes"));
        return { calls: [move] };
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
