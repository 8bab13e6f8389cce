/**
 * Entry point of the child process that the Chroma server runs in. The server's command blocks the
 * thread that calls it, so it gets a worker; the main thread only watches standard input, whose
 * other end the bot holds. When that closes, however the bot ended, this process kills itself.
 * Arguments: the path of the native binding, then the server's own.
 */
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

const RUN_SERVER = `
  const { workerData } = require("node:worker_threads");
  require(workerData.binding).cli(["chroma", ...workerData.args]);
`;

/** `process.exit` would wait for the worker, which never returns. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}

// What the server writes is nobody else's to read.
process.umask(0o077);
process.stdin.on("close", die);
process.stdin.on("error", die);
process.stdin.resume();

const [binding, ...args] = process.argv.slice(2);
const worker = new Worker(RUN_SERVER, { eval: true, workerData: { binding, args }, execArgv: [] });
worker.on("error", (error) => {
  writeSync(2, `${error.message}\n`);
  die();
});
worker.on("exit", die);
