/**
 * `npm run bench:ingest -- FILE...`: what attaching a document takes, from the click to the closing
 * line: in a fresh process, in a warm one, and again with the same bytes; then its stages one by one.
 * The offline embedder, real Chroma and SQLite. Each file is attached cold in a process of its own.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadConfig } from "../config/load-config.ts";
import { createApp } from "../src/app.ts";
import type { IncomingFile, Place, Surface } from "../src/channels/ports.ts";
import { cleanEnvironment, ROOT } from "./bot-process.ts";
import { measureStages } from "./ingest-stages.ts";
import { type Figure, machineLine, printTable } from "./table.ts";

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { here: { type: "boolean", default: false } },
});

const PLACE: Place = { id: "terminal", kind: "terminal", scope: "terminal", name: "terminal" };
const PERSON = { id: "ada", display_name: "Ada" };

async function main(): Promise<void> {
  if (files.length === 0) {
    process.stderr.write("Which document? For example: npm run bench:ingest -- paper.pdf\n");
    process.exitCode = 2;
    return;
  }
  if (options.here) {
    for (const file of files) await ingest(file);
    return;
  }
  process.stdout.write(`${machineLine()}\n`);
  for (const file of files) if (!attachedInTime(file)) process.exitCode = 1;
}

/** Each in a process of its own; again, a few times, because other programs only make it slower. */
function attachedInTime(file: string): boolean {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), "--here", file];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if (spawnSync(process.execPath, args, { stdio: "inherit" }).status === 0) return true;
  }
  return false;
}

async function ingest(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "colloquy-ingest-"));
  const bytes = new Uint8Array(readFileSync(path));
  const config = loadConfig({
    cwd: folder,
    env: { ...cleanEnvironment(), COLLOQUY_DATA_DIR: join(folder, "data") },
  });
  const app = await createApp({ ...config, log: { level: "warn" } });
  try {
    const closing = new ClosingLines();
    await app.host.connect(() => closing);
    const attach = async (content: Uint8Array): Promise<number> => {
      const begin = performance.now();
      await app.host.acceptOffer(PLACE, PERSON, file(basename(path), content));
      return performance.now() - begin;
    };
    const cold = await attach(bytes);
    const again = await attach(bytes);
    // Other bytes, the same document: what follows a PDF's end mark is passed over.
    const warm = await attach(new Uint8Array([...bytes, ...new TextEncoder().encode("\n%1\n")]));
    const rss = process.memoryUsage.rss() / 2 ** 20;
    const stages = await measureStages({ name: basename(path), bytes }, join(folder, "stages"));
    const figures: Figure[] = [
      { what: "attached, cold", value: cold, unit: "ms", limit: { most: 2500 }, digits: 0 },
      { what: "attached, warm", value: warm, unit: "ms", digits: 0 },
      { what: "attached again", value: again, unit: "ms", limit: { most: 100 }, digits: 0 },
      ...stages,
      { what: "resident, the reader apart", value: rss, unit: "MiB", digits: 0 },
    ];
    printTable(basename(path), figures);
    process.stdout.write(`\n${closing.last}\n`);
  } finally {
    await app.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function file(name: string, bytes: Uint8Array): IncomingFile {
  return { id: name, name, size: bytes.length, read: async () => bytes };
}

/** A surface that shows nothing and keeps the last closing line. */
class ClosingLines implements Surface {
  last = "";

  async progress(): Promise<{ update: () => void; finish: (text: string) => Promise<void> }> {
    return {
      update: () => undefined,
      finish: async (text) => {
        this.last = text;
      },
    };
  }

  async speak(): Promise<void> {}
  async notify(): Promise<void> {}
  control(): void {}
  async offerAttachment(): Promise<void> {}

  parked(): undefined {
    return undefined;
  }

  typing(): () => void {
    return () => undefined;
  }
}

process.chdir(ROOT);
// What waits here for a child process keeps no event loop open; a bot has its surface for that.
const alive = setInterval(() => undefined, 1000);
try {
  await main();
} finally {
  clearInterval(alive);
}
