import { describe, expect, it } from "vitest";
import { AssistantAgent, ConversableAgent, UserProxyAgent } from "../../src/autogen/index.ts";
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

describe("registerReply", () => {
  it("refuses at once what is no trigger", () => {
    for (const trigger of [42, [ConversableAgent, 42]]) {
      expect(() => chained("A").registerReply(trigger as never, () => [true, "x"])).toThrow(
        expect.objectContaining({ code: "invalid_option" }),
      );
    }
  });
});
