import { afterAll } from "vitest";
import { ChildDocumentReader } from "../../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../../src/adapters/reading/recognising-document-reader.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { FormFeedReader } from "../fakes/form-feed-reader.ts";
import { makeDocx, makeEpub } from "../fakes/make-archives.ts";
import { makePdf } from "../fakes/make-pdf.ts";
import { documentReaderContract } from "./document-reader.suite.ts";

const pdf = new ChildDocumentReader({ logger: silentLogger });
const recognising = new RecognisingDocumentReader({ parser: pdf });
const pdfFile = (pages: readonly string[]): Uint8Array => makePdf(pages.map((text) => [text]));
const textFile = (pages: readonly string[]): Uint8Array =>
  new TextEncoder().encode(pages.join("\f"));

afterAll(() => pdf.close());

documentReaderContract("ChildDocumentReader", {
  ...{ reader: () => pdf, file: pdfFile, kind: "pdf", pages: 5 },
});
documentReaderContract("RecognisingDocumentReader on a PDF", {
  ...{ reader: () => recognising, file: pdfFile, kind: "pdf", pages: 5 },
});
documentReaderContract("RecognisingDocumentReader on a text", {
  ...{ reader: () => recognising, file: textFile, kind: "text", pages: 1 },
});
documentReaderContract("RecognisingDocumentReader on a book", {
  reader: () => recognising,
  file: (pages) => makeEpub(pages.map((text) => `<p>${text}</p>`)),
  ...{ kind: "epub", pages: 5 },
});
documentReaderContract("RecognisingDocumentReader on a Word document", {
  ...{ reader: () => recognising, file: makeDocx, kind: "docx", pages: 1 },
});
documentReaderContract("RecognisingDocumentReader on a web page", {
  reader: () => recognising,
  file: (pages) => textFile(pages.map((text) => `<!doctype html><body><p>${text}</p>`)),
  ...{ kind: "html", pages: 1 },
});
documentReaderContract("RecognisingDocumentReader on JSON", {
  reader: () => recognising,
  file: (pages) => textFile([JSON.stringify(pages)]),
  shown: (text) => text.replace(/^\[0\]: /, ""),
  ...{ kind: "json", pages: 1 },
});
documentReaderContract("FormFeedReader", {
  ...{ reader: () => new FormFeedReader(), file: textFile, kind: "pdf", pages: 5 },
});
