import { describe, expect, it } from "vitest";
import { type AgentMessage, ConversableAgent } from "../../src/autogen/index.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { people, runAll, table, talker, view } from "./table.ts";

const opening = (speaker: ConversableAgent | string, message = "Go") => ({
  opening: { message, speaker },
});

describe("resuming and restoring", () => {
  const line = (name: string, content: string): AgentMessage => ({ role: "user", name, content });

  it("goes on after the last speaker with the rounds that were counted", async () => {
    const [user, a, b, c] = [people(), talker("A"), talker("B"), talker("C")];
    const manager = table([user, a, b, c], { max_round: 4 });
    manager.restore([line("Ada", "Go"), line("A", "first")]);
    const { result, events, speakers } = await runAll(manager, {
      resume: { round: 2, last_speaker: "A" },
    });
    expect(speakers).toEqual(["B", "C"]);
    expect(events[0]).toMatchObject({ round: 3 });
    expect(result).toMatchObject({ reason: "max_round", rounds: 4 });
  });

  it("ends at once when the line before the crash was a termination message", async () => {
    const manager = table([people(), talker("A"), talker("B")]);
    manager.restore([line("Ada", "Go"), line("A", "TERMINATE")]);
    const { result } = await runAll(manager, { resume: { round: 2, last_speaker: "A" } });
    expect(result).toMatchObject({ reason: "termination", rounds: 2 });
  });

  it("rebuilds own lines as assistant and all others as user with their names", () => {
    const [user, a, b] = [people(), talker("A"), talker("B")];
    const manager = table([user, a, b]);
    manager.restore([line("Ada", "Go"), line("A", "one"), line("B", "two")]);
    expect(view(a, manager)).toEqual(["user Ada: Go", "assistant A: one", "user B: two"]);
    expect(view(b, manager)).toEqual(["user Ada: Go", "user A: one", "assistant B: two"]);
    expect(view(user, manager)[0]).toBe("assistant Ada: Go");
    expect(manager.groupchat.messages).toHaveLength(3);
  });

  it("counts positions on from the lines that were left out", () => {
    const a = talker("A");
    const manager = table([people(), a]);
    manager.restore([line("Ada", "late")], { offset: 40 });
    expect(a.threadWith(manager).end).toBe(41);
  });

  it("trims the log and every view, and says how many lines went", async () => {
    const [user, a] = [
      people({ human_input_mode: "NEVER", default_auto_reply: "on" }),
      talker("A"),
    ];
    const manager = table([user, a], { max_round: 10 });
    await runAll(manager, opening(user));
    expect(manager.trim(4)).toBe(6);
    expect(manager.trim(4)).toBe(0);
    expect(manager.groupchat.messages).toHaveLength(4);
    expect(view(a, manager)).toHaveLength(4);
    expect(a.threadWith(manager).end).toBe(10);
  });

  it("forgets the talk on clearTalk", async () => {
    const user = people();
    const a = talker("A");
    const manager = table([user, a]);
    await runAll(manager, opening(user));
    manager.clearTalk();
    expect(manager.groupchat.messages).toEqual([]);
    expect(view(a, manager)).toEqual([]);
  });
});

describe("a line that comes in mid-run", () => {
  it("is heard by the next speaker, moves no rotation and counts as no round", async () => {
    const llm = new ScriptedChatModel(["Noted."]);
    const [user, a] = [people(), talker("A")];
    const b = new ConversableAgent({ name: "B", human_input_mode: "NEVER", llm });
    const manager = table([user, a, b], { max_round: 3 });
    const rounds = manager.rounds(opening(user));
    await rounds.next();
    await rounds.next();
    expect((await rounds.next()).value).toMatchObject({ type: "speaker", agent: "B", round: 3 });
    await manager.interject({ content: "Wait, one thing", name: "Bob" }, user);
    const told = await rounds.next();
    expect(told.value).toMatchObject({ type: "message", speaker: "B", round: 3 });
    expect(llm.requests[0]?.messages.at(-1)).toEqual({
      role: "user",
      content: "Wait, one thing",
      name: "Bob",
    });
    expect((await rounds.next()).value).toMatchObject({ reason: "max_round", rounds: 3 });
    expect(view(user, manager)[2]).toBe("assistant Bob: Wait, one thing");
  });

  it("has one place in all views when it comes while somebody is answering", async () => {
    const [user, a, b] = [people(), talker("A"), talker("B")];
    const manager = table([user, a, b], { max_round: 2 });
    a.registerReply(ConversableAgent, async () => {
      await manager.interject({ content: "meanwhile", name: "Bob" });
      return [true, "answer"];
    });
    await runAll(manager, opening(user));
    const contents = (agent: ConversableAgent) =>
      agent.threadWith(manager).messages.map((line) => line.content);
    expect(contents(a)).toEqual(["Go", "meanwhile", "answer"]);
    expect(contents(b)).toEqual(["Go", "meanwhile", "answer"]);
    expect(manager.groupchat.messages.map((line) => line.content)).toEqual(contents(b));
  });

  it("ends the run before the next speaker when it is a termination message", async () => {
    const user = people();
    const manager = table([user, talker("A"), talker("B")]);
    const rounds = manager.rounds(opening(user));
    await rounds.next();
    await manager.interject("TERMINATE");
    expect((await rounds.next()).value).toMatchObject({ reason: "termination", rounds: 1 });
  });

  it("only joins the log when nothing runs", async () => {
    const user = people();
    const manager = table([user, talker("A")], { max_round: 2 });
    await manager.interject({ content: "TERMINATE", name: "Ada" });
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "max_round", rounds: 2 });
    expect(manager.groupchat.messages).toHaveLength(3);
  });
});
