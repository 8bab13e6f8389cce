import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePdf } from "../fakes/make-pdf.ts";
import { type ChatBody, FakeOpenAiServer } from "../fakes/openai-server.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const RULE = "-".repeat(80);

let folder: string;
let server: FakeOpenAiServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "colloquy-examples-test-"));
  server = await FakeOpenAiServer.start();
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an example as a person would, in a folder of its own; `typed` is what stands at the keyboard. */
function play(
  name: string,
  {
    args = [],
    env = {},
    typed = "",
  }: { args?: string[]; env?: Record<string, string>; typed?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", TSX, join(EXAMPLES, name), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, TMPDIR: folder, ...env },
  });
  child.stdin.end(typed);
  return new Promise((resolve, reject) => {
    const ended: Ended = { code: null, stdout: "", stderr: "" };
    child.stdout.on("data", (piece) => (ended.stdout += piece));
    child.stderr.on("data", (piece) => (ended.stderr += piece));
    child.once("error", reject);
    child.once("close", (code) => resolve({ ...ended, code }));
  });
}

const online = (): Record<string, string> => ({
  OPENAI_API_KEY: "sk-test",
  OPENAI_BASE_URL: server.base_url,
  OPENAI_MODEL: "gpt-4",
});

/** A MemGPT agent speaks by send_message, any other by its text. */
const answers = (memgpt: string, other: string) => (body: ChatBody) => {
  const names = (body.tools ?? []).map((tool) => tool.function.name);
  if (!names.includes("send_message")) return other;
  return {
    content: "I think of money.",
    calls: [{ name: "send_message", args: { message: memgpt } }],
  };
};

describe("agent-groupchat", () => {
  it("runs twelve messages in the originals' console form with a model behind it", async () => {
    server.handler = answers("Use Python.", "Sell hats.");
    const { code, stdout, stderr } = await play("agent-groupchat.ts", { env: online() });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const opening =
      "I want to design an app to make me one million dollars in one month. Yes, your heard that right.";
    const said = (name: string, text: string) =>
      `${name} (to chat_manager):\n\n${text}\n\n${RULE}\n`;
    // The thought is this project's; all else is MemGPT's page to the letter.
    const form = [
      said("User_proxy", opening),
      said("Product_manager", "Sell hats."),
      said("MemGPT_coder", "Use Python."),
      "\n>>>>>>>> USING AUTO REPLY...\n",
      said("User_proxy", "..."),
    ].join("");
    expect(stdout.replace("💭 I think of money.\n", "").slice(0, form.length)).toBe(form);
    expect(stdout.split(" (to chat_manager):")).toHaveLength(13);
    expect(stdout).toContain("💭 I think of money.");
    expect(stdout.trimEnd().endsWith("The chat ended: max_round.")).toBe(true);
  });

  it("asks the person on a termination message, and ends on exit", async () => {
    server.handler = answers("TERMINATE", "Sell hats. TERMINATE");
    const { stdout, code } = await play("agent-groupchat.ts", { env: online(), typed: "exit\n" });
    expect(code).toBe(0);
    expect(stdout).toContain("Please give feedback to chat_manager. Press enter or type 'exit'");
    expect(stdout).toContain("The chat ended: human_stop.");
  });

  it("runs without a key, and with USE_OPENAI off, on the offline model", async () => {
    for (const env of [{}, { ...online(), USE_OPENAI: "false" }]) {
      const { code, stdout, stderr } = await play("agent-groupchat.ts", { env });
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout.split(" (to chat_manager):")).toHaveLength(13);
      expect(stdout).toContain("set OPENAI_API_KEY");
    }
    expect(server.requests).toHaveLength(0);
  });
});

describe("agent-docs", () => {
  it("attaches the document and answers from it", async () => {
    const pdf = join(folder, "memgpt_research_paper.pdf");
    const page = ["Virtual context management gives a model the appearance of a larger memory."];
    writeFileSync(pdf, makePdf([page, ["Conclusion: tiers of memory help."]]));
    const { code, stdout, stderr } = await play("agent-docs.ts");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Ingesting \d+ passages into MemGPT_agent\n/);
    expect(stdout).toMatch(
      /Attached data source memgpt_research_paper to agent MemGPT_agent, consisting of (\d+)\. Agent now has \1 embeddings in archival memory\.\n/,
    );
    expect(stdout).toContain(
      [
        " embeddings in archival memory.\n\nUser_proxy (to chat_manager):\n\n",
        `Tell me what virtual context in MemGPT is. Search your archival memory.\n\n${RULE}\n`,
        "GroupChat is underpopulated with 2 agents. Direct communication would be more efficient.\n\n",
        "MemGPT_agent (to chat_manager):\n\n[inner thoughts] ",
      ].join(""),
    );
    expect(stdout).toContain("appearance of a larger memory");
  });

  it("says in one line what is wrong where there is no document", async () => {
    const { code, stdout, stderr } = await play("agent-docs.ts", { args: ["nowhere.pdf"] });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^There is no such file\..*\n$/);
  });
});

describe("agent-autoreply", () => {
  it("replies automatically up to its limit, then asks the person", async () => {
    server.handler = answers("Still working.", "");
    const { code, stdout } = await play("agent-autoreply.ts", { env: online() });
    expect(code).toBe(0);
    expect(stdout.split(">>>>>>>> USING AUTO REPLY...")).toHaveLength(4);
    expect(stdout).toContain("The chat ended: human_stop.");
  });

  it("ends when the agent is done", async () => {
    server.handler = answers("Done. TERMINATE", "");
    const { stdout } = await play("agent-autoreply.ts", { env: online(), typed: "\n" });
    expect(stdout).toContain(">>>>>>>> NO HUMAN INPUT RECEIVED.");
    expect(stdout).toContain("The chat ended: termination.");
  });

  it("runs on the offline model", async () => {
    const { code, stdout } = await play("agent-autoreply.ts");
    expect(code).toBe(0);
    expect(stdout).toContain("MemGPT_agent (to chat_manager):");
  });
});
