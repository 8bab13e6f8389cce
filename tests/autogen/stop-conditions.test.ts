import { describe, expect, it } from "vitest";
import {
  type AgentMessage,
  AssistantAgent,
  ExternalTermination,
  FunctionalTermination,
  FunctionCallTermination,
  HandoffTermination,
  MaxMessageTermination,
  SourceMatchTermination,
  StopMessageTermination,
  TextMentionTermination,
  TimeoutTermination,
  TokenUsageTermination,
} from "../../src/autogen/index.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, runAll, table, talker } from "./table.ts";

const NOTHING = { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } };

function said(name: string, content: string, more: Partial<AgentMessage> = {}): AgentMessage {
  return { role: "user", name, content, ...more };
}

function opened(by: string, content = "go") {
  return { opening: { message: content, speaker: by } };
}

function call(id: string, name: string) {
  return { id, type: "function" as const, function: { name, arguments: "{}" } };
}

describe("a stop condition alone", () => {
  it("holds after so many messages, the opening one included", () => {
    const condition = new MaxMessageTermination({ max_messages: 3 });
    expect(condition.check([said("A", "1"), said("B", "2")], NOTHING)).toBeUndefined();
    expect(condition.check([said("A", "3")], NOTHING)).toEqual({
      reason: "max_messages",
      detail: "Maximum number of messages 3 reached, current message count: 3",
    });
    expect(condition.terminated).toBe(true);
  });

  it("begins anew after reset", () => {
    const condition = new MaxMessageTermination({ max_messages: 1 });
    condition.check([said("A", "1")], NOTHING);
    condition.reset();
    expect(condition.terminated).toBe(false);
    expect(condition.check([], NOTHING)).toBeUndefined();
  });

  it("holds when a text is mentioned, by the given sources only", () => {
    const condition = new TextMentionTermination({ text: "DONE", sources: ["Boss"] });
    expect(condition.check([said("Clerk", "I am DONE")], NOTHING)).toBeUndefined();
    expect(condition.check([said("Boss", "done")], NOTHING)).toBeUndefined();
    expect(condition.check([said("Boss", "all DONE.")], NOTHING)).toEqual({
      reason: "text_mention",
      detail: "Text 'DONE' mentioned",
    });
  });

  it("holds when a source has answered", () => {
    const condition = new SourceMatchTermination({ sources: ["B"] });
    expect(condition.check([said("A", "x")], NOTHING)).toBeUndefined();
    expect(condition.check([said("B", "x")], NOTHING)?.detail).toBe("'B' answered");
  });

  it("holds on a stop message, blanks aside", () => {
    const condition = new StopMessageTermination();
    expect(condition.check([said("A", "TERMINATE now")], NOTHING)).toBeUndefined();
    expect(condition.check([said("A", " TERMINATE\n")], NOTHING)?.reason).toBe("stop_message");
  });

  it("holds when the token budget is spent, in total or of one kind", () => {
    const state = { usage: { prompt_tokens: 90, completion_tokens: 10, total_tokens: 100 } };
    expect(new TokenUsageTermination({ max_total_token: 101 }).check([], state)).toBeUndefined();
    expect(new TokenUsageTermination({ max_total_token: 100 }).check([], state)).toEqual({
      reason: "budget",
      detail:
        "Token usage limit reached, total token count: 100, prompt token count: 90, completion token count: 10.",
    });
    const some = new TokenUsageTermination({ max_prompt_token: 500, max_completion_token: 10 });
    expect(some.check([], state)?.reason).toBe("budget");
    expect(() => new TokenUsageTermination({})).toThrow(/must be provided/);
  });

  it("holds when the time is up", async () => {
    const clock = new FakeClock();
    const condition = new TimeoutTermination({ timeout_seconds: 5, clock });
    await clock.advance(4999);
    expect(condition.check([], NOTHING)).toBeUndefined();
    await clock.advance(1);
    expect(condition.check([], NOTHING)).toEqual({
      reason: "timeout",
      detail: "Timeout of 5 seconds reached",
    });
    condition.reset();
    expect(condition.check([], NOTHING)).toBeUndefined();
  });

  it("holds when somebody hands over to the target", () => {
    const condition = new HandoffTermination({ target: "User_proxy" });
    const line = said("A", "", {
      content: null,
      tool_calls: [call("1", "transfer_to_user_proxy")],
    });
    expect(condition.check([said("A", "transfer_to_user_proxy")], NOTHING)).toBeUndefined();
    expect(condition.check([line], NOTHING)).toEqual({
      reason: "handoff",
      detail: "Handoff to User_proxy from A detected.",
    });
  });

  it("holds when somebody outside sets it", () => {
    const condition = new ExternalTermination();
    expect(condition.check([said("A", "x")], NOTHING)).toBeUndefined();
    condition.set();
    expect(condition.check([], NOTHING)?.reason).toBe("external");
  });

  it("holds when the function's result is there, not when it is only called", () => {
    const condition = new FunctionCallTermination({ function_name: "approve" });
    const asking = said("A", "", { content: null, tool_calls: [call("7", "approve")] });
    const answer = said("B", "ok", {
      role: "tool",
      tool_responses: [{ tool_call_id: "7", role: "tool", content: "ok" }],
    });
    expect(condition.check([asking], NOTHING)).toBeUndefined();
    expect(condition.check([answer], NOTHING)?.detail).toBe("Function 'approve' was executed.");
    const legacy = new FunctionCallTermination({ function_name: "approve" });
    expect(legacy.check([said("approve", "ok", { role: "function" })], NOTHING)).toBeDefined();
  });

  it("holds when a function says so", () => {
    const condition = new FunctionalTermination({
      func: (lines) => lines.some(({ content }) => (content ?? "").length > 3),
    });
    expect(condition.check([said("A", "abc")], NOTHING)).toBeUndefined();
    expect(condition.check([said("A", "abcd")], NOTHING)?.reason).toBe("functional");
  });

  it("refuses limits that can never be", () => {
    expect(() => new MaxMessageTermination({ max_messages: 0 })).toThrow(/max_messages is 0/);
  });
});

describe("conditions together", () => {
  it("hold with or as soon as one does, and with and once each has", () => {
    const either = new TextMentionTermination({ text: "x" }).or(
      new MaxMessageTermination({ max_messages: 5 }),
    );
    expect(either.check([said("A", "an x")], NOTHING)?.reason).toBe("text_mention");
    const both = new TextMentionTermination({ text: "x" }).and(
      new MaxMessageTermination({ max_messages: 2 }),
    );
    expect(both.check([said("A", "an x")], NOTHING)).toBeUndefined();
    expect(both.check([said("A", "no more")], NOTHING)).toEqual({
      reason: "text_mention",
      detail: "Text 'x' mentioned, Maximum number of messages 2 reached, current message count: 2",
    });
    both.reset();
    expect(both.check([said("A", "x")], NOTHING)).toBeUndefined();
  });

  it("nest", () => {
    const word = (text: string) => new TextMentionTermination({ text });
    const condition = word("a").and(word("b").or(word("c")));
    expect(condition.check([said("A", "c")], NOTHING)).toBeUndefined();
    expect(condition.check([said("A", "a")], NOTHING)?.detail).toBe(
      "Text 'a' mentioned, Text 'c' mentioned",
    );
  });
});

describe("a condition of a group", () => {
  it("ends each run with its own reason and counts anew in the next", async () => {
    const manager = table(
      [talker("A"), talker("B")],
      {},
      { termination_condition: new MaxMessageTermination({ max_messages: 3 }) },
    );
    for (let run = 0; run < 2; run += 1) {
      const { result, speakers } = await runAll(manager, opened("Ada"));
      expect(result).toMatchObject({ reason: "max_messages", rounds: 3 });
      expect(speakers).toEqual(["A", "B"]);
    }
  });

  it("may be brought by a run, beside the manager's", async () => {
    const manager = table([talker("A"), talker("B")], { max_round: 6 });
    const condition = new SourceMatchTermination({ sources: ["B"] });
    const { result } = await runAll(manager, {
      ...opened("Ada"),
      termination_condition: condition,
    });
    expect(result).toMatchObject({ reason: "source_match", detail: "'B' answered", rounds: 3 });
    expect((await runAll(manager, opened("Ada"))).result.reason).toBe("max_round");
  });

  it("counts the tokens of all members and the selector since the run began", async () => {
    const llm = new ScriptedChatModel(
      Array.from({ length: 6 }, () => ({ content: "words", total_tokens: 40 })),
    );
    const agents = ["A", "B"].map((name) => new AssistantAgent({ name, llm }));
    const condition = new TokenUsageTermination({ max_total_token: 100 });
    const manager = table(agents, {}, { termination_condition: condition });
    for (let run = 0; run < 2; run += 1) {
      const { result } = await runAll(manager, opened("Ada"));
      expect(result).toMatchObject({ reason: "budget", rounds: 4 });
    }
  });

  it("ends the run from outside before the next speaker is asked", async () => {
    const external = new ExternalTermination();
    const manager = table([talker("A"), talker("B")], {}, { termination_condition: external });
    const rounds = manager.rounds(opened("Ada"));
    await rounds.next();
    external.set();
    const step = await rounds.next();
    expect(step).toMatchObject({ done: true, value: { reason: "external", rounds: 1 } });
  });

  it("leaves the termination predicate the first word", async () => {
    const manager = table(
      [talker("A", ["TERMINATE"]), talker("B")],
      {},
      { termination_condition: new TextMentionTermination({ text: "TERMINATE" }) },
    );
    expect((await runAll(manager, opened("Ada"))).result.reason).toBe("termination");
  });
});

describe("a condition of a chat", () => {
  it("ends a talk of two with its reason, whoever speaks", async () => {
    const [a, b] = [chained("A"), chained("B")];
    const result = await a.initiateChat(b, {
      message: "hi",
      termination_condition: new MaxMessageTermination({ max_messages: 4 }),
    });
    expect(result.reason).toBe("max_messages");
    expect(result.chat_history).toHaveLength(4);
  });

  it("ends a group's run, and with it further turns", async () => {
    const manager = table([chained("A"), chained("B")], { max_round: 5 });
    const people = chained("Ada");
    const result = await people.initiateChat(manager, {
      message: "hi",
      max_turns: 3,
      termination_condition: new MaxMessageTermination({ max_messages: 3 }),
    });
    expect(result.reason).toBe("max_messages");
    expect(manager.groupchat.messages).toHaveLength(3);
  });
});
