import { describe, expect, it } from "vitest";
import { readTranscript } from "../../src/adapters/offline/transcript.ts";
import { MemgptAgent } from "../../src/memgpt/agent.ts";
import type { IncomingLine } from "../../src/memgpt/runtime.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import { create, events, line, results, world } from "./agent-fixture.ts";

const by = (person: string, speaker: string, text = "Hi", more: Partial<IncomingLine> = {}) => ({
  ...line(text, speaker),
  person,
  ...more,
});

const keeps = (name: string, content: string) => ({
  calls: [
    { name: "core_memory_append", args: { name, content, request_heartbeat: false } },
    { name: "send_message", args: { message: "Noted." } },
  ],
});

describe("people's blocks", () => {
  it("come in with an event before the line, and stay out of the front until it is rendered", async () => {
    const w = world([keeps("human:ada", "likes tea"), says("Hello.")]);
    const agent = create(w);
    await agent.reply([by("1", "Ada")]);
    await agent.reply([by("1", "Ada"), by("2", "Bob")]);
    const texts = events(agent.prompt).map((event) => event.message);
    expect(texts.filter((text) => text?.includes("block of core memory"))).toHaveLength(2);
    expect(agent.prompt[0]?.content).not.toContain("human:ada");
    expect(agent.core.personBlock("1")?.text).toBe("likes tea");
    expect(readTranscript(agent.prompt).people.get("human:ada")).toBe("likes tea");
  });

  it("are known again after a restart, without being told twice", async () => {
    const w = world([keeps("human:ada", "likes tea"), says("Hello.")]);
    const agent = create(w);
    await agent.reply([by("1", "Ada")]);
    await agent.save();
    const again = await MemgptAgent.restore(agent.snapshot(), w.options, w.runtime);
    expect(again.prompt).toEqual(agent.prompt);
    await again.reply([by("1", "Ada")]);
    expect(JSON.stringify(again.prompt).match(/has a block/g)).toHaveLength(1);
  });

  it("stand in the front after an eviction for those who still speak, and come back with the others", async () => {
    const w = world(
      [keeps("human:ada", "likes tea"), ...Array.from({ length: 40 }, () => says("Well."))],
      { context_window: 2000 },
    );
    const agent = create(w);
    await agent.reply([by("1", "Ada")]);
    for (let i = 0; i < 12; i += 1) {
      await agent.reply([by("2", "Bob", `${"x".repeat(400)} ${i}`)]).catch(() => undefined);
    }
    expect(agent.prompt[0]?.content).toContain("<human:bob ");
    expect(agent.prompt[0]?.content).not.toContain("human:ada");
    await agent.reply([by("1", "Ada", "Back")]);
    const arrival = events(agent.prompt).find((event) => event.message?.startsWith("Ada is here."));
    expect(arrival?.message).toContain('<human:ada characters="9/2000">\nlikes tea\n</human:ada>');
  });

  it("take no more of the front than their share", async () => {
    const w = world(
      Array.from({ length: 60 }, () => says("Well.")),
      { context_window: 4000 },
    );
    const agent = create(w);
    for (let i = 0; i < 20; i += 1) {
      await agent.reply([by(`p${i}`, `P${i}`)]);
      agent.core.append(`human:p${i}`, "y".repeat(1500), 5);
    }
    await agent.save();
    const bare = { ...agent.snapshot(), front_version: 0 };
    const again = await MemgptAgent.restore(bare, w.options, w.runtime);
    expect(again.prompt[0]?.content?.length).toBeLessThan(4000);
    expect(again.prompt[0]?.content).toContain("human:p19");
  });

  it("loads what was saved before there were any, and refuses a list that is none", async () => {
    const w = world([says("Hello.")]);
    const agent = create(w);
    await agent.reply([line("Hi")]);
    await agent.save();
    const old = agent.snapshot();
    expect(old.loaded).toBeUndefined();
    const again = await MemgptAgent.restore(old, w.options, w.runtime);
    expect(again.prompt).toEqual(agent.prompt);
    const wrong = { ...old, loaded: [7] } as never;
    await expect(MemgptAgent.restore(wrong, w.options, w.runtime)).rejects.toThrow(
      "cannot be read",
    );
  });
});

describe("a block over its limit", () => {
  it("is shown in part, can be shortened and does not stop the agent", async () => {
    const w = world([says("Hello.")], {
      context_window: 4000,
      options: { human: "z".repeat(50_000) },
    });
    const agent = create(w);
    expect((await agent.reply([line("Hi")])).messages).toEqual(["Hello."]);
    const { content } = agent.prompt[0] ?? {};
    expect(content?.length).toBeLessThan(6000);
    expect(content).toContain("[the rest is hidden until this block is shortened]");
    agent.core.replace("human", "z".repeat(1000), "", 5);
    expect(agent.core.size("human")).toBe(0);
  });
});

describe("receipts", () => {
  it("tell what was written, and nothing where nothing was", async () => {
    const w = world([
      {
        calls: [
          { name: "core_memory_append", args: { name: "human", content: "likes tea" } },
          {
            name: "core_memory_replace",
            args: { name: "human", old_content: "tea", new_content: "jam" },
          },
          {
            name: "core_memory_replace",
            args: { name: "human", old_content: "x", new_content: "" },
          },
          { name: "archival_memory_insert", args: { content: "a long story" } },
          { name: "send_message", args: { message: "Done." } },
        ],
      },
      says("Yes."),
    ]);
    const told: string[] = [];
    await create(w).reply([line("Go")], {
      onEvent: (event) => {
        if (event.type === "memory_receipt") told.push(event.text);
      },
    });
    expect(told).toEqual([
      "saved to human: likes tea",
      "changed in human: tea → jam",
      "saved to archival memory: a long story",
    ]);
  });
});

describe("off the record", () => {
  it("refuses every write to memory and stores only emptied rows", async () => {
    const w = world([
      {
        calls: [
          { name: "core_memory_append", args: { name: "human", content: "SECRET" } },
          { name: "archival_memory_insert", args: { content: "SECRET" } },
          { name: "send_message", args: { message: "SECRET it is." } },
        ],
      },
      says("Right."),
    ]);
    const agent = create(w);
    const heard = by("2", "Bob", "What now?");
    const { messages } = await agent.reply([heard, by("1", "Ada", "SECRET", { off_record: true })]);
    expect(messages).toContain("SECRET it is.");
    expect(results(agent.prompt)[0]).toMatchObject({ status: "Failed" });
    expect(agent.core.personBlock("1")).toBeUndefined();
    agent.endOffRecord();
    await agent.save();
    expect([...w.store.rows.values()].join()).not.toContain("SECRET");
    expect(JSON.stringify(agent.prompt)).not.toContain("SECRET");
    expect(JSON.stringify(agent.prompt)).toContain("What now?");
    expect(readTranscript(agent.prompt).lines).toEqual([]);
    const again = await MemgptAgent.restore(agent.snapshot(), w.options, w.runtime);
    expect(again.prompt).toEqual(agent.prompt);
  });
});
