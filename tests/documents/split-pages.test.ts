import { describe, expect, it } from "vitest";
import { splitPage, splitPages } from "../../src/documents/split-pages.ts";
import { quarterTokens as tokens } from "../fakes/small-fakes.ts";

/** `count` sentences of 40 characters, ten tokens each. */
function prose(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `This is the sentence with number ${String(i).padStart(5, "0")}.`,
  ).join(" ");
}

describe("splitPages", () => {
  it("never joins text of two pages and gives each passage its page", () => {
    const passages = splitPages(
      [
        { number: 1, text: "First." },
        { number: 2, text: "  " },
        { number: 3, text: prose(60) },
      ],
      { tokens },
    );
    expect(passages.map(({ page, index }) => [page, index])).toEqual([
      [1, 0],
      [3, 0],
      [3, 1],
      [3, 2],
    ]);
    expect(passages[0]?.text).toBe("First.");
  });

  it("keeps passages within the size, provenance included, and on sentence bounds", () => {
    for (const { text } of splitPages([{ number: 1, text: prose(200) }], { tokens })) {
      expect(tokens.count(`[${"n".repeat(100)}.pdf, p. 1000] ${text}`)).toBeLessThanOrEqual(300);
      expect(text).toMatch(/^This is .* \d{5}\.$/);
    }
  });

  it("repeats whole trailing sentences up to the overlap", () => {
    const [first, second] = splitPages([{ number: 1, text: prose(60) }], { tokens, overlap: 20 });
    const tail = first?.text.split(". ").slice(-2).join(". ") ?? "";
    expect(tail.match(/number/g)).toHaveLength(2);
    expect(second?.text.startsWith(tail)).toBe(true);
  });

  it("repeats nothing when the last sentence is longer than the overlap", () => {
    const passages = splitPages([{ number: 1, text: prose(60) }], { tokens, overlap: 5 });
    expect(passages.map(({ text }) => text).join(" ")).toBe(prose(60));
  });

  it("mends words that line ends cut, and joins the lines of a paragraph", () => {
    const text = "The con-\ntext is\nfull.\n\nA new paragraph.";
    expect(splitPages([{ number: 1, text }], { tokens })[0]?.text).toBe(
      "The context is full.\nA new paragraph.",
    );
  });

  it("keeps the lines of text in which they mean something", () => {
    const text = "# Title\n- one\n- two";
    expect(splitPages([{ number: 1, text }], { tokens, layout: "lines" })[0]?.text).toBe(text);
  });

  it("loses no word of a long text without line ends", () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `w${i}`).join(" ");
    const words = splitPages([{ number: 1, text }], { tokens, overlap: 0 }).flatMap((passage) =>
      passage.text.split(" "),
    );
    expect(words.join("")).toBe(text.replaceAll(" ", ""));
  });

  it("cuts a page as its passages are asked for", () => {
    let counted = 0;
    const counting = {
      count: (text: string) => {
        counted += 1;
        return tokens.count(text);
      },
    };
    const text = Array.from({ length: 2000 }, () => prose(10)).join("\n");
    const passages = splitPage({ number: 1, text }, { tokens: counting });
    passages.next();
    expect(counted).toBeLessThan(100);
    const rest = [...passages];
    expect(rest.length).toBeGreaterThan(700);
    expect(counted).toBeLessThan(20_500);
  });
});
