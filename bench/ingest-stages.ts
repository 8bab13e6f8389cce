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
import type { Figure } from "./table.ts";

export async function measureStages(
  file: { name: string; bytes: Uint8Array },
  directory: string,
): Promise<Figure[]> {
  const logger = new LineLogger({ level: "warn", redact: (line) => line });
  const embedder = new HashEmbedder();
  const parser = new ChildDocumentReader({ logger });
  const chroma = await ChromaServer.start({ directory, logger });
  const figures: Figure[] = [];
  const stage = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    figures.push({ what, value: performance.now() - begin, unit: "ms", digits: 0 });
    return result;
  };
  try {
    await stage("stage: start the PDF reader", () => parser.warm());
    const reader = new RecognisingDocumentReader({ parser, max_file_bytes: file.bytes.length + 1 });
    const document = await stage("stage: read", () => reader.read(file));
    const tokens = createTokenCounter(["gpt-4"]);
    const passages = await stage("stage: split", () => splitPages(document.pages, { tokens }));
    const texts = passages.map((passage) => passage.text);
    const vectors = await stage("stage: embed", () => embedder.embed(texts));
    const store = new ChromaPassageStore({ connection: chroma, space: embedder, logger });
    const rows = passages.map(({ page, index, text }) => ({
      id: `${page}-${index}`,
      text,
      page,
      created_at: 0,
    }));
    await stage("stage: store", () => store.upsert("bench", rows, vectors));
    figures.push({ what: "passages", value: passages.length, unit: "", digits: 0 });
    return figures;
  } finally {
    await parser.close();
    await chroma.stop();
  }
}
