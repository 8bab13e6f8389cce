import {
  type ContentHash,
  DocumentError,
  type DocumentPage,
  type DocumentReader,
  type PageFailure,
  type ReadDocument,
} from "../../src/documents/ports.ts";
import { throwIfAborted } from "../../src/shared/abort.ts";

type ReadOptions = NonNullable<Parameters<DocumentReader["read"]>[1]>;

/** Reads UTF-8 whose pages are parted by form feeds; one page alone is a text file. */
export class FormFeedReader implements DocumentReader {
  reads = 0;
  pagesRead = 0;
  /** Awaited before each page. */
  pause: () => Promise<void> = async () => {};
  /** Pages that cannot be read. */
  failing: ReadonlySet<number> = new Set();
  /** The whole document turns out to be corrupt after so many pages. */
  failsAfter = Number.POSITIVE_INFINITY;

  async read(
    file: { name: string; bytes: Uint8Array },
    options: ReadOptions = {},
  ): Promise<ReadDocument> {
    throwIfAborted(options.signal);
    this.reads += 1;
    if (file.bytes.length === 0) throw new DocumentError("document_empty", "The file is empty.");
    const texts = new TextDecoder().decode(file.bytes).split("\f");
    const kind = texts.length > 1 ? "pdf" : "text";
    const pages: DocumentPage[] = [];
    const failures: PageFailure[] = [];
    for (const [i, text] of texts.entries()) {
      await this.pause();
      throwIfAborted(options.signal);
      if (i >= this.failsAfter) {
        throw new DocumentError("document_corrupt", "The file is corrupt.");
      }
      const number = i + 1;
      if (this.failing.has(number)) {
        failures.push({ number, reason: "torn out" });
        continue;
      }
      this.pagesRead += 1;
      pages.push({ number, text });
      options.onPage?.({ number, text }, texts.length, kind);
    }
    return { kind, pages, page_count: texts.length, failures };
  }
}

/** Not SHA-256, but its length and alphabet, from FNV-1a; for tests without Node's crypto. */
export const fnvHash: ContentHash = {
  sha256(content) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    let text = "";
    for (let seed = 0; seed < 8; seed += 1) {
      let hash = 0x811c9dc5 ^ seed;
      for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
      text += hash.toString(16).padStart(8, "0");
    }
    return text;
  },
};
