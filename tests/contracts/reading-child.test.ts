import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The compiled program in a folder whose packages are elsewhere, as several work trees share them. */
function programWithLinkedPackages(): string {
  const folder = mkdtempSync(join(tmpdir(), "colloquy-linked-"));
  folders.push(folder);
  cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(realpathSync(join(ROOT, "node_modules")), join(folder, "node_modules"), "junction");
  return folder;
}

it("starts the confined reading process where node_modules is a link", () => {
  const folder = programWithLinkedPackages();
  const script = join(folder, "start.mjs");
  writeFileSync(
    script,
    `import { ReadingChild } from "./dist/src/adapters/reading/reading-child.js";
const child = await ReadingChild.start(true);
console.log(child.alive ? "confined" : "ended");
child.kill();`,
  );
  expect(execFileSync(process.execPath, [script], { encoding: "utf8" })).toBe("confined\n");
});
