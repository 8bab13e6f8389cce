/**
 * The real bot, as people run it: a process of its own from `dist/`, in a data directory of its own
 * that is removed at the end, with a probe that tells what it has used. Knows nothing of what is
 * measured.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildIfStale } from "../scripts/build.mjs";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

export interface Usage {
  /** User and system time of the whole process so far, all its threads. */
  cpu_ms: number;
  memory: NodeJS.MemoryUsage;
}

export interface BotOptions {
  /** Contents of the configuration folder: file name to what is written as JSON. */
  config?: Readonly<Record<string, unknown>>;
  env?: Readonly<Record<string, string>>;
  /** Arguments for Node itself. */
  node_args?: readonly string[];
  /** What is run; default the built main program. */
  program?: string;
}

const STOP_MS = 15_000;

/** Compiles `dist/` when it is older than its sources. Throws when that fails. */
export function build(): void {
  if (!buildIfStale(ROOT)) throw new Error("The build failed.");
}

export class BotProcess {
  readonly data: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #hasEnded = false;

  constructor(options: BotOptions = {}) {
    this.#folder = mkdtempSync(join(tmpdir(), "colloquy-bench-"));
    this.data = join(this.#folder, "data");
    const config = join(this.#folder, "config");
    mkdirSync(config);
    for (const [name, content] of Object.entries(options.config ?? {})) {
      writeFileSync(join(config, name), JSON.stringify(content));
    }
    const log = openSync(join(this.#folder, "bot.log"), "a");
    const probe = pathToFileURL(join(ROOT, "bench", "probe.mjs")).href;
    const program = options.program ?? join("dist", "src", "main.js");
    this.#child = spawn(
      process.execPath,
      [...(options.node_args ?? []), "--import", probe, join(ROOT, program)],
      {
        cwd: this.#folder,
        env: {
          ...cleanEnvironment(),
          COLLOQUY_CONFIG: config,
          COLLOQUY_DATA_DIR: this.data,
          ...options.env,
        },
        // Standard input stays open: the terminal would end with it.
        stdio: ["pipe", "pipe", log, "ipc"],
      },
    );
    closeSync(log);
    this.#child.stdout?.setEncoding("utf8");
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        this.#hasEnded = true;
        resolve(code);
      });
    });
  }

  /** Resolves when the bot has said on its first screen what it found. */
  async ready(): Promise<void> {
    let seen = "";
    await new Promise<void>((resolve, reject) => {
      this.#child.stdout?.on("data", (text: string) => {
        seen += text;
        if (/^Stores:.*\n/m.test(seen)) resolve();
      });
      void this.#ended.then((code) =>
        reject(new Error(`The bot ended with code ${code}.\n${this.log()}`)),
      );
    });
  }

  /** What the bot has used so far; `collect` runs the garbage collector first, where it is exposed. */
  async usage(collect = false): Promise<Usage> {
    if (this.#hasEnded) throw new Error(`The bot has ended.\n${this.log()}`);
    return new Promise((resolve, reject) => {
      this.#child.once("message", (answer) => resolve(answer as Usage));
      this.#child.send({ collect }, (error) => {
        if (error) reject(error);
      });
    });
  }

  /** The last lines of what the bot wrote to standard error. */
  log(): string {
    return readFileSync(join(this.#folder, "bot.log"), "utf8").split("\n").slice(-20).join("\n");
  }

  /** Asks the bot to stop and waits for its end; the data stays until `remove`. */
  async stop(): Promise<number | null> {
    if (!this.#hasEnded) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    const code = await this.#ended;
    clearTimeout(timer);
    return code;
  }

  /** Stops the bot and removes everything it wrote. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Without whatever the machine's owner has configured for a bot of their own. */
export function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      !/^(?:COLLOQUY|DISCORD|OPENAI|AZURE|CHROMA|OAI|BENCH|npm)_/i.test(name) &&
      name !== "NODE_OPTIONS",
  );
  return Object.fromEntries(kept) as Record<string, string>;
}
