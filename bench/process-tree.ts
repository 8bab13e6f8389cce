/**
 * What this process and the processes that it started have used: the bot, its PDF reader and its Chroma
 * server together. From Linux's /proc; elsewhere nothing is known, which is told as an empty list.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessUse {
  pid: number;
  command: string;
  /** User and system time, in milliseconds; of its ended children too. */
  cpu_ms: number;
  /** MiB. */
  resident: number;
}

/** Of Linux's clock, in which /proc counts. */
const TICK_MS = 10;
const PAGE_MIB = 4096 / 2 ** 20;

/** This process, then its descendants; the compiler that tsx keeps is left out. */
export function processTree(root = process.pid): ProcessUse[] {
  const all = everyProcess();
  const tree: ProcessUse[] = [];
  const wanted = new Set([root]);
  // A child's number may be lower than its parent's; the tree is a few levels deep.
  for (let before = -1; before < wanted.size; ) {
    before = wanted.size;
    for (const one of all) if (wanted.has(one.parent)) wanted.add(one.pid);
  }
  for (const { parent: _parent, ...use } of all) {
    if (wanted.has(use.pid) && !use.command.includes("esbuild")) tree.push(use);
  }
  return tree;
}

export function cpuOf(tree: readonly ProcessUse[]): number {
  return tree.reduce((sum, { cpu_ms }) => sum + cpu_ms, 0);
}

/** Without Chroma, whose memory is an index's and not a reading's. */
export function residentWithoutChroma(tree: readonly ProcessUse[]): number {
  return tree
    .filter(({ command }) => !command.includes("chroma"))
    .reduce((sum, { resident }) => sum + resident, 0);
}

function everyProcess(): (ProcessUse & { parent: number })[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "latin1");
        const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
        // The name in brackets may hold anything; what follows it are numbers.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const [parent = 0, ...rest] = fields.slice(1).map(Number);
        const ticks = rest.slice(9, 13).reduce((sum, one) => sum + one, 0);
        const resident = (rest[19] ?? 0) * PAGE_MIB;
        return [{ pid: Number(name), parent, command, cpu_ms: ticks * TICK_MS, resident }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}
