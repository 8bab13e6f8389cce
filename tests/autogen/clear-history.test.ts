import { describe, expect, it } from "vitest";
import { chained, people, runAll, table, talker, view } from "./table.ts";

/** A run in which the user proxy types `typed` in round 4, after lines of A and B. */
async function typing(typed: string, enable_clear_history = true) {
  const user = people({ get_human_input: () => typed });
  const [a, b] = [talker("A"), talker("B")];
  const manager = table([user, a, b], { max_round: 4, enable_clear_history });
  await runAll(manager, { opening: { message: "Go", speaker: user } });
  const log = manager.groupchat.messages.map((line) => line.content);
  return { log, a: view(a, manager), b: view(b, manager) };
}

describe("the words clear history in what a person types", () => {
  it("empty the log and every view, and are taken out of the text", async () => {
    const told = await typing("Please clear history and begin anew");
    expect(told.log).toEqual(["Please and begin anew"]);
    expect(told.a).toEqual(["user User_proxy: Please and begin anew"]);
  });

  it("keep the newest n lines, in any case and with a full stop", async () => {
    const told = await typing("CLEAR HISTORY 2.");
    expect(told.log).toEqual(["A 1", "B 1", ""]);
  });

  it("empty one agent's view only, and leave the log alone", async () => {
    const told = await typing("clear history B 1 thanks");
    expect(told.log).toEqual(["Go", "A 1", "B 1", "thanks"]);
    expect(told.a).toHaveLength(4);
    expect(told.b).toEqual(["assistant B: B 1", "user User_proxy: thanks"]);
  });

  it("are ordinary words unless the group allows it", async () => {
    expect((await typing("clear history", false)).log).toHaveLength(4);
  });

  it("are ordinary words in a model's text", async () => {
    const user = people();
    const manager = table([user, talker("A", ["clear history"])], {
      max_round: 2,
      enable_clear_history: true,
    });
    await runAll(manager, { opening: { message: "Go", speaker: user } });
    expect(manager.groupchat.messages).toHaveLength(2);
  });

  it("never part a tool result from its call", async () => {
    const call = { id: "c1", type: "function" as const, function: { name: "f", arguments: "{}" } };
    const user = people();
    const caller = talker("A", [{ content: null, tool_calls: [call] }]);
    const runner = chained("B", { function_map: { f: () => "clear history now" } });
    const manager = table([user, caller, runner], { max_round: 3, enable_clear_history: true });
    await runAll(manager, { opening: { message: "Go", speaker: user } });
    expect(manager.groupchat.messages.map((line) => line.role)).toEqual(["assistant", "tool"]);
  });
});
