import { describe, expect, it } from "vitest";
import { CoreMemory } from "../../src/memgpt/core-memory.ts";

function core(human = "First name: Ada"): CoreMemory {
  return new CoreMemory({ persona: "I am Sam.", human, modified_at: 1 }, 1);
}

describe("CoreMemory", () => {
  it("appends on a new line and counts versions", () => {
    const memory = core();
    memory.append("human", "Likes tea", 5);
    expect(memory.human).toBe("First name: Ada\nLikes tea");
    expect([memory.version, memory.modified_at]).toEqual([2, 5]);
  });

  it("replaces every occurrence, and takes the new text literally", () => {
    const memory = core("tea, tea and tea");
    memory.replace("human", "tea", "$& and $1", 5);
    expect(memory.human).toBe("$& and $1, $& and $1 and $& and $1");
  });

  it("deletes with an empty new text", () => {
    const memory = core("tea, coffee");
    memory.replace("human", ", coffee", "", 5);
    expect(memory.human).toBe("tea");
  });

  it("changes nothing when an edit exceeds the limit, and says how much was requested", () => {
    const memory = core("");
    const before = memory.record();
    expect(() => memory.append("human", "x".repeat(2000), 5)).toThrow(
      /^Edit failed: Exceeds 2000 character limit \(requested 2001\)\. .*archival memory/,
    );
    expect(memory.record()).toEqual(before);
    memory.append("human", "x".repeat(1999), 5);
    expect(memory.size("human")).toBe(2000);
  });

  it("counts characters, not UTF-16 units", () => {
    const memory = core("");
    memory.append("human", "😀".repeat(1999), 5);
    expect(memory.size("human")).toBe(2000);
  });

  it("lets a block that is over the limit shrink, so that it is never stuck", () => {
    const memory = core(`${"a".repeat(2500)}b`);
    memory.replace("human", "b", "", 5);
    expect(memory.size("human")).toBe(2500);
    expect(() => memory.append("human", "c", 5)).toThrow("requested 2502");
  });

  it.each([
    ["Content not found in human (make sure to use exact string)", "human", "coffee"],
    ["old_content cannot be an empty string (must specify old_content to replace)", "human", ""],
    ['No memory section named people (must be either "persona" or "human")', "people", "x"],
    ['No memory section named __proto__ (must be either "persona" or "human")', "__proto__", "x"],
  ])("says: %s", (message, block, old) => {
    const memory = core();
    expect(() => memory.replace(block, old, "new", 5)).toThrow(message);
    expect(memory.version).toBe(1);
  });
});
