import { describe, expect, it } from "vitest";
import { MemgptAgent, type MemgptSnapshot } from "../../src/memgpt/agent.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { ScriptedChatModel, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import {
  create,
  events,
  line,
  pairsAreWhole,
  results,
  type World,
  withModel,
  world,
} from "./agent-fixture.ts";

const paper = {
  id: "s1",
  name: "paper.pdf",
  owner: "source/1",
  kind: "pdf",
  passages: 65,
  description: "About memory",
};

/** Stores as a channel does: rows, then one record. */
async function commit(agent: MemgptAgent, w: World): Promise<void> {
  const rows = agent.pendingRows();
  const snapshot = agent.snapshot();
  await w.store.setMany(rows);
  await w.store.set("record", snapshot);
  agent.committed(rows);
}

async function restart(
  w: World,
  steps: readonly ScriptStep[] = [],
): Promise<{ agent: MemgptAgent; model: ScriptedChatModel }> {
  const model = new ScriptedChatModel(steps, { context_window: w.model.context_window });
  const snapshot = await w.store.get<MemgptSnapshot>("record");
  if (!snapshot) throw new Error("nothing was committed");
  const agent = await MemgptAgent.restore(snapshot, w.options, withModel(w, model).runtime);
  return { agent, model };
}

describe("a restored agent", () => {
  it("has its queue, memories, sources and counts, and goes on", async () => {
    const edit = {
      name: "core_memory_append",
      args: { name: "human", content: "Ada", request_heartbeat: true },
    };
    const keep = {
      name: "archival_memory_insert",
      args: { content: "Tea at five", request_heartbeat: true },
    };
    const w = world([{ calls: [edit, keep] }, says("Noted.")]);
    const agent = create(w);
    agent.attachSource(paper);
    await agent.reply([line("I am Ada")]);
    await commit(agent, w);
    const again = await restart(w, [says("Yes.")]);
    expect(again.agent.prompt.slice(1)).toEqual(agent.prompt.slice(1));
    expect(again.agent.core.human).toBe("Nobody yet.\nAda");
    expect(again.agent.archival.count()).toBe(66);
    expect(again.agent.recall.count()).toBe(2);
    expect(again.agent.sources).toEqual([paper]);
    expect(await again.agent.archival.searchText("tea")).toContain("Tea at five");
    expect(await again.agent.recall.searchText("I am Ada")).toContain("I am Ada");
    expect((await again.agent.reply([line("Remember?")])).messages).toEqual(["Yes."]);
  });

  it("sends the same prompt again, byte by byte, so that a restart costs no cache", async () => {
    const edit = {
      name: "core_memory_append",
      args: { name: "human", content: "Ada", request_heartbeat: true },
    };
    for (const layout of ["append", "memgpt_0_3"] as const) {
      const w = world([{ calls: [edit] }, says("Noted.")], { options: { layout } });
      const agent = create(w);
      agent.attachSource(paper);
      await agent.reply([line("I am Ada")]);
      await commit(agent, w);
      w.clock.jump(3_600_000);
      const { agent: again, model } = await restart(w, [says("Yes.")]);
      expect(again.prompt).toEqual(agent.prompt);
      await again.reply([line("Still there?")]);
      expect(model.requests[0]?.messages.slice(0, -1)).toEqual(agent.prompt);
    }
  });

  it("sends the same summary again, with the counts and the time of its eviction", async () => {
    const w = world(
      Array.from({ length: 20 }, () => (request) => (request.tools ? says("Well.") : "We talked.")),
      { context_window: 2000, options: { functions: ["send_message"] } },
    );
    const agent = create(w);
    for (let i = 0; i < 6; i += 1) await agent.reply([line(`${i} ${"word ".repeat(300)}`)]);
    expect(agent.prompt[1]?.content).toContain("We talked.");
    await commit(agent, w);
    w.clock.jump(3_600_000);
    expect((await restart(w)).agent.prompt).toEqual(agent.prompt);
  });

  it("renders its front from its memories as they are now when its layout has been changed", async () => {
    const edit = {
      name: "core_memory_append",
      args: { name: "human", content: "Ada", request_heartbeat: true },
    };
    const w = world([{ calls: [edit] }, says("Noted.")]);
    const agent = create(w);
    agent.attachSource(paper);
    await agent.reply([line("I am Ada")]);
    await commit(agent, w);
    w.options.layout = "memgpt_0_3";
    const head = (await restart(w)).agent.prompt[0]?.content;
    expect(head).toContain("Nobody yet.\nAda");
    expect(head).toContain("2 previous messages");
    expect(head).toContain("65 total memories");
    expect(head).toContain("- paper.pdf (pdf, 65 passages): About memory");
  });

  it("takes over a prompt text that has been changed", async () => {
    const w = world([says("Hi.")]);
    const agent = create(w);
    await agent.reply([line("Hi")]);
    await commit(agent, w);
    w.options.system = "You remember everything.";
    const head = (await restart(w)).agent.prompt[0]?.content ?? "";
    expect(head).toMatch(/^You remember everything\.\n\n### Memory\n/);
  });

  it("does not repeat the first-message verification or the boot", async () => {
    const w = world([says("Hi.")], { options: { skip_verify: false } });
    const agent = create(w);
    await agent.reply([line("Hi")]);
    await commit(agent, w);
    const keep = {
      name: "archival_memory_insert",
      args: { content: "x", request_heartbeat: true },
    };
    const again = await restart(w, [{ calls: [keep] }, says("Kept.")]);
    expect((await again.agent.reply([line("Keep x")])).messages).toEqual(["Kept."]);
    expect(events(again.agent.prompt).filter((e) => e.type === "login")).toHaveLength(1);
  });

  it("knows nothing of what was not committed, and overwrites it", async () => {
    const w = world([says("One."), says("Lost.")]);
    const agent = create(w);
    await agent.reply([line("first")]);
    await commit(agent, w);
    await agent.reply([line("lost line")]);
    await w.store.setMany(agent.pendingRows()); // the process dies before the record is set
    const again = await restart(w, [says("Two.")]);
    expect(await again.agent.recall.searchText("lost")).toBe("No results found.");
    await again.agent.reply([line("second")]);
    await commit(again.agent, w);
    const third = await restart(w);
    expect(
      events(third.agent.prompt)
        .map((e) => e.message)
        .slice(1),
    ).toEqual(["first", "second"]);
  });

  it("reads exactly the rows of its queue", async () => {
    const w = world(
      Array.from({ length: 60 }, () => (r) => (r.tools ? says("Ok.") : "Summary of it all.")),
      { context_window: 1000, options: { functions: ["send_message"] } },
    );
    const agent = create(w);
    for (let i = 0; i < 12; i += 1) {
      await agent.reply([line(`${i} ${"blah ".repeat(40)}`)]);
      await commit(agent, w);
    }
    const { queue_start, recall } = agent.snapshot();
    expect(queue_start).toBeGreaterThan(10);
    const read: string[] = [];
    const { store } = w;
    const getMany = store.getMany.bind(store);
    store.getMany = (keys) => {
      read.push(...keys);
      return getMany(keys);
    };
    const again = await restart(w);
    const expected = Array.from(
      { length: recall.length - queue_start },
      (_, i) => `agent/here/Sam/log/${queue_start + i}`,
    );
    expect(read).toEqual(expected);
    expect(again.agent.prompt.slice(2)).toEqual(agent.prompt.slice(2));
    expect(again.agent.prompt[1]?.content).toContain("Summary of it all.");
  });

  it("gives a result to the call that a crash left open", async () => {
    const w = world([
      {
        calls: [
          { name: "archival_memory_insert", args: { content: "x", request_heartbeat: true } },
        ],
      },
      says("Ok."),
    ]);
    const agent = create(w);
    let torn: Promise<void> = Promise.resolve();
    await agent.reply([line("Keep x")], {
      onEvent: (event) => {
        if (event.type === "function_call") torn = commit(agent, w);
      },
    });
    await torn;
    const again = await restart(w, [says("I was interrupted.")]);
    expect(results(again.agent.prompt)[0]?.message).toContain("interrupted");
    expect(pairsAreWhole(again.agent.prompt)).toBe(true);
  });

  it.each([
    ["another version", { version: 2 }],
    ["no version", {}],
    ["missing parts", { version: 1, name: "Sam" }],
  ])("is refused with %s, and nothing is written", async (_, snapshot) => {
    const w = world([]);
    await expect(
      MemgptAgent.restore(snapshot as MemgptSnapshot, w.options, w.runtime),
    ).rejects.toMatchObject({ code: "store_corrupt" });
    expect(w.store.rows.size).toBe(0);
  });

  it("is refused when a row is missing", async () => {
    const w = world([says("Hi.")]);
    const agent = create(w);
    await agent.reply([line("Hi")]);
    await commit(agent, w);
    await w.store.delete(["agent/here/Sam/core/1"]);
    await expect(restart(w)).rejects.toMatchObject({ code: "store_corrupt" });
  });
});

describe("rows and snapshots", () => {
  it("store each message once, and a snapshot that stays small", async () => {
    const w = world(Array.from({ length: 50 }, () => says("A reply of some length.")));
    const agent = create(w);
    const sizes: number[] = [];
    for (let i = 0; i < 50; i += 1) {
      await agent.reply([line(`Line ${i}`)]);
      expect(agent.pendingRows().length).toBe(i === 0 ? 8 : 3);
      await commit(agent, w);
      sizes.push(JSON.stringify(agent.snapshot()).length);
    }
    expect(agent.pendingRows()).toEqual([]);
    expect(sizes.at(-1)).toBeLessThan(500);
  });

  it("keep what changes between taking the rows and their commit", async () => {
    const edit = (content: string): ScriptStep => ({
      calls: [
        { name: "core_memory_append", args: { name: "human", content, request_heartbeat: false } },
        { name: "send_message", args: { message: "Noted." } },
      ],
    });
    const w = world([edit("One"), edit("Two")]);
    const agent = create(w);
    await agent.reply([line("a")]);
    const rows = agent.pendingRows();
    await agent.reply([line("b")]);
    agent.committed(rows);
    const keys = agent.pendingRows().map(([key]) => key);
    expect(keys).toContain("agent/here/Sam/core/3");
    expect(keys.filter((key) => key.includes("/log/"))).toHaveLength(4);
  });

  it("save and load for library use, under every key that keys() names", async () => {
    const w = world([says("Hi.")]);
    expect(await MemgptAgent.load(w.options, w.runtime)).toBeUndefined();
    const agent = create(w);
    await agent.reply([line("Hi")]);
    await agent.save();
    const loaded = await MemgptAgent.load(w.options, w.runtime);
    expect(loaded?.prompt.slice(1)).toEqual(agent.prompt.slice(1));
    await w.store.delete(agent.keys());
    expect([...w.store.rows.keys()]).toEqual([]);
  });
});

describe("attached sources", () => {
  it("are told to the agent at once, with the archive's total, and not twice", async () => {
    const agent = create(world([]));
    agent.attachSource(paper);
    agent.attachSource(paper);
    const alerts = events(agent.prompt).filter((e) => e.type === "system_alert");
    expect(alerts.map((e) => e.message)).toEqual([
      "A data source is attached to your archival memory: paper.pdf (pdf, 65 passages): About memory. Archival memory now holds 65 passages in all; archival_memory_search finds them.",
    ]);
    expect(agent.detachSource("s1")).toBe(true);
    expect(agent.detachSource("s1")).toBe(false);
    expect(events(agent.prompt).at(-1)?.message).toContain("Archival memory now holds 0 passages");
  });

  it("attached in the middle of a step do not part a call from its result", async () => {
    const w = world([
      {
        calls: [
          { name: "archival_memory_insert", args: { content: "x", request_heartbeat: true } },
        ],
      },
      says("Ok."),
    ]);
    const agent = create(w);
    await agent.reply([line("Keep x")], {
      onEvent: (event) => {
        if (event.type === "function_call") agent.attachSource(paper);
      },
    });
    expect(pairsAreWhole(agent.prompt)).toBe(true);
    expect(events(w.model.requests[1]?.messages ?? []).at(-1)?.message).toContain("paper.pdf");
  });
});

describe("isolation", () => {
  it("keeps two agents of one store apart", async () => {
    const w = world([says("Hi."), says("Hi.")]);
    const here = create(w);
    const there = MemgptAgent.create({ ...w.options, owner: "agent/there/Sam" }, w.runtime);
    await here.reply([line("my secret is tea")]);
    await here.archival.insert("my secret is tea", 1);
    await there.reply([line("hello")]);
    expect(await there.recall.searchText("secret")).toBe("No results found.");
    expect(await there.archival.searchText("secret")).toBe("No results found.");
  });

  it("lets an aborted agent be saved and restored", async () => {
    const source = new AbortSource();
    const w = world([
      () => {
        source.abort(new Error("stopped"));
        return says("Never heard");
      },
    ]);
    const agent = create(w);
    await expect(agent.reply([line("Hi")], { signal: source.signal })).rejects.toThrow();
    await commit(agent, w);
    const again = await restart(w, [says("Back.")]);
    expect((await again.agent.reply([])).messages).toEqual(["Back."]);
  });
});
