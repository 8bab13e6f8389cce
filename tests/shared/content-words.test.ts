import { describe, expect, it } from "vitest";
import { contentWords } from "../../src/shared/content-words.ts";
import { relatedWords } from "../../src/shared/related-words.ts";

describe("words for ranking", () => {
  it.each([
    ["went", "goes"],
    ["bought", "buying"],
    ["children", "kids"],
    ["taught", "teacher"],
    ["seven", "7"],
    ["mum", "mother"],
    ["photograph", "photos"],
    ["left", "leaves"],
  ])("%s is %s", (a, b) => {
    expect(contentWords(a)).toEqual(contentWords(b));
  });

  it("keep different words apart", () => {
    expect(contentWords("sing")).not.toEqual(contentWords("sign"));
    expect(contentWords("hi")).not.toEqual(contentWords("hello"));
  });
});

describe("related words", () => {
  const [dog = "", pet = "", cat = ""] = contentWords("dog pet cat");

  it("lead from a kind to its members, and less surely back", () => {
    expect(relatedWords(pet).get(dog) ?? 0).toBeGreaterThan(relatedWords(dog).get(pet) ?? 0);
    expect(relatedWords(dog).get(pet)).toBeGreaterThan(0);
    expect(relatedWords(dog).has(cat)).toBe(false);
  });

  it("know no word of plain objects", () => {
    expect(relatedWords("constructor").size).toBe(0);
    expect(relatedWords("__proto__").size).toBe(0);
  });
});
