import { describe, expect, it } from "vitest";
import {
  type AgentMessage,
  AssistantAgent,
  GroupChat,
  GroupChatManager,
  MessageHistoryLimiter,
  MessageTokenLimiter,
  TextMessageContentName,
  TransformMessages,
} from "../../src/autogen/index.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, talker } from "./table.ts";

/** A token a character. */
const tokens = { count: (text: string) => [...text].length };
const line = (content: string, more: Partial<AgentMessage> = {}): AgentMessage => ({
  role: "user",
  content,
  ...more,
});
const texts = (messages: readonly AgentMessage[]) => messages.map(({ content }) => content);
const CALL = line("", {
  role: "assistant",
  content: null,
  tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
});
const RESULT = line("r", {
  role: "tool",
  tool_responses: [{ tool_call_id: "1", role: "tool", content: "r" }],
});

describe("the history limiter", () => {
  it("keeps the newest messages, with the first one if asked", () => {
    const all = ["a", "b", "c", "d"].map((content) => line(content));
    const newest = new MessageHistoryLimiter({ max_messages: 2 });
    expect(texts(newest.applyTransform(all))).toEqual(["c", "d"]);
    const first = new MessageHistoryLimiter({ max_messages: 2, keep_first_message: true });
    expect(texts(first.applyTransform(all))).toEqual(["a", "d"]);
    expect(new MessageHistoryLimiter().applyTransform(all)).toBe(all);
    expect(() => new MessageHistoryLimiter({ max_messages: 0 })).toThrow(/max_messages is 0/);
  });

  it("never leaves a result without its call", () => {
    const all = [line("a"), CALL, RESULT, line("b")];
    const two = new MessageHistoryLimiter({ max_messages: 2 });
    expect(texts(two.applyTransform(all))).toEqual(["b"]);
    const three = new MessageHistoryLimiter({ max_messages: 3 });
    expect(three.applyTransform(all)).toHaveLength(3);
    const kept = new MessageHistoryLimiter({ max_messages: 3, keep_first_message: true });
    expect(kept.applyTransform([CALL, line("x"), RESULT, line("b")])).toHaveLength(3);
  });
});

describe("the token limiter", () => {
  it("cuts each message and lets go of the oldest", () => {
    const all = ["aaaa", "bbbb", "cccc"].map((content) => line(content));
    const each = new MessageTokenLimiter({ max_tokens_per_message: 3, tokens });
    expect(texts(each.applyTransform(all))).toEqual(["aaa", "bbb", "ccc"]);
    const together = new MessageTokenLimiter({ max_tokens: 6, tokens });
    expect(texts(together.applyTransform(all))).toEqual(["bb", "cccc"]);
    expect(texts(all)).toEqual(["aaaa", "bbbb", "cccc"]);
  });

  it("cuts nothing below min_tokens, and spares whom the filter names", () => {
    const all = [line("aaaa", { name: "A" }), line("bbbb", { name: "B" })];
    const some = { max_tokens_per_message: 1, tokens };
    const least = new MessageTokenLimiter({ ...some, min_tokens: 9 });
    expect(least.applyTransform(all)).toBe(all);
    const spared = new MessageTokenLimiter({ ...some, filter_dict: { name: ["A"] } });
    expect(texts(spared.applyTransform(all))).toEqual(["aaaa", "b"]);
    const only = new MessageTokenLimiter({
      ...some,
      filter_dict: { name: "A" },
      exclude_filter: false,
    });
    expect(texts(only.applyTransform(all))).toEqual(["a", "bbbb"]);
  });

  it("lets a result go with its call, and cuts what models are sent of a result", () => {
    const long = line("rrrrrr", {
      role: "tool",
      tool_responses: [{ tool_call_id: "1", role: "tool", content: "rrrrrr" }],
    });
    const limiter = new MessageTokenLimiter({ max_tokens_per_message: 2, tokens });
    expect(limiter.applyTransform([CALL, long])[1]?.tool_responses?.[0]?.content).toBe("rr");
    const tight = new MessageTokenLimiter({ max_tokens: 5, tokens });
    expect(texts(tight.applyTransform([line("xxxx"), CALL, long, line("bb")]))).toEqual(["bb"]);
  });

  it("refuses limits that contradict each other", () => {
    expect(() => new MessageTokenLimiter({ max_tokens: -1 })).toThrow(/max_tokens/);
    expect(() => new MessageTokenLimiter({ max_tokens: 5, min_tokens: 6 })).toThrow(/min_tokens/);
  });
});

describe("the speaker's name in the text", () => {
  it("stands before or behind, once, and not on tool results", () => {
    const all = [line("hi", { name: "Ada" }), line("Ada:\nhi", { name: "Ada" }), line("x"), RESULT];
    expect(texts(new TextMessageContentName().applyTransform(all))).toEqual([
      "Ada:\nhi",
      "Ada:\nhi",
      "x",
      "r",
    ]);
    const end = new TextMessageContentName({ position: "end", format_string: " ({name})" });
    expect(texts(end.applyTransform(all))[0]).toBe("hi (Ada)");
    expect(() => new TextMessageContentName({ format_string: "no name" })).toThrow(/\{name\}/);
  });
});

describe("transforms", () => {
  it("show an agent's model less, and leave the thread as it is", async () => {
    const llm = new ScriptedChatModel(["ok", "ok"]);
    const agent = new AssistantAgent({ name: "A", llm, system_message: "S" });
    const transforms = [
      new MessageHistoryLimiter({ max_messages: 1 }),
      new TextMessageContentName({ format_string: "{name} says: " }),
    ];
    new TransformMessages({ transforms }).addToAgent(agent);
    const b = chained("B");
    await b.initiateChat(agent, { message: "one", max_turns: 2 });
    expect(llm.requests[1]?.messages.map(({ content }) => content)).toEqual([
      "S",
      "B says: B here",
    ]);
    expect(agent.threadWith(b).messages).toHaveLength(4);
  });

  it("show the selector less, and nobody else", async () => {
    const llm = new ScriptedChatModel(["B", "C"]);
    const group = new GroupChat({
      agents: [talker("A"), talker("B"), talker("C")],
      max_round: 3,
      select_speaker_transform_messages: new TransformMessages({
        transforms: [new MessageHistoryLimiter({ max_messages: 1 })],
      }),
      select_speaker_auto_verbose: true,
    });
    const printed: string[] = [];
    const manager = new GroupChatManager({ groupchat: group, llm });
    await chained("Ada").initiateChat(manager, {
      message: "go",
      print: (block) => printed.push(block),
    });
    expect(llm.requests[1]?.messages.map(({ name }) => name)).toEqual([undefined, "B", undefined]);
    expect(group.messages).toHaveLength(3);
    expect(printed).toContain(">>>>>>>> Select speaker attempt 1 of 3 successfully selected: B");
  });

  it("say with auto_verbose why an attempt failed", async () => {
    const llm = new ScriptedChatModel(["nobody", "A or B", "A"]);
    const group = new GroupChat({
      agents: [talker("A"), talker("B"), talker("C")],
      select_speaker_auto_verbose: true,
    });
    const printed: string[] = [];
    const selector = chained("chat_manager", { llm });
    await group.selectSpeaker(undefined, selector, { print: (block) => printed.push(block) });
    expect(printed).toEqual([
      ">>>>>>>> Select speaker attempt #1 failed as it did not include any agent names.",
      ">>>>>>>> Select speaker attempt 2 of 3 failed as it included multiple agent names.",
      ">>>>>>>> Select speaker attempt 3 of 3 successfully selected: A",
    ]);
  });

  it("are told in the group's own texts: introductions, first and last selection message", () => {
    const group = new GroupChat({
      agents: [chained("A", { description: "Counts." }), chained("B")],
      select_speaker_message_template: "Roles: {roles} of {agentlist}",
      select_speaker_prompt_template: null,
    });
    expect(group.introductionsMsg()).toContain("A: Counts.");
    expect(group.selectSpeakerMsg(group.agents.slice(0, 1))).toBe("Roles: A: Counts. of ['A']");
    expect(group.selectSpeakerPrompt()).toBeNull();
  });

  it("do not touch what append puts into the log under the speaker's name", () => {
    const [a, b] = [chained("A"), chained("B")];
    const group = new GroupChat({ agents: [a, b] });
    group.append({ content: [{ type: "text", text: "hi" }], name: "Forged" }, a);
    group.append({ role: "function", name: "f", content: "1" }, b);
    expect(group.messages.map(({ name, content }) => [name, content])).toEqual([
      ["A", "hi"],
      ["f", "1"],
    ]);
    expect(a.partners).toEqual([]);
    group.reset();
    expect(group.messages).toEqual([]);
  });
});
