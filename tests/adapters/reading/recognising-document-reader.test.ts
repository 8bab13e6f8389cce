import { describe, expect, it } from "vitest";
import { RecognisingDocumentReader } from "../../../src/adapters/reading/recognising-document-reader.ts";
import { FormFeedReader } from "../../fakes/form-feed-reader.ts";

function reader(options: { max_file_bytes?: number; max_text_bytes?: number } = {}) {
  const pdf = new FormFeedReader();
  return { pdf, reader: new RecognisingDocumentReader({ parser: pdf, ...options }) };
}

function file(name: string, text: string): { name: string; bytes: Uint8Array } {
  return { name, bytes: new TextEncoder().encode(text) };
}

describe("RecognisingDocumentReader", () => {
  it("hands PDFs on, whatever they are called", async () => {
    const { pdf, reader: one } = reader();
    await one.read(file("notes.txt", "%PDF-1.4 one\ftwo"));
    expect(pdf.reads).toBe(1);
  });

  it("reads text and Markdown as one page", async () => {
    const { reader: one } = reader();
    const told: unknown[] = [];
    const document = await one.read(file("a.md", "# Hello\n\nYou."), {
      onPage: (page, count) => told.push([page, count]),
    });
    const page = { number: 1, text: "# Hello\n\nYou." };
    expect(document).toEqual({ kind: "markdown", pages: [page], page_count: 1, failures: [] });
    expect(told).toEqual([[page, 1]]);
    expect((await one.read(file("a", "Hello."))).kind).toBe("text");
  });

  it("decodes what is not UTF-8", async () => {
    const bytes = new Uint8Array(Buffer.from("Gr\xFC\xDFe", "latin1"));
    const document = await reader().reader.read({ name: "a.txt", bytes });
    expect(document.pages[0]?.text).toBe("Grüße");
  });

  it("refuses a renamed program in a sentence, without asking the PDF reader", async () => {
    const { pdf, reader: one } = reader();
    const bytes = new Uint8Array(Buffer.from("MZ\x90\0\x03\0\0\0", "latin1"));
    await expect(one.read({ name: "paper.pdf", bytes })).rejects.toMatchObject({
      code: "document_unsupported",
      message: "This is a Windows program.",
    });
    expect(pdf.reads).toBe(0);
  });

  it.each(["", " \n ", "\uFEFF"])("refuses the empty file %j", async (text) => {
    await expect(reader().reader.read(file("a.txt", text))).rejects.toMatchObject({
      code: "document_empty",
    });
  });

  it("refuses files over the limits before reading them", async () => {
    const { pdf, reader: one } = reader({ max_file_bytes: 100, max_text_bytes: 10 });
    await expect(one.read(file("a.pdf", `%PDF-${"x".repeat(100)}`))).rejects.toMatchObject({
      code: "document_too_large",
    });
    await expect(one.read(file("a.txt", "x".repeat(11)))).rejects.toMatchObject({
      code: "document_too_large",
    });
    expect(pdf.reads).toBe(0);
  });
});
