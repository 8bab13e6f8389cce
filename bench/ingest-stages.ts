/**
 * The stages of reading a document, one after the other, which `attach` does overlapping: bytes to
 * pages, pages to passages, passages to vectors, vectors into Chroma. Warm: everything is loaded.
 */
import { ChromaPassageStore } from "../src/adapters/chroma/chroma-passage-store.ts";
import { ChromaServer } from "../src/adapters/chroma/chroma-server.ts";
import { HashEmbedder } from "../src/adapters/offline/hash-embedder.ts";
import { ChildDocumentReader } from "../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../src/adapters/reading/recognising-document-reader.ts";
import { LineLogger } from "../src/adapters/system/line-logger.ts";
import { createTokenCounter } from "../src/adapters/tokens/token-counter.ts";
import { splitPages } from "../src/documents/split-pages.ts";

/** Milliseconds by stage, and the number of passages. */
export async function measureStages(
  file: { name: string; bytes: Uint8Array },
  directory: string,
): Promise<Record<string, number>> {
  const logger = new LineLogger({ level: "warn", redact: (line) => line });
  const embedder = new HashEmbedder();
  const parser = new ChildDocumentReader({ logger });
  const chroma = await ChromaServer.start({ directory, logger });
  const figures: Record<string, number> = {};
  const stage = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    figures[what] = performance.now() - begin;
    return result;
  };
  try {
    await stage("start the PDF reader", () => parser.warm());
    const reader = new RecognisingDocumentReader({ parser, max_file_bytes: file.bytes.length + 1 });
    const document = await stage("read", () => reader.read(file));
    const tokens = createTokenCounter(["gpt-4"]);
    const passages = await stage("split", () => splitPages(document.pages, { tokens }));
    const texts = passages.map((passage) => passage.text);
    const vectors = await stage("embed", () => embedder.embed(texts));
    const store = new ChromaPassageStore({ connection: chroma, space: embedder, logger });
    const rows = passages.map(({ page, index, text }) => ({
      id: `${page}-${index}`,
      text,
      page,
      created_at: 0,
    }));
    await stage("store", () => store.upsert("bench", rows, vectors));
    return { ...figures, passages: passages.length };
  } finally {
    await parser.close();
    await chroma.stop();
  }
}
