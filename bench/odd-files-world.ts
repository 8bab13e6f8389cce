/** The real reader, and data sources with the offline embedder on real Chroma and SQLite in a folder. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ChromaPassageStore } from "../src/adapters/chroma/chroma-passage-store.ts";
import { ChromaServer } from "../src/adapters/chroma/chroma-server.ts";
import { KeyvStateStore } from "../src/adapters/keyv/keyv-state-store.ts";
import { HashEmbedder } from "../src/adapters/offline/hash-embedder.ts";
import { ChildDocumentReader } from "../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../src/adapters/reading/recognising-document-reader.ts";
import { LineLogger } from "../src/adapters/system/line-logger.ts";
import { Sha256Hash } from "../src/adapters/system/sha256-hash.ts";
import { SystemClock } from "../src/adapters/system/system-clock.ts";
import { createTokenCounter } from "../src/adapters/tokens/token-counter.ts";
import { DataSources } from "../src/documents/data-sources.ts";
import type { Read } from "./odd-files-run.ts";

const SCOPE = "bench";

export interface ReadingWorld {
  read: Read;
  /** Makes a data source and deletes it again. */
  ingest: Read;
  reader_pid: () => number | undefined;
  /** What is kept though every source was deleted, in words; "" is nothing. */
  leftovers(): Promise<string>;
  close(): Promise<void>;
}

export async function openReading(folder: string): Promise<ReadingWorld> {
  const logger = new LineLogger({ level: "warn", redact: (line) => line });
  const parser = new ChildDocumentReader({ logger });
  const reader = new RecognisingDocumentReader({ parser });
  const chroma = await ChromaServer.start({ directory: join(folder, "chroma"), logger });
  const store = await KeyvStateStore.open({ uri: `sqlite://${join(folder, "state.sqlite")}` });
  const embedder = new HashEmbedder();
  const passages = new ChromaPassageStore({ connection: chroma, space: embedder, logger });
  const owners = new Set<string>();
  const sources = new DataSources({
    ...{ reader, embedder, passages, store, logger },
    tokens: createTokenCounter(["gpt-4"]),
    hash: new Sha256Hash(),
    clock: new SystemClock(),
    breathe: () => setImmediate(),
  });
  return {
    read: (file, onPage) => reader.read(file, { onPage }),
    async ingest(file, onPage) {
      const { source } = await sources.ingest(
        { scope: SCOPE, place: SCOPE, file },
        { onProgress: onPage },
      );
      owners.add(source.owner);
      await sources.delete(SCOPE, source.id);
      return source;
    },
    reader_pid: () => parser.pid,
    async leftovers() {
      const listed = await sources.list(SCOPE);
      let rows = 0;
      for (const owner of owners) rows += await passages.count(owner);
      return listed.length + rows === 0 ? "" : `${listed.length} sources, ${rows} passages`;
    },
    async close() {
      await parser.close();
      await chroma.stop();
      await store.close();
    },
  };
}
