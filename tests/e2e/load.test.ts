import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../config/load-config.ts";
import { createApp } from "../../src/app.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { makeDocx } from "../fakes/make-archives.ts";
import { makePdf, stream } from "../fakes/make-pdf.ts";

const run = promisify(execFile);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "colloquy-load-"));
  mkdirSync(join(folder, "papers", "more"), { recursive: true });
  writeFileSync(join(folder, "papers", "a.pdf"), makePdf([["Words of a."], ["More of a."]]));
  writeFileSync(join(folder, "papers", "more", "b.docx"), makeDocx(["Words of b."]));
  writeFileSync(join(folder, "papers", "c.png"), Buffer.from("\x89PNG\r\n\x1a\n\0\0", "latin1"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = () => ({
  PATH: process.env.PATH ?? "",
  COLLOQUY_DATA_DIR: join(folder, "data"),
});

async function load(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = resolve("dist/src/load.js");
  try {
    const { stdout, stderr } = await run(process.execPath, [script, ...words], {
      ...{ cwd: folder, env: environment(), timeout: 40_000 },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe("npm run load", () => {
  it("loads a file alone, hands its job to a running bot, and both see one source", async () => {
    const alone = await load("directory", "--name", "paper", "--input-files=papers/a.pdf");
    expect(alone).toMatchObject({
      ...{ code: 0, stdout: "Loaded 2 passages and 1 documents from paper\n" },
    });
    const config = loadConfig({ cwd: folder, env: environment() });
    const app = await createApp(config, { logger: silentLogger });
    try {
      const again = await load("directory", "--name", "paper", "--input-files=papers/a.pdf");
      expect(again.stdout).toContain("Loaded 2 passages and 1 documents from paper (it was loaded");
      const all = await load("directory", "--name=all", "--input-dir=papers", "--recursive");
      expect(all.stdout).toBe(
        "Loaded 3 passages and 2 documents from all\nLeft out: c.png. This is a picture (PNG).\n",
      );
      const taken = await load("directory", "--name", "all", "--input-files=papers/more/b.docx");
      expect(taken.code).toBe(1);
      expect(taken.stderr).toContain("There is a data source all already.");
      const inside = await load("webpage", "--name", "w", "--urls", "http://169.254.169.254/");
      expect(inside.stderr).toContain("This address is not fetched.");
    } finally {
      await app.stop();
    }
  });

  it("reads a PDF as large as the configuration allows", async () => {
    const bulk = stream(new Uint8Array(51 * 1024 * 1024));
    writeFileSync(join(folder, "large.pdf"), makePdf([["Words."]], { extra: [bulk] }));
    writeFileSync(join(folder, "c.yaml"), "limits: { max_file_bytes: 60000000 }");
    const env = { ...environment(), COLLOQUY_CONFIG: join(folder, "c.yaml") };
    const app = await createApp(loadConfig({ cwd: folder, env }), { logger: silentLogger });
    try {
      const large = await load("directory", "--name=large", "--input-files=large.pdf");
      expect(large.stdout + large.stderr).toBe("Loaded 1 passages and 1 documents from large\n");
    } finally {
      await app.stop();
    }
  });

  it("says how it is used", async () => {
    const { code, stderr } = await load("directory");
    expect(code).toBe(64);
    expect(stderr).toContain("npm run load -- directory --name NAME");
  });
});
