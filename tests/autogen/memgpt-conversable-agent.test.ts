import { describe, expect, it } from "vitest";
import {
  MemgptConversableAgent,
  type MemgptConversableAgentOptions,
} from "../../src/autogen/index.ts";
import type { MemgptVoice } from "../../src/autogen/memgpt-conversable-agent.ts";
import type { AgentReply, IncomingLine } from "../../src/memgpt/runtime.ts";
import type { AgentEvent, AgentEventListener } from "../../src/shared/events.ts";
import { people, runAll, table, talker, view } from "./table.ts";

/** A MemGPT agent that only writes down what it hears and answers as told. */
class ListeningVoice implements MemgptVoice {
  readonly name = "MemGPT_agent";
  readonly heard: IncomingLine[][] = [];
  saves = 0;
  readonly #answers: (AgentReply | Error)[];
  readonly #events: readonly AgentEvent[];

  constructor(answers: (string[] | Error)[] = [], events: readonly AgentEvent[] = []) {
    this.#answers = answers.map((one) => (one instanceof Error ? one : { messages: one }));
    this.#events = events;
  }

  async reply(
    lines: readonly IncomingLine[],
    options: { onEvent?: AgentEventListener },
  ): Promise<AgentReply> {
    this.heard.push([...lines]);
    for (const event of this.#events) options.onEvent?.(event);
    const answer = this.#answers.shift() ?? { messages: [`reply ${this.heard.length}`] };
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async save(): Promise<void> {
    this.saves += 1;
  }

  attachSource(): void {}
}

type Options = Partial<MemgptConversableAgentOptions<MemgptVoice>>;

function wrapped(voice = new ListeningVoice(), options: Options = {}) {
  const agent = new MemgptConversableAgent<MemgptVoice>({
    agent: voice,
    clock: { now: () => 1000 },
    ...options,
  });
  return { voice, agent };
}

const texts = (voice: ListeningVoice) =>
  voice.heard.map((lines) => lines.map((line) => `${line.speaker}: ${line.text}`));

const EVENTS: AgentEvent[] = [
  { type: "inner_thoughts", agent: "M", text: "Think." },
  { type: "function_call", agent: "M", name: "core_memory_append", arguments: { name: "human" } },
  { type: "function_result", agent: "M", name: "core_memory_append", ok: true, text: "None" },
  { type: "function_call", agent: "M", name: "send_message", arguments: { message: "Hi" } },
  { type: "function_result", agent: "M", name: "send_message", ok: true, text: "None" },
  { type: "inner_thoughts", agent: "M", text: "Done." },
];

describe("a MemGPT agent in a group", () => {
  it("hears each new line once, under its speaker's name, and never its own replies", async () => {
    const { voice, agent } = wrapped();
    const user = people();
    const manager = table([user, talker("A"), agent, talker("B")], { max_round: 4 });
    const opening = { message: { content: "Go", name: "Ada" }, speaker: user };
    await runAll(manager, { opening });
    await runAll(manager, { opening: { message: "Again", speaker: user } });
    expect(texts(voice)).toEqual([
      ["Ada: Go", "A: A 1"],
      ["B: B 1", "User_proxy: Again", "A: A 2"],
    ]);
  });

  it("answers with what it sent, joined by line breaks, and with ... for silence", async () => {
    const { agent } = wrapped(new ListeningVoice([["one", "two"], []]));
    const user = people();
    const manager = table([user, agent], { max_round: 2 });
    await runAll(manager, { opening: { message: "Go", speaker: user } });
    await runAll(manager, { opening: { message: "Go", speaker: user } });
    expect(manager.groupchat.messages.map((line) => line.content)).toEqual([
      "Go",
      "one\ntwo",
      "Go",
      "...",
    ]);
  });

  it("gives its default_auto_reply when there is nothing new, without a step", async () => {
    const { voice, agent } = wrapped(undefined, { default_auto_reply: "nothing new" });
    const partner = talker("B");
    await partner.send("hello", agent, { request_reply: false });
    expect(await agent.generateReply({ sender: partner })).toBe("reply 1");
    expect(await agent.generateReply({ sender: partner })).toBe("nothing new");
    expect(voice.heard).toHaveLength(1);
  });

  it("hears several lines as one, with names, when it is asked to", async () => {
    const { voice, agent } = wrapped(undefined, { concat_other_agent_messages: true });
    const user = people();
    const manager = table([user, talker("A"), agent], { max_round: 3 });
    await runAll(manager, { opening: { message: "Go", speaker: user } });
    expect(texts(voice)).toEqual([["chat_manager: User_proxy: Go\nA: A 1"]]);
  });

  it("dates lines by their own time, or by the clock", async () => {
    const { voice, agent } = wrapped();
    const user = people();
    const manager = table([user, agent], { max_round: 2 });
    const message = { content: "Go", created_at: 77 };
    await runAll(manager, { opening: { message, speaker: user } });
    await runAll(manager, { opening: { message: "Go", speaker: user } });
    expect(voice.heard.map((lines) => lines.at(-1)?.created_at)).toEqual([77, 1000]);
  });

  it("goes on from its cursor after views were restored", async () => {
    const { voice, agent } = wrapped();
    const user = people();
    const manager = table([user, agent]);
    manager.restore(
      [
        { role: "user", name: "Ada", content: "old" },
        { role: "user", name: "MemGPT_agent", content: "answered" },
        { role: "user", name: "Ada", content: "new" },
      ],
      { offset: 10 },
    );
    agent.setProcessed(manager, 11);
    await runAll(manager, { resume: { round: 1, last_speaker: "User_proxy" } });
    expect(texts(voice)).toEqual([["Ada: new"]]);
    expect(agent.processed(manager)).toBe(13);
  });

  it("keeps its cursor right while the views are trimmed", async () => {
    const { voice, agent } = wrapped();
    const user = people();
    const manager = table([user, agent], { max_round: 2 });
    await runAll(manager, { opening: { message: "one", speaker: user } });
    manager.trim(1);
    await runAll(manager, { opening: { message: "two", speaker: user } });
    manager.clearTalk();
    await runAll(manager, { opening: { message: "three", speaker: user } });
    expect(texts(voice)).toEqual([["User_proxy: one"], ["User_proxy: two"], ["User_proxy: three"]]);
  });

  it("does not hear lines again whose reply failed, but still owes the answer", async () => {
    const { voice, agent } = wrapped(new ListeningVoice([new Error("down"), ["late"]]), {
      default_auto_reply: "nothing new",
    });
    const partner = talker("B");
    await partner.send("hello", agent, { request_reply: false });
    await expect(agent.generateReply({ sender: partner })).rejects.toThrow("down");
    expect(await agent.generateReply({ sender: partner })).toBe("late");
    expect(texts(voice)).toEqual([["B: hello"], []]);
  });

  it("stays silent on a termination message and at its auto-reply limit", async () => {
    const { voice, agent } = wrapped(undefined, { max_consecutive_auto_reply: 1 });
    const partner = talker("B");
    await partner.send("one", agent, { request_reply: false });
    await agent.generateReply({ sender: partner });
    expect(await agent.generateReply({ sender: partner })).toBeNull();
    await partner.send("TERMINATE", agent, { request_reply: false });
    expect(await agent.generateReply({ sender: partner })).toBeNull();
    expect(voice.heard).toHaveLength(1);
  });
});

describe("what a MemGPT agent lets be seen", () => {
  async function shown(interface_kwargs: Options["interface_kwargs"] = {}) {
    const { agent } = wrapped(new ListeningVoice([["Hi"]], EVENTS), { interface_kwargs });
    const partner = talker("B");
    const events: string[] = [];
    const printed: string[] = [];
    await partner.send("hello", agent, { request_reply: false });
    const reply = await agent.generateReply({
      sender: partner,
      onEvent: (event) => events.push(event.type),
      print: (block) => printed.push(block),
    });
    return { reply, events, printed };
  }

  it("is its thoughts by default, not its functions, and neither is part of the reply", async () => {
    const { reply, events, printed } = await shown();
    expect(events).toEqual(["inner_thoughts", "inner_thoughts"]);
    expect(printed).toEqual(["💭 Think.", "💭 Done."]);
    expect(reply).toBe("Hi");
  });

  it("is what show_inner_thoughts, show_function_outputs, show_user_message and debug say", async () => {
    expect((await shown({ show_inner_thoughts: false })).events).toEqual([]);
    const functions = { show_inner_thoughts: false, show_function_outputs: true, fancy: false };
    expect((await shown(functions)).printed).toEqual([
      "[function] name: human",
      "[function - OK] Success: None",
    ]);
    expect((await shown({ debug: true, show_inner_thoughts: false })).events).toHaveLength(6);
    const { printed } = await shown({ show_user_message: true, show_inner_thoughts: false });
    expect(printed).toEqual(["[user message] B: hello"]);
  });

  it("reaches other agents only with share_with_agents, in the order it arose", async () => {
    const kwargs = { share_with_agents: true, show_function_outputs: true };
    expect((await shown(kwargs)).reply).toBe(
      [
        "[inner thoughts] Think.",
        "[function] name: human",
        "[function - OK] Success: None",
        "Hi",
        "[inner thoughts] Done.",
      ].join("\n"),
    );
    const hidden = { share_with_agents: true, show_inner_thoughts: false };
    expect((await shown(hidden)).reply).toBe("Hi");
  });
});

describe("saving a MemGPT agent", () => {
  it("happens after each completed reply with auto_save, and on demand", async () => {
    const order: string[] = [];
    const { voice, agent } = wrapped(undefined, {
      auto_save: true,
      before_save: async () => {
        order.push("before");
      },
    });
    const partner = talker("B");
    await partner.send("hello", agent, { request_reply: false });
    await agent.generateReply({ sender: partner });
    expect([voice.saves, order]).toEqual([1, ["before"]]);
    await agent.save();
    expect(voice.saves).toBe(2);
    expect(view(agent, partner)).toEqual(["user B: hello"]);
  });
});
