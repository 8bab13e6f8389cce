import { describe, expect, it } from "vitest";
import { recognise } from "../../../src/adapters/reading/recognise.ts";
import { isMarkdown } from "../../../src/adapters/reading/recognise-text.ts";

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

describe("recognise", () => {
  it.each([
    ["a PDF", latin1("%PDF-1.7\n"), { kind: "pdf" }],
    ["a PDF after white space", latin1("\r\n  %PDF-1.4\n"), { kind: "pdf" }],
    ["a PDF after binary junk", latin1(`\0\0${"\x01".repeat(200)}%PDF-1.4`), { kind: "pdf" }],
    ["a text about PDFs", latin1("The header is %PDF-1.4."), { kind: "text", encoding: "utf-8" }],
    ["UTF-8", new TextEncoder().encode("Grüße 😀"), { kind: "text", encoding: "utf-8" }],
    ["Latin-1", latin1("Gr\xFC\xDFe"), { kind: "text", encoding: "windows-1252" }],
    [
      "UTF-16 with a mark",
      new Uint8Array(Buffer.from("\uFEFFhello", "utf16le")),
      { kind: "text", encoding: "utf-16le" },
    ],
    [
      "UTF-16 without a mark",
      new Uint8Array(Buffer.from("hello world", "utf16le")),
      { kind: "text", encoding: "utf-16le" },
    ],
    [
      "text that begins like a program",
      latin1("MZ is a signature"),
      { kind: "text", encoding: "utf-8" },
    ],
    [
      "a Windows program",
      latin1("MZ\x90\0\x03\0\0\0\x04\0"),
      { kind: "unsupported", what: "a Windows program" },
    ],
    [
      "an archive",
      latin1("PK\x03\x04\x14\0\x06\0"),
      { kind: "unsupported", what: "an archive (zip)" },
    ],
    [
      "Rich Text",
      latin1("{\\rtf1\\ansi hello}"),
      { kind: "unsupported", what: "a Rich Text document" },
    ],
    [
      "noise",
      latin1("\x01\x02\x00\x04\xFF\x03\x00\x00\x07"),
      { kind: "unsupported", what: "a binary file" },
    ],
    ["nothing", new Uint8Array(0), { kind: "empty" }],
    ["white space", latin1(" \n\t "), { kind: "empty" }],
  ] as const)("knows %s", (_what, bytes, found) => {
    expect(recognise(bytes)).toEqual(found);
  });
});

describe("isMarkdown", () => {
  it("goes by the name, or by headings and marks", () => {
    expect(isMarkdown("README.md", "plain")).toBe(true);
    expect(isMarkdown("notes.txt", "# A\n\ntext\n\n## B\n")).toBe(true);
    expect(isMarkdown("notes.txt", "# A\n- one\n- two")).toBe(true);
    expect(isMarkdown("script.sh", "# a comment\nls\n")).toBe(false);
  });
});
