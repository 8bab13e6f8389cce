import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { saveLocalFile } from "../../../src/adapters/files/save-local-file.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "colloquy-exports-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const bytes = new TextEncoder().encode("x");

it("writes beside what is there, readable for its owner only", async () => {
  const folder = join(home, "exports");
  const first = await saveLocalFile(folder, { name: "Sam.json", bytes });
  const second = await saveLocalFile(folder, { name: "Sam.json", bytes });
  expect([first, second]).toEqual([join(folder, "Sam.json"), join(folder, "Sam-2.json")]);
  expect(readFileSync(second, "utf8")).toBe("x");
  expect(statSync(second).mode & 0o777).toBe(0o600);
});

it("stays in its folder whatever the name is", async () => {
  for (const name of ["../../x.json", "/etc/x", "", "..", ".bashrc"]) {
    const path = await saveLocalFile(home, { name, bytes });
    expect(path.startsWith(`${home}/`), name).toBe(true);
    expect(path.slice(home.length + 1)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
  }
});

it("says what is wrong when it cannot write", async () => {
  writeFileSync(join(home, "file"), "");
  const path = join(home, "file", "exports");
  await expect(saveLocalFile(path, { name: "a", bytes })).rejects.toThrow("could not be written");
});
