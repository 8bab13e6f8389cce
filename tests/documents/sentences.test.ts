import { describe, expect, it } from "vitest";
import { fitPieces, sentencesOf } from "../../src/documents/sentences.ts";

const sentences = (text: string): string[] => [...sentencesOf(text)];

describe("sentencesOf", () => {
  it("ends sentences at full stops, question and exclamation marks", () => {
    expect(sentences("One. Two? “Three!” Four")).toEqual(["One.", "Two?", "“Three!”", "Four"]);
  });

  it("does not end at initials, abbreviations or before a small letter", () => {
    expect(sentences("C. Packer et al. 2023 show it, cf. Fig. 3. Then more.")).toEqual([
      "C. Packer et al. 2023 show it, cf. Fig. 3.",
      "Then more.",
    ]);
    expect(sentences("It holds approx. ten, e.g. apples.")).toEqual([
      "It holds approx. ten, e.g. apples.",
    ]);
  });

  it("ends sentences at CJK full stops, which no space follows", () => {
    expect(sentences("今日は。元気？はい")).toEqual(["今日は。", "元気？", "はい"]);
  });

  it("loses nothing but white space", () => {
    const text = "A. b... C?! (D.) 3.14 is pi.  E";
    expect(sentences(text).join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
  });

  it("takes linear time on a long run of dots", () => {
    const started = performance.now();
    sentences(".".repeat(300_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("fitPieces", () => {
  const count = (text: string): number => Math.ceil(text.length / 4);

  it("counts a sentence that fits once and leaves it whole", () => {
    let counted = 0;
    const pieces = [
      ...fitPieces("a short one", 10, (text) => {
        counted += 1;
        return count(text);
      }),
    ];
    expect(pieces).toEqual([{ text: "a short one", tokens: 3 }]);
    expect(counted).toBe(1);
  });

  it("cuts a long sentence at spaces, within the budget, losing nothing", () => {
    const text = Array.from({ length: 900 }, (_, i) => `word${i}`).join(" ");
    const pieces = [...fitPieces(text, 50, count)];
    expect(Math.max(...pieces.map((piece) => piece.tokens))).toBeLessThanOrEqual(50);
    expect(pieces.map((piece) => piece.text).join(" ")).toBe(text);
  });

  it("cuts a word without spaces, never within a surrogate pair", () => {
    const text = "😀".repeat(3001);
    const pieces = [...fitPieces(text, 10, count)].map((piece) => piece.text);
    expect(pieces.join("")).toBe(text);
    expect(pieces.filter((piece) => /\p{Surrogate}/u.test(piece))).toEqual([]);
  });

  it("never hands a token counter more than a thousand characters", () => {
    let longest = 0;
    const counting = (text: string): number => {
      longest = Math.max(longest, text.length);
      return count(text);
    };
    expect([...fitPieces("x".repeat(100_000), 250, counting)]).toHaveLength(100);
    expect(longest).toBe(1000);
  });

  it("ends even when a single character is over the budget", () => {
    expect([...fitPieces("abc", 1, () => 5)].map((piece) => piece.text).join("")).toBe("abc");
  });
});
