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

  it("keeps a block per person, under a label of its own", () => {
    const memory = core();
    expect(memory.addPerson("1", "Ada")?.label).toBe("human:ada");
    expect(memory.addPerson("2", "ADA")?.label).toBe("human:ada_2");
    memory.append("human:ada", "Likes tea", 5);
    memory.append("human:Ada", "Lives in York", 6);
    expect(memory.personBlock("1")?.text).toBe("Likes tea\nLives in York");
    const again = new CoreMemory(memory.record(), memory.version);
    expect(again.addPerson("1", "Countess")?.label).toBe("human:ada");
    expect(again.blocks()).toEqual(memory.blocks());
  });

  it("names the choices when a label is not known", () => {
    const memory = core();
    memory.addPerson("1", "Ada");
    expect(() => memory.append("human:bob", "x", 5)).toThrow(
      'No memory section named human:bob (must be "persona", "human" or "human:ada")',
    );
  });

  it("makes room for somebody new only where nothing is known of somebody else", () => {
    const memory = core();
    for (let i = 0; i < 500; i += 1) {
      const label = memory.addPerson(`p${i}`, `p${i}`)?.label ?? "";
      if (i !== 7) memory.append(label, "known", 5);
    }
    expect(memory.addPerson("new", "New")?.label).toBe("human:new");
    expect(memory.personBlock("p7")).toBeUndefined();
    memory.append("human:new", "known", 5);
    expect(memory.addPerson("another", "Another")).toBeUndefined();
  });

  it("takes edits back, the newest first, also after it was stored", () => {
    const memory = core("likes tea, 😀");
    memory.append("human", "likes jam", 5);
    memory.replace("human", "😀", "😁", 6);
    memory.append("persona", "I am kind.", 7);
    const again = new CoreMemory(memory.record(), memory.version);
    expect(again.undo(8)?.label).toBe("persona");
    expect(again.persona).toBe("I am Sam.");
    again.undo(8);
    expect(again.human).toBe("likes tea, 😀\nlikes jam");
    again.undo(8);
    expect(again.human).toBe("likes tea, 😀");
    expect(again.undo(8)).toBeUndefined();
    expect(again.version).toBe(memory.version + 3);
  });

  it("corrects a block that is over the limit without growing it", () => {
    const memory = core(`${"a".repeat(2500)}b`);
    memory.replace("human", "b", "c", 5);
    expect(memory.human.endsWith("c")).toBe(true);
  });

  it("points to the nearest line, cut to a safe length, or to the block that has the text", () => {
    const memory = core(`Ada: my birthday is 3 May\nBob likes tea ${"and jam ".repeat(60)}`);
    expect(() => memory.replace("human", "ada: My birthday is  the 3 May", "x", 5)).toThrow(
      "Content not found in human (make sure to use exact string). The nearest line there is: Ada: my birthday is 3 May",
    );
    const long = (): unknown => memory.replace("human", "bob likes TEA and jam", "x", 5);
    expect(long).toThrow(/nearest line there is: Bob likes tea (and jam ){20,25}an?d?…?/);
    expect(() => memory.replace("human", "I am Sam", "x", 5)).toThrow(
      "(make sure to use exact string). It stands in persona.",
    );
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
