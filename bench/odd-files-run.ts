/**
 * Runs many files through one reader, one after the other, and notes what became of each, how long it
 * took, and memory. Judges: an answer is a document or a `DocumentError` that does not tell a crash.
 */
import { readFileSync } from "node:fs";
import { DocumentError, type PageFailure } from "../src/documents/ports.ts";

export interface OddFile {
  name: string;
  bytes: () => Uint8Array;
}

export interface Tally {
  outcomes: Map<string, number>;
  times: { name: string; ms: number; outcome: string }[];
  /** MiB resident, a sample for each tenth of the files. */
  memory: { bot: number; reader: number }[];
  faults: string[];
  ms: number;
}

/** Reads one file, telling of each page. */
export type Read = (
  file: { name: string; bytes: Uint8Array },
  onPage: () => void,
) => Promise<{ failures: readonly PageFailure[] }>;

/** No page and no answer for so long is a hang: three times what a page may take. */
const SILENCE_MS = 30_000;
/** What this process may have grown by, from the first tenth of the files to the last. */
const MOST_GROWTH_MIB = 96;
const TENTHS = 10;

export async function readAll(
  files: Iterable<OddFile>,
  read: Read,
  readerPid: () => number | undefined,
  tell?: (line: string) => void,
): Promise<Tally> {
  const all = [...files];
  const tally: Tally = { outcomes: new Map(), times: [], memory: [], faults: [], ms: 0 };
  const begin = performance.now();
  for (const [i, file] of all.entries()) {
    const started = performance.now();
    const outcome = await outcomeOf(file, read);
    const ms = performance.now() - started;
    const told = outcome.fault ? `${outcome.what} (FAULT)` : outcome.what;
    tally.outcomes.set(told, (tally.outcomes.get(told) ?? 0) + 1);
    tally.times.push({ name: file.name, ms, outcome: outcome.what });
    if (outcome.fault) tally.faults.push(`${file.name}: ${outcome.what}`);
    tell?.(`${ms.toFixed(0).padStart(6)} ms  ${told}  ${file.name}`);
    const tenth = Math.floor(((i + 1) * TENTHS) / all.length);
    while (tally.memory.length < tenth) tally.memory.push(memoryNow(readerPid()));
  }
  tally.ms = performance.now() - begin;
  const growth = (tally.memory.at(-1)?.bot ?? 0) - (tally.memory[0]?.bot ?? 0);
  if (growth > MOST_GROWTH_MIB) {
    tally.faults.push(`this process grew by ${growth.toFixed(0)} MiB`);
  }
  return tally;
}

async function outcomeOf(file: OddFile, read: Read): Promise<{ what: string; fault: boolean }> {
  let timer: NodeJS.Timeout | undefined;
  let onPage = (): void => {};
  const hang = new Promise<never>((_, reject) => {
    onPage = () => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(new Error("hangs")), SILENCE_MS);
    };
    onPage();
  });
  try {
    const { failures } = await Promise.race([
      read({ name: "file.pdf", bytes: file.bytes() }, onPage),
      hang,
    ]);
    const [first] = failures;
    if (!first) return { what: "read", fault: false };
    const crashed = failures.some(({ reason }) => reason.includes("crashed"));
    return { what: `read in part: ${classOf(first.reason)}`, fault: crashed };
  } catch (error) {
    if (!(error instanceof DocumentError)) return { what: `fails: ${error}`, fault: true };
    const { code, message } = error;
    return { what: `${code}: ${classOf(message)}`, fault: message.includes("crashed") };
  } finally {
    clearTimeout(timer);
  }
}

/** A reason without its numbers and what it quotes. */
function classOf(reason: string): string {
  return reason
    .replace(/\d+/g, "n")
    .replace(/["'(].*$/, "…")
    .slice(0, 80);
}

function memoryNow(reader: number | undefined): { bot: number; reader: number } {
  return { bot: process.memoryUsage.rss() / 2 ** 20, reader: residentMib(reader) };
}

/** Of another process; 0 where that cannot be known. */
function residentMib(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib ?? 0) / 1024;
  } catch {
    return 0;
  }
}
