import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeCompletionServer } from "../fakes/completion-server.ts";

let cwd: string;
let server: FakeCompletionServer;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "colloquy-configure-"));
  server = await FakeCompletionServer.start("llamacpp");
});

afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  await server.close();
});

/** The process of `npm run configure`, its answers from a pipe. */
function run(
  args: readonly string[],
  answers: string,
): Promise<{ code: number | null; out: string }> {
  const main = resolve("dist/src/configure/main.js");
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
  });
  let out = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stdin.end(answers);
  return new Promise((done) => child.on("close", (code) => done({ code, out })));
}

it("takes a Python file, asks before it overwrites, and tries the model", async () => {
  writeFileSync(
    join(cwd, "page.py"),
    `config_list_memgpt = [{"model": None, "model_wrapper": "chatml-grammar", "model_endpoint_type": "llamacpp", "model_endpoint": "${server.origin}"}]\n`,
  );
  server.script('{"function": "send_message", "params": {"inner_thoughts": "", "message": "Hi."}}');
  const first = await run(["--from-python", "page.py"], "");
  expect(first.out).toContain("It works");
  expect(first.code).toBe(0);
  const second = await run(["--from-python", "page.py", "--no-test"], "n\n");
  expect(second.out).toContain("Nothing is written.");
  expect(second.code).toBe(1);
  const third = await run(["--from-python", "page.py", "--no-test"], "y\n");
  expect(third.out).toContain("config/models.yaml.bak");
  expect(third.code).toBe(0);
  expect(readFileSync(join(cwd, "config/models.yaml"), "utf8")).toContain("llamacpp");
});

it("takes its answers from a pipe, one a line", async () => {
  // The last three of the options are always the same; how many come before depends on the machine.
  const { out } = await run(["--no-test"], "");
  const other = /(\d+)\) another address/.exec(out)?.[1];
  const answers = [other, "llamacpp", server.origin, "", "", "chatml", "4096", ""].join("\n");
  const { code } = await run(["--no-test"], answers);
  expect(code).toBe(0);
  expect(readFileSync(join(cwd, "config/models.yaml"), "utf8")).toContain("context_window: 4096");
});
