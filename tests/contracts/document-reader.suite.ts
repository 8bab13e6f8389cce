import { describe, expect, it } from "vitest";
import {
  DocumentError,
  type DocumentReader,
  type ReadDocument,
} from "../../src/documents/ports.ts";

export interface DocumentReaderCase {
  reader: () => DocumentReader;
  /** A file of these pages, as this reader reads them. */
  file: (pages: readonly string[]) => Uint8Array;
  kind: ReadDocument["kind"];
  /** How many pages a file may have. */
  pages: number;
  /** What a page says, without what this format adds to it. Default: as it is. */
  shown?: (text: string) => string;
}

/** What every `DocumentReader` promises. */
export function documentReaderContract(name: string, one: DocumentReaderCase): void {
  const shown = (text: string): string =>
    (one.shown ?? ((same) => same))(text.replace(/\s+/g, " ").trim());
  const texts = Array.from({ length: one.pages }, (_, i) => `The text of page ${i + 1}.`);

  describe(`${name}, as a DocumentReader`, () => {
    it("gives all pages in order, numbered from 1", async () => {
      const bytes = one.file(texts);
      const document = await one.reader().read({ name: "a", bytes });
      expect(document).toMatchObject({ kind: one.kind, page_count: one.pages, failures: [] });
      expect(document.pages.map((page) => page.number)).toEqual(texts.map((_, i) => i + 1));
      expect(document.pages.map((page) => shown(page.text))).toEqual(texts);
    });

    it("hands each page over before it resolves, with the number of pages and the kind", async () => {
      const told: string[] = [];
      const document = await one.reader().read(
        { name: "a", bytes: one.file(texts) },
        {
          onPage: (page, count, kind) =>
            told.push(`${kind} ${page.number}/${count} ${shown(page.text)}`),
        },
      );
      expect(told).toEqual(
        document.pages.map((page) => `${one.kind} ${page.number}/${one.pages} ${shown(page.text)}`),
      );
    });

    it("leaves the bytes untouched", async () => {
      const bytes = one.file(texts);
      const before = bytes.slice();
      await one.reader().read({ name: "a", bytes });
      expect(bytes).toEqual(before);
    });

    it("reads several files asked for at once, each with its own pages", async () => {
      const reader = one.reader();
      const documents = await Promise.all(
        ["x", "y", "z"].map((letter) =>
          reader.read({ name: letter, bytes: one.file([`Only ${letter}.`]) }),
        ),
      );
      const all = documents.map((document) => document.pages.map((page) => shown(page.text)));
      expect(all).toEqual([["Only x."], ["Only y."], ["Only z."]]);
    });

    it("refuses an empty file", async () => {
      const failing = one.reader().read({ name: "a", bytes: new Uint8Array(0) });
      await expect(failing).rejects.toBeInstanceOf(DocumentError);
      await expect(failing).rejects.toMatchObject({ code: "document_empty" });
    });

    it("ends with the reason of a signal that was aborted before", async () => {
      const stop = new AbortController();
      stop.abort("enough");
      const failing = one.reader().read({ name: "a", bytes: one.file(texts) }, stop);
      await expect(failing).rejects.toBe("enough");
    });

    it("works on after a file was given up", async () => {
      const reader = one.reader();
      const stop = new AbortController();
      const given = reader.read(
        { name: "a", bytes: one.file(texts) },
        { signal: stop.signal, onPage: () => stop.abort("enough") },
      );
      await given.catch((reason: unknown) => expect(reason).toBe("enough"));
      const document = await reader.read({ name: "b", bytes: one.file(["Fine."]) });
      expect(document.pages.map((page) => shown(page.text))).toEqual(["Fine."]);
    });
  });
}
