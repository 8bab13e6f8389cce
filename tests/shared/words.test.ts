import { describe, expect, it } from "vitest";
import { allWordsOf, isStopWord, wordsOf } from "../../src/shared/words.ts";

describe("words of a text", () => {
  it("stems English words and drops stop words", () => {
    expect(wordsOf("The dogs were running to their houses")).toEqual(["dog", "run", "hous"]);
  });

  it("keeps stop words where all words are asked for", () => {
    expect(allWordsOf("to be or not to be")).toEqual(["to", "be", "or", "not", "to", "be"]);
    expect(wordsOf("to be or not to be")).toEqual([]);
    expect(isStopWord("not")).toBe(true);
  });

  it("reads contractions and possessives with either apostrophe", () => {
    expect(wordsOf("I'm sure Ada's dog doesn’t bark")).toEqual([
      "sure",
      "ada",
      "dog",
      "doesnt",
      "bark",
    ]);
  });

  it("keeps numbers and dates, whole and in parts", () => {
    expect(allWordsOf("2023-11-30")).toEqual(["2023", "11", "30", "2023-11-30"]);
    expect(allWordsOf("v0.2.11")).toContain("v0.2.11");
    expect(allWordsOf("42")).toEqual(["42"]);
  });

  it("gives identifiers whole and in parts", () => {
    expect(allWordsOf("core_memory_append")).toEqual([
      "core",
      "memori",
      "append",
      "core_memory_append",
    ]);
  });

  it("folds compatibility forms and case of any script", () => {
    expect(allWordsOf("ﬁne ＡＢＣ ПРИВЕТ")).toEqual(["fine", "abc", "привет"]);
  });

  it("gives pairs of characters for scripts without spaces", () => {
    expect(allWordsOf("虚拟内存 paper")).toEqual(["虚拟", "拟内", "内存", "paper"]);
    expect(allWordsOf("猫")).toEqual(["猫"]);
  });

  it("survives lone surrogates, emoji and very long runs of letters", () => {
    expect(allWordsOf("\ud800 ok \udfff 👍")).toEqual(["ok"]);
    expect(allWordsOf("x".repeat(100_000))).toEqual(["x".repeat(64)]);
    expect(allWordsOf("")).toEqual([]);
  });
});
