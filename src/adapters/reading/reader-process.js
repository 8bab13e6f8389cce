// @ts-check
/**
 * Main thread of the reading process: hands files to the parsing thread and passes on what it says,
 * while it polls memory and clock, and kills the whole process when a file takes too much of either.
 * Ends when the bot does, however the bot ends: the channel to it then closes.
 * Plain JavaScript, so that it starts without a compiler's help (docs/decisions/0007).
 *
 * @import { ReadingMessage, ReadingRequest } from "./reading-messages.ts"
 * @typedef {{ request: ReadingRequest, page: number, pages: number, fileStarted: number, pageStarted: number }} Watch
 */
import { Worker } from "node:worker_threads";

const POLL_MS = 50;
/** Old generation of the thread's heap; buffers are outside it and counted by the poll. */
const THREAD_HEAP_MB = 384;
/** How long a last message may take to leave before the process ends without it. */
const LAST_WORDS_MS = 500;

/** @type {Watch | undefined} */
let watch;

/** The thread may be in a loop that nothing else stops. */
function die() {
  process.kill(process.pid, "SIGKILL");
}

/** @param {ReadingMessage} message */
function say(message) {
  if (process.connected) process.send?.(message);
  else die();
}

/** @param {ReadingMessage} message */
function sayAndDie(message) {
  watch = undefined;
  setTimeout(die, LAST_WORDS_MS);
  if (process.connected) process.send?.(message, undefined, {}, die);
  else die();
}

function check() {
  if (!watch) return;
  const { request, page, pages, fileStarted, pageStarted } = watch;
  const now = performance.now();
  if (process.memoryUsage.rss() > request.max_rss) {
    sayAndDie({ type: "refused", reason: "memory" });
  } else if (now - pageStarted > request.page_ms) {
    sayAndDie({ type: "refused", reason: "page_time", page });
  } else if (now - fileStarted > request.file_ms + pages * request.file_ms_per_page) {
    sayAndDie({ type: "refused", reason: "file_time", pages });
  }
}

/** @param {ReadingMessage} message */
function note(message) {
  if (!watch) return;
  if (message.type === "opened") {
    watch.pages = message.pages;
    watch.page = watch.request.from ?? 1;
  } else if (message.type === "page" || message.type === "page_failed") {
    watch.page = message.number + 1;
  } else if (message.type === "done" || message.type === "refused") {
    watch = undefined;
    return;
  }
  watch.pageStarted = performance.now();
}

// What the parser prints would only garble the bot's terminal.
const thread = new Worker(new URL("./reader-thread.js", import.meta.url), {
  stdout: true,
  stderr: true,
  resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
});
thread.on("message", (/** @type {ReadingMessage} */ message) => {
  const wanted = message.type === "ready" || watch !== undefined;
  note(message);
  if (wanted) say(message);
});
thread.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== "ERR_WORKER_OUT_OF_MEMORY" || !watch) throw error;
  sayAndDie({ type: "refused", reason: "memory" });
});
thread.on("exit", () => setTimeout(die, LAST_WORDS_MS));

process.on("message", (/** @type {ReadingRequest} */ request) => {
  const now = performance.now();
  watch = { request, page: 0, pages: 1, fileStarted: now, pageStarted: now };
  // A copy of its own: the message's bytes may be a view into a larger buffer.
  const bytes = new Uint8Array(request.bytes);
  thread.postMessage({ ...request, bytes }, [bytes.buffer]);
});
process.on("disconnect", die);
// Ctrl-C reaches the whole process group; the bot decides when this process ends.
process.on("SIGINT", () => {});
setInterval(check, POLL_MS);
