import { describe, expect, it } from "vitest";
import type { ApiMessage } from "../../src/discord/discord-api.ts";
import { planPost } from "../../src/discord/post-plan.ts";
import { countShown, unfinishedIn } from "../../src/discord/shown-pieces.ts";

const own = { bot: "1", application: "2", webhook: "3" };
let id = 100;

function byAgent(username: string, content: string): ApiMessage {
  id += 1;
  return { id: String(id), content, author: { id: "3", username }, webhook_id: "3" };
}

function byBot(content: string): ApiMessage {
  id += 1;
  return { id: String(id), content, author: { id: "1", username: "Colloquy" } };
}

function byPerson(content: string): ApiMessage {
  id += 1;
  return { id: String(id), content, author: { id: "9", username: "Pat" } };
}

const pieces = [{ content: "one" }, { content: "two" }, { content: "three" }];

describe("countShown", () => {
  it("finds nothing in an empty channel", () => {
    expect(countShown([], "Pat", pieces, 0, own)).toBe(0);
  });

  it("counts the pieces that stand there in order, people's lines between them", () => {
    const history = [byAgent("Pat", "one"), byPerson("wow"), byAgent("Pat", "two"), byPerson("!")];
    expect(countShown(history, "Pat", pieces, 0, own)).toBe(2);
    expect(countShown(history, "Pat", pieces, 1, own)).toBe(2);
  });

  it("compares as Discord shows: trimmed, and under the name that Discord takes", () => {
    const history = [byAgent("C\u200alyde", "one")];
    expect(countShown(history, "Clyde", [{ content: "  one \n" }], 0, own)).toBe(1);
  });

  it("does not take an agent's same words from before another agent's turn for this answer", () => {
    const history = [byAgent("Pat", "one"), byAgent("Ada", "no")];
    expect(countShown(history, "Pat", [{ content: "one" }], 0, own)).toBe(0);
  });

  it("does not take a piece for its successor when both read the same", () => {
    const twins = [{ content: "ha" }, { content: "ha" }];
    expect(countShown([byAgent("Pat", "ha")], "Pat", twins, 1, own)).toBe(1);
    expect(countShown([byAgent("Pat", "ha"), byAgent("Pat", "ha")], "Pat", twins, 1, own)).toBe(2);
  });

  it("finds later pieces when an earlier one was deleted since", () => {
    expect(countShown([byAgent("Pat", "two")], "Pat", pieces, 1, own)).toBe(2);
  });

  it("ignores other webhooks, people and bots that say the same", () => {
    const foreign = { ...byAgent("Pat", "one"), webhook_id: "77" };
    const answer = { ...byBot("**Pat**\none"), webhook_id: "2", application_id: "2" };
    expect(countShown([foreign, byPerson("one"), answer], "Pat", pieces, 0, own)).toBe(0);
  });

  it("knows the webhook that was replaced since by the application", () => {
    const older = { ...byAgent("Pat", "one"), webhook_id: "66", application_id: "2" };
    expect(countShown([older], "Pat", pieces, 0, own)).toBe(1);
  });

  it("knows pieces posted under the bot's name, in parts too, notices between them", () => {
    const long = { content: "word ".repeat(400).trim() };
    const history = [byBot("**Pat**\none"), byBot("-# a notice")];
    expect(countShown(history, "Pat", pieces, 0, own)).toBe(1);
    expect(countShown([byBot("**Pat**\nword word")], "Pat", [long], 0, own)).toBe(0);
  });
});

describe("unfinishedIn", () => {
  const mark = "\n-# writing…";

  it("finds what our agents were writing, by webhook or under the bot's name", () => {
    const hook = byAgent("Pat", `half${mark}`);
    const bot = byBot(`**Pat**\nhalf${mark} `);
    const history = [byAgent("Pat", "done"), hook, byPerson(`mine${mark}`), bot, byBot(mark)];
    expect(unfinishedIn(history, own)).toEqual([
      { message: hook.id, webhook: "3" },
      { message: bot.id },
    ]);
  });

  it("never takes a finished answer for one, whatever an agent says", () => {
    const voice = { name: "Pat" };
    for (const text of [`all${mark}`, `${"word ".repeat(600)}${mark}`, mark, `a${mark}${mark}`]) {
      const last = planPost({ voice, text, traces: [] }).at(-1)?.content ?? "";
      expect(unfinishedIn([byAgent("Pat", last)], own)).toEqual([]);
    }
  });
});
