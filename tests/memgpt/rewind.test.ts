import { describe, expect, it } from "vitest";
import { MemgptAgent } from "../../src/memgpt/agent.ts";
import { rewind } from "../../src/memgpt/rewind.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import { create, line, world } from "./agent-fixture.ts";

const remember = (content: string) => ({
  calls: [
    { name: "core_memory_append", args: { name: "human", content, request_heartbeat: false } },
    { name: "send_message", args: { message: "Noted." } },
  ],
});

describe("going back to a saved state", () => {
  it("gives the prompt as it was, byte by byte, and recall keeps what came after", async () => {
    const w = world([remember("Ada"), says("Later."), remember("Bob")]);
    const agent = create(w);
    await agent.reply([line("I am Ada")]);
    await agent.save();
    const [saved, prompt] = [agent.snapshot(), agent.prompt];
    await agent.reply([line("The code is 4711")]);
    await agent.reply([line("I am Bob")]);
    await agent.save();
    const { snapshot, rows } = await rewind(w.store, w.options.owner, saved, agent.snapshot());
    await w.store.setMany(rows);
    const again = await MemgptAgent.restore(snapshot, w.options, w.runtime);
    expect(again.prompt).toEqual(prompt);
    expect(again.core.human).toBe("Nobody yet.\nAda");
    expect((await again.recall.search("4711")).lines).toHaveLength(1);
    const { lines } = await again.recall.search("I am Ada");
    expect(lines.filter(({ text }) => text === "I am Ada")).toHaveLength(1);
  });

  it("takes a state that was saved before its front was kept", async () => {
    const w = world([remember("Ada")]);
    const agent = create(w);
    await agent.reply([line("I am Ada")]);
    await agent.save();
    const { front_version: _, ...old } = agent.snapshot();
    const { snapshot, rows } = await rewind(w.store, w.options.owner, old, agent.snapshot());
    await w.store.setMany(rows);
    const again = await MemgptAgent.restore(snapshot, w.options, w.runtime);
    expect(again.prompt[0]?.content).toContain("Nobody yet.\nAda");
    const before = await MemgptAgent.restore(old, w.options, w.runtime);
    expect(before.prompt[0]?.content).toContain("Nobody yet.\nAda");
  });
});
