import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { AgentFolder } from "../../src/adapters/files/agent-folder.ts";
import type { AgentFiles } from "../../src/memgpt/ports.ts";
import { MemoryAgentFiles } from "../fakes/memory-agent-files.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function onDisk(): AgentFiles {
  const home = mkdtempSync(join(tmpdir(), "colloquy-files-"));
  made.push(home);
  return new AgentFolder(join(home, "files"));
}

describe.each([
  ["MemoryAgentFiles", () => new MemoryAgentFiles()],
  ["AgentFolder", onDisk],
] as const)("AgentFiles: %s", (_name, make) => {
  it("gives each owner files of its own", async () => {
    const files = make();
    await files.append("a", "notes.txt", "eins\n");
    await files.append("a", "notes.txt", "zwei ☂\n");
    expect(await files.read("a", "notes.txt")).toBe("eins\nzwei ☂\n");
    await expect(files.read("b", "notes.txt")).rejects.toMatchObject({
      code: "agent_file_missing",
    });
  });

  it("takes lines out of all files of one owner, however often it is asked", async () => {
    const files = make();
    await files.append("a", "1.txt", "keep\nAda: tea\nkeep too\n");
    await files.append("a", "2.txt", "Ada: tea");
    await files.append("b", "1.txt", "Ada: tea\n");
    for (let i = 0; i < 2; i += 1) await files.removeLines("a", (text) => text.startsWith("Ada:"));
    await files.removeLines("nobody", () => true);
    expect(await files.read("a", "1.txt")).toBe("keep\nkeep too\n");
    expect(await files.read("a", "2.txt")).toBe("");
    expect(await files.read("b", "1.txt")).toBe("Ada: tea\n");
    await files.append("a", "2.txt", "more\n");
    expect(await files.read("a", "2.txt")).toBe("more\n");
  });
});
