import { describe, expect, it } from "vitest";
import { mergeFault } from "../../src/memgpt/merge-guard.ts";

const BLOCK = "Ada sails a blue boat.\nAda's boat is blue, 9 m long.\nBob: visits in May.";
const LINES = "Ada sails a blue boat.\nAda's boat is blue, 9 m long.";

describe("mergeFault", () => {
  it("lets words of the block be put together anew", () => {
    expect(mergeFault(BLOCK, LINES, "Ada sails a blue boat, 9 m long.")).toBeUndefined();
    expect(mergeFault(BLOCK, LINES, "ADA sails the boat and: blue, 9")).toBeUndefined();
    expect(
      mergeFault("日本語を話す\n日本語を話す。", "日本語を話す\n日本語を話す。", "日本語を話す"),
    ).toBeUndefined();
  });

  it.each(["Ada sails a red boat, 9 m", "Ada does not sail a boat, 9 m", "Ada 10 m 9"])(
    "keeps words out that the block does not have: %s",
    (to) => expect(mergeFault(BLOCK, LINES, to)).toContain("words that stand in the block"),
  );

  it("loses no name and no number, unless they stand elsewhere in the block", () => {
    expect(mergeFault(BLOCK, LINES, "Ada sails a blue boat.")).toContain("it lacks: 9.");
    expect(mergeFault(BLOCK, "Bob: visits in May.", "visits in May")).toContain("it lacks: Bob");
    const twice = `${BLOCK}\nBob and May`;
    expect(mergeFault(twice, "Bob: visits in May.", "visits")).toBeUndefined();
  });

  it("names a few words, not all", () => {
    const fault = mergeFault("x", "x", "b c d e f g h i") ?? "";
    expect(fault).toContain("b, c, d, e, f");
    expect(fault).not.toContain("g");
  });
});
