/**
 * One measurement of `bench:ingest`, in a process of its own because "cold" is only once: the task's
 * name, the file's path (or "-") and a number as arguments; prints its figures as one line of JSON.
 */
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Place } from "../src/channels/ports.ts";
import { FakeOpenAiServer } from "../tests/fakes/openai-server.ts";
import { bytesIn } from "./disk.ts";
import { type IngestBot, openIngestBot } from "./ingest-bot.ts";
import { measureStages } from "./ingest-stages.ts";
import { madePages } from "./made-pages.ts";
import { processTree, residentWithoutChroma } from "./process-tree.ts";

/** Figures by name; the closing line, where there is one. */
export interface TaskResult {
  figures: Record<string, number>;
  closing?: string;
}

const TASKS: Readonly<Record<string, (path: string, n: number) => Promise<TaskResult>>> = {
  attach,
  stages,
  served,
  pages,
  channels,
};
const RSS_POLL_MS = 50;
const MIB = 2 ** 20;

/** Cold, again with the same bytes, and warm: other bytes, the same document. */
async function attach(path: string): Promise<TaskResult> {
  const bytes = bytesOf(path);
  return withBot(basename(path), undefined, async (bot) => {
    const cold = await bot.attach(bytes);
    const again = await bot.attach(bytes);
    const warm = await bot.attach(varied(bytes, 1));
    const figures = {
      ...{ cold: cold.wall, cold_cpu: cold.cpu, warm: warm.wall, warm_cpu: warm.cpu },
      ...{ again: again.wall, resident: process.memoryUsage.rss() / MIB },
    };
    return { figures, closing: bot.closing() };
  });
}

async function stages(path: string): Promise<TaskResult> {
  const folder = join(tmpdir(), `colloquy-stages-${process.pid}`);
  try {
    return {
      figures: await measureStages({ name: basename(path), bytes: bytesOf(path) }, folder),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Cold, with an embedding server that takes `latency` ms for each request. */
async function served(path: string, latency: number): Promise<TaskResult> {
  const bytes = path === "-" ? madePages(1000) : bytesOf(path);
  const server = await FakeOpenAiServer.start(async () => {
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
    return undefined as never;
  });
  server.dimension = 384;
  const embedding = {
    ...{ model: "bench-384", base_url: server.base_url, api_key: "NULL", dimension: 384 },
    ...{ api_type: "openai" },
  };
  try {
    return await withBot(basename(path), embedding, async (bot) => {
      const { wall } = await bot.attach(bytes);
      return { figures: { served: wall, requests: server.requests.length } };
    });
  } finally {
    await server.close();
  }
}

/**
 * A PDF of `n` pages; MiB that bot and reader added at the most, how late the bot's event loop was
 * (99 of 100 times), and what linking it takes once it is loaded.
 */
async function pages(_path: string, n: number): Promise<TaskResult> {
  const bytes = madePages(n);
  return withBot("made.pdf", undefined, async (bot) => {
    const resident = (): number => residentWithoutChroma(processTree());
    const before = resident();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, resident());
    }, RSS_POLL_MS);
    const lag = monitorEventLoopDelay();
    lag.enable();
    const { wall, cpu } = await bot.attach(bytes);
    lag.disable();
    clearInterval(watch);
    const closing = bot.closing();
    await bot.command("detach", "made.pdf");
    const link = await bot.command("attach", "made.pdf");
    const figures = { wall, cpu, added: most - before, link, lag: lag.percentile(99) / 1e6 };
    return { figures, closing };
  });
}

/** MiB of Chroma's folder that a channel adds, of `n`: in one server, and each in a server of its own. */
async function channels(path: string, n: number): Promise<TaskResult> {
  const bytes = bytesOf(path);
  return withBot(basename(path), undefined, async (bot) => {
    const place = (i: number, scope: string): Place => ({
      ...{ id: `${scope}-channel-${i}`, kind: "channel", scope, name: `channel-${i}` },
    });
    const attached = async (scopeOf: (i: number) => string): Promise<number> => {
      const before = bytesIn(bot.chroma);
      for (let i = 1; i < n; i += 1) await bot.attach(bytes, place(i, scopeOf(i)));
      return (bytesIn(bot.chroma) - before) / MIB / (n - 1);
    };
    await bot.attach(bytes, place(0, "guild-0"));
    const shared = await attached(() => "guild-0");
    const apart = await attached((i) => `guild-${i}`);
    return { figures: { shared, apart } };
  });
}

async function withBot(
  name: string,
  embedding: object | undefined,
  work: (bot: IngestBot) => Promise<TaskResult>,
): Promise<TaskResult> {
  const bot = await openIngestBot(name, embedding);
  try {
    return await work(bot);
  } finally {
    await bot.close();
  }
}

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** What follows a PDF's end mark is passed over. */
function varied(bytes: Uint8Array, n: number): Uint8Array {
  return new Uint8Array([...bytes, ...new TextEncoder().encode(`\n%${n}\n`)]);
}

const [task = "", path = "-", n = "0"] = process.argv.slice(2);
const run = TASKS[task];
if (!run) throw new Error(`No such task: ${task}`);
// What waits here for a child process keeps no event loop open; a bot has its surface for that.
const alive = setInterval(() => undefined, 1000);
try {
  const result = await run(path, Number(n));
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  clearInterval(alive);
}
