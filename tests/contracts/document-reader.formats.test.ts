import { afterAll, describe, expect, it } from "vitest";
import { ChildDocumentReader } from "../../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../../src/adapters/reading/recognising-document-reader.ts";
import type { ReadDocument } from "../../src/documents/ports.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { nestedPages } from "../fakes/hostile-pdfs.ts";
import { makeDocx, makeEpub, zipBomb } from "../fakes/make-archives.ts";
import { makePdf } from "../fakes/make-pdf.ts";

const parser = new ChildDocumentReader({ logger: silentLogger });
const reader = new RecognisingDocumentReader({ parser });

afterAll(() => parser.close());

function read(content: string | Uint8Array, name = "file"): Promise<ReadDocument> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return reader.read({ name, bytes });
}

async function textOf(content: string | Uint8Array, name = "file"): Promise<[string, string]> {
  const { kind, pages } = await read(content, name);
  return [kind, pages.map((page) => page.text.trim()).join("\n---\n")];
}

describe("formats, recognised by content and whatever their name", () => {
  it("a Word document keeps its headings", async () => {
    const bytes = makeDocx([
      { heading: 1, text: "Guide" },
      "First & last.",
      { heading: 2, text: "More" },
      "Words.",
    ]);
    expect(await textOf(bytes, "x.pdf")).toEqual([
      "docx",
      "# Guide\n\nFirst & last.\n\n## More\n\nWords.",
    ]);
  });

  it("a book gives its chapters in the order of its spine, and tells of missing ones", async () => {
    const book = makeEpub(
      ["<h1>One</h1><p>A&amp;B</p>", "<p>lost</p>", "<h1>Two</h1><p>C<br/>D</p>"],
      {
        missing: [2],
      },
    );
    const document = await read(book);
    expect(document).toMatchObject({
      kind: "epub",
      page_count: 3,
      failures: [{ number: 2, reason: "Error: the chapter is missing" }],
    });
    expect(document.pages.map(({ number, text }) => [number, text])).toEqual([
      [1, "# One\n\nA&B"],
      [3, "# Two\n\nC\nD"],
    ]);
  });

  it("a web page keeps headings, lists and tables, and loses scripts, navigation and looks", async () => {
    const html = `<!DOCTYPE html><html><head><title>About</title><style>p{}</style></head><body>
      <nav><a href="/">Home</a></nav><h2>List</h2><p>Some <b>bold</b>\n words.</p><script>alert(1)</script>
      <ol><li>one</li><li><p>two</p></li></ol><div hidden>secret</div>
      <table><tr><th>Name</th><th>Age</th></tr><tr><td>Ada</td><td><p>36</p></td></tr></table>
      <pre>a  b\n  c</pre></body></html>`;
    expect(await textOf(html)).toEqual([
      "html",
      "## List\n\nSome bold words.\n\n1. one\n2. two\n\nName | Age\nAda | 36\n\na  b\n  c",
    ]);
  });

  it("a web page's main part stands for it where that says enough", async () => {
    const words = "It says enough. ".repeat(20);
    const [, text] = await textOf(
      `<html><body><header>Menu and more</header><main><h1>T</h1><p>${words}</p></main><p>Foot</p></body></html>`,
    );
    expect(text).toBe(`# T\n\n${words.trim()}`);
  });

  it("a web page is decoded as it says of itself", async () => {
    const words = Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea]);
    const html = Buffer.concat([
      Buffer.from('<!doctype html><meta charset="Shift_JIS"><p>'),
      words,
      Buffer.from("</p>"),
    ]);
    expect(await textOf(new Uint8Array(html))).toEqual(["html", "日本語"]);
  });

  it("a table gives a line a record, quoted cells and all", async () => {
    expect(await textOf('name,note\nAda,"a, b\nc"\nBob,x\n')).toEqual([
      "csv",
      "name | note\nAda | a, b c\nBob | x",
    ]);
    expect((await read("a\tb\n1\t2\n3\t4\n")).pages[0]?.text).toBe("a | b\n1 | 2\n3 | 4");
  });

  it("a long table repeats its header on every page", async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},value ${i}`).join("\n");
    const { pages } = await read(`id,value\n${rows}`);
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) expect(page.text.startsWith("id | value\n")).toBe(true);
    expect(pages.reduce((sum, page) => sum + page.text.split("\n").length - 1, 0)).toBe(20_000);
  });

  it("JSON and JSON Lines say where each value stands; what only looks like JSON is text", async () => {
    expect(await textOf('{"users":[{"name":"Ada","tags":["a","b"]},{"name":null}]}')).toEqual([
      "json",
      "users[0].name: Ada\nusers[0].tags[0]: a\nusers[0].tags[1]: b\nusers[1].name: null",
    ]);
    expect(await textOf('{"a":1}\n{"a":2}')).toEqual(["json", "[0].a: 1\n[1].a: 2"]);
    expect(await textOf('{"a": oops}')).toEqual(["text", '{"a": oops}']);
    const deep = `${"[".repeat(100_000)}1${"]".repeat(100_000)}`;
    expect((await read(deep)).pages[0]?.text).toMatch(/\[0\]: 1$/);
  });

  it("source code keeps its lines and indents", async () => {
    const code = "import os\n\ndef main():\n    x = 1\n    return x\n";
    expect(await read(code, "notes.txt")).toMatchObject({ kind: "code", pages: [{ text: code }] });
  });

  it("prose stays prose", async () => {
    const prose = "Dear Ada, hello.\nI hope, as always, you are well.\nYours, truly, Bob.\n";
    expect(await textOf(prose, "letter.txt")).toEqual(["text", prose.trim()]);
  });

  it("a long text comes in pieces that lose nothing", async () => {
    const text = Array.from({ length: 30_000 }, (_, i) => `Line ${i} of a long text.`).join("\n");
    const { pages, page_count } = await read(text);
    expect(page_count).toBeGreaterThan(5);
    expect(pages.map((page) => page.text).join("")).toBe(text);
  });
});

describe("files that are broken or hostile", () => {
  it.each([
    ["a Word bomb", zipBomb("word/document.xml", 200 * 1024 * 1024), "document_too_large"],
    ["a book bomb", zipBomb("META-INF/container.xml", 200 * 1024 * 1024), "document_too_large"],
    ["a truncated Word document", makeDocx(["Words."]).slice(0, 900), "document_corrupt"],
    ["a book without chapters", makeEpub([]), "document_empty"],
    ["a locked book", makeEpub(["<p>x</p>"], { locked: true }), "document_encrypted"],
    ["a Word document without words", makeDocx([""]), "document_empty"],
    ["an empty web page", new TextEncoder().encode("<!doctype html><p></p>"), "document_empty"],
  ])("%s ends with its own reason", async (_what, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });

  it("an archive that lies about its sizes gives no more than it announced", async () => {
    const bytes = Buffer.from(zipBomb("word/document.xml", 100 * 1024 * 1024));
    // The size in the directory's entry, 24 bytes from its start.
    const entry = bytes.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
    bytes.writeUInt32LE(100, entry + 24);
    await expect(read(new Uint8Array(bytes))).rejects.toMatchObject({ code: "document_corrupt" });
  });

  it("tags nested a hundred thousand deep are read", async () => {
    const deep = `<!doctype html>${"<div>".repeat(100_000)}Down here.`;
    expect(await textOf(deep)).toEqual(["html", "Down here."]);
  });

  it("a PDF with a password opens with it, and tells a wrong one apart", async () => {
    const bytes = makePdf([["Secret words."]], { password: "sesame" });
    const file = { name: "a.pdf", bytes };
    await expect(reader.read(file)).rejects.toThrow("locked with a password");
    await expect(reader.read(file, { password: "wrong" })).rejects.toThrow("does not open");
    const { pages } = await reader.read(file, { password: "sesame" });
    expect(pages[0]?.text.trim()).toBe("Secret words.");
  });

  it("a page over its time is left out and told, and the rest is kept", async () => {
    const quick = new ChildDocumentReader({ logger: silentLogger, limits: { page_ms: 700 } });
    try {
      const told: number[] = [];
      const document = await quick.read(
        { name: "a.pdf", bytes: nestedPages(4, [2]) },
        { onPage: (page) => told.push(page.number) },
      );
      expect(document.pages.map((page) => page.number)).toEqual([1, 3, 4]);
      expect(told).toEqual([1, 3, 4]);
      expect(document.failures).toEqual([{ number: 2, reason: "it took longer than 1 seconds" }]);
    } finally {
      await quick.close();
    }
  });

  it("a large file does not hold up a small one", async () => {
    const lanes = new ChildDocumentReader({
      logger: silentLogger,
      limits: { large_bytes: 1000 },
    });
    try {
      const ended: string[] = [];
      const large = makePdf(Array.from({ length: 400 }, (_, i) => [`Page ${i}.`]));
      const first = lanes.read({ name: "large", bytes: large }).then(() => ended.push("large"));
      const small = lanes
        .read({ name: "small", bytes: makePdf([["x"]]) })
        .then(() => ended.push("small"));
      await Promise.all([first, small]);
      expect(ended).toEqual(["small", "large"]);
    } finally {
      await lanes.close();
    }
  });
});
