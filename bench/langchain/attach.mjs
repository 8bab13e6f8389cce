/**
 * The same work by langchain.js: PDFLoader, RecursiveCharacterTextSplitter with passages of the same
 * size, the same vectors, its Chroma store on a server like the bot's. Cold is once per process, so
 * this is a program of its own; prints its figures as one line of JSON.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PDFLoader } from "@langchain/community/document_loaders/fs/pdf";
import { Chroma } from "@langchain/community/vectorstores/chroma";
import { Embeddings } from "@langchain/core/embeddings";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { cpuOf, processTree } from "../../node_modules/.cache/bench/bench/process-tree.js";
import { ChromaServer } from "../../node_modules/.cache/bench/src/adapters/chroma/chroma-server.js";
import { HashEmbedder } from "../../node_modules/.cache/bench/src/adapters/offline/hash-embedder.js";
import { LineLogger } from "../../node_modules/.cache/bench/src/adapters/system/line-logger.js";

/** 300 tokens, with 20 of overlap. */
const CHARACTERS = { chunkSize: 1200, chunkOverlap: 80 };

class SameEmbeddings extends Embeddings {
  #embedder = new HashEmbedder();

  /** @param {string[]} texts */
  async embedDocuments(texts) {
    return this.#embedder.embed(texts);
  }

  /** @param {string} text */
  async embedQuery(text) {
    return (await this.#embedder.embed([text]))[0];
  }
}

const [path] = process.argv.slice(2);
const bytes = readFileSync(path);
const directory = mkdtempSync(join(tmpdir(), "colloquy-langchain-"));
const logger = new LineLogger({ level: "warn", redact: (line) => line });
const chroma = await ChromaServer.start({ directory, logger });
const { host, port, ssl } = await chroma.ready(10_000);

/** @param {string} collectionName */
async function attach(collectionName) {
  const cpu = cpuOf(processTree());
  const begin = performance.now();
  const pages = await new PDFLoader(new Blob([bytes])).load();
  const splitter = new RecursiveCharacterTextSplitter(CHARACTERS);
  const passages = await splitter.splitDocuments(
    pages.map((page) => ({ ...page, metadata: { page: page.metadata.loc.pageNumber } })),
  );
  await Chroma.fromDocuments(
    passages.map((passage) => ({ ...passage, metadata: { page: passage.metadata.page } })),
    new SameEmbeddings({}),
    {
      collectionName,
      clientParams: { host, port, ssl },
      collectionMetadata: { "hnsw:space": "cosine" },
    },
  );
  const wall = performance.now() - begin;
  return { wall, cpu: cpuOf(processTree()) - cpu, passages: passages.length };
}

try {
  const cold = await attach("cold");
  const warm = await attach("warm");
  const figures = {
    ...{ cold: cold.wall, cold_cpu: cold.cpu, warm: warm.wall, warm_cpu: warm.cpu },
    passages: cold.passages,
  };
  process.stdout.write(`${JSON.stringify({ figures })}\n`);
} finally {
  await chroma.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
