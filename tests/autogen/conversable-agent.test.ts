import { describe, expect, it } from "vitest";
import {
  type AgentMessage,
  AssistantAgent,
  ConversableAgent,
  humanReply,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import type { AgentEvent } from "../../src/shared/events.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, people, talker, view } from "./table.ts";

const heard = (content: string): AgentMessage[] => [{ role: "user", name: "B", content }];

describe("an agent's defaults", () => {
  it("are those of the original classes", () => {
    const plain = new ConversableAgent({ name: "P" });
    expect(plain.human_input_mode).toBe("TERMINATE");
    expect(plain.maxConsecutiveAutoReply()).toBe(100);
    expect(plain.default_auto_reply).toBe("");
    expect(plain.llm).toBeUndefined();
    expect(plain.isTerminationMsg({ role: "user", content: "TERMINATE" })).toBe(true);
    expect(plain.isTerminationMsg({ role: "user", content: "TERMINATE." })).toBe(false);
    expect(new AssistantAgent({ name: "A" }).human_input_mode).toBe("NEVER");
    expect(people().human_input_mode).toBe("ALWAYS");
  });

  it("describe an agent by its system message unless it has a description", () => {
    expect(new ConversableAgent({ name: "P", system_message: "I count." }).description).toBe(
      "I count.",
    );
    const described = new AssistantAgent({ name: "A", description: "Counts birds." });
    expect(described.description).toBe("Counts birds.");
  });

  it("refuse code execution, unknown modes and empty names", () => {
    const code = { name: "P", code_execution_config: { use_docker: false } } as never;
    expect(() => new ConversableAgent(code)).toThrow(/code_execution_config/);
    const mode = { name: "P", human_input_mode: "SOMETIMES" } as never;
    expect(() => new ConversableAgent(mode)).toThrow(/SOMETIMES/);
    expect(() => new ConversableAgent({ name: " " })).toThrow(/needs a name/);
  });
});

describe("threads", () => {
  it("are kept per partner, own lines as assistant, theirs as user", async () => {
    const [a, b, c] = [talker("A"), talker("B"), talker("C")];
    await a.send("hi B", b, { request_reply: false });
    await a.send("hi C", c, { request_reply: false });
    expect(view(a, b)).toEqual(["assistant A: hi B"]);
    expect(view(b, a)).toEqual(["user A: hi B"]);
    expect(view(c, a)).toEqual(["user A: hi C"]);
    expect(a.chat_messages.get(b)).toHaveLength(1);
    expect(b.lastMessage()).toMatchObject({ content: "hi B" });
  });

  it("keep the known keys only and overwrite roles", async () => {
    const [a, b] = [talker("A"), talker("B")];
    const message = { content: "x", role: "system", context: { n: 1 }, secret: "no" };
    await a.send(message, b, { request_reply: false });
    expect(b.lastMessage(a)).toEqual({ role: "user", name: "A", content: "x", context: { n: 1 } });
  });

  it("refuse a message with neither content nor call and keep nothing of it", async () => {
    const [a, b] = [talker("A"), talker("B")];
    await expect(a.send({ context: {} }, b)).rejects.toMatchObject({ code: "invalid_message" });
    expect(view(a, b)).toEqual([]);
  });

  it("hold a call as assistant in everybody's history", async () => {
    const [a, b] = [talker("A"), talker("B")];
    const call = { id: "1", type: "function" as const, function: { name: "f", arguments: "{}" } };
    await a.send({ content: null, tool_calls: [call] }, b, { request_reply: false });
    expect(b.lastMessage(a)).toMatchObject({ role: "assistant", content: null, name: "A" });
  });
});

describe("the reply chain", () => {
  it("tries the function that was registered last first", async () => {
    const agent = chained("A");
    agent.registerReply(null, () => [true, "first"]);
    agent.registerReply(null, () => [true, "second"]);
    expect(await agent.generateReply({ messages: heard("x") })).toBe("second");
  });

  it("goes on while a function is not final and ends with default_auto_reply", async () => {
    const agent = chained("A", { default_auto_reply: "nothing else" });
    const tried: string[] = [];
    agent.registerReply([null], () => {
      tried.push("asked");
      return [false, "ignored"];
    });
    expect(await agent.generateReply({ messages: heard("x") })).toBe("nothing else");
    expect(tried).toEqual(["asked"]);
  });

  it("puts a function at the position it is given", async () => {
    const agent = chained("A");
    agent.registerReply(null, () => [true, "second"]);
    agent.registerReply(null, () => [true, "later"], { position: 1 });
    expect(await agent.generateReply({ messages: heard("x") })).toBe("second");
  });

  it.each([
    ["a class", UserProxyAgent, "hit", "miss"],
    ["a name", "User_proxy", "hit", "miss"],
    ["a predicate", (sender?: ConversableAgent) => sender?.name === "User_proxy", "hit", "miss"],
    ["a list", ["Nobody", UserProxyAgent], "hit", "miss"],
    ["a parent class", ConversableAgent, "hit", "hit"],
    ["null", null, "miss", "miss"],
  ])("serves the senders that its trigger names: %s", async (_kind, trigger, proxy, other) => {
    const agent = chained("A", { default_auto_reply: "miss" });
    agent.registerReply(trigger, () => [true, "hit"]);
    const messages = heard("x");
    expect(await agent.generateReply({ messages, sender: people() })).toBe(proxy);
    expect(await agent.generateReply({ messages, sender: talker("B") })).toBe(other);
  });

  it("serves one instance only when that is the trigger", async () => {
    const agent = chained("A", { default_auto_reply: "miss" });
    const friend = talker("B");
    agent.registerReply(friend, () => [true, "hit"]);
    expect(await agent.generateReply({ messages: heard("x"), sender: friend })).toBe("hit");
    expect(await agent.generateReply({ messages: heard("x"), sender: talker("B") })).toBe("miss");
  });

  it("passes over excluded functions", async () => {
    const agent = chained("A", { default_auto_reply: "auto", max_consecutive_auto_reply: 0 });
    const sender = talker("B");
    expect(await agent.generateReply({ messages: heard("x"), sender })).toBeNull();
    const exclude = [humanReply];
    expect(await agent.generateReply({ messages: heard("x"), sender, exclude })).toBe("auto");
  });

  it("hands the function its config, the sender and the thread", async () => {
    const [agent, sender] = [chained("A"), talker("B")];
    await sender.send("x", agent, { request_reply: false });
    agent.registerReply(
      "B",
      (_self, context) => [
        true,
        `${context.config} ${context.sender?.name} ${context.messages.length}`,
      ],
      { config: 7 },
    );
    expect(await agent.generateReply({ sender })).toBe("7 B 1");
  });

  it("refuses to reply to nothing", async () => {
    await expect(chained("A").generateReply({})).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("the model's reply", () => {
  it("falls through to default_auto_reply when the content is null", async () => {
    const llm = new ScriptedChatModel([{ content: null }]);
    const agent = chained("A", { llm, default_auto_reply: "default" });
    expect(await agent.generateReply({ messages: heard("x") })).toBe("default");
  });

  it("is passed on in pieces where streaming is asked for", async () => {
    const events: AgentEvent[] = [];
    const agent = chained("A", { llm: new ScriptedChatModel(["Hello"]) });
    await agent.generateReply({
      messages: heard("x"),
      stream: true,
      onEvent: (event) => events.push(event),
    });
    expect(events).toEqual([{ type: "text_delta", agent: "A", text: "Hello" }]);
  });

  it("sanitises the names of called functions", async () => {
    const llm = new ScriptedChatModel([{ calls: [{ name: "get weather!", args: {} }] }]);
    const reply = await chained("A", { llm }).generateReply({ messages: heard("x") });
    expect(reply).toMatchObject({ tool_calls: [{ function: { name: "get_weather_" } }] });
  });

  it("adds up the tokens that models report", async () => {
    const llm = new ScriptedChatModel([
      { content: "a", total_tokens: 5 },
      { content: "b", total_tokens: 7 },
    ]);
    const agent = chained("A", { llm });
    await agent.generateReply({ messages: heard("x") });
    await agent.generateReply({ messages: heard("x") });
    expect(agent.usage.get("scripted")?.total_tokens).toBe(12);
  });
});

describe("functions", () => {
  const call = (name: string, args: string, id = "c1") => ({
    role: "assistant" as const,
    name: "B",
    content: null,
    tool_calls: [{ id, type: "function" as const, function: { name, arguments: args } }],
  });
  const add = ({ a, b }: Readonly<Record<string, unknown>>) => Number(a) + Number(b);

  it("are run for a tool call and answered by its id", async () => {
    const agent = chained("A", { function_map: { add } });
    const reply = await agent.generateReply({ messages: [call("add", '{"a":1,"b":2}')] });
    expect(reply).toEqual({
      role: "tool",
      tool_responses: [{ tool_call_id: "c1", role: "tool", content: "3" }],
      content: "Tool Call Id: c1\n3",
    });
  });

  it.each([
    ["an unknown function", call("nope", "{}"), "Error: Function nope not found."],
    ["an inherited name", call("toString", "{}"), "Error: Function toString not found."],
    ["broken arguments", call("add", "{a"), /^Error: .*\n The argument must be in JSON format\.$/s],
    ["a failing function", call("fail", "{}"), "Error: out of paper"],
  ])("turn %s into a text for the model", async (_what, message, content) => {
    const fail = () => {
      throw new Error("out of paper");
    };
    const agent = chained("A", { function_map: { add, fail } });
    const reply = await agent.generateReply({ messages: [message] });
    const wanted = typeof content === "string" ? content : expect.stringMatching(content);
    expect(reply).toMatchObject({ tool_responses: [{ content: wanted }] });
  });

  it("get arguments with raw line breaks repaired", async () => {
    const agent = chained("A", { function_map: { echo: ({ text }) => text } });
    const reply = await agent.generateReply({ messages: [call("echo", '{"text": "one\ntwo"}')] });
    expect(reply).toMatchObject({ tool_responses: [{ content: "one\ntwo" }] });
  });

  it("answer a legacy function call in the function's name", async () => {
    const agent = chained("A", { function_map: { add } });
    const function_call = { name: "add", arguments: '{"a":1,"b":1}' };
    const messages = [{ role: "assistant" as const, content: null, function_call }];
    expect(await agent.generateReply({ messages })).toEqual({
      role: "function",
      name: "add",
      content: "2",
    });
  });

  it("are known to canExecuteFunction all together", () => {
    const agent = chained("A", { function_map: { add } });
    expect(agent.canExecuteFunction("add")).toBe(true);
    expect(agent.canExecuteFunction(["add", "sub"])).toBe(false);
    agent.registerFunction({ add: null, sub: add });
    expect(agent.canExecuteFunction(["sub"])).toBe(true);
    expect(agent.canExecuteFunction(["add"])).toBe(false);
  });
});

describe("a chat of two", () => {
  it("goes back and forth until a limit is reached, and says so", async () => {
    const a = chained("A", { max_consecutive_auto_reply: 1 });
    const b = chained("B", { max_consecutive_auto_reply: 2 });
    const result = await a.initiateChat(b, { message: "hi" });
    expect(view(a, b).map((line) => line.split(" ")[0])).toEqual([
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
    expect(result.reason).toBe("auto_reply_limit");
  });

  it("ends on a termination message and keeps the word out of the summary", async () => {
    const a = chained("A", { is_termination_msg: (line) => /TERMINATE/.test(line.content ?? "") });
    const b = talker("B", ["All done. TERMINATE"]);
    const result = await a.initiateChat(b, { message: "hi" });
    expect(result).toMatchObject({ reason: "termination", summary: "All done. " });
  });

  it("stops after max_turns of the initiator", async () => {
    const [a, b] = [talker("A"), talker("B")];
    const result = await a.initiateChat(b, { message: "hi", max_turns: 2 });
    expect(view(b, a)).toEqual([
      "user A: hi",
      "assistant B: B 1",
      "user A: A 1",
      "assistant B: B 2",
    ]);
    expect(result.reason).toBe("max_turns");
  });

  it("begins with clean threads unless told not to", async () => {
    const [a, b] = [talker("A"), talker("B")];
    await a.initiateChat(b, { message: "one", max_turns: 1 });
    await a.initiateChat(b, { message: "two", max_turns: 1, clear_history: false });
    expect(view(a, b)).toHaveLength(4);
    await a.initiateChat(b, { message: "three", max_turns: 1 });
    expect(view(a, b)).toHaveLength(2);
  });

  it("takes the opening from a function and the summary from a function", async () => {
    const [a, b] = [talker("A"), talker("B")];
    const result = await a.initiateChat(b, {
      message: (sender, recipient) => `${sender.name} to ${recipient.name}`,
      summary_method: (sender, recipient) =>
        `${sender.threadWith(recipient).messages.length} lines`,
      max_turns: 1,
    });
    expect(result.chat_history[0]?.content).toBe("A to B");
    expect(result.summary).toBe("2 lines");
  });
});
