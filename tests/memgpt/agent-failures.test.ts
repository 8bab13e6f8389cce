import { describe, expect, it } from "vitest";
import { AbortSource } from "../../src/shared/abort.ts";
import { ModelError, StoreError } from "../../src/shared/errors.ts";
import { MemoryPassageStore } from "../fakes/memory-stores.ts";
import { type ScriptedCall, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { create, events, line, pairsAreWhole, results, world } from "./agent-fixture.ts";

function calls(...list: ScriptedCall[]): ScriptStep {
  return { content: "Thinking.", calls: list };
}

const insert = (heartbeat: unknown): ScriptedCall => ({
  name: "archival_memory_insert",
  args: { content: "Tea", request_heartbeat: heartbeat },
});

describe("failures", () => {
  it("of the model end the reply; the lines stay heard", async () => {
    const w = world([new ModelError("unavailable", "down"), says("Yes?")]);
    const agent = create(w);
    await expect(agent.reply([line("Hi")])).rejects.toMatchObject({ code: "unavailable" });
    expect((await agent.reply([line("Hello?")])).messages).toEqual(["Yes?"]);
    expect(
      events(agent.prompt)
        .map((e) => e.message)
        .slice(1),
    ).toEqual(["Hi", "Hello?"]);
  });

  it("after something was said keep it, with a notice", async () => {
    const w = world([
      calls({ name: "send_message", args: { message: "Wait.", request_heartbeat: true } }),
      new ModelError("unavailable", "down"),
    ]);
    expect(await create(w).reply([line("Hi")])).toEqual({
      messages: ["Wait."],
      notices: ["Sam could not go on before the answer was complete."],
    });
  });

  it("of the passage store go to the model as a failed search, and the chat goes on", async () => {
    class BrokenStore extends MemoryPassageStore {
      override async page(): Promise<never> {
        throw new StoreError("store_unavailable", "The passage store is down.", {
          next: "Try again later.",
        });
      }
    }
    const search = {
      name: "archival_memory_search",
      args: { query: "x", request_heartbeat: true },
    };
    const w = world([calls(search), says("I cannot look it up now.")]);
    w.runtime.passages = new BrokenStore();
    const agent = create(w);
    agent.attachSource({ id: "s", name: "a.pdf", owner: "source/1", kind: "pdf", passages: 3 });
    expect((await agent.reply([line("Hi")])).messages).toHaveLength(1);
    expect(results(agent.prompt)[0]).toMatchObject({
      status: "Failed",
      message:
        "Error calling function archival_memory_search: The passage store is down. Try again later.",
    });
  });
});

describe("an abort", () => {
  it("ends the reply between steps, with whole tool pairs", async () => {
    const source = new AbortSource();
    const w = world([
      () => {
        source.abort(new Error("stopped"));
        return calls(insert(true), insert(true));
      },
      says("Again."),
    ]);
    const agent = create(w);
    await expect(agent.reply([line("Hi")], { signal: source.signal })).rejects.toThrow("stopped");
    expect(pairsAreWhole(agent.prompt)).toBe(true);
    expect(agent.archival.count()).toBe(0);
    expect(results(agent.prompt).map((r) => r.status)).toEqual(["Failed", "Failed"]);
    expect((await agent.reply([line("Go on")])).messages).toEqual(["Again."]);
  });

  it("inside the model call leaves the state as it was", async () => {
    const source = new AbortSource();
    const w = world([
      () => {
        source.abort(new Error("stopped"));
        throw new ModelError("aborted", "aborted");
      },
    ]);
    const agent = create(w);
    await expect(agent.reply([line("Hi")], { signal: source.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(agent.prompt.at(-1)?.role).toBe("user");
  });
});
