import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localFile, readLocalFile } from "../../../src/adapters/files/local-file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "colloquy-files-"));
  await writeFile(join(folder, "notes.txt"), "hello");
  await writeFile(join(folder, "empty.txt"), "");
});

afterAll(() => rm(folder, { recursive: true }));

describe("localFile", () => {
  it("gives an upload with name, size and bytes", async () => {
    const file = await localFile(join(folder, "notes.txt"), 100);
    expect(file).toMatchObject({ name: "notes.txt", size: 5 });
    expect(new TextDecoder().decode(await file.read())).toBe("hello");
  });

  it("reads an empty file", async () => {
    expect(await readLocalFile(join(folder, "empty.txt"), 100)).toHaveLength(0);
  });

  it.each([
    ["nothing.txt", "file_unreachable", "There is no such file."],
    ["notes.txt/deeper", "file_unreachable", "There is no such file."],
    ["nul\u0000.txt", "file_unreachable", "There is no such file."],
    [".", "file_unreachable", "This path is a folder."],
  ])("refuses %j with a sentence", async (name, code, message) => {
    await expect(localFile(join(folder, name), 100)).rejects.toMatchObject({ code, message });
  });

  it.skipIf(process.platform === "win32")("refuses devices, which have no end", async () => {
    await expect(localFile("/dev/zero", 100)).rejects.toMatchObject({
      message: "This path is not an ordinary file.",
    });
  });

  it("names the file that it looked for, and says that blanks need quotes", async () => {
    const missing = join(folder, "my");
    await expect(localFile(missing, 100)).rejects.toMatchObject({
      next: `Check the path: this is ${missing}. A path with blanks needs quotes around it.`,
    });
    await expect(localFile("~/no such file.pdf", 100)).rejects.toMatchObject({
      next: expect.stringContaining(join(homedir(), "no such file.pdf")),
    });
    await expect(localFile("a\nb", 100)).rejects.toMatchObject({
      next: expect.stringMatching(/a\?b\. A path/),
    });
  });

  it("asks for an address to be downloaded first", async () => {
    await expect(localFile("https://arxiv.org/pdf/2310.08560.pdf", 100)).rejects.toMatchObject({
      code: "file_unreachable",
      next: expect.stringContaining("/sources load url:"),
    });
  });

  it("refuses a file over the limit", async () => {
    await expect(localFile(join(folder, "notes.txt"), 4)).rejects.toMatchObject({
      code: "file_too_large",
    });
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    stop.abort("enough");
    await expect(readLocalFile(join(folder, "notes.txt"), 100, stop.signal)).rejects.toBe("enough");
  });
});
