import { describe, expect, it } from "vitest";
import {
  AssistantAgent,
  ConversableAgent,
  DEFAULT_ASSISTANT_SYSTEM_MESSAGE,
  GroupChat,
  GroupChatManager,
  modelReply,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, table, view } from "./table.ts";

const call = { id: "c1", type: "function" as const, function: { name: "f", arguments: "{}" } };
const question = [{ role: "user" as const, content: "?" }];

describe("a chat begun again", () => {
  it("resets the counters of a group's members, also where histories stay", async () => {
    const limited = chained("Limited", { max_consecutive_auto_reply: 2 });
    const user = chained("U");
    const manager = table([user, limited], { max_round: 4 });
    await user.initiateChat(manager, { message: "1" });
    expect(limited.consecutiveAutoReplyCounter(manager)).toBe(2);
    const again = await user.initiateChat(manager, { message: "2", clear_history: false });
    expect(again.reason).toBe("max_round");
    expect(view(limited, manager)).toHaveLength(8);
  });

  it("leaves the first chat's result as it was", async () => {
    const [a, b] = [chained("A"), chained("B")];
    const first = await a.initiateChat(b, { message: "1", max_turns: 1 });
    await a.initiateChat(b, { message: "2", max_turns: 3 });
    expect(first.chat_history.map(({ content }) => content)).toEqual(["1", "B here"]);
  });

  it("keeps what people typed as long as histories are kept", async () => {
    const typed = ["one", "exit", "two", "exit", "three", "exit"];
    const user = new UserProxyAgent({ name: "U", get_human_input: () => typed.shift() ?? "" });
    const b = chained("B");
    const said = async (clear_history: boolean) =>
      (await user.initiateChat(b, { message: "Go", clear_history })).human_input;
    expect(await said(true)).toEqual(["one", "exit"]);
    expect(await said(false)).toEqual(["one", "exit", "two", "exit"]);
    expect(await said(true)).toEqual(["three", "exit"]);
  });
});

describe("a chat begun with a group that is in the middle of a run", () => {
  it("is refused before anything is cleared", async () => {
    const [user, manager] = [chained("U"), table([chained("A"), chained("B")], { max_round: 4 })];
    const rounds = manager.rounds({ opening: { message: "1", speaker: user } });
    await rounds.next();
    await rounds.next();
    await user.send("before", manager, { request_reply: false });
    await expect(user.initiateChat(manager, { message: "2" })).rejects.toMatchObject({
      code: "run_in_progress",
    });
    expect(manager.groupchat.messages).toHaveLength(2);
    expect(view(user, manager).at(-1)).toBe("assistant U: before");
  });
});

describe("after a chat", () => {
  it("of no fixed length a line is answered, after one of max_turns only when asked", async () => {
    const [a, b] = [chained("A"), chained("B", { max_consecutive_auto_reply: 3 })];
    await a.initiateChat(b, { message: "1", max_turns: 1 });
    await a.send("2", b);
    expect(view(a, b).at(-1)).toBe("assistant A: 2");
    const stop = (line: { content: string | null }) => line.content === "3";
    const c = chained("C", { is_termination_msg: stop });
    await a.initiateChat(c, { message: "3" });
    await a.send("4", c, { request_reply: false });
    expect(view(a, c).at(-1)).toBe("assistant A: 4");
    c.updateMaxConsecutiveAutoReply(1);
    await a.send("5", c);
    expect(view(a, c)).toContain("user C: C here");
  });
});

describe("a thread", () => {
  it("begins with the messages that the agent was made with", async () => {
    const ada = chained("Ada");
    const old = [{ role: "user" as const, content: "old", name: "Ada" }];
    const agent = chained("B", { chat_messages: new Map([[ada, old]]) });
    await ada.send("new", agent);
    expect(view(agent, ada)).toEqual(["user Ada: old", "user Ada: new"]);
    expect(old).toHaveLength(1);
  });

  it("keeps the call of a result that is kept", async () => {
    const [a, b] = [chained("A"), chained("B", { function_map: { f: () => "done" } })];
    await a.send({ content: null, tool_calls: [call] }, b, { request_reply: true });
    await a.send("thanks", b);
    b.clearHistory(a, 2);
    expect(b.threadWith(a).messages.map(({ role }) => role)).toEqual(["assistant", "tool", "user"]);
    b.clearHistory(null, 1);
    expect(view(b, a)).toEqual(["user A: thanks"]);
  });
});

describe("reset", () => {
  it("forgets threads, counters and usage", async () => {
    const llm = new ScriptedChatModel([{ content: "ok", total_tokens: 3 }]);
    const [a, b] = [chained("A"), new AssistantAgent({ name: "B", llm })];
    await a.send("Hi", b, { request_reply: true });
    expect(b.getTotalUsage()?.models.get("scripted")?.total_tokens).toBe(3);
    b.reset();
    expect(b.getTotalUsage()).toBeUndefined();
    expect(b.consecutiveAutoReplyCounter(a)).toBe(0);
    expect(view(b, a)).toEqual([]);
  });

  it("gives reply functions their configs back, or has them reset by their own function", async () => {
    const [counted, own] = [{ n: 0 }, { n: 0 }];
    const agent = chained("A");
    const seen: unknown[] = [];
    const count = (_agent: unknown, { config }: { config: unknown }) => {
      (config as { n: number }).n += 1;
      seen.push((config as { n: number }).n);
      return [false, null] as const;
    };
    agent.registerReply(null, count, { config: counted });
    const reset_config = (config: unknown) => {
      (config as { n: number }).n = 100;
    };
    agent.registerReply(null, count, { config: own, reset_config });
    await agent.generateReply({ messages: question });
    await agent.generateReply({ messages: question });
    agent.reset();
    await agent.generateReply({ messages: question });
    expect(seen).toEqual([1, 1, 2, 2, 101, 1]);
    expect([counted, own]).toEqual([{ n: 0 }, { n: 0 }]);
  });

  it("of a resumed group leaves usage alone: the bill goes on", async () => {
    const llm = new ScriptedChatModel([{ content: "ok", total_tokens: 3 }]);
    const agent = new AssistantAgent({ name: "A", llm });
    const manager = table([agent, chained("B")]);
    await agent.generateReply({ messages: question });
    await manager.resume([{ name: "A", content: "1" }]);
    expect(agent.getTotalUsage()?.models.get("scripted")?.total_tokens).toBe(3);
  });
});

describe("an agent", () => {
  it("takes undefined and null for options that were left out", () => {
    const absent = { description: undefined, human_input_mode: undefined } as object;
    const user = new UserProxyAgent({ name: "U", system_message: "A human admin.", ...absent });
    expect(user.human_input_mode).toBe("ALWAYS");
    expect(user.description).toBe(new UserProxyAgent({ name: "V" }).description);
    const assistant = new AssistantAgent({ name: "A", system_message: null, ...absent } as never);
    expect(assistant.human_input_mode).toBe("NEVER");
    expect(assistant.system_message).toBe(DEFAULT_ASSISTANT_SYSTEM_MESSAGE);
    expect(assistant.description).toBe(new AssistantAgent({ name: "B" }).description);
    const options = { max_consecutive_auto_reply: undefined, name: null, ...absent } as object;
    const manager = new GroupChatManager({ groupchat: new GroupChat({ agents: [] }), ...options });
    expect([manager.name, manager.human_input_mode]).toEqual(["chat_manager", "NEVER"]);
    expect(manager.maxConsecutiveAutoReply()).toBe(Number.POSITIVE_INFINITY);
  });

  it("tests a call for termination with an empty text, never with null", async () => {
    const agent = chained("A", {
      is_termination_msg: ({ content }) => (content as string).endsWith("TERMINATE"),
      function_map: { f: () => "done" },
    });
    const messages = [{ role: "assistant" as const, content: null, tool_calls: [call] }];
    expect(await agent.generateReply({ messages })).toMatchObject({ role: "tool" });
  });
});

describe("registerReply", () => {
  it("can be followed by replaceReplyFunc, under both of its names", async () => {
    const agent = chained("A");
    const [first, second] = ["first", "second"].map((text) => () => [true, text] as const);
    if (!first || !second) throw new Error();
    agent.replaceReplyFunc(modelReply, first);
    expect(await agent.generateReply({ messages: question })).toBe("first");
    agent.replaceReplyFunction(first, second);
    expect(await agent.generateReply({ messages: question })).toBe("second");
  });

  it("refuses at once what is no trigger", () => {
    for (const trigger of [42, [ConversableAgent, 42]]) {
      expect(() => chained("A").registerReply(trigger as never, () => [true, "x"])).toThrow(
        expect.objectContaining({ code: "invalid_option" }),
      );
    }
  });
});
