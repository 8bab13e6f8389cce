import { describe, expect, it } from "vitest";
import { ConversableAgent, FLOOR, InterruptError } from "../../src/autogen/index.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { ModelError } from "../../src/shared/errors.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, people, runAll, table, talker, view } from "./table.ts";

const opening = (speaker: ConversableAgent | string, message = "Go") => ({
  opening: { message, speaker },
});

describe("the end of a run", () => {
  it("comes when the manager's predicate holds for any message, which all have heard by then", async () => {
    const user = people();
    const b = talker("B");
    const manager = table(
      [user, talker("A", ["all DONE"]), b],
      {},
      {
        is_termination_msg: (message) => message.content?.includes("DONE") ?? false,
      },
    );
    const { result, speakers } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "termination", rounds: 2 });
    expect(speakers).toEqual(["A"]);
    expect(view(b, manager).at(-1)).toBe("user A: all DONE");
  });

  it("comes by default when a message equals TERMINATE, not when it contains it", async () => {
    const user = people();
    const manager = table([user, talker("A", ["TERMINATE it"]), talker("B", ["TERMINATE"])]);
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "termination", rounds: 3 });
  });

  it("comes at once when the opening message is a termination message", async () => {
    const user = people();
    const manager = table([user, talker("A")]);
    const { result } = await runAll(manager, opening(user, "TERMINATE"));
    expect(result).toMatchObject({ reason: "termination", rounds: 1 });
  });

  it("is the people's floor when rotation reaches the user proxy, and nothing is logged for it", async () => {
    const user = people();
    const manager = table([user, talker("A")], { max_round: 12 });
    const { result, events } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "floor", rounds: 2 });
    expect(events.at(-1)).toEqual({ type: "speaker", agent: "User_proxy", round: 3 });
    expect(manager.groupchat.messages).toHaveLength(2);
  });

  it("yields the floor as soon as the user proxy's own predicate holds, whoever is next", async () => {
    const user = people({ is_termination_msg: (line) => line.content === "question" });
    const manager = table([user, talker("A", ["question"]), talker("B"), talker("C")]);
    const { result, speakers } = await runAll(manager, opening(user));
    expect(speakers).toEqual(["A"]);
    expect(result).toMatchObject({ reason: "floor", rounds: 2 });
  });

  it("goes on without the people in mode NEVER, with default_auto_reply", async () => {
    const user = people({ human_input_mode: "NEVER", default_auto_reply: "..." });
    const manager = table([user, talker("A")], { max_round: 4 });
    const { speakers } = await runAll(manager, opening(user));
    expect(speakers).toEqual(["A", "User_proxy", "A"]);
    expect(manager.groupchat.messages[2]).toMatchObject({ content: "...", name: "User_proxy" });
  });

  it("asks the people in mode TERMINATE only on a termination message", async () => {
    const asked: string[] = [];
    const user = people({
      human_input_mode: "TERMINATE",
      is_termination_msg: (line) => line.content === "done?",
      get_human_input: (prompt) => {
        asked.push(prompt);
        return FLOOR;
      },
    });
    const manager = table([user, talker("A", ["one", "done?"])]);
    const { result, speakers } = await runAll(manager, opening(user));
    expect(speakers).toEqual(["A", "User_proxy", "A"]);
    expect(asked).toHaveLength(1);
    expect(result.reason).toBe("floor");
  });

  it("is a human stop when the person types exit", async () => {
    const user = people({ get_human_input: () => "exit" });
    const manager = table([user, talker("A")]);
    expect((await runAll(manager, opening(user))).result.reason).toBe("human_stop");
  });

  it("is a null reply when the speaker has none", async () => {
    const user = people();
    const manager = table([user, talker("A", [null])]);
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "null_reply", rounds: 1, detail: "A had no reply" });
  });

  it("comes for the whole run when one member reaches its auto-reply limit", async () => {
    const user = people({ human_input_mode: "NEVER" });
    const a = chained("A", { max_consecutive_auto_reply: 1 });
    const manager = table([user, a]);
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "auto_reply_limit", rounds: 3 });
  });

  it("counts auto replies anew in each run", async () => {
    const user = people();
    const manager = table([user, chained("A", { max_consecutive_auto_reply: 1 })]);
    await runAll(manager, opening(user));
    expect((await runAll(manager, opening(user))).speakers).toEqual(["A"]);
  });

  it("is no eligible speaker when the selection function chooses nobody", async () => {
    const user = people();
    const manager = table([user, talker("A")], { speaker_selection_method: () => null });
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "no_eligible_speaker", rounds: 1 });
  });

  it("is an error with the partial log kept when a model fails for good", async () => {
    const failure = new ModelError("unavailable", "All models are down");
    const a = new ConversableAgent({
      name: "A",
      human_input_mode: "NEVER",
      llm: new ScriptedChatModel(["fine", failure]),
    });
    const user = people({ human_input_mode: "NEVER", default_auto_reply: "and?" });
    const manager = table([user, a]);
    const { result } = await runAll(manager, opening(user));
    expect(result).toMatchObject({ reason: "error", rounds: 3 });
    expect(result.error).toBe(failure);
    expect(manager.groupchat.messages).toHaveLength(3);
    expect(manager.running).toBe(false);
  });

  it("is aborted, without the reply in flight, when the signal is aborted", async () => {
    const user = people();
    const source = new AbortSource();
    const a = talker("A");
    a.registerReply(ConversableAgent, (_agent, { signal }) => {
      source.abort(new Error("Stop pressed"));
      expect(signal?.aborted).toBe(true);
      return [true, "too late"];
    });
    const manager = table([user, a, talker("B")]);
    const { result } = await runAll(manager, { ...opening(user), signal: source.signal });
    expect(result).toMatchObject({ reason: "aborted", rounds: 1, detail: "Stop pressed" });
    expect(manager.groupchat.messages).toHaveLength(1);
  });

  it("does not ask the next speaker when the signal is aborted between two events", async () => {
    const user = people();
    const source = new AbortSource();
    const a = talker("A", []);
    const manager = table([user, a]);
    const rounds = manager.rounds({ ...opening(user), signal: source.signal });
    await rounds.next();
    source.abort(new Error("no"));
    expect((await rounds.next()).value).toMatchObject({ reason: "aborted" });
    expect(view(a, manager)).toHaveLength(1);
  });

  it("hands the turn to the admin when somebody interrupts at the keyboard", async () => {
    const user = people();
    const a = talker("A");
    a.registerReply(ConversableAgent, () => {
      throw new InterruptError();
    });
    const admin = talker("Admin", ["I take over"]);
    const manager = table([user, a, admin], { max_round: 2 });
    expect((await runAll(manager, opening(user))).speakers).toEqual(["Admin"]);
    const without = table([people(), a], { max_round: 2 });
    expect((await without.runChat(opening("Ada"))).reason).toBe("floor");
  });
});
