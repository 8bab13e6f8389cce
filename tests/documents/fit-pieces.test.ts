import { describe, expect, it } from "vitest";
import { fitPieces } from "../../src/documents/fit-pieces.ts";

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
