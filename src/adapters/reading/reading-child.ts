/**
 * The bot's end of one reading process: starts it with as few rights as Node can give, hands it one
 * file at a time, and notices its end. It never holds the bot open and never outlives it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReadingMessage, ReadingOutcome, ReadingRequest } from "./reading-messages.ts";

/** Silence after which even the watching thread must have failed. */
const GRACE_MS = 1000;
const START_MS = 30_000;
/** Reasons after which the process kills itself. */
const MORTAL: ReadonlySet<string> = new Set(["memory", "page_time", "file_time"]);

type PageMessage = Extract<ReadingMessage, { type: "opened" | "page" | "page_failed" }>;

export class ReadingChild {
  readonly #process: ChildProcess;
  #errors = "";
  #ended = false;
  #listener: (message: ReadingMessage | { type: "died"; detail: string }) => void = () => {};

  private constructor(hardened: boolean) {
    const script = fileURLToPath(new URL("./reader-process.js", import.meta.url));
    this.#process = spawn(process.execPath, [...nodeFlags(script, hardened), script], {
      cwd: dirname(script),
      // No variables, so no secrets; Windows gets the few that it needs from libuv.
      env: {},
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced",
      windowsHide: true,
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString("latin1")).slice(-2000);
    });
    this.#process.on("message", (message: ReadingMessage) => this.#listener(message));
    this.#process.on("error", (error) => this.#end(error.message));
    // The channel closes after its last message was delivered, before the exit is known or after.
    const closed = new Promise<void>((resolve) => this.#process.once("disconnect", resolve));
    this.#process.once("exit", (code, signal) => {
      this.#ended = true;
      void closed.then(() => this.#end(`ended with ${signal ?? code}`));
    });
    this.#hold(false);
  }

  /** Resolves when the process can read; rejects when it does not start. */
  static async start(hardened: boolean): Promise<ReadingChild> {
    const child = new ReadingChild(hardened);
    const outcome = await child.#until(START_MS, (message) => message.type === "ready");
    if (outcome.type === "ready") return child;
    child.kill();
    const detail = outcome.type === "died" ? outcome.detail : outcome.type;
    throw new Error(`The reading process did not start: ${detail}`);
  }

  /** Whether it can be given a file. */
  get alive(): boolean {
    return !this.#ended && this.#process.connected;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Reads one file; not to be called before the one before has its outcome. Never rejects. */
  async read(
    request: ReadingRequest,
    onPage: (message: PageMessage) => void,
  ): Promise<ReadingOutcome> {
    this.#process.send(request, () => {});
    const outcome = await this.#until(request.page_ms + GRACE_MS, (message) => {
      if (message.type === "ready") return false;
      if (message.type === "done" || message.type === "refused") return true;
      onPage(message);
      return false;
    });
    const dies = outcome.type === "refused" && MORTAL.has(outcome.reason);
    if (dies || outcome.type === "died") this.kill();
    return outcome.type === "done" || outcome.type === "refused" || outcome.type === "died"
      ? outcome
      : { type: "died", detail: `said ${outcome.type} out of turn` };
  }

  kill(): void {
    this.#ended = true;
    this.#process.kill("SIGKILL");
  }

  /** Ends it; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#process.once("exit", () => resolve()));
    this.kill();
    await gone;
  }

  /** The first message for which `isLast`, or how it died: by exit, or by `silence` ms of silence. */
  #until(
    silence: number,
    isLast: (message: ReadingMessage) => boolean,
  ): Promise<ReadingMessage | { type: "died"; detail: string }> {
    return new Promise((resolve) => {
      const settle = (message: ReadingMessage | { type: "died"; detail: string }): void => {
        clearTimeout(timer);
        this.#listener = () => {};
        this.#hold(false);
        resolve(message);
      };
      const tooLong = (): void => settle({ type: "died", detail: "was silent for too long" });
      let timer = setTimeout(tooLong, silence);
      this.#hold(true);
      this.#listener = (message) => {
        if (message.type === "died" || isLast(message)) return settle(message);
        clearTimeout(timer);
        timer = setTimeout(tooLong, silence);
      };
      if (this.#ended) settle({ type: "died", detail: "had ended" });
    });
  }

  /** Keeps the bot's event loop open while a file is being read, and only then. */
  #hold(busy: boolean): void {
    const handles = [this.#process, this.#process.channel, this.#process.stderr];
    for (const handle of handles) {
      const { ref, unref } = (handle ?? {}) as { ref?: () => void; unref?: () => void };
      (busy ? ref : unref)?.call(handle);
    }
  }

  #end(how: string): void {
    this.#ended = true;
    this.#listener({ type: "died", detail: `${how} ${this.#errors}`.trim().slice(0, 500) });
  }
}

/** Read access to code only; no writing, no processes, no native addons. Node cannot bar the network. */
function nodeFlags(script: string, hardened: boolean): string[] {
  const permission = ["--permission", "--experimental-permission"].find((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  if (!hardened || !permission) return ["--no-warnings"];
  const readable = [...packageFolders(), dirname(script)];
  return [
    ...["--no-warnings", permission, "--allow-worker"],
    ...readable.map((folder) => `--allow-fs-read=${folder}${sep}*`),
  ];
}

/**
 * The `node_modules` with our packages, by its name and by where it is: it may be a link, and Node asks
 * for the one when it looks packages up and for the other when it reads them.
 */
function packageFolders(): string[] {
  const lookedIn = createRequire(import.meta.url).resolve.paths("pdf-parse") ?? [];
  const named = lookedIn.find((folder) => existsSync(join(folder, "pdf-parse")));
  if (named === undefined) throw new Error("The package pdf-parse is not installed.");
  const real = realpathSync(join(named, "pdf-parse"));
  return [...new Set([named, realpathSync(named), dirname(real)])];
}
