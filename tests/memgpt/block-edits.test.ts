import { describe, expect, it } from "vitest";
import { reverted, textChange } from "../../src/memgpt/block-edits.ts";

describe("an edit of a block as the difference it made", () => {
  it.each([
    ["the demo is on Friday", "the demo is on Monday", "Friday", "Monday"],
    ["the dog is Rex.", "the dog is Max.", "Rex", "Max"],
    ["Ada: x\nAda: my dog is Rex\nAda: my cat", "Ada: x\nAda: my cat", "\nAda: my dog is Rex", ""],
    ["Ada: tea\nAda: jam", "Ada: tea\nAda: ham\nAda: jam", "", "\nAda: ham"],
    ["Ada: tea", "", "Ada: tea", ""],
    ["", "Ada: tea", "", "Ada: tea"],
    ["was 😀", "was 😁", "😀", "😁"],
    ["aXa", "aXaXa", "aXa", "aXaXa"],
    ["日本語", "日本人", "語", "人"],
  ])("of %j and %j is in whole words and lines", (before, after, old, added) => {
    expect(textChange(before, after)).toMatchObject({ old, new: added });
  });

  it("leads back to the text before, whatever changed", () => {
    const texts = [
      "",
      "a",
      "a\na",
      "a\na\na",
      "b\na\nb",
      "ab ba\nab",
      "ab\nab ba",
      "😀😁",
      "😁\n😀",
      "a a",
    ];
    for (const before of texts) {
      for (const after of texts) {
        expect(reverted(after, textChange(before, after))).toBe(before);
      }
    }
  });
});
