import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockDataDir } from "../../src/adapters/system/data-dir-lock.ts";
import { serveJobs } from "../../src/adapters/system/job-channel.ts";

let parent: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "colloquy-lock-"));
  directory = join(parent, "data");
});

afterEach(() => {
  rmSync(parent, { recursive: true });
});

it("makes the directory, for its owner only", async () => {
  const lock = await lockDataDir(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  await lock.release();
});

it("lets nobody else in while it is held, by whatever path, and names who holds it", async () => {
  const lock = await lockDataDir(directory);
  symlinkSync(directory, join(parent, "link"));
  for (const path of [directory, `${directory}/`, join(parent, "link")]) {
    await expect(lockDataDir(path)).rejects.toMatchObject({
      code: "data_dir_locked",
      message: `The data directory ${directory} is in use by process ${process.pid}.`,
      next: expect.stringContaining("Stop the other one"),
    });
  }
  await lock.release();
  await lock.release();
  await (await lockDataDir(directory)).release();
});

it("lets nobody in where a bot of another container takes jobs, until it has gone", async () => {
  mkdirSync(directory);
  const elsewhere = await serveJobs(directory, async () => "");
  await expect(lockDataDir(directory)).rejects.toMatchObject({ code: "data_dir_locked" });
  await elsewhere.close();
  await (await lockDataDir(directory)).release();
});

it("keeps two directories apart", async () => {
  const locks = [await lockDataDir(directory), await lockDataDir(join(parent, "other"))];
  for (const lock of locks) await lock.release();
});

it("is free at once after its holder was killed with kill -9", async () => {
  const script = `
    import { lockDataDir } from ${JSON.stringify(new URL("../../src/adapters/system/data-dir-lock.ts", import.meta.url).href)};
    await lockDataDir(process.argv[1]);
    process.stdout.write("held\\n");
    setInterval(() => {}, 1000);`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script, directory];
  const holder = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  await expect(lockDataDir(directory)).rejects.toThrow(`process ${holder.pid}`);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await (await lockDataDir(directory)).release();
});

it("does not keep its process alive", async () => {
  const script = `
    import { lockDataDir } from ${JSON.stringify(new URL("../../src/adapters/system/data-dir-lock.ts", import.meta.url).href)};
    await lockDataDir(process.argv[1]);`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script, directory];
  const holder = spawn(process.execPath, args, { stdio: "inherit" });
  expect(await once(holder, "exit")).toEqual([0, null]);
});

it("makes the folders above it as well", async () => {
  const lock = await lockDataDir(join(parent, "a", "b", "c"));
  expect(statSync(join(parent, "a", "b")).mode & 0o777).toBe(0o700);
  await lock.release();
});

it.runIf(process.platform === "linux")("gives up at once where no folder can be made", async () => {
  for (const path of ["/proc/colloquy", "/proc/colloquy/data"]) {
    await expect(lockDataDir(path)).rejects.toMatchObject({ code: "data_dir_unusable" });
  }
});

it("refuses a file in its place", async () => {
  writeFileSync(directory, "");
  await expect(lockDataDir(directory)).rejects.toMatchObject({
    code: "data_dir_unusable",
    why: "It is not a directory.",
  });
});

it("says what to do when the directory cannot be made", async () => {
  writeFileSync(join(parent, "file"), "");
  await expect(lockDataDir(join(parent, "file", "data"))).rejects.toMatchObject({
    code: "data_dir_unusable",
    next: expect.stringContaining("writable"),
  });
});
