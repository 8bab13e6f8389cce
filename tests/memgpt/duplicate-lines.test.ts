import { describe, expect, it } from "vitest";
import { mergeDuplicateLines } from "../../src/memgpt/duplicate-lines.ts";

describe("mergeDuplicateLines", () => {
  it("drops what stands there already but for case, spaces, sentence ends, marks and articles", () => {
    expect(
      mergeDuplicateLines("Ada likes tea.\nada likes  tea\nAda likes the tea!\nGrace sails"),
    ).toBe("Ada likes tea.\nGrace sails");
    expect(mergeDuplicateLines("- Ada likes tea\n* Ada likes tea;\n2) Ada likes a tea")).toBe(
      "- Ada likes tea",
    );
  });

  it.each([
    "Ada likes tea\nAda does not like tea",
    "Ada likes tea\nAda liked tea",
    "Ada likes tea.\nAda likes tea?",
    "Balance 5\nBalance -5",
    "Knows C\nKnows C++",
    "She likes tea\nHe likes tea",
    "Room 12\nRoom 21",
    "Ada likes Bob\nBob likes Ada",
    "喜欢茶\n不喜欢茶",
    "",
    "\n\n",
    "---\n---",
  ])("keeps both lines of %j", (text) => expect(mergeDuplicateLines(text)).toBe(text));

  it("keeps the same line under two headings", () => {
    for (const text of [
      "Ada:\nlikes tea\nBob:\nlikes tea",
      "# Ada\nlikes tea\n# Bob\nlikes tea",
      "Ada\n- likes tea\nBob\n- likes tea",
      "Ada is here\nlikes tea\n\nBob is here\nlikes tea",
    ]) {
      expect(mergeDuplicateLines(text)).toBe(text);
    }
    expect(mergeDuplicateLines("Ada:\n- likes tea\n- Likes tea.\nBob:\n- likes tea")).toBe(
      "Ada:\n- likes tea\nBob:\n- likes tea",
    );
  });
});
