/**
 * The process of `npm run load`: hands its job to the bot that runs on the data directory, or does it
 * alone where none runs. Exit codes are main.ts's; 64 for words that are not understood.
 */
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { AppConfig } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { sendJob } from "./adapters/system/job-channel.ts";
import { createApp } from "./app.ts";
import { type LoadJob, parseLoadArguments } from "./load-arguments.ts";
import { ColloquyError, errorCode, explainError } from "./shared/errors.ts";
import { silentLogger } from "./shared/logger.ts";

const EXIT_USAGE = 64;
const EXIT_TRY_LATER = 75;
const EXIT_CONFIG = 78;
/** A bot that is just starting holds the directory before it takes jobs. */
const TRIES = 10;
const TRY_AGAIN_MS = 500;
/** What the app waits for does not hold the process open by itself; a surface would. */
const HOLD_MS = 60_000;

async function main(): Promise<number> {
  const cwd = process.cwd();
  const given = parseLoadArguments(process.argv.slice(2));
  const job: LoadJob = {
    ...given,
    files: given.files.map((path) => resolve(cwd, path)),
    ...(given.directory === undefined ? {} : { directory: resolve(cwd, given.directory) }),
  };
  const config = loadConfig({ cwd, env: process.env });
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new ColloquyError("aborted", "Cancelled.")));
  }
  const hold = setInterval(() => {}, HOLD_MS);
  try {
    const text = await run(job, config, stop.signal);
    process.stdout.write(`${text}\n`);
    return 0;
  } finally {
    clearInterval(hold);
  }
}

async function run(job: LoadJob, config: AppConfig, signal: AbortSignal): Promise<string> {
  const onProgress = progressTo(process.stderr);
  for (let tries = 1; ; tries += 1) {
    const done = await sendJob(config.data_dir, job, { signal, onProgress });
    if (done !== undefined) return done;
    try {
      return await runAlone(job, config, signal, onProgress);
    } catch (error) {
      if (errorCode(error) !== "data_dir_locked" || tries === TRIES) throw error;
      await wait(TRY_AGAIN_MS, undefined, { signal });
    }
  }
}

async function runAlone(
  job: LoadJob,
  config: AppConfig,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<string> {
  const app = await createApp(config, { logger: silentLogger });
  try {
    return await app.load(job, { signal, tell });
  } finally {
    await app.stop();
  }
}

/** One line that changes in place, at most ten times a second; nothing where nobody watches. */
function progressTo(stream: NodeJS.WriteStream): (text: string) => void {
  let last = 0;
  return (text) => {
    if (!stream.isTTY || performance.now() - last < 100) return;
    last = performance.now();
    stream.write(`\r\u001B[K${text}`);
  };
}

function fail(error: unknown): number {
  const known = error instanceof ColloquyError;
  process.stderr.write(`${known ? explainError(error) : String(error)}\n`);
  const code = errorCode(error);
  if (code === "usage") return EXIT_USAGE;
  if (code === "config_invalid" || code === "data_dir_unusable") return EXIT_CONFIG;
  return code === "data_dir_locked" || code === "job_lost" ? EXIT_TRY_LATER : 1;
}

main()
  .catch(fail)
  .then((code) => process.exit(code));
