import { describe, expect, it } from "vitest";
import {
  ConversableAgent,
  GroupChat,
  GroupChatManager,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { people, runAll, table, talker, view } from "./table.ts";

const opening = (speaker: ConversableAgent | string, message = "Go") => ({
  opening: { message, speaker },
});

describe("a run of the group", () => {
  it("counts the opening message as round 1 and stops at max_round", async () => {
    const user = people();
    const manager = table([user, talker("A"), talker("B"), talker("C")], { max_round: 4 });
    const { events, result, speakers } = await runAll(manager, opening(user));
    expect(speakers).toEqual(["A", "B", "C"]);
    expect(result).toMatchObject({ reason: "max_round", rounds: 4 });
    expect(events[0]).toEqual({ type: "speaker", agent: "A", round: 2 });
    expect(events[1]).toMatchObject({ type: "message", speaker: "A", round: 2 });
  });

  it("logs nothing at all with max_round 0", async () => {
    const user = people();
    const manager = table([user, talker("A")], { max_round: 0 });
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "max_round", rounds: 0 });
    expect(manager.groupchat.messages).toEqual([]);
    expect(view(user, manager)).toEqual([]);
  });

  it("begins with the agent after the user proxy, wherever that sits", async () => {
    const user = people();
    const manager = table([talker("A"), user, talker("B")], { max_round: 3 });
    const { speakers } = await runAll(manager, opening(user));
    expect(speakers).toEqual(["B", "A"]);
  });

  it("begins with the first member after an opening by somebody outside the group", async () => {
    const manager = table([talker("A"), talker("B")], { max_round: 3 });
    const { speakers } = await runAll(manager, opening("Ada"));
    expect(speakers).toEqual(["A", "B"]);
    expect(manager.groupchat.messages[0]).toMatchObject({ role: "user", name: "Ada" });
  });

  it("shows each member its own lines as assistant and the others' as user with their names", async () => {
    const user = people();
    const [a, b] = [talker("A"), talker("B")];
    const manager = table([user, a, b], { max_round: 4 });
    await runAll(manager, opening(user));
    expect(view(a, manager)).toEqual(["user User_proxy: Go", "assistant A: A 1", "user B: B 1"]);
    expect(view(b, manager)).toEqual(["user User_proxy: Go", "user A: A 1", "assistant B: B 1"]);
    expect(view(user, manager)[0]).toBe("assistant User_proxy: Go");
    expect(manager.groupchat.messages.map((line) => `${line.role} ${line.name}`)).toEqual([
      "user User_proxy",
      "user A",
      "user B",
    ]);
  });

  it("never broadcasts system messages: a request is the own system message and the own thread", async () => {
    const llm = new ScriptedChatModel(["Hello"]);
    const a = new ConversableAgent({
      name: "A",
      system_message: "You are A.",
      human_input_mode: "NEVER",
      llm,
    });
    const user = people();
    const manager = table([user, a], { max_round: 2 });
    await runAll(manager, opening(user));
    expect(llm.requests[0]?.messages).toEqual([
      { role: "system", content: "You are A." },
      { role: "user", content: "Go", name: "User_proxy" },
    ]);
  });

  it("takes the next step only when the next event is asked for", async () => {
    const user = people();
    let asked = 0;
    const a = talker("A");
    a.registerReply(ConversableAgent, () => {
      asked += 1;
      return [true, "hi"];
    });
    const manager = table([user, a, talker("B")]);
    const rounds = manager.rounds(opening(user));
    await rounds.next();
    expect(asked).toBe(0);
    const told = await rounds.next();
    expect(asked).toBe(1);
    expect(told.value).toMatchObject({ type: "message", message: { content: "hi" } });
    expect(manager.groupchat.messages).toHaveLength(2);
  });

  it("lets one run go on at a time, and a new one begin after the loop was left", async () => {
    const user = people();
    const manager = table([user, talker("A")], { max_round: 2 });
    const first = manager.rounds(opening(user));
    await first.next();
    await expect(manager.rounds(opening(user)).next()).rejects.toMatchObject({
      code: "run_in_progress",
    });
    await first.return({ reason: "aborted", rounds: 1 });
    expect((await manager.runChat(opening(user))).reason).toBe("max_round");
  });

  it("lets a person speak under their own name, and an agent only under its own", async () => {
    const user = people();
    const a = talker("A", [{ content: "I am Ada", name: "Ada" }]);
    const manager = table([user, a], { max_round: 2 });
    await runAll(manager, { opening: { message: { content: "Go", name: "Ada" }, speaker: user } });
    expect(manager.groupchat.messages.map((line) => line.name)).toEqual(["Ada", "A"]);
  });

  it("does not let a person speak under an agent's name", async () => {
    const user = people();
    const manager = table([user, talker("A")], { max_round: 1 });
    await runAll(manager, { opening: { message: { content: "Go", name: "A" }, speaker: user } });
    expect(manager.groupchat.messages[0]?.name).toBe("User_proxy");
  });

  it("obeys a max_round that is changed in the middle of the run", async () => {
    const user = people();
    const manager = table([user, talker("A"), talker("B")], { max_round: 10 });
    const rounds = manager.rounds(opening(user));
    await rounds.next();
    await rounds.next();
    manager.groupchat.max_round = 2;
    expect((await rounds.next()).value).toMatchObject({ reason: "max_round", rounds: 2 });
  });

  it("lets an agent that is added in the middle of the run take part", async () => {
    const user = people();
    const manager = table([user, talker("A")], { max_round: 3 });
    const rounds = manager.rounds(opening(user));
    await rounds.next();
    const late = talker("B");
    manager.groupchat.addAgent(late);
    await rounds.next();
    expect((await rounds.next()).value).toMatchObject({ type: "speaker", agent: "B" });
    expect(view(late, manager)).toEqual(["user A: A 1"]);
  });

  it("introduces the members once a run, outside the log", async () => {
    const user = people();
    const a = talker("A", undefined, { description: "knows birds" });
    const manager = table([user, a], { max_round: 2, send_introductions: true });
    await runAll(manager, opening(user));
    expect(manager.groupchat.messages).toHaveLength(2);
    expect(a.threadWith(manager).messages[0]?.content).toContain("A: knows birds");
  });
});

describe("initiateChat with a manager", () => {
  it("runs the group once, never answers itself, and reports the reason and the last line", async () => {
    const user = people();
    const manager = table([user, talker("A"), talker("B")], { max_round: 3 });
    const result = await user.initiateChat(manager, { message: "Go" });
    expect(result).toMatchObject({ reason: "max_round", summary: "B 1" });
    expect(result.chat_history).toHaveLength(3);
    expect(view(user, manager)).toEqual(["assistant User_proxy: Go", "user A: A 1", "user B: B 1"]);
  });

  it("clears everybody's view and the log, unless told not to", async () => {
    const user = people();
    const a = talker("A");
    const manager = table([user, a], { max_round: 2 });
    await user.initiateChat(manager, { message: "one" });
    await user.initiateChat(manager, { message: "two" });
    expect(view(a, manager)).toEqual(["user User_proxy: two", "assistant A: A 2"]);
    await user.initiateChat(manager, { message: "three", clear_history: false });
    expect(view(a, manager)).toHaveLength(4);
    expect(manager.groupchat.messages).toHaveLength(4);
  });

  it("keeps all state when the talk is continued by send", async () => {
    const user = people();
    const a = talker("A");
    const manager = table([user, a], { max_round: 2 });
    await user.initiateChat(manager, { message: "one" });
    await user.send("two", manager);
    expect(view(a, manager)).toHaveLength(4);
  });

  it("rejects with what a member's reply threw and keeps the partial log", async () => {
    const user = people();
    const b = talker("B");
    b.registerReply(ConversableAgent, () => {
      throw new Error("broken");
    });
    const manager = table([user, talker("A"), b]);
    await expect(user.initiateChat(manager, { message: "Go" })).rejects.toThrow("broken");
    expect(manager.groupchat.messages).toHaveLength(2);
  });

  it("counts group runs, not messages, with max_turns", async () => {
    const user = people({ human_input_mode: "NEVER", default_auto_reply: "again" });
    const manager = table([user, talker("A")], { max_round: 2 });
    await user.initiateChat(manager, { message: "Go", max_turns: 2 });
    expect(manager.groupchat.messages.map((line) => line.content)).toEqual([
      "Go",
      "A 1",
      "again",
      "A 2",
    ]);
  });

  it("lets a group inside a group answer with its last word", async () => {
    const inner = table([talker("X"), talker("Y")], { max_round: 3 }, { name: "Team" });
    const user = people();
    const manager = table([user, inner, talker("A")], { max_round: 3 });
    const { speakers } = await runAll(manager, opening(user));
    expect(speakers).toEqual(["Team", "A"]);
    expect(manager.groupchat.messages[1]).toMatchObject({ name: "Team", content: "Y 1" });
  });
});

describe("a group of many lines", () => {
  it("asks a plain agent with a bounded request however long the log is", async () => {
    const steps = Array.from({ length: 60 }, (_, i) => `answer ${i} ${"x".repeat(200)}`);
    const llm = new ScriptedChatModel(steps, { context_window: 2000 });
    const a = new ConversableAgent({ name: "A", human_input_mode: "NEVER", llm });
    const user = new UserProxyAgent({
      name: "User_proxy",
      human_input_mode: "NEVER",
      default_auto_reply: "y".repeat(300),
    });
    const groupchat = new GroupChat({
      agents: [user, a],
      max_round: 120,
      speaker_selection_method: "round_robin",
    });
    await new GroupChatManager({ groupchat }).runChat(opening(user));
    const sizes = llm.requests.map((request) => JSON.stringify(request.messages).length);
    expect(Math.max(...sizes)).toBeLessThan(2000 * 4);
    expect(llm.requests).toHaveLength(60);
  });
});
