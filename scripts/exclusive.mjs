/**
 * One process at a time: `npm start` and `npm test` on a fresh clone must not install or build over
 * each other. The lock is a file outside the repository that holds the owner's process id; one
 * whose owner is gone is taken over.
 */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const POLL_MS = 250;
/** After that the lock's owner is taken for another program with the same process id. */
const PATIENCE_MS = 20 * 60_000;

/**
 * Runs `work` while no other process does work of the same name for the same folder; `onWait` is
 * called once when that means waiting. Blocks.
 *
 * @template T
 * @param {string} folder
 * @param {string} name
 * @param {() => void} onWait
 * @param {() => T} work
 * @returns {T}
 */
export function exclusively(folder, name, onWait, work) {
  const key = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 16);
  const lock = join(tmpdir(), `colloquy-${name}-${key}.lock`);
  const deadline = Date.now() + PATIENCE_MS;
  for (let waits = 0; !acquire(lock); waits += 1) {
    if (isFree(lock) || Date.now() > deadline) {
      rmSync(lock, { force: true });
      continue;
    }
    if (waits === 0) onWait();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function acquire(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} lock */
function isFree(lock) {
  let owner = "";
  try {
    owner = readFileSync(lock, "utf8");
  } catch (error) {
    return error.code === "ENOENT";
  }
  // Empty: its owner is between creating and writing it.
  if (!/^\d+$/.test(owner)) return false;
  try {
    process.kill(Number(owner), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
