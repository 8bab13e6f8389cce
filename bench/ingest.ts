/**
 * `npm run bench:ingest -- FILE...`: what attaching a document takes, from the click to the closing
 * line: in a fresh process, in a warm one, and again with the same bytes; its stages one by one; the same
 * by langchain.js with Chroma in the same run, where that is installed; an embedding server that is
 * slow; and once, a long PDF and Chroma's disk. `--passages N` (minutes) searches among as many.
 * Each measurement has a process of its own, and the best of a few counts: other programs on the
 * machine make every figure worse and none better.
 */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./bot-process.ts";
import type { TaskResult } from "./ingest-task.ts";
import { type Figure, machineLine, printTable } from "./table.ts";

const COMPILED = join(ROOT, "node_modules", ".cache", "bench", "bench");
const LANGCHAIN = join(ROOT, "bench", "langchain");
const LATENCY_MS = 200;
const PAGES = 1000;
const CHANNELS = 20;
/**
 * To langchain.js, which reads in its own process: starting one that can be killed costs a cold attach
 * some 0.3 s of CPU, and a warm one nothing.
 */
const RATIOS = [
  ["cold", 1.3],
  ["warm", 1.3],
  ["cold_cpu", 1.4],
  ["warm_cpu", 1.1],
] as const;

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "3" },
    passages: { type: "string" },
  },
});
const RUNS = Number(options.runs);

/** A task's figures, by name. */
type Figures = Record<string, number>;

function run(program: string, ...args: string[]): TaskResult {
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 24,
  });
  if (status !== 0) throw new Error(`${basename(program)} ${args.join(" ")} ended with ${status}.`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as TaskResult;
}

function task(name: string, path: string, n = 0): TaskResult {
  return run(join(COMPILED, "ingest-task.js"), name, path, String(n));
}

/** All jobs in turn, a few times; the least of each figure. */
function least(...jobs: readonly (() => TaskResult)[]): Figures[] {
  const best: Figures[] = jobs.map(() => ({}));
  for (let i = 0; i < RUNS; i += 1) {
    for (const [at, job] of jobs.entries()) {
      const known = best[at] ?? {};
      for (const [what, value] of Object.entries(job().figures)) {
        known[what] = Math.min(known[what] ?? Number.POSITIVE_INFINITY, value);
      }
    }
  }
  return best;
}

function compile(): void {
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(ROOT, "bench")], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("The benchmark does not compile.");
}

function attached(path: string): Figure[] {
  const compares = existsSync(join(LANGCHAIN, "node_modules"));
  const attach = (): TaskResult => task("attach", path);
  const theirs = (): TaskResult => run(join(LANGCHAIN, "attach.mjs"), path);
  const [ours = {}, langchain] = least(attach, ...(compares ? [theirs] : []));
  const [stages = {}] = least(() => task("stages", path));
  const figures = [
    ms("attached, cold", ours.cold, 1500),
    ms("attached, warm", ours.warm, 700),
    ms("attached again", ours.again, 50),
    ms("CPU of bot, reader and Chroma, cold", ours.cold_cpu),
    ms("CPU of bot, reader and Chroma, warm", ours.warm_cpu),
    ...Object.entries(stages).map(([what, value]) =>
      what === "passages" ? count(what, value) : ms(`stage: ${what}`, value),
    ),
    mib("resident, the reader apart", ours.resident),
  ];
  if (!langchain) {
    process.stdout.write(
      "\nlangchain.js is not installed, so nothing is compared; `npm --prefix bench/langchain ci` installs it.\n",
    );
    return figures;
  }
  const ratios = RATIOS.map(([what, most]) =>
    ratio(`${what.replace("_cpu", ", CPU")}, to langchain.js`, ours[what], langchain[what], {
      most,
    }),
  );
  return [
    ...figures,
    ms("langchain.js with Chroma, cold", langchain.cold),
    ms("langchain.js with Chroma, warm", langchain.warm),
    ms("langchain.js and Chroma, CPU, cold", langchain.cold_cpu),
    ms("langchain.js and Chroma, CPU, warm", langchain.warm_cpu),
    ...ratios,
  ];
}

/** `path` "-" is the long PDF. */
function slowlyServed(path: string, what: string): Figure[] {
  const [quick, slow] = least(
    () => task("served", path, 0),
    () => task("served", path, LATENCY_MS),
  );
  return [
    ms(`${what}, an embedding server that answers at once`, quick?.served),
    ms(`${what}, one that takes ${LATENCY_MS} ms`, slow?.served),
    ratio(`${what}, its latency's share`, slow?.served, quick?.served, { most: 1.3 }),
  ];
}

function long(): Figure[] {
  const [made = {}] = least(() => task("pages", "-", PAGES));
  return [
    { ...ms(`a PDF of ${PAGES} pages`, made.wall), limit: { most: 60_000 } },
    ms("its CPU of bot, reader and Chroma", made.cpu),
    { ...mib("added by bot and reader, at the most", made.added), limit: { most: 400 } },
    ms("the bot's event loop late, 99 of 100 times", made.lag, 200),
    ms("attaching it once it is loaded", made.link, 100),
    ...slowlyServed("-", `${PAGES} pages`),
  ];
}

function disk(path: string): Figure[] {
  const { figures } = task("channels", path, CHANNELS);
  const what = `Chroma's disk for each of ${CHANNELS} channels`;
  return [
    { ...mib(`${what} of one server`, figures.shared), limit: { most: 1 }, digits: 3 },
    { ...mib(`${what} of servers of their own`, figures.apart), limit: { most: 1 }, digits: 3 },
  ];
}

function searched(passages: number): Figure[] {
  const { figures } = run(join(COMPILED, "ingest-passages.js"), String(passages));
  return Object.entries(figures).map(([what, value]) => {
    if (what.startsWith("MiB")) return mib(what.slice("MiB ".length), value);
    const figure = { ...ms(what, value), digits: 1 };
    return what.includes("median") ? { ...figure, limit: { most: 150 } } : figure;
  });
}

function ms(what: string, value = 0, most?: number): Figure {
  return { what, value, unit: "ms", digits: 0, ...(most === undefined ? {} : { limit: { most } }) };
}

function mib(what: string, value = 0): Figure {
  return { what, value, unit: "MiB", digits: 0 };
}

function count(what: string, value = 0): Figure {
  return { what, value, unit: "", digits: 0 };
}

function ratio(what: string, ours = 0, theirs = 0, limit?: { most: number }): Figure {
  // Nothing can be said where one of them could not be measured.
  const value = theirs > 0 ? ours / theirs : 0;
  return { what, value, unit: "×", digits: 2, ...(limit ? { limit } : {}) };
}

const paths = files.map((file) => resolve(file));
const missing = paths.find((path) => !statSync(path, { throwIfNoEntry: false })?.isFile());
if (paths.length === 0 && !options.passages) {
  process.stderr.write("Which document? For example: npm run bench:ingest -- paper.pdf\n");
  process.exitCode = 2;
} else if (missing !== undefined) {
  process.stderr.write(`There is no file ${missing}.\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${machineLine()}\n`);
  compile();
  for (const path of paths) {
    printTable(basename(path), [...attached(path), ...slowlyServed(path, "attached, cold")]);
  }
  const [first] = paths;
  if (first !== undefined) printTable("Long and many", [...long(), ...disk(first)]);
  if (options.passages) {
    printTable(`${options.passages} passages`, searched(Number(options.passages)));
  }
}
