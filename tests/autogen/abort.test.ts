import { describe, expect, it } from "vitest";
import {
  AssistantAgent,
  ConversableAgent,
  type ConversableAgentOptions,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import type { ChatModel } from "../../src/memgpt/ports.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { chained, table, talker } from "./table.ts";

/** Calls `hung` and never answers; it does not listen to the signal either. */
function never(hung: () => void): () => Promise<never> {
  return () => {
    queueMicrotask(hung);
    return new Promise(() => {});
  };
}

function hangingModel(hung: () => void): ChatModel {
  return { model: "hangs", context_window: 8192, offline: false, complete: never(hung) };
}

const call = { id: "c", type: "function" as const, function: { name: "f", arguments: "{}" } };

describe("an abort", () => {
  const hangs: [what: string, options: (stop: () => void) => Partial<ConversableAgentOptions>][] = [
    ["model", (stop) => ({ llm: hangingModel(stop) })],
    ["person", (stop) => ({ human_input_mode: "ALWAYS", get_human_input: never(stop) })],
    ["function", (stop) => ({ function_map: { f: never(stop) } })],
  ];

  it.each(hangs)("ends a run while a speaker's %s hangs", async (what, options) => {
    const source = new AbortSource();
    const stop = () => source.abort(new Error("Stop pressed"));
    const manager = table([people(), chained("Slow", options(stop))]);
    const message = what === "function" ? { content: "", tool_calls: [call] } : "Go";
    const opening = { message, speaker: "User_proxy" };
    const result = await manager.runChat({ opening, signal: source.signal });
    expect(result).toMatchObject({ reason: "aborted", rounds: 1, detail: "Stop pressed" });
    expect(manager.running).toBe(false);
    expect(manager.groupchat.messages).toHaveLength(1);
  });

  it.each(hangs)("rejects a chat of two while the recipient's %s hangs", async (what, options) => {
    const source = new AbortSource();
    const stop = () => source.abort(new Error("Stop pressed"));
    const [a, b] = [chained("A"), chained("B", options(stop))];
    const message = what === "function" ? { content: "", tool_calls: [call] } : "Go";
    await expect(a.initiateChat(b, { message, signal: source.signal })).rejects.toThrow(
      "Stop pressed",
    );
    expect(a.threadWith(b).messages).toHaveLength(1);
  });

  it("ends a run while a reply function hangs", async () => {
    const source = new AbortSource();
    const slow = chained("Slow");
    slow.registerReply(
      ConversableAgent,
      never(() => source.abort("enough")),
    );
    const manager = table([people(), slow]);
    const opening = { message: "Go", speaker: "User_proxy" };
    const result = await manager.runChat({ opening, signal: source.signal });
    expect(result).toMatchObject({ reason: "aborted", error: "enough" });
  });

  it.each(["auto", "manual", "function"])(
    "ends a run while a selection by %s hangs",
    async (how) => {
      const source = new AbortSource();
      const hang = never(() => source.abort(new Error("Stop pressed")));
      const manager = table(
        [talker("A"), talker("B"), talker("C")],
        { speaker_selection_method: how === "function" ? hang : how, manual_input: hang },
        { llm: { model: "hangs", context_window: 8192, offline: false, complete: hang } },
      );
      const opening = { message: "Go", speaker: "Ada" };
      const result = await manager.runChat({ opening, signal: source.signal });
      expect(result).toMatchObject({ reason: "aborted", rounds: 1 });
    },
  );

  it("rejects a chat while its summary hangs, and while its opening is asked for", async () => {
    for (const options of [
      { message: "Go", max_turns: 1, summary_method: "reflection_with_llm" } as const,
      {},
    ]) {
      const source = new AbortSource();
      const stop = () => source.abort(new Error("Stop pressed"));
      const a = new UserProxyAgent({ name: "A", get_human_input: never(stop) });
      const b = talker("B", undefined, { llm: hangingModel(stop) });
      await expect(a.initiateChat(b, { ...options, signal: source.signal })).rejects.toThrow(
        "Stop pressed",
      );
    }
  });

  it("ends the group at once when the chat that it is part of is aborted", async () => {
    const source = new AbortSource();
    const slow = new AssistantAgent({
      name: "Slow",
      llm: hangingModel(() => source.abort(new Error("Stop pressed"))),
    });
    const user = people();
    const manager = table([user, slow]);
    const result = await user.initiateChat(manager, { message: "Go", signal: source.signal });
    expect(result).toMatchObject({ reason: "aborted", detail: "Stop pressed", summary: "Go" });
    expect(manager.running).toBe(false);
    expect(
      (await manager.runChat({ opening: { message: "Again", speaker: user }, signal: aborted() }))
        .reason,
    ).toBe("aborted");
  });

  it("ends a chat of several runs, and asks no model for a summary of it", async () => {
    const source = new AbortSource();
    const slow = chained("Slow", { llm: hangingModel(() => source.abort("enough")) });
    const user = people();
    const result = await user.initiateChat(table([user, slow], {}, { llm: slow.llm ?? false }), {
      message: "Go",
      max_turns: 3,
      signal: source.signal,
      summary_method: "reflection_with_llm",
    });
    expect(result).toMatchObject({ reason: "aborted", summary: "" });
    expect(result.chat_history).toHaveLength(1);
  });

  it("before a chat begins leaves everything as it was", async () => {
    const [a, b] = [chained("A"), chained("B")];
    await a.send("before", b);
    const chat = a.initiateChat(b, { message: "Go", signal: aborted() });
    await expect(chat).rejects.toThrow("before it began");
    expect(a.lastMessage(b)?.content).toBe("before");
  });

  it("reaches the chats that an agent thinks a reply over in", async () => {
    const source = new AbortSource();
    const critic = new AssistantAgent({
      name: "Critic",
      llm: hangingModel(() => source.abort(new Error("Stop pressed"))),
    });
    const writer = chained("Writer");
    writer.registerNestedChats([{ recipient: critic }], ConversableAgent);
    const chat = chained("A").initiateChat(writer, { message: "Go", signal: source.signal });
    await expect(chat).rejects.toThrow("Stop pressed");
  });
});

function people(): UserProxyAgent {
  return new UserProxyAgent({ name: "User_proxy" });
}

function aborted() {
  const source = new AbortSource();
  source.abort(new Error("before it began"));
  return source.signal;
}
