/**
 * `npm run bench:startup`: how soon `npm start` is ready to hear people, built already, Chroma and
 * the surface included; and how much memory the bot holds when nothing happens, Chroma's server apart.
 *
 * Options: `--runs N` (3); the best run counts, because other programs only make it slower.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BotProcess, build, cleanEnvironment, ROOT } from "./bot-process.ts";
import { machineLine, printTable } from "./table.ts";
import { World } from "./world.ts";

const { values: options } = parseArgs({ options: { runs: { type: "string", default: "3" } } });

const IDLE_MS = 10_000;
const PATIENCE_MS = 60_000;

interface Surface {
  name: string;
  env: Record<string, string>;
  /** What the program prints last before it hears people. */
  ready: RegExp;
}

interface Idle {
  /** Resident, in MiB. */
  at_once: number;
  later: number;
  /** CPU in the idle seconds, in milliseconds a second. */
  cpu: number;
}

async function main(): Promise<void> {
  build();
  process.stdout.write(`${machineLine()}\n`);
  const world = await World.start("table");
  const surfaces: Surface[] = [
    { name: "terminal, nothing configured", env: {}, ready: /\/quit ends/ },
    { name: "Discord", env: world.env, ready: /^Switch on in the developer portal/m },
  ];
  try {
    for (const surface of surfaces) {
      const times: number[] = [];
      for (let run = 0; run < Number(options.runs); run += 1) times.push(await startTime(surface));
      const idle = await idleMemory(surface);
      const sorted = [...times].sort((a, b) => a - b);
      printTable(`Start: ${surface.name}`, [
        {
          what: `npm start to ready, best of ${times.length}`,
          value: sorted[0] ?? Number.NaN,
          unit: "s",
          limit: { most: 4 },
          digits: 2,
        },
        {
          what: "npm start to ready, worst",
          value: sorted.at(-1) ?? Number.NaN,
          unit: "s",
          digits: 2,
        },
        { what: "resident at once", value: idle.at_once, unit: "MiB", limit: { most: 200 } },
        {
          what: `resident after ${IDLE_MS / 1000} s idle`,
          value: idle.later,
          unit: "MiB",
          limit: { most: 200 },
        },
        { what: "CPU while idle", value: idle.cpu, unit: "ms/s" },
      ]);
    }
  } finally {
    await world.stop();
  }
}

/** Seconds from `npm start` to the last line of the first screen, in a new data directory. */
async function startTime({ env, ready }: Surface): Promise<number> {
  build();
  const folder = mkdtempSync(join(tmpdir(), "colloquy-start-"));
  const windows = process.platform === "win32";
  const begin = performance.now();
  const child = spawn(windows ? "npm.cmd" : "npm", ["start"], {
    cwd: ROOT,
    env: {
      ...cleanEnvironment(),
      COLLOQUY_CONFIG: folder,
      COLLOQUY_DATA_DIR: join(folder, "data"),
      // Set but empty, so that a `.env` in the repository does not decide what is measured.
      DISCORD_TOKEN: "",
      OPENAI_API_KEY: "",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
    shell: windows,
    // A group of its own, so that npm, its shell and the bot can be told to stop together.
    detached: !windows,
  });
  try {
    await outputMatching(child, ready);
    return (performance.now() - begin) / 1000;
  } finally {
    const ended = new Promise((resolve) => child.once("close", resolve));
    if (child.exitCode === null) {
      // The terminal ends with its input; Discord needs a signal.
      child.stdin?.end("/quit\n");
      if (env.DISCORD_TOKEN && child.pid !== undefined) {
        if (windows) spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"]);
        else process.kill(-child.pid, "SIGTERM");
      }
      await ended;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function idleMemory({ env }: Surface): Promise<Idle> {
  const bot = new BotProcess({ env, program: join("scripts", "start.mjs") });
  try {
    await bot.ready();
    const before = await bot.usage();
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const after = await bot.usage();
    return {
      at_once: before.memory.rss / 2 ** 20,
      later: after.memory.rss / 2 ** 20,
      cpu: (after.cpu_ms - before.cpu_ms) / (IDLE_MS / 1000),
    };
  } finally {
    await bot.remove();
  }
}

function outputMatching(child: ChildProcess, wanted: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      seen += text;
    });
    const timer = setTimeout(() => reject(new Error(`Not ready in time:\n${seen}`)), PATIENCE_MS);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      seen += text;
      if (!wanted.test(seen)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      reject(new Error(`npm start ended with code ${code}:\n${seen}`));
    });
  });
}

await main();
