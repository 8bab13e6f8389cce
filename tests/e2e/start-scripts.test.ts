import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;

const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const linesOf = (path: string): string[] =>
  existsSync(join(root, path)) ? read(path).trim().split("\n") : [];

const LOCK = {
  packages: {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/b": { version: "2.0.0", optional: true },
  },
};

/** Writes what it was called with, then "installs" what the lock file asks for. */
const FAKE_NPM = `
const fs = require("node:fs");
fs.appendFileSync("npm-calls.log", process.argv.slice(2).join(" ") + "\\n");
console.log("npm talks");
if (fs.existsSync("registry-down")) process.exit(7);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
fs.mkdirSync("node_modules/typescript/bin", { recursive: true });
fs.writeFileSync("node_modules/typescript/package.json", "{}");
fs.copyFileSync("fake/tsc.js", "node_modules/typescript/bin/tsc");
fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: { "node_modules/a": packages["node_modules/a"] } }));
`;

/** Copies src/*.ts to dist/src/*.js, as if it had compiled them. */
const FAKE_TSC = `
const fs = require("node:fs");
fs.appendFileSync("tsc-calls.log", process.argv.slice(2).join(" ") + "\\n");
fs.mkdirSync("dist/src", { recursive: true });
for (const name of fs.readdirSync("src")) {
  const text = fs.readFileSync("src/" + name, "utf8");
  if (text.includes("type error")) { console.log("src/" + name + ": wrong"); process.exit(2); }
  fs.writeFileSync("dist/src/" + name.replace(".ts", ".js"), text);
}
`;

const MAIN = `
import { readFileSync } from "node:fs";
const args = process.argv.slice(2).join(" ");
process.stdout.write("bot runs " + args + " [" + (args === "echo" ? readFileSync(0, "utf8") : "") + "]");
process.exitCode = 78;
`;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(script: string, args: readonly string[] = [], input = ""): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, "scripts", script), ...args], {
    cwd: tmpdir(),
    env: { ...process.env, npm_execpath: join(root, "fake", "npm-cli.js") },
  });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ended.stderr += text;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...ended, code })));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "colloquy-start-"));
  mkdirSync(join(root, "scripts"));
  for (const name of ["exclusive", "ensure-installed", "build", "run-built", "start"]) {
    cpSync(`scripts/${name}.mjs`, join(root, "scripts", `${name}.mjs`));
  }
  write("fake/package.json", "{}");
  write("fake/npm-cli.js", FAKE_NPM);
  write("fake/tsc.js", FAKE_TSC);
  write("package-lock.json", JSON.stringify(LOCK));
  write("package.json", '{ "type": "module" }');
  write("tsconfig.json", "{}");
  write("tsconfig.build.json", "{}");
  write("src/main.ts", MAIN);
  write("commands/index.ts", "");
  write("config/config.ts", "");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("ensure-installed", () => {
  it("installs once, says so, and keeps standard output clean", async () => {
    const first = await run("ensure-installed.mjs");
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(first.stderr).toMatch(
      /^Installing the dependencies, once\. This can take some minutes\.\n/,
    );
    const second = await run("ensure-installed.mjs");
    expect(second).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(linesOf("npm-calls.log")).toEqual(["ci --include=dev --no-audit --no-fund"]);
  });

  it("installs again when the lock file asks for another version", async () => {
    await run("ensure-installed.mjs");
    write("package-lock.json", JSON.stringify(LOCK).replace("1.0.0", "1.0.1"));
    await run("ensure-installed.mjs");
    expect(linesOf("npm-calls.log")).toHaveLength(2);
    expect((await run("ensure-installed.mjs")).stderr).toBe("");
  });

  it("says what failed and what to do", async () => {
    write("registry-down", "");
    const { code, stderr } = await run("ensure-installed.mjs");
    expect(code).toBe(1);
    expect(stderr).toContain("npm ci ended with code 7");
    expect(stderr).toContain("run the command again");
  });

  it("installs once when two start at the same time", async () => {
    const both = await Promise.all([run("ensure-installed.mjs"), run("ensure-installed.mjs")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(linesOf("npm-calls.log")).toHaveLength(1);
    expect(both.filter(({ stderr }) => stderr.includes("waiting for it"))).toHaveLength(1);
  });
});

describe("start", () => {
  it("installs, builds and runs the bot with its arguments, input and exit code", async () => {
    const { code, stdout } = await run("start.mjs", ["echo"], "hello");
    expect(stdout).toBe("bot runs echo [hello]");
    expect(code).toBe(78);
    expect(linesOf("tsc-calls.log")).toEqual(["-p tsconfig.build.json"]);
  });

  it("builds again only after a change, and takes out what has lost its source", async () => {
    write("src/gone.ts", "");
    write("src/reader.js", "");
    await run("start.mjs");
    expect((await run("start.mjs")).stderr).toBe("");
    expect(linesOf("tsc-calls.log")).toHaveLength(1);

    rmSync(join(root, "src/gone.ts"));
    await run("start.mjs");
    expect(existsSync(join(root, "dist/src/gone.js"))).toBe(false);
    expect(existsSync(join(root, "dist/src/reader.js"))).toBe(true);
    expect(linesOf("tsc-calls.log")).toHaveLength(2);

    // An older file than the one before is a change too.
    write("src/main.ts", MAIN.replace("bot runs", "other bot"));
    utimesSync(join(root, "src/main.ts"), new Date(0), new Date(0));
    expect((await run("start.mjs")).stdout).toContain("other bot");
  });

  it("does not run what failed to build, and builds it when it is mended", async () => {
    await run("start.mjs");
    write("src/main.ts", "type error");
    const failed = await run("start.mjs");
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("src/main.ts: wrong");
    expect(failed.stderr).toContain("The build failed");
    write("src/main.ts", MAIN);
    expect((await run("start.mjs")).code).toBe(78);
  });

  it("builds once when two start at the same time", async () => {
    await run("ensure-installed.mjs");
    const both = await Promise.all([run("start.mjs"), run("start.mjs")]);
    expect(both.map(({ code }) => code)).toEqual([78, 78]);
    expect(linesOf("tsc-calls.log")).toHaveLength(1);
  });

  it("does not run without its dependencies", async () => {
    write("registry-down", "");
    expect(await run("start.mjs")).toMatchObject({ code: 1, stdout: "" });
  });
});
