/**
 * One process at a time per data directory. The lock is a listening local socket named after the
 * directory: the kernel closes it with its process, so it is free again at once after `kill -9`,
 * and there is no file that could go stale (but on systems with neither abstract sockets nor named
 * pipes, where a dead socket file is recognised by connecting to it).
 */
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ColloquyError, errorCode } from "../../shared/errors.ts";
import { isServed } from "./job-channel.ts";

export interface DataDirLock {
  /** Frees the directory. May be called often. */
  release(): Promise<void>;
}

const ASK_LIMIT_MS = 500;

/**
 * Creates the directory (mode 0700) if it is missing, and takes its lock. Fails with code
 * `data_dir_locked` when another process holds it, and `data_dir_unusable` when the directory
 * cannot be made or written to.
 */
export async function lockDataDir(directory: string): Promise<DataDirLock> {
  const path = prepare(resolve(directory));
  const address = lockAddress(path);
  let server = await listen(address);
  if (!server) {
    const holder = await askHolder(address);
    if (holder === "dead" && !isAbstract(address)) {
      unlinkSync(address);
      server = await listen(address);
    }
    if (!server) throw locked(path, holder);
  }
  // Containers that share the directory, but no network, do not see each other's abstract sockets.
  if (await isServed(path)) {
    await close(server);
    throw locked(path, "unknown");
  }
  return { release: () => close(server) };
}

function prepare(directory: string): string {
  try {
    makeFolder(directory);
    if (!statSync(directory).isDirectory()) throw new Error("It is not a directory.");
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(directory);
  } catch (cause) {
    throw new ColloquyError(
      "data_dir_unusable",
      `The data directory ${directory} cannot be used.`,
      {
        why: cause instanceof Error ? cause.message : String(cause),
        next: "Make it writable for this user, or name another one with COLLOQUY_DATA_DIR.",
        cause,
      },
    );
  }
}

/**
 * Level by level: Node's recursive mkdir never ends where a parent exists but takes no entries and
 * says ENOENT, as /proc does.
 */
function makeFolder(directory: string): void {
  const missing: string[] = [];
  let at = directory;
  while (!existsSync(at) && dirname(at) !== at) {
    missing.push(at);
    at = dirname(at);
  }
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

function lockAddress(path: string): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\colloquy-${digest(path.toLowerCase())}`;
  // Device and inode name the directory itself, whichever mount or link it was reached by.
  const { dev, ino } = statSync(path, { bigint: true });
  const name = `colloquy-${digest(`${dev}:${ino}`)}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

function isAbstract(address: string): boolean {
  return address.startsWith("\0") || address.startsWith("\\\\");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** undefined when the address is taken. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    // Whoever asks is told the holder's process id, for its error message.
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end(String(process.pid));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") done(undefined);
      else fail(error);
    });
    server.listen(address, () => {
      server.unref();
      done(server);
    });
  });
}

/** The holder's process id, "dead" when nobody listens, "unknown" when it does not answer. */
function askHolder(address: string): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect(address);
    socket.setTimeout(ASK_LIMIT_MS, () => finish("unknown"));
    socket.on("data", (bytes) => {
      answer = (answer + bytes.toString("utf8")).slice(0, 16);
    });
    socket.on("end", () => finish(/^\d+$/.test(answer) ? answer : "unknown"));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      finish(error.code === "ECONNREFUSED" ? "dead" : "unknown"),
    );
    function finish(result: string): void {
      socket.destroy();
      done(result);
    }
  });
}

function locked(path: string, holder: string): ColloquyError {
  const who = /^\d+$/.test(holder) ? `process ${holder}` : "another process";
  return new ColloquyError("data_dir_locked", `The data directory ${path} is in use by ${who}.`, {
    why: "Two bots on one memory would overwrite each other.",
    next: "Stop the other one, or give this one its own directory with COLLOQUY_DATA_DIR.",
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    if (server.listening) server.close(() => done());
    else done();
  });
}
