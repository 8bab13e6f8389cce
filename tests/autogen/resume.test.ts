import { describe, expect, it } from "vitest";
import { type MessageFields, messagesFromString } from "../../src/autogen/index.ts";
import { people, table, talker, view } from "./table.ts";

const SAVED: readonly MessageFields[] = [
  { role: "user", name: "User_proxy", content: "Design an app." },
  { role: "user", name: "A", content: "A chess app." },
  { role: "user", name: "B", content: "Good. TERMINATE" },
];

function seats() {
  const user = people({ human_input_mode: "NEVER", default_auto_reply: "go on" });
  const [a, b] = [talker("A"), talker("B")];
  const manager = table([user, a, b], { max_round: 3, send_introductions: true });
  manager.updateSystemMessage("You lead.");
  return { user, a, b, manager };
}

describe("resume", () => {
  it("replays all but the last, own lines as assistant, and gives the last with its speaker", async () => {
    const { user, a, b, manager } = seats();
    await user.initiateChat(manager, { message: "something old" });
    const [lastAgent, lastMessage] = await manager.resume(SAVED);
    expect(lastAgent).toBe(b);
    expect(lastMessage).toMatchObject({ name: "B", content: "Good. TERMINATE" });
    expect(manager.groupchat.messages.map(({ content }) => content)).toEqual([
      "Design an app.",
      "A chess app.",
    ]);
    expect(view(a, manager)).toEqual([
      "user User_proxy: Design an app.",
      "assistant A: A chess app.",
    ]);
    expect(view(user, manager)[0]).toBe("assistant User_proxy: Design an app.");
    expect(manager.lastSpeaker).toBe(b);
  });

  it("goes on by initiateChat with clear_history false, without introducing anybody again", async () => {
    const { a, manager } = seats();
    const [lastAgent, message] = await manager.resume(SAVED, {
      remove_termination_string: "TERMINATE",
    });
    const result = await lastAgent.initiateChat(manager, { message, clear_history: false });
    expect(result.reason).toBe("max_round");
    expect(manager.groupchat.messages.map(({ name, content }) => `${name}: ${content}`)).toEqual([
      "User_proxy: Design an app.",
      "A: A chess app.",
      "B: Good. ",
      "User_proxy: go on",
      "A: A 1",
    ]);
    expect(view(a, manager)).toHaveLength(5);
  });

  it("takes JSON, a function for the termination word, and says what it prepared", async () => {
    const { manager } = seats();
    const printed: string[] = [];
    const [, message] = await manager.resume(JSON.stringify(SAVED), {
      remove_termination_string: (content) => content.split(" ")[0] ?? "",
      print: (block) => printed.push(block),
    });
    expect(message.content).toBe("Good.");
    expect(printed).toEqual(["Prepared group chat with 3 messages, the last speaker is B"]);
    await manager.resume(SAVED, { silent: true, print: (block) => printed.push(block) });
    expect(printed).toHaveLength(1);
  });

  it("gives back what it is given by messagesToString", async () => {
    const { user, manager } = seats();
    await user.initiateChat(manager, { message: "go" });
    const text = manager.messagesToString();
    expect(messagesFromString(text)).toEqual(manager.groupchat.messages);
  });

  it("takes unnamed messages as the manager's, and lets manager and admin pass", async () => {
    const { a, manager } = seats();
    const [lastAgent] = await manager.resume([
      { content: "Hello everyone." },
      { name: "Admin", content: "Be kind." },
      { name: "chat_manager", content: "Begin." },
    ]);
    expect(lastAgent).toBe(manager);
    expect(view(a, manager)).toEqual([
      "user chat_manager: Hello everyone.",
      "user Admin: Be kind.",
    ]);
    const result = await manager.initiateChat(manager, { message: "Begin.", clear_history: false });
    expect(result.reason).toBe("max_round");
  });

  it("refuses nothing, strangers and what is not a list, and leaves the caller's messages alone", async () => {
    const { manager } = seats();
    await expect(manager.resume([])).rejects.toThrow("no messages were provided");
    await expect(manager.resume("{}")).rejects.toThrow(/not a JSON list/);
    await expect(manager.resume("nonsense")).rejects.toThrow(/not a JSON list/);
    const strange = manager.resume([{ name: "Nobody", content: "x" }]);
    await expect(strange).rejects.toMatchObject({ code: "unknown_agent" });
    await manager.resume(SAVED, { remove_termination_string: "TERMINATE" });
    expect(SAVED[2]?.content).toBe("Good. TERMINATE");
  });
});

describe("an agent removed and seated again", () => {
  it("catches up on what was said while it was away, in its place in the log", async () => {
    const { user, a, b, manager } = seats();
    manager.groupchat.send_introductions = false;
    await user.initiateChat(manager, { message: "one" });
    manager.groupchat.removeAgent("B");
    await user.initiateChat(manager, { message: "two", clear_history: false });
    manager.groupchat.addAgent(b);
    await user.initiateChat(manager, { message: "three", clear_history: false });
    expect(view(b, manager).map((line) => line.split(": ")[1])).toEqual(
      view(a, manager).map((line) => line.split(": ")[1]),
    );
    expect(b.threadWith(manager).end).toBe(manager.groupchat.log.end);
  });

  it("keeps its positions where the log has let lines go meanwhile", async () => {
    const { user, b, manager } = seats();
    manager.groupchat.send_introductions = false;
    await user.initiateChat(manager, { message: "one" });
    manager.groupchat.removeAgent("B");
    await user.initiateChat(manager, { message: "two", clear_history: false });
    manager.clearTalk();
    manager.groupchat.addAgent(b);
    await user.initiateChat(manager, { message: "three", clear_history: false });
    expect(view(b, manager)[0]).toBe("user User_proxy: three");
    expect(b.threadWith(manager).end).toBe(manager.groupchat.log.end);
  });

  it("has missed nothing when it was put back before anybody spoke", async () => {
    const { user, b, manager } = seats();
    manager.groupchat.send_introductions = false;
    await user.initiateChat(manager, { message: "one" });
    const before = view(b, manager).length;
    manager.groupchat.removeAgent("B");
    manager.groupchat.addAgent(b);
    await manager.interject("two", user);
    expect(view(b, manager)).toHaveLength(before + 1);
  });
});
