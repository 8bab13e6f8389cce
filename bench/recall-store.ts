/** A conversation in a real `RecallMemory` on a SQLite store in a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyvStateStore } from "../src/adapters/keyv/keyv-state-store.ts";
import { HashEmbedder } from "../src/adapters/offline/hash-embedder.ts";
import { packageUserMessage } from "../src/memgpt/packaging.ts";
import type { RankingWeights } from "../src/memgpt/ranking/ranking-weights.ts";
import { BOOT_ROWS, RecallMemory } from "../src/memgpt/recall-memory.ts";
import { TimeFormat } from "../src/memgpt/time-format.ts";
import { MemoryPassageStore } from "../tests/fakes/memory-stores.ts";
import { RecordingLogger } from "../tests/fakes/small-fakes.ts";
import type { Conversation } from "./recall-conversation.ts";

export interface Asked {
  /** Turns in the order found. */
  ids: string[];
  ms: number;
}

export interface OpenRecall {
  ask(question: string): Promise<Asked>;
  /** What the model would read of a page. */
  page(question: string, page: number): Promise<string>;
  /** The first search, which reads the log and builds the index. */
  first_search_ms: number;
  close(): Promise<void>;
}

const ROWS_PER_WRITE = 1000;

/** Writes the conversation to the store and opens it again, as after a restart. */
export async function openRecall(
  { turns }: Pick<Conversation, "turns">,
  weights: RankingWeights,
): Promise<OpenRecall> {
  const folder = await mkdtemp(join(tmpdir(), "bench-recall-"));
  const store = await KeyvStateStore.open({ uri: `sqlite://${join(folder, "state.sqlite")}` });
  const options = {
    owner: "agent/bench/MemGPT",
    agent: "MemGPT",
    store,
    passages: new MemoryPassageStore(),
    embedder: new HashEmbedder(),
    logger: new RecordingLogger(),
    time: new TimeFormat("UTC"),
    weights,
  };
  const written = new RecallMemory(options);
  const at = turns[0]?.created_at ?? 0;
  for (let i = 0; i < BOOT_ROWS; i += 1) {
    written.append({ created_at: at, message: packageUserMessage("boot", "boot", "") });
  }
  for (const { speaker, text, created_at } of turns) {
    written.append({ created_at, message: packageUserMessage(speaker, text, "") });
  }
  const rows = written.log.pendingRows();
  for (let i = 0; i < rows.length; i += ROWS_PER_WRITE) {
    await store.setMany(rows.slice(i, i + ROWS_PER_WRITE));
  }
  written.log.flushed(rows.length);
  const recall = new RecallMemory({ ...options, state: written.state() });
  const start = performance.now();
  await recall.search("anything at all");
  return {
    first_search_ms: performance.now() - start,
    async ask(question) {
      const begun = performance.now();
      const { lines } = await recall.search(question);
      const ms = performance.now() - begun;
      return { ids: lines.map((line) => turns[line.index - BOOT_ROWS]?.id ?? ""), ms };
    },
    page: (question, page) => recall.searchText(question, page),
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
