/**
 * `npm run bench:odd-files -- DIR-OR-FILE... [--mutations N] [--verbose]`: reads every PDF that it is
 * given, and N broken versions of those named as files and of made ones, first with the reader alone,
 * then as a data source in real Chroma and SQLite, deleted again. Prints what became of them, the
 * slowest, and memory over time. Exits with 1 on a hang, a crash of the reading process, anything but
 * a sentence for people, growing memory, or something left behind.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { brokenPdf } from "../tests/fakes/broken-files.ts";
import { nestedPages } from "../tests/fakes/hostile-pdfs.ts";
import { makePdf } from "../tests/fakes/make-pdf.ts";
import { smallPaper } from "../tests/fixtures/small-paper.ts";
import { type OddFile, readAll, type Tally } from "./odd-files-run.ts";
import { openReading } from "./odd-files-world.ts";
import { machineLine } from "./table.ts";

const SLOWEST = 10;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutations: { type: "string", default: "0" },
    verbose: { type: "boolean", default: false },
  },
});

function pdfsIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.pdf$/i.test(name))
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** What is broken on purpose: the files that were named, and made ones. */
function* mutations(count: number): Generator<OddFile> {
  const named = positionals
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: basename(path), bytes: new Uint8Array(readFileSync(path)) }));
  const made = [
    { name: "small-paper.pdf", bytes: smallPaper() },
    { name: "nested.pdf", bytes: nestedPages(3, []) },
    { name: "locked.pdf", bytes: makePdf([["One."], ["Two."]], { password: "sesame" }) },
  ];
  const all = [...named, ...made];
  for (let seed = 0; seed < count; seed += 1) {
    const from = all[seed % all.length];
    if (!from) return;
    const nth = Math.floor(seed / all.length);
    yield { name: `${from.name}#${nth}`, bytes: () => brokenPdf(from.bytes, nth) };
  }
}

function* oddFiles(): Generator<OddFile> {
  for (const path of positionals.flatMap(pdfsIn)) {
    yield { name: basename(path), bytes: () => new Uint8Array(readFileSync(path)) };
  }
  yield* mutations(Number(options.mutations));
}

function print(title: string, tally: Tally): void {
  const lines = [...tally.outcomes]
    .sort((a, b) => b[1] - a[1])
    .map(([outcome, count]) => `${String(count).padStart(6)}  ${outcome}`);
  const slowest = [...tally.times].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  process.stdout.write(
    [
      `\n## ${title}: ${tally.times.length} files in ${(tally.ms / 1000).toFixed(1)} s\n`,
      ...lines,
      `\nslowest: ${slowest.map(({ name, ms, outcome }) => `${name} ${ms.toFixed(0)} ms (${outcome})`).join("\n         ")}`,
      `\nMiB, a column for each tenth of the files:`,
      `  this process  ${tally.memory.map(({ bot }) => bot.toFixed(0).padStart(5)).join("")}`,
      `  the reader    ${tally.memory.map(({ reader }) => reader.toFixed(0).padStart(5)).join("")}`,
      ...tally.faults.map((fault) => `FAULT: ${fault}`),
      "",
    ].join("\n"),
  );
  if (tally.faults.length > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  if (positionals.length === 0 && options.mutations === "0") {
    process.stderr.write("Which files? For example: npm run bench:odd-files -- folder-of-pdfs\n");
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`${machineLine()}\n`);
  const folder = mkdtempSync(join(tmpdir(), "colloquy-odd-"));
  const world = await openReading(folder);
  const tell = options.verbose
    ? (line: string): void => void process.stdout.write(`${line}\n`)
    : undefined;
  try {
    print("Read", await readAll(oddFiles(), world.read, world.reader_pid, tell));
    const ingested = await readAll(oddFiles(), world.ingest, world.reader_pid, tell);
    const left = await world.leftovers();
    if (left !== "") ingested.faults.push(`left behind: ${left}`);
    print("Made a data source and deleted", ingested);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

await main();
