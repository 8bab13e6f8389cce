import { describe, expect, it } from "vitest";
import { LineIndex } from "../../../src/memgpt/ranking/line-index.ts";
import type { TimeRange } from "../../../src/memgpt/ranking/question-dates.ts";
import { rankLines } from "../../../src/memgpt/ranking/rank-lines.ts";
import { CONVERSATION, type RankingWeights } from "../../../src/memgpt/ranking/ranking-weights.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Told {
  speaker: string;
  text: string;
  at: number;
}

/** `Ada: text` lines of one session per list, a day apart. */
function talk(...sessions: readonly (readonly string[])[]): Told[] {
  return sessions.flatMap((lines, day) =>
    lines.map((line, i) => {
      const [speaker = "", text = ""] = line.split(": ");
      return { speaker, text, at: day * DAY + i * 60_000 };
    }),
  );
}

function ranked(
  lines: readonly Told[],
  query: string,
  change: Partial<RankingWeights> = {},
  times: readonly TimeRange[] = [],
): string[] {
  const index = new LineIndex();
  for (const { speaker, text, at } of lines) index.add(text, { speaker, at });
  const weights = { ...CONVERSATION, feedback_lines: 0, ...change };
  return rankLines(index, query, 10, weights, times).map(({ row }) => lines[row]?.text ?? "");
}

const SMALL_TALK = [
  ["Ada: How was the weather today", "Bob: It rained from dawn to dusk"],
  ["Bob: Did the parcel arrive", "Ada: The postman left it next door"],
  ["Ada: My shoes are wet again", "Bob: Put some paper into them"],
];

describe("ranking of lines", () => {
  it("finds irregular forms of a word", () => {
    const lines = talk(["Ada: I bought a canoe"], ...SMALL_TALK);
    expect(ranked(lines, "What did Ada buy at the market?")[0]).toBe("I bought a canoe");
  });

  it("finds what a word may also be called, after the word itself", () => {
    const lines = talk(
      ["Ada: My puppy ate the curtain"],
      ["Bob: The dog is asleep"],
      ...SMALL_TALK,
    );
    const found = ranked(lines, "Does anybody have a dog these days?");
    expect(found.slice(0, 2)).toEqual(["The dog is asleep", "My puppy ate the curtain"]);
    expect(ranked(lines, "Does anybody have a dog these days?", { related: 0 })).not.toContain(
      "My puppy ate the curtain",
    );
  });

  it("finds the answer that stands behind the line that has the words", () => {
    const lines = talk(
      ["Ada: Where do you keep your canoe?", "Bob: Under the old bridge"],
      ...SMALL_TALK,
    );
    expect(ranked(lines, "Where is the canoe of Bob?").slice(0, 2)).toContain(
      "Under the old bridge",
    );
    expect(
      ranked(lines, "Where is the canoe of Bob?", {
        before: 0,
        before2: 0,
        before3: 0,
        after: 0,
        after2: 0,
        session: 0,
      }),
    ).not.toContain("Under the old bridge");
  });

  it("gives nothing over the end of a session", () => {
    const lines = talk(
      ["Ada: Where do you keep your canoe?"],
      ["Bob: Good evening everybody"],
      ...SMALL_TALK,
    );
    expect(ranked(lines, "Where is the canoe of Bob?")).not.toContain("Good evening everybody");
  });

  it("prefers what the one says who is named", () => {
    const lines = talk(
      ["Ada: I sold the canoe", "Bob: Fine"],
      ["Bob: I sold the canoe!"],
      ...SMALL_TALK,
    );
    expect(ranked(lines, "Has Bob sold the canoe?")[0]).toBe("I sold the canoe!");
    expect(ranked(lines, "Has Ada sold the canoe?")[0]).toBe("I sold the canoe");
  });

  it("does not take a name in a line for its content", () => {
    const lines = talk(["Bob: Thanks a lot, Ada, dear Ada", "Ada: Fine"], ["Ada: I paint canoes"]);
    expect(ranked(lines, "What does Ada paint?")[0]).toBe("I paint canoes");
  });

  it("prefers lines with a time when a time is asked for", () => {
    const lines = talk(
      ["Ada: The canoe trip was fun"],
      ["Ada: The canoe trip was last June"],
      ...SMALL_TALK,
    );
    expect(ranked(lines, "When was the canoe trip?")[0]).toBe("The canoe trip was last June");
  });

  it("prefers the session in which more of the question comes up", () => {
    const lines = talk(
      [
        "Ada: We took the canoe",
        "Bob: Who came along",
        "Ada: Eve",
        "Bob: Over the lake",
        "Ada: To the island",
      ],
      [
        "Ada: We took the canoe.",
        "Bob: Who came along.",
        "Ada: Zoe",
        "Bob: Over the road",
        "Ada: To the inn",
      ],
    );
    expect(ranked(lines, "Who was in the canoe on the island?")[0]).toBe("We took the canoe");
  });

  it("prefers what was said at the time that is named, and soon after it", () => {
    const lines = talk(["Ada: The canoe leaks"], ["Bob: The canoe leaks!"], ...SMALL_TALK);
    const times = [{ start: DAY, end: 2 * DAY }];
    expect(ranked(lines, "What about the canoe leak?", {}, times)[0]).toBe("The canoe leaks!");
  });

  it("lists what was said at a time when nothing else is asked for", () => {
    const lines = talk(["Ada: The canoe leaks"], ["Bob: Tea is ready"], ["Ada: Good night"]);
    const times = [{ start: DAY, end: 2 * DAY }];
    expect(ranked(lines, "What did Bob say last week?", {}, times)).toContain("Tea is ready");
  });

  it("asks for the words that the best lines have in common as well", () => {
    const lines = talk(
      ["Ada: The regatta with my canoe was on the Danube"],
      ["Bob: Our regatta and a canoe, the Danube again"],
      ["Ada: The Danube is rising"],
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
      ...SMALL_TALK,
    );
    const feedback = { feedback_lines: 2, feedback: 0.2 };
    expect(ranked(lines, "the canoe regatta of us", feedback)).toContain("The Danube is rising");
    expect(ranked(lines, "the canoe regatta of us")).not.toContain("The Danube is rising");
  });

  it("takes one word for what it is: no neighbours, nothing related", () => {
    const lines = talk(["Ada: My dog barks", "Bob: It does", "Ada: Like any puppy"]);
    expect(ranked(lines, "dog")).toEqual(["My dog barks"]);
  });

  it("answers a question with one word of content by what is related to it", () => {
    const lines = talk(["Ada: I repair clocks for a living, that is my job"], ...SMALL_TALK);
    expect(ranked(lines, "What is Ada's profession?")[0]).toContain("repair clocks");
  });

  it("finds nothing for words that nobody said, and for an empty query", () => {
    expect(ranked(talk(...SMALL_TALK), "xylophone quartz")).toEqual([]);
    expect(ranked(talk(...SMALL_TALK), "")).toEqual([]);
    expect(ranked([], "canoe")).toEqual([]);
  });

  it("keeps a talk without pauses in sessions of bounded length", () => {
    const index = new LineIndex();
    for (let i = 0; i < 150; i += 1) index.add("word", { speaker: "Ada", at: i });
    expect(index.sessions).toBe(3);
  });
});
