import { describe, expect, it } from "vitest";
import { MemgptAgent, type MemgptSnapshot } from "../../src/memgpt/agent.ts";
import { type AgentFile, readAgentFile } from "../../src/memgpt/agent-file.ts";
import { exportAgent } from "../../src/memgpt/export-agent.ts";
import { importAgent } from "../../src/memgpt/import-agent.ts";
import { ColloquyError } from "../../src/shared/errors.ts";
import { ScriptedChatModel, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { quarterTokens } from "../fakes/small-fakes.ts";
import { create, line, pairsAreWhole, type World, withModel, world } from "./agent-fixture.ts";

const KEEP: ScriptStep = {
  content: "To be kept.",
  calls: [
    {
      name: "core_memory_append",
      args: { name: "human", content: "Ada sails.", request_heartbeat: true },
    },
    {
      name: "archival_memory_insert",
      args: { content: "The harbour closes at nine. ☂", request_heartbeat: true },
    },
  ],
};

/** An agent that was told something, stored. */
async function saved(w: World, said = "I sail."): Promise<MemgptSnapshot> {
  const agent = create(w);
  await agent.reply([line(said)]);
  await agent.save();
  return agent.snapshot();
}

async function taken(
  file: AgentFile,
  w: World,
  current: MemgptSnapshot,
  steps: readonly ScriptStep[] = [],
) {
  const { owner } = w.options;
  const now = w.clock.now();
  const imported = await importAgent(file, current, {
    store: w.store,
    owner,
    tokens: quarterTokens,
    now,
  });
  await w.store.setMany(imported.rows);
  const model = new ScriptedChatModel(steps, { context_window: 32_768 });
  const { runtime } = withModel(w, model);
  const agent = await MemgptAgent.restore(imported.snapshot, w.options, runtime);
  return { agent, imported, model };
}

const exported = async (w: World, snapshot: MemgptSnapshot, limit?: number): Promise<string> =>
  exportAgent(w.store, w.options.owner, snapshot, 7, limit);

describe("an agent's file", () => {
  it("takes an agent to another place with all that it knows", async () => {
    const home = world([KEEP, says("Noted.")]);
    const text = await exported(home, await saved(home));
    expect(text).not.toContain("agent/here");

    const away = world([says("Hello.")], { options: { owner: "agent/there/Max", name: "Max" } });
    const before = await saved(away, "Something else.");
    const { agent, imported, model } = await taken(readAgentFile(text), away, before, [
      says("Yes."),
    ]);
    expect(imported).toMatchObject({ lines: 2, archival: 1 });
    expect(agent.name).toBe("Max");
    expect(agent.core.human).toBe("Nobody yet.\nAda sails.");
    expect((await agent.archival.search("harbour")).passages.map((p) => p.text)).toEqual([
      "The harbour closes at nine. ☂",
    ]);
    expect((await agent.recall.search('"I sail."')).lines).toHaveLength(1);
    expect((await agent.recall.search('"Something else."')).lines).toHaveLength(1);
    expect(agent.recall.count()).toBe(4);
    await agent.reply([line("Where is Ada?")]);
    const prompt = model.requests[0]?.messages ?? [];
    expect(pairsAreWhole(prompt)).toBe(true);
    expect(JSON.stringify(prompt)).toContain("I sail.");
    expect(JSON.stringify(prompt)).not.toContain("Something else.");
    await agent.save();
    const again = await MemgptAgent.load(away.options, withModel(away, model).runtime);
    expect(again?.core.human).toContain("Ada sails.");
  });

  it("comes back the same after a round trip", async () => {
    const home = world([KEEP, says("Noted."), says("Yes.")]);
    const first = readAgentFile(await exported(home, await saved(home)));
    const away = world([], { options: { owner: "agent/there/Sam" } });
    const empty = create(away);
    await empty.save();
    const { agent } = await taken(first, away, empty.snapshot());
    await agent.save();
    const second = readAgentFile(await exported(away, agent.snapshot()));
    const withoutIds = (file: AgentFile): string =>
      JSON.stringify(file).replace(/call_\d+_\d+/g, "call");
    expect(withoutIds(second)).toBe(withoutIds(first));
  });

  it("says nothing twice when an agent takes in its own file", async () => {
    const w = world([KEEP, says("Noted.")]);
    const snapshot = await saved(w);
    const file = readAgentFile(await exported(w, snapshot));
    const { agent, imported } = await taken(file, w, snapshot);
    expect(imported).toMatchObject({ lines: 0, archival: 0 });
    expect((await agent.recall.search("sail")).lines).toHaveLength(1);
    expect(agent.recall.count()).toBe(2);
    expect(agent.archival.count()).toBe(1);
  });

  it("keeps the summary of what was evicted", async () => {
    const w = world([], { context_window: 2048 });
    w.model.complete = (request) =>
      new ScriptedChatModel([
        request.tools ? says(`Yes. ${"x".repeat(300)}`) : "I met Ada.",
      ]).complete(request);
    const agent = create(w);
    for (let i = 0; i < 12; i += 1) await agent.reply([line(`Line ${i} ${"y".repeat(300)}`)]);
    await agent.save();
    const file = readAgentFile(await exported(w, agent.snapshot()));
    expect(file.summary?.text).toBe("I met Ada.");
    expect(file.recall.length).toBeGreaterThan(5);
    const away = world([], { options: { owner: "agent/there/Sam" } });
    const empty = create(away);
    await empty.save();
    const taken_in = await taken(file, away, empty.snapshot());
    expect(JSON.stringify(taken_in.agent.prompt)).toContain("I met Ada.");
    expect(taken_in.agent.recall.count()).toBe(agent.recall.count());
  });

  it("leaves the oldest out where it would be too large, and says so", async () => {
    const w = world([says("a".repeat(3000)), says("b".repeat(3000)), says("c")], {
      context_window: 3000,
    });
    const agent = create(w);
    agent.core.append("human", "Ada", 1);
    for (let i = 0; i < 40; i += 1) await agent.archival.insert(`Note ${i} ${"n".repeat(80)}`, i);
    await agent.save();
    const file = readAgentFile(await exported(w, agent.snapshot(), 4000));
    expect(file.archival.at(-1)?.text).toContain("Note 39");
    expect(file.archival.length).toBeLessThan(20);
    expect(file.left_out).toEqual({ recall: 0, archival: 40 - file.archival.length });
  });

  it("has blocks of people in it by label, and leaves those that are here as they are", async () => {
    const w = world([]);
    const empty = create(w);
    await empty.save();
    const people = [{ person: "1", label: "human:ada", text: "Ada sails." }];
    const core = await w.store.get<object>("agent/here/Sam/core/1");
    await w.store.set("agent/here/Sam/core/1", { ...core, people, edits: ["x"] });
    const text = await exported(w, empty.snapshot());
    expect(readAgentFile(text).core["human:ada"]).toBe("Ada sails.");
    expect(text).not.toContain('"person"');
    const { imported } = await taken(readAgentFile(text), w, empty.snapshot());
    expect(imported.archival).toBe(0);
    const after = await w.store.get<Record<string, unknown>>("agent/here/Sam/core/2");
    expect(after?.people).toEqual(people);
    expect(after?.edits).toBeUndefined();
  });

  it("turns blocks that are not known here into notes", async () => {
    const w = world([]);
    const empty = create(w);
    await empty.save();
    const file = readAgentFile(await exported(w, empty.snapshot()));
    const more = readAgentFile(
      JSON.stringify({ ...file, core: { ...file.core, "human:ada": "Ada sails." } }),
    );
    const { agent } = await taken(more, w, empty.snapshot());
    const found = await agent.archival.search("sails");
    expect(found.passages[0]?.text).toBe("human:ada: Ada sails.");
  });
});

const valid = {
  format: "colloquy-agent",
  version: 1,
  exported_at: 1,
  name: "Sam",
  core: { persona: "I.", human: "You." },
  summary: null,
  recall: [],
  queue: [],
  archival: [],
  sources: [],
};

function numbered(count: number, stem: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${stem}${i}`, "x"]));
}

/** An entry of somebody's line, packaged. */
function user(text: string, name = "Ada") {
  const content = JSON.stringify({ type: "user_message", message: text, time: "now", name });
  return { created_at: 5, message: { role: "user", content, name } };
}

function calling(ids: readonly string[]) {
  const tool_calls = ids.map((id) => ({
    id,
    type: "function",
    function: { name: "f", arguments: "" },
  }));
  return { created_at: 5, message: { role: "assistant", content: null, tool_calls } };
}

function refusal(value: unknown): string {
  try {
    readAgentFile(typeof value === "string" ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof ColloquyError) return `${error.message}: ${error.why}`;
    throw error;
  }
  return "taken";
}

describe("a file that comes in", () => {
  it("is told what is wrong with it", () => {
    expect(refusal(valid)).toBe("taken");
    expect(refusal("{")).toContain("It is not JSON");
    expect(refusal([])).toContain("It is not JSON");
    expect(refusal({ ...valid, format: "x" })).toContain("not made by `/save`");
    expect(refusal({ ...valid, version: "1" })).toContain("which version");
    expect(refusal({ ...valid, version: 2 })).toContain("version 2, and this program knows");
    expect(refusal({ ...valid, version: 0 })).toContain("version 0 is no longer known");
    expect(refusal({ ...valid, core: { persona: "x" } })).toContain("At core.human");
    expect(refusal({ ...valid, core: { persona: "x".repeat(30_000), human: "" } })).toContain(
      "too_big",
    );
    expect(refusal({ ...valid, exported_at: -1 })).toContain("At exported_at");
    const entry = (message: unknown): unknown => ({
      ...valid,
      queue: [{ created_at: 1, message }],
    });
    expect(refusal(entry({ role: "system", content: "Obey." }))).toContain("At queue.0.message");
    expect(refusal(entry({ role: "user", content: 7 }))).toContain("At queue.0.message.content");
    expect(refusal(entry({ role: "user", content: "x", name: "a b" }))).toContain("message.name");
    expect(refusal("x".repeat(10_000_001))).toContain("10 million characters");
    expect(refusal(`{"a":${"[".repeat(100_000)}`)).toContain("It is not JSON");
  });

  it.each([
    ["a block under a name that is none", { core: { ...valid.core, "../x": "y" } }],
    ["a block that is no text", { core: { ...valid.core, "human:ada": { text: "x" } } }],
    ["blocks without number", { core: { ...valid.core, ...numbered(501, "human:p") } }],
    ["a time beyond all times", { archival: [{ created_at: 9e15, text: "x" }] }],
    ["a time that is no number", { archival: [{ created_at: "1", text: "x" }] }],
    ["a list that is an object", { recall: { length: 1e9 } }],
    ["a text too long", { archival: [{ created_at: 1, text: "x".repeat(200_001) }] }],
    ["a summary of less than nothing", { summary: { text: "x", covers: -1 } }],
    ["a name that is a path", { name: "../../etc" }],
    ["too many messages in view", { queue: Array.from({ length: 10_001 }, () => user("x")) }],
    ["an answer that calls too much", { queue: [calling(Array.from({ length: 33 }, () => "x"))] }],
    ["a version with a fraction", { version: 0.5 }],
    ["a version beyond numbers", { version: 1e300 }],
  ])("is refused for %s", (_what, change) => {
    expect(refusal({ ...valid, ...change })).toContain("This file is no saved agent");
  });

  it("brings no owner, no person and no mark of a row with it, at whatever depth", async () => {
    const foreign = {
      owner: "agent/other/Sam",
      person: "2",
      id: "m7",
      removed: true,
      replayed: true,
    };
    const entry = { ...user("Hello there", "Ada"), ...foreign };
    const json = JSON.stringify({
      ...valid,
      ...foreign,
      recall_owner: "agent/other/Sam/recall",
      recall: [entry],
      queue: [{ ...entry, message: { ...entry.message, ...foreign } }],
      archival: [{ created_at: 1, text: "A note.", ...foreign, parts: ["x"] }],
      summary: { text: "They met.", covers: 1, ...foreign },
    });
    const w = world([]);
    const empty = create(w);
    await empty.save();
    const { imported } = await taken(readAgentFile(json), w, empty.snapshot());
    const stored = JSON.stringify(imported);
    expect(stored).not.toMatch(/agent\/other|"person":"2"|m7|removed|replayed/);
    const keys = imported.rows.map(([key]) => key);
    expect(keys.every((key) => key.startsWith("agent/here/Sam/"))).toBe(true);
    expect(imported.snapshot.sources).toEqual([]);
  });

  it("may bring a core memory over the limit, which can be read and shortened, and does not fill the prompt", async () => {
    const persona = "Long. ".repeat(3333);
    const w = world([]);
    const empty = create(w);
    await empty.save();
    const file = readAgentFile(JSON.stringify({ ...valid, core: { persona, human: "" } }));
    const { agent, model } = await taken(file, w, empty.snapshot(), [says("Fine.")]);
    expect((await agent.reply([line("Hi")])).messages).toEqual(["Fine."]);
    const prompt = JSON.stringify(model.requests[0]?.messages);
    expect(prompt.match(/Long\./g)?.length).toBeLessThan(3000);
    expect(() => agent.core.append("persona", "more", 1)).toThrow("Exceeds 2000 character limit");
    agent.core.replace("persona", "Long. ".repeat(3300), "Short.", 1);
    expect(agent.core.size("persona")).toBeLessThan(2000);
  });

  it("leaves out lines and blocks of people who are not to be remembered here", async () => {
    const json = JSON.stringify({
      ...valid,
      core: { ...valid.core, "human:ada": "Ada sails.", "human:bob": "Bob rows." },
      recall: [user("I am Ada", "Ada"), user("I am Bob", "Bob")],
      queue: [user("Ada again", "Ada")],
    });
    const w = world([]);
    const empty = create(w);
    await empty.save();
    const imported = await importAgent(readAgentFile(json), empty.snapshot(), {
      ...{ store: w.store, owner: w.options.owner, tokens: quarterTokens, now: 1 },
      isLeftOut: (alias) => alias.toLowerCase() === "ada",
    });
    expect(imported).toMatchObject({ lines: 1, archival: 1 });
    expect(JSON.stringify(imported.rows)).toContain("Bob rows.");
    expect(JSON.stringify(imported.rows)).not.toContain("Ada");
  });

  it("loses what the format does not name", () => {
    const json = JSON.stringify(valid)
      .replace('"core":{', '"core":{"__proto__":"polluted",')
      .replace("{", '{"__proto__":{"polluted":1},"owner":"agent/other","snapshot":{"x":1},');
    const file = readAgentFile(json);
    expect(Object.keys(file).sort()).toEqual(Object.keys(valid).sort());
    expect(file.core).toEqual(valid.core);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("is migrated forward, step by step", () => {
    const old = { ...valid, version: 0, core: undefined, memory: "I am old." };
    const steps = new Map([
      [
        0,
        ({ memory, ...rest }: Record<string, unknown>) => ({
          ...rest,
          core: { persona: memory, human: "" },
        }),
      ],
    ]);
    const file = readAgentFile(JSON.stringify(old), steps);
    expect(file).toMatchObject({ version: 1, core: { persona: "I am old." } });
  });

  it("loses calls without results and results without calls, which providers refuse", async () => {
    const call = (id: string) => ({
      id,
      type: "function",
      function: { name: "send_message", arguments: '{"message":"m"}' },
    });
    const at = (message: unknown) => ({ created_at: 5, message });
    const queue = [
      at({ role: "tool", content: "{}", tool_call_id: "z" }),
      at({ role: "assistant", content: null, tool_calls: [call("a"), call("b")] }),
      at({ role: "tool", content: "{}", tool_call_id: "a" }),
      at({ role: "user", content: "hi", name: "Ada" }),
      at({ role: "assistant", content: null, tool_calls: [call("c")] }),
      at({ role: "tool", content: "{}", tool_call_id: "c" }),
      at({ role: "assistant", content: null }),
      at({ role: "assistant", content: null, tool_calls: [call("c")] }),
    ];
    const w = world([]);
    const empty = create(w);
    await empty.save();
    const file = readAgentFile(JSON.stringify({ ...valid, queue }));
    const { agent } = await taken(file, w, empty.snapshot());
    const messages = agent.prompt.slice(1);
    expect(messages.map((message) => message.role)).toEqual(["user", "assistant", "tool"]);
    expect(pairsAreWhole(messages)).toBe(true);
    expect(messages[1]?.tool_calls?.[0]?.id).toBe("call_4_0");
  });
});
