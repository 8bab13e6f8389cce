import { describe, expect, it } from "vitest";
import { LexicalIndex } from "../../src/shared/lexical-index.ts";

function indexOf(...texts: string[]): LexicalIndex {
  const index = new LexicalIndex();
  for (const [id, text] of texts.entries()) index.add(id, text);
  return index;
}

const idsOf = (index: LexicalIndex, query: string, limit = 10) =>
  index.search(query, limit).map((hit) => hit.id);

describe("lexical index", () => {
  it("ranks texts that share rarer and more words higher", () => {
    const index = indexOf(
      "the cat sat on the mat",
      "a cat chased a dog around the garden",
      "the dog and the cat of Ada were born in Lisbon",
      "nothing to see here",
    );
    expect(idsOf(index, "Which cats were born in Lisbon?")).toEqual([2, 0, 1]);
    const scores = index.search("cat Lisbon", 10).map((hit) => hit.score);
    expect(scores.every((score) => score > 0)).toBe(true);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it("finds other inflections of a word", () => {
    expect(idsOf(indexOf("we decided to postpone", "unrelated"), "deciding")).toEqual([0]);
  });

  it("ranks a word that stands in every text above nothing", () => {
    expect(idsOf(indexOf("alpha", "alpha"), "alpha")).toEqual([0, 1]);
  });

  it("breaks ties by the lower id, whatever the order of adding", () => {
    const index = new LexicalIndex();
    for (const id of [7, 3, 5]) index.add(id, "same words");
    expect(idsOf(index, "words")).toEqual([3, 5, 7]);
    expect(idsOf(index, "words", 2)).toEqual([3, 5]);
    expect(idsOf(index, "words", 0)).toEqual([]);
  });

  it("searches the speaker's name too", () => {
    const index = new LexicalIndex();
    index.add(1, "we ship on Friday", { speaker: "Ada" });
    index.add(2, "we ship on Monday", { speaker: "Bob" });
    expect(idsOf(index, "What did Bob say?")[0]).toBe(2);
  });

  it("passes stop words over, unless the query has nothing else", () => {
    const index = indexOf("who are you", "virtual context");
    expect(idsOf(index, "what is the virtual context")).toEqual([1]);
    expect(idsOf(index, "who are you?")).toEqual([0]);
  });

  it("finds dates, numbers and texts without spaces", () => {
    const index = indexOf("released 2023-11-30", "released 2023-12-01", "虚拟内存管理", "page 42");
    expect(idsOf(index, "2023-11-30")[0]).toBe(0);
    expect(idsOf(index, "内存")).toEqual([2]);
    expect(idsOf(index, "42")).toEqual([3]);
  });

  it("forgets what is removed, and passes unknown ids over", () => {
    const index = indexOf("a secret word", "another word");
    index.remove(0);
    index.remove(99);
    expect(index.size).toBe(1);
    expect(idsOf(index, "secret")).toEqual([]);
    expect(idsOf(index, "word")).toEqual([1]);
  });

  it("scores after removals as if the removed had never been there", () => {
    const grown = indexOf("alpha beta", "beta gamma", "gamma beta delta epsilon");
    grown.remove(1);
    const fresh = new LexicalIndex();
    fresh.add(0, "alpha beta");
    fresh.add(2, "gamma beta delta epsilon");
    expect(grown.search("beta delta", 10)).toEqual(fresh.search("beta delta", 10));
  });

  it("replaces a text that is added again under its id", () => {
    const index = indexOf("old words");
    index.add(0, "new text");
    expect(index.size).toBe(1);
    expect(idsOf(index, "old")).toEqual([]);
    expect(idsOf(index, "text")).toEqual([0]);
  });

  it("finds nothing in an empty index or for an empty query", () => {
    expect(new LexicalIndex().search("anything", 5)).toEqual([]);
    expect(indexOf("text").search(" ?! ", 5)).toEqual([]);
  });

  it("treats names of object members as ordinary words", () => {
    expect(idsOf(indexOf("the constructor of __proto__", "x"), "constructor")).toEqual([0]);
  });

  it("refuses ids that it could not tell apart", () => {
    expect(() => new LexicalIndex().add(0.5, "x")).toThrow(RangeError);
    expect(() => new LexicalIndex().add(-1, "x")).toThrow(RangeError);
  });

  it("finds one line among ten thousand", () => {
    const index = new LexicalIndex();
    for (let i = 0; i < 10_000; i += 1) {
      index.add(
        i,
        `line ${i} by somebody about topic${i % 97} and the weather of day${i % 365} again`,
      );
    }
    expect(idsOf(index, "line 4711 about topic55", 1)).toEqual([4711]);
  });
});
