/**
 * One run of the Chroma server that ships in the chromadb npm package: picks a free loopback port,
 * starts the child, and waits until it answers. Restarting is the supervisor's.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, Socket } from "node:net";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { StoreError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import { type ChromaAddress, heartbeat } from "./chroma-connection.ts";

/** The native servers, by platform; the client's own launcher has the Windows name wrong. */
const BINDINGS: ReadonlyMap<string, string> = new Map([
  ["linux-x64", "chromadb-js-bindings-linux-x64-gnu"],
  ["linux-arm64", "chromadb-js-bindings-linux-arm64-gnu"],
  ["darwin-x64", "chromadb-js-bindings-darwin-x64"],
  ["darwin-arm64", "chromadb-js-bindings-darwin-arm64"],
  ["win32-x64", "chromadb-js-bindings-win32-x64-msvc"],
]);

/** All of the environment that the server gets: no token, no key. */
const ENVIRONMENT = ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG"];

const PORTS_TRIED = 5;
const HEARTBEAT_EVERY_MS = 25;
const SETTLED_MS = 3_000;
const REMEMBERED_LINES = 12;
const TERM_PATIENCE_MS = 3_000;

export interface ChromaProcessOptions {
  /** Its data; made if missing, private to this user. */
  directory: string;
  logger: Logger;
  /** How long all attempts together may take. */
  ready_ms: number;
  /** Tried first, so that clients of an earlier run keep their address. */
  port?: number;
  /** Gives the start up. */
  signal?: AbortSignal;
}

export class ChromaProcess {
  readonly address: ChromaAddress;
  readonly pid: number;
  /** Resolves with how it ended. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    pid: number,
    address: ChromaAddress,
    exited: Promise<string>,
  ) {
    this.#child = child;
    this.pid = pid;
    this.address = address;
    this.exited = exited;
  }

  /** Resolves when the server answers. Fails with a `StoreError`; no process is left then. */
  static async start(options: ChromaProcessOptions): Promise<ChromaProcess> {
    const binding = findBinding();
    makeDirectory(options.directory);
    const deadline = performance.now() + options.ready_ms;
    let port = options.port ?? (await freePort());
    let output: readonly string[] = [];
    for (let attempt = 1; attempt <= PORTS_TRIED && performance.now() < deadline; attempt += 1) {
      const run = launch(binding, options, port);
      output = run.output;
      if (await answers(run, port, deadline, options.signal)) {
        const address = { host: "127.0.0.1", port, ssl: false };
        return new ChromaProcess(run.child, run.pid, address, run.exited);
      }
      await end(run.child, run.exited, "SIGKILL");
      if (options.signal?.aborted) break;
      // Somebody may have taken the port meanwhile: the server then ends, with exit code 0.
      port = await freePort();
    }
    throw new StoreError("store_unavailable", "The Chroma server did not start.", {
      why: complaint(output) ?? `It did not answer within ${options.ready_ms / 1000} seconds.`,
      next: "See the log for its output, or set CHROMA_URL to a server of your own.",
      cause: new Error(output.join(" | ")),
    });
  }

  async stop(): Promise<void> {
    await end(this.#child, this.exited, "SIGTERM");
  }

  /** For a server that does not answer any more. */
  async kill(): Promise<void> {
    await end(this.#child, this.exited, "SIGKILL");
  }
}

interface Run {
  child: ChildProcess;
  pid: number;
  exited: Promise<string>;
  /** Grows while it runs; the last lines of both streams. */
  output: string[];
}

/** The line of the output that says most about a failure. */
function complaint(output: readonly string[]): string | undefined {
  return output.find((line) => /error|failed|denied|not (?:available|found)/i.test(line));
}

function launch(binding: string, options: ChromaProcessOptions, port: number): Run {
  const script = fileURLToPath(
    new URL(`./chroma-child${extname(import.meta.url)}`, import.meta.url),
  );
  const loader = script.endsWith(".ts") ? ["--import", sourceLoader()] : [];
  const server = [
    "run",
    "--path",
    options.directory,
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
  ];
  const child = spawn(process.execPath, [...loader, script, binding, ...server], {
    stdio: ["pipe", "pipe", "pipe"],
    env: Object.fromEntries(ENVIRONMENT.flatMap((name) => pair(name, process.env[name]))),
    // Its own process group: Ctrl-C in the terminal is the bot's to handle, and it may still write.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const exited = new Promise<string>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, signal) => done(signal ?? `exit code ${code}`));
  });
  child.stdin.on("error", () => {});
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (raw) => {
      const line = stripVTControlCharacters(raw).trim();
      if (!/\w/.test(line)) return;
      output.push(line);
      if (output.length > REMEMBERED_LINES) output.shift();
      options.logger.debug("chroma says", { line });
    });
  }
  // A server must not keep the bot from ending; when it ends, this one does.
  child.unref();
  for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref();
  return { child, pid: child.pid ?? 0, exited, output };
}

/** Only when run from source; `dist/` needs none. */
function sourceLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
}

function pair(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]];
}

/**
 * A heartbeat alone could come from somebody else's server on a port taken in the meantime, so the
 * child must have announced the address too, which it does once it has found the port free (or have
 * lived longer than one whose port is taken does).
 */
async function answers(run: Run, port: number, deadline: number, signal: AbortSignal | undefined) {
  let ended = false;
  void run.exited.then(() => {
    ended = true;
  });
  const address = { host: "127.0.0.1", port, ssl: false };
  const begun = performance.now();
  while (!ended && !signal?.aborted && performance.now() < deadline) {
    const announced = run.output.some((line) => line.includes(`localhost:${port}`));
    const settled = announced || performance.now() - begun > SETTLED_MS;
    if (settled && (await heartbeat(address, 1_000))) return !ended;
    await sleep(HEARTBEAT_EVERY_MS);
  }
  return false;
}

/** Waits for the end, and sees to it. The child counts as work again, lest the bot end before it. */
async function end(child: ChildProcess, exited: Promise<string>, signal: NodeJS.Signals) {
  child.ref();
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), TERM_PATIENCE_MS);
  await exited;
  clearTimeout(timer);
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StoreError("store_unavailable", `The directory ${directory} cannot be made.`, {
      next: "Make the data directory writable for this user.",
      cause,
    });
  }
}

function findBinding(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = BINDINGS.get(platform);
  try {
    if (!name) throw new Error(`There is no Chroma server for ${platform}.`);
    const client = createRequire(import.meta.url).resolve("chromadb");
    return createRequire(client).resolve(name);
  } catch (cause) {
    throw new StoreError("store_unavailable", "No Chroma server is installed here.", {
      why: `The package for ${platform} is missing or does not exist.`,
      next: "Run npm install again, or set CHROMA_URL to a server of your own.",
      cause,
    });
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}
