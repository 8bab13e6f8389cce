/**
 * Many passages in one source, in real Chroma, searched as the agent does: by words alone (the offline
 * embedder) and by words and meaning. The number of passages as argument; prints figures as JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChromaPassageStore } from "../src/adapters/chroma/chroma-passage-store.ts";
import { ChromaServer } from "../src/adapters/chroma/chroma-server.ts";
import { LineLogger } from "../src/adapters/system/line-logger.ts";
import { ArchivalMemory } from "../src/memgpt/archival-memory.ts";
import type { Embedder, Passage } from "../src/memgpt/ports.ts";
import { TimeFormat } from "../src/memgpt/time-format.ts";
import { MemoryStateStore } from "../tests/fakes/memory-stores.ts";
import { type Words, wordsFrom } from "./made-words.ts";
import { cpuOf, processTree } from "./process-tree.ts";

const OWNER = "source/bench/made";
const DIMENSION = 384;
const BATCH = 200;
const WORDS_PER_PASSAGE = 160;
const ASKED = 60;

/** Vectors of no meaning, but a place of their own for each text. */
const embedder: Embedder = {
  name: "bench-384",
  dimension: DIMENSION,
  semantic: true,
  embed: async (texts) => texts.map(vectorOf),
};

function vectorOf(text: string): number[] {
  let state = 1;
  for (let i = 0; i < text.length; i += 1) {
    state = (Math.imul(state, 31) + text.charCodeAt(i)) >>> 0;
  }
  return Array.from({ length: DIMENSION }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

async function measure(passages: number, folder: string): Promise<Record<string, number>> {
  const logger = new LineLogger({ level: "warn", redact: (line) => line });
  const chroma = await ChromaServer.start({ directory: folder, logger });
  try {
    const store = new ChromaPassageStore({ connection: chroma, space: embedder, logger });
    const words = wordsFrom(7);
    const load = await timed(async () => {
      for (let at = 0; at < passages; at += BATCH) {
        const size = Math.min(BATCH, passages - at);
        const rows = Array.from({ length: size }, (_, i) => passage(at + i, words));
        await store.upsert(OWNER, rows, await embedder.embed(rows.map(({ text }) => text)));
      }
    });
    const by = async (
      semantic: boolean,
    ): Promise<{ first: number; median: number; most: number; cpu: number }> => {
      const memory = new ArchivalMemory({
        owner: "agent/bench",
        store: new MemoryStateStore(),
        passages: store,
        embedder: { ...embedder, semantic },
        tokens: { count: (text) => Math.ceil(text.length / 4) },
        logger,
        time: new TimeFormat("UTC"),
        sources: [{ id: "made", name: "made", owner: OWNER, kind: "text", passages }],
      });
      const first = await timed(() => memory.search("made"));
      const asking = wordsFrom(99);
      const times: number[] = [];
      const before = cpuOf(processTree());
      for (let i = 0; i < ASKED; i += 1) {
        const query = `${asking()} ${asking()} ${asking()}`;
        times.push(await timed(() => memory.searchText(query)));
      }
      times.sort((a, b) => a - b);
      const cpu = (cpuOf(processTree()) - before) / ASKED;
      return { first, median: times[ASKED >> 1] ?? 0, most: times.at(-1) ?? 0, cpu };
    };
    const words_only = await by(false);
    const resident = processTree()[0]?.resident ?? 0;
    const meaning = await by(true);
    return {
      "loading them into Chroma": load,
      "the first search, which builds the word index": words_only.first,
      "a search by words, median": words_only.median,
      "a search by words, slowest": words_only.most,
      "a search by words, CPU of bot and Chroma": words_only.cpu,
      "the first search by meaning": meaning.first,
      "a search by words and meaning, median": meaning.median,
      "a search by words and meaning, slowest": meaning.most,
      "a search by words and meaning, CPU of bot and Chroma": meaning.cpu,
      "MiB resident with the word index": resident,
    };
  } finally {
    await chroma.stop();
  }
}

function passage(at: number, words: Words): Passage {
  const text = Array.from({ length: WORDS_PER_PASSAGE }, () => words()).join(" ");
  return { id: `${at}-0`, text, created_at: 0, source: "made.pdf", page: 1 + (at >> 2) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

const folder = mkdtempSync(join(tmpdir(), "colloquy-passages-"));
try {
  const figures = await measure(Number(process.argv[2] ?? "1000"), folder);
  process.stdout.write(`${JSON.stringify({ figures })}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
