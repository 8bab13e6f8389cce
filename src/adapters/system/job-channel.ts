/**
 * How a second process hands a job to the bot that holds the data directory: a local socket whose
 * address and token lie in a file that only this user can read. One job a connection; whoever hangs
 * up cancels it. What a job is, is not its business.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ColloquyError, errorCode, explainError } from "../../shared/errors.ts";

/** What the bot says of a job: lines on the way, and one end. */
export type JobEvent =
  | { type: "progress"; text: string }
  | { type: "done"; text: string }
  | { type: "failed"; code: string; text: string };

export type JobHandler = (
  job: unknown,
  options: { signal: AbortSignal; tell: (text: string) => void },
) => Promise<string>;

export interface JobChannel {
  /** Takes no more jobs, and gives up those under way. */
  close(): Promise<void>;
}

const FILE = "jobs.json";
const MAX_LINE = 1024 * 1024;
const MAX_CONNECTIONS = 8;
/** A connection that does not say what it wants. */
const HELLO_MS = 5000;
/** Unix limits a socket's path to some hundred bytes. */
const LONGEST_PATH = 100;

/** Listens for jobs. The caller holds the directory's lock, so what is there is left from before. */
export async function serveJobs(directory: string, handler: JobHandler): Promise<JobChannel> {
  const address = addressFor(directory);
  const token = randomBytes(32).toString("hex");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serveOne(socket, token, handler);
  });
  server.maxConnections = MAX_CONNECTIONS;
  if (!isPipe(address)) rmSync(address, { force: true });
  await listen(server, address);
  server.unref();
  const file = join(directory, FILE);
  // Whole or not at all: a reader never sees half of it.
  writeFileSync(`${file}.new`, JSON.stringify({ address, token }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return {
    close: async () => {
      rmSync(file, { force: true });
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/**
 * Hands a job to the bot that runs on this directory; undefined when none does. Resolves with its last
 * words; fails with a `ColloquyError` of the job's code and text.
 */
export async function sendJob(
  directory: string,
  job: unknown,
  options: { signal?: AbortSignal; onProgress?: (text: string) => void } = {},
): Promise<string | undefined> {
  const found = readAddress(directory);
  if (!found) return undefined;
  const socket = await connected(found.address);
  if (!socket) return undefined;
  const onAbort = (): void => {
    socket.destroy();
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    socket.write(`${JSON.stringify({ token: found.token, job })}\n`);
    for await (const line of linesOf(socket)) {
      const event = JSON.parse(line) as JobEvent;
      if (event.type === "done") return event.text;
      if (event.type === "failed") throw new ColloquyError(event.code, event.text);
      options.onProgress?.(event.text);
    }
  } catch (error) {
    if (error instanceof ColloquyError) throw error;
    options.signal?.throwIfAborted();
    throw hungUpError(error);
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    socket.destroy();
  }
  options.signal?.throwIfAborted();
  throw hungUpError(undefined);
}

/** Whether a bot takes jobs there, on this machine: in a container of another network, too. */
export async function isServed(directory: string): Promise<boolean> {
  const socket = await connected(addressFor(directory));
  socket?.destroy();
  return socket !== undefined;
}

function serveOne(socket: Socket, token: string, handler: JobHandler): void {
  const stop = new AbortController();
  const say = (event: JobEvent): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(event)}\n`);
  };
  socket.on("error", () => {});
  socket.once("close", () => stop.abort(new Error("the caller hung up")));
  socket.setTimeout(HELLO_MS, () => socket.destroy());
  const work = async (): Promise<void> => {
    for await (const line of linesOf(socket)) {
      socket.setTimeout(0);
      const asked = JSON.parse(line) as { token?: unknown; job?: unknown };
      if (!isToken(asked.token, token)) return void socket.destroy();
      // Goes on reading, so that hanging up is noticed; what else comes is not a job.
      void handler(asked.job, {
        signal: stop.signal,
        tell: (text) => say({ type: "progress", text }),
      }).then(
        (text) => {
          say({ type: "done", text });
          socket.end();
        },
        (error: unknown) => {
          say({ type: "failed", code: errorCode(error), text: explainError(error) });
          socket.end();
        },
      );
      socket.resume();
      return;
    }
  };
  work().catch(() => socket.destroy());
}

/** Lines as they come; leaves the socket open. Fails at a line over the limit. */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let text = "";
  const pieces = socket.iterator({ destroyOnReturn: false });
  socket.setEncoding("utf8");
  for await (const piece of pieces as AsyncIterable<string>) {
    text += piece;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      yield line;
    }
    if (text.length > MAX_LINE) throw new RangeError("The line is too long.");
  }
}

function isToken(given: unknown, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return typeof given === "string" && timingSafeEqual(digest(given), digest(token));
}

function addressFor(directory: string): string {
  const name = createHash("sha256").update(resolve(directory)).digest("hex").slice(0, 32);
  if (process.platform === "win32") return `\\\\.\\pipe\\colloquy-jobs-${name}`;
  const inside = join(resolve(directory), "jobs.sock");
  return inside.length <= LONGEST_PATH ? inside : join(tmpdir(), `colloquy-jobs-${name}.sock`);
}

function isPipe(address: string): boolean {
  return address.startsWith("\\\\");
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(address, () => done());
  });
}

function readAddress(directory: string): { address: string; token: string } | undefined {
  try {
    const { address, token } = JSON.parse(readFileSync(join(directory, FILE), "utf8")) as {
      address?: unknown;
      token?: unknown;
    };
    if (typeof address === "string" && typeof token === "string") return { address, token };
  } catch {
    // No bot has been here, or it is just going.
  }
  return undefined;
}

/** undefined when nobody listens there: a bot was killed and left its files. */
function connected(address: string): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.off("error", onError);
      socket.on("error", () => {});
      done(socket);
    });
    const onError = (): void => done(undefined);
    socket.once("error", onError);
  });
}

function hungUpError(cause: unknown): ColloquyError {
  return new ColloquyError("job_lost", "The running bot stopped before the job was done.", {
    next: "Run the command again: what was done already is not done twice.",
    ...(cause === undefined ? {} : { cause }),
  });
}
