import { describe, expect, it } from "vitest";
import { firstLine, sourceName, uniqueName } from "../../src/documents/names.ts";

describe("sourceName", () => {
  it.each([
    ["paper.pdf", "paper.pdf"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\ada\\My Paper.pdf", "My Paper.pdf"],
    ["a\u0000b\n\u202Egpj.exe", "a b gpj.exe"],
    ["[x, p. 1] quote.md", "x, p. 1 quote.md"],
    ["", "document"],
    ["..", "document"],
    ["dir/", "document"],
    ["\uD800.pdf", ".pdf"],
  ])("makes %j into %j", (untrusted, name) => {
    expect(sourceName(untrusted)).toBe(name);
  });

  it("cuts a long name to a hundred characters and keeps its extension", () => {
    const name = sourceName(`${"😀".repeat(5000)}.pdf`);
    expect(name.length).toBeLessThanOrEqual(100);
    expect(name.endsWith("….pdf")).toBe(true);
    expect(/\p{Surrogate}/u.test(name)).toBe(false);
  });
});

describe("uniqueName", () => {
  it("adds the first free number before the extension", () => {
    expect(uniqueName("paper.pdf", [])).toBe("paper.pdf");
    expect(uniqueName("paper.pdf", ["Paper.pdf"])).toBe("paper (2).pdf");
    expect(uniqueName("paper.pdf", ["paper.pdf", "paper (2).pdf"])).toBe("paper (3).pdf");
    expect(uniqueName("notes", ["notes"])).toBe("notes (2)");
  });

  it("stays within a hundred characters", () => {
    const long = `${"n".repeat(96)}.pdf`;
    const name = uniqueName(long, [long]);
    expect(name.length).toBeLessThanOrEqual(100);
    expect(name.endsWith(" (2).pdf")).toBe(true);
  });
});

describe("firstLine", () => {
  it("gives the first line with words, without heading marks, shortened", () => {
    expect(firstLine("1\n\n## A title \nmore")).toBe("A title");
    expect(firstLine("1\n2")).toBe("");
    expect(firstLine("long ".repeat(100))).toHaveLength(120);
  });
});
