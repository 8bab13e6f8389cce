/**
 * The bot as people start it, a process of its own from `dist/`: for kills, signals, exit codes and
 * what it writes to its two streams.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "./house.ts";

const MAIN = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class BotProcess {
  stdout = "";
  stderr = "";
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    endWithUs(child);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // "close" comes after the streams' ends, so that nothing written is missed.
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#exit = { code, signal };
        resolve({ code, signal });
      });
    });
  }

  /**
   * `input` is piped in and ended; without it standard input is empty. No file of the process may
   * grow beyond `file_limit_kb`, as on a disk that is full (POSIX only).
   */
  static start(options: {
    env: Record<string, string>;
    cwd: string;
    input?: string;
    file_limit_kb?: number;
  }): BotProcess {
    const { PATH = "", HOME = "" } = process.env;
    const limit = options.file_limit_kb;
    const [command = "", ...args] =
      limit === undefined
        ? [process.execPath, MAIN]
        : ["bash", "-c", `ulimit -f ${limit}; exec "$0" "$1"`, process.execPath, MAIN];
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { PATH, HOME, ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
    return new BotProcess(child);
  }

  /** Starts it in a house, to be closed with it, and waits until it is open on Discord. */
  static async open(
    house: { env: Record<string, string>; folder: string; bots: { close(): Promise<void> }[] },
    env: Record<string, string> = {},
  ): Promise<BotProcess> {
    const bot = BotProcess.start({ env: { ...house.env, ...env }, cwd: house.folder });
    house.bots.push(bot);
    await bot.ready();
    return bot;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async ready(timeoutMs = 20_000): Promise<void> {
    await until(
      () => this.#exit !== undefined || this.stdout.includes("Invite it to a server:"),
      `the bot to be ready; it wrote: ${this.stdout}${this.stderr}`,
      timeoutMs,
    );
    if (this.#exit) throw new Error(`the bot ended: ${this.stdout}${this.stderr}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** kill -9, as a power cut does it to the process. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  /** The processes that it has started and that live now. */
  children(): number[] {
    return childrenOf(this.pid);
  }

  async close(): Promise<void> {
    if (this.#exit === undefined) await this.kill();
  }
}

const living = new Set<ChildProcess>();

/** A test run that is broken off leaves no bot behind, and so none of a bot's own processes. */
function endWithUs(child: ChildProcess): void {
  listenForOurEnd();
  living.add(child);
  child.once("exit", () => living.delete(child));
}

let listening = false;

function listenForOurEnd(): void {
  if (listening) return;
  listening = true;
  const end = (): void => {
    for (const child of living) child.kill("SIGKILL");
  };
  process.once("exit", end);
  // Vitest's worker loses its channel when vitest itself is killed.
  process.once("disconnect", end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      end();
      process.exit(1);
    });
  }
}

/** Linux only; elsewhere none are known. */
export function childrenOf(parent: number): number[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === parent);
}

export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== "Z";
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    // The name stands in brackets and may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
