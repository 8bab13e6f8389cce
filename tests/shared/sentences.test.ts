import { describe, expect, it } from "vitest";
import { sentencesOf } from "../../src/shared/sentences.ts";

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

  it("gets through a long run of dots", () => {
    expect(sentences(".".repeat(300_000))).toHaveLength(1);
  });
});
