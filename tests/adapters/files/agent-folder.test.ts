import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentFolder } from "../../../src/adapters/files/agent-folder.ts";

let home: string;
let root: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "colloquy-files-"));
  root = join(home, "files");
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The folder of the one agent there is. */
function folder(): string {
  return join(root, readdirSync(root)[0] ?? "");
}

describe("AgentFolder", () => {
  it("appends to a file and reads it, for its owner alone", async () => {
    const files = new AgentFolder(root);
    await files.append("a", "notes.txt", "eins\n");
    await files.append("a", "notes.txt", "zwei ☂\n");
    expect(await files.read("a", "notes.txt")).toBe("eins\nzwei ☂\n");
    await expect(files.read("b", "notes.txt")).rejects.toThrow("does not exist");
    await expect(files.read("a", "other.txt")).rejects.toThrow("does not exist");
    expect(statSync(join(folder(), "notes.txt")).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
  });

  it.each([
    "../x",
    "..",
    ".",
    "a/b",
    "/etc/passwd",
    "a\\b",
    "C:x",
    ".hidden",
    "",
    " ",
    "x.",
    "a\0b",
    "con",
    "NUL.txt",
    "x".repeat(101),
    "%2e%2e%2fx",
    "~",
  ])("refuses the name %j", async (name) => {
    const files = new AgentFolder(root);
    await expect(files.append("a", name, "x")).rejects.toThrow("without a path");
    await expect(files.read("a", name)).rejects.toThrow("without a path");
    expect(existsSync(root)).toBe(false);
  });

  it("follows no link out of its folder, soft or hard, and reads no folder", async () => {
    const files = new AgentFolder(root);
    await files.append("a", "own.txt", "x");
    const secret = join(home, "secret.txt");
    writeFileSync(secret, "secret");
    symlinkSync(secret, join(folder(), "soft.txt"));
    symlinkSync(join(home, "new.txt"), join(folder(), "dangling.txt"));
    linkSync(secret, join(folder(), "hard.txt"));
    mkdirSync(join(folder(), "sub"));
    for (const name of ["soft.txt", "hard.txt", "sub"]) {
      await expect(files.read("a", name)).rejects.toThrow("not an ordinary file");
      await expect(files.append("a", name, "y")).rejects.toThrow("not an ordinary file");
    }
    await expect(files.append("a", "dangling.txt", "y")).rejects.toThrow("not an ordinary file");
    expect(readFileSync(secret, "utf8")).toBe("secret");
    expect(existsSync(join(home, "new.txt"))).toBe(false);
  });

  it("does not use a folder that is a link", async () => {
    const files = new AgentFolder(root);
    await files.append("a", "own.txt", "x");
    const outside = join(home, "outside");
    mkdirSync(outside);
    const own = folder();
    rmSync(own, { recursive: true });
    symlinkSync(outside, own);
    await expect(files.append("a", "own.txt", "y")).rejects.toThrow("cannot be used");
    await expect(files.read("a", "own.txt")).rejects.toThrow("cannot be used");
    expect(readdirSync(outside)).toEqual([]);
  });

  it("holds to its limits of bytes and files", async () => {
    const files = new AgentFolder(root, { max_file_bytes: 10, max_files: 2 });
    await files.append("a", "1", "12345");
    await expect(files.append("a", "1", "☂☂")).rejects.toThrow("at most 10 bytes");
    await files.append("a", "2", "x");
    await expect(files.append("a", "3", "x")).rejects.toThrow("2 files already");
    await files.append("b", "3", "x");
    await files.append("a", "2", "x");
    expect(await files.read("a", "1")).toBe("12345");
  });

  it("leaves faults of the disk to the caller", async () => {
    if (process.getuid?.() === 0) return;
    const files = new AgentFolder(root);
    await files.append("a", "1", "x");
    chmodSync(join(folder(), "1"), 0o000);
    await expect(files.read("a", "1")).rejects.toMatchObject({ code: "EACCES" });
  });
});
