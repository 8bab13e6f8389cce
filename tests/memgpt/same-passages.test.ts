import { describe, expect, it } from "vitest";
import { archivalItems } from "../../src/adapters/offline/search-results.ts";
import { mergeSame } from "../../src/memgpt/same-passages.ts";
import { formatPassage } from "../../src/memgpt/search-text.ts";
import { TimeFormat } from "../../src/memgpt/time-format.ts";

const passage = (source: string, text: string, more: object = {}) => ({
  ...{ id: `${source}-1`, text, created_at: 0, source },
  ...more,
});

describe("identical passages of two sources", () => {
  it("are shown once, where the first stood, with both sources", () => {
    const one = passage("a.pdf", "The same  words.", { page: 3 });
    const other = passage("b.pdf", "the same words.", { page: 7 });
    const merged = mergeSame([one, passage("c.md", "Others."), other]);
    expect(merged.map(({ passage: { id }, also }) => [id, also.length])).toEqual([
      ["a.pdf-1", 1],
      ["c.md-1", 0],
    ]);
    const [first] = merged;
    const text = formatPassage(one, new TimeFormat("UTC"), first?.also);
    expect(text).toContain("memory: [a.pdf, p. 3; b.pdf, p. 7] The same  words.");
  });

  it("are told from those that only begin and end alike", () => {
    const row = (n: number): string => `name | age | city | country\nP${n} | the end of every line`;
    const texts = [row(1), row(2), `  ${row(2).toUpperCase()}\n`, row(3), row(1)];
    const merged = mergeSame(texts.map((text, i) => passage(`${i}.csv`, text)));
    expect(merged.map(({ passage: { source }, also }) => [source, also.length])).toEqual([
      ["0.csv", 1],
      ["1.csv", 1],
      ["3.csv", 0],
    ]);
  });

  it("of one source and page name it once", () => {
    const one = passage("a.pdf", "Twice.", { page: 3 });
    const text = formatPassage(one, new TimeFormat("UTC"), [{ ...one, id: "2" }]);
    expect(text).toContain("memory: [a.pdf, p. 3] Twice.");
  });
});

describe("provenance", () => {
  it("names page or heading and the link, and stays one bracket that can be read back", () => {
    const link = "https://discord.com/channels/1/2/3";
    const linked = formatPassage(
      passage("a.pdf", "Text.", { page: 2, link }),
      new TimeFormat("UTC"),
    );
    const headed = formatPassage(
      passage("b[1].md", "Text.", { heading: "Guide › [Setup]" }),
      new TimeFormat("UTC"),
    );
    const result = `Showing 2 of 2 results (page 0/0): [${JSON.stringify(linked)}, ${JSON.stringify(headed)}]`;
    expect(archivalItems(result)).toEqual([
      { source: `a.pdf, p. 2, ${link}`, text: "Text." },
      { source: "b(1).md, § Guide › (Setup)", text: "Text." },
    ]);
  });
});
