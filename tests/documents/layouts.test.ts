import { describe, expect, it } from "vitest";
import { HeadingTrail } from "../../src/documents/headings.ts";
import type { DocumentPage } from "../../src/documents/ports.ts";
import { RunningLines } from "../../src/documents/running-lines.ts";
import { type SplitOptions, splitPages } from "../../src/documents/split-pages.ts";
import { quarterTokens as tokens } from "../fakes/small-fakes.ts";

function passages(text: string, options: Partial<SplitOptions> = {}) {
  return splitPages([{ number: 1, text }], { tokens, ...options });
}

const words = (count: number, word = "word"): string => `${`${word} `.repeat(count).trim()}.`;

describe("Markdown", () => {
  it("is split by headings, and each passage knows the path to where it stands", () => {
    const text = `# Guide\n${words(100)}\n## Setup\n${words(100)}\n## Use\n${words(100)}\n# End\nBye.`;
    const found = passages(text, { layout: "markdown" });
    expect(found.map(({ heading, text: one }) => [heading, one.split("\n")[0]])).toEqual([
      ["Guide", "# Guide"],
      ["Guide › Setup", "## Setup"],
      ["Guide › Use", "## Use"],
      ["End", "# End"],
    ]);
  });

  it("puts small sections together, and carries headings from page to page", () => {
    const trail = new HeadingTrail();
    const pages = [
      { number: 1, text: "# A\none\n## B\ntwo" },
      { number: 2, text: "three" },
    ];
    const found = splitPages(pages, { tokens, layout: "markdown", trail });
    expect(found.map(({ heading, text }) => [heading, text])).toEqual([
      ["A", "# A\none\n## B\ntwo"],
      ["A › B", "three"],
    ]);
  });

  it("keeps the indents of code between fences, where marks are no headings", () => {
    const text = "# A\n```py\n# no heading\nif x:\n    y()\n```\nAfter   it.";
    expect(passages(text, { layout: "markdown" })).toMatchObject([
      { text: "# A\n```py\n# no heading\nif x:\n    y()\n```\nAfter it.", heading: "A" },
    ]);
  });
});

describe("papers", () => {
  it("name the section, by numbers that follow one another", () => {
    const text = [
      ...["1. Introduction", words(150), "3. Not a heading here", words(5)],
      ...["2. Method", words(150), "2.1. Steps", words(150)],
    ].join("\n");
    expect(passages(text).map((one) => one.heading)).toEqual([
      "1. Introduction",
      "2. Method",
      "2. Method › 2.1. Steps",
    ]);
  });

  it("never leave a heading at a passage's end", () => {
    const found = passages(["1. One", words(70), "2. Two", words(195)].join("\n"));
    for (const { text } of found) expect(text).not.toMatch(/\n\d\. \w+$/);
  });
});

describe("tables", () => {
  const rows = Array.from({ length: 200 }, (_, i) => `${i} | value of ${i}`);

  it("repeat their header over every group of rows, and lose no row", () => {
    const found = passages(["id | value", ...rows].join("\n"), { layout: "table" });
    expect(found.length).toBeGreaterThan(3);
    for (const { text } of found) {
      expect(text.startsWith("id | value\n")).toBe(true);
      expect(tokens.count(text)).toBeLessThanOrEqual(300);
    }
    expect(found.flatMap(({ text }) => text.split("\n").slice(1))).toEqual(rows);
  });

  it("with a header longer than a passage still end", () => {
    const found = passages([words(2000, "column"), ...rows.slice(0, 3)].join("\n"), {
      layout: "table",
    });
    for (const { text } of found) expect(tokens.count(text)).toBeLessThanOrEqual(300);
    expect(found.at(-1)?.text).toContain("2 | value of 2");
  });
});

describe("source code", () => {
  it("is cut where a definition begins, with its indents", () => {
    const body = Array.from({ length: 30 }, (_, i) => `    value_${i} = compute(${i})`);
    const text = ["def first():", ...body, "", "def second(x):", ...body, ""].join("\n");
    const found = passages(text, { layout: "code" });
    expect(found.map((one) => one.text.split("\n")[0])).toContain("def second(x):");
    expect(found.find((one) => one.text.startsWith("def second"))?.heading).toBe("def second(x)");
    expect(found.map((one) => one.text).join("\n")).toContain("    value_29 = compute(29)");
  });
});

describe("running lines", () => {
  const page = (number: number, body: string, head: string): DocumentPage => ({
    number,
    text: [
      head,
      ...Array.from({ length: 6 }, (_, i) => `${body} line ${"abcdef"[i]}.`),
      `${number}`,
    ].join("\n"),
  });

  function mended(pages: readonly DocumentPage[]): string[] {
    const running = new RunningLines();
    return [...pages.flatMap((one) => running.add(one)), ...running.end()].map((one) => one.text);
  }

  it("are taken off, left and right heads and page numbers; the title stays", () => {
    const texts = mended(
      ["one", "two", "three", "four", "five"].map((body, i) =>
        page(i + 1, body, i % 2 ? "A. Author" : "The Title of it"),
      ),
    );
    expect(texts[0]).toMatch(/^The Title of it\none line a/);
    for (const text of texts.slice(1)) expect(text).toMatch(/^\w+ line a\./);
    for (const text of texts) expect(text).toMatch(/line f\.$/);
  });

  it("stay where nothing runs, and on pages of a few lines", () => {
    const pages = ["one", "two"].map((body, i) => page(i + 1, body, `Head of ${body}`));
    for (const text of mended(pages)) expect(text).toMatch(/^Head of/);
    const short = [1, 2, 3].map((number) => ({ number, text: `Page ${number}\nSame.` }));
    expect(mended(short)).toEqual(short.map((one) => one.text));
  });
});
