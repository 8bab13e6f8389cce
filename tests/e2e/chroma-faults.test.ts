import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ChromaProcess } from "../../src/adapters/chroma/chroma-process.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { smallPaper } from "../fixtures/small-paper.ts";
import { BotProcess, childrenOf, commandOf, isAlive } from "./bot-process.ts";
import { closeHouses, House, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";

afterEach(closeHouses);

const QUESTION = "What is virtual context? Search your archival memory.";
const QUOTE = /illusion of a large context.*\(handbook\.pdf, p\. 1\)/is;

function chromaOf(pid: number): number {
  const found = childrenOf(pid).find((child) => commandOf(child).includes("chroma-child"));
  if (found === undefined) throw new Error("no Chroma process");
  return found;
}

function hasChroma(pid: number): boolean {
  return childrenOf(pid).some((child) => commandOf(child).includes("chroma-child"));
}

async function withHandbook(
  config: Record<string, unknown> = {},
): Promise<{ house: House; bot: InProcessBot }> {
  const house = await House.open({ config });
  const bot = await InProcessBot.start(house);
  await house.wake();
  const file = { name: "handbook.pdf", bytes: smallPaper() };
  const attach = await house.general.slash(house.ada, "attach", { options: { file } });
  await attach.answer({ until: (text) => text.startsWith("Attached "), timeoutMs: 15_000 });
  return { house, bot };
}

/** Linux tells which processes live. */
describe.runIf(process.platform === "linux")("our own Chroma in trouble", () => {
  it("killed again and again: the chat goes on, and the documents are found again", async () => {
    const { house, bot } = await withHandbook();
    const starts = (): number => bot.logged("the Chroma server runs").length;
    for (let round = 0; round < 3; round += 1) {
      const before = starts();
      process.kill(chromaOf(process.pid), "SIGKILL");
      const answer = await house.ask(`My pet number ${round} is called Rex.`);
      expect(answer.content).toContain("Rex");
      await until(() => starts() > before, "Chroma to run again");
    }
    expect((await house.ask(QUESTION)).content).toMatch(QUOTE);
    expect(bot.logged("the Chroma server ended and is restarted")).toHaveLength(3);
  });

  it("frozen: it is killed and started again, the chat goes on meanwhile, and what is asked is found", async () => {
    const { house } = await withHandbook();
    const frozen = chromaOf(process.pid);
    process.kill(frozen, "SIGSTOP");
    const asked = performance.now();
    expect((await house.ask("My name is Ada.")).content).toContain("Ada");
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect((await house.ask(QUESTION, { timeoutMs: 20_000 })).content).toMatch(QUOTE);
    expect(performance.now() - asked).toBeLessThan(15_000);
    expect(isAlive(frozen)).toBe(false);
  });

  it("frozen while a document is attached: each passage is there once in the end", async () => {
    const { house } = await withHandbook();
    process.kill(chromaOf(process.pid), "SIGSTOP");
    const file = { name: "notes.txt", bytes: "The cellar key hangs behind the door." };
    const attach = await house.general.slash(house.ada, "attach", { options: { file } });
    await attach.answer({ until: (text) => text.startsWith("Attached "), timeoutMs: 30_000 });
    const search = { subcommand: "archival", options: { query: "cellar key" } };
    const found = await (await house.general.slash(house.ada, "memory", search)).answer();
    expect(found.match(/hangs behind the door/g)).toHaveLength(1);
  });

  it("does not outlive a bot that is killed, not even in the middle of its start", async () => {
    const house = await House.open();
    const bot = BotProcess.start({ env: house.env, cwd: house.folder });
    house.bots.push(bot);
    await until(() => hasChroma(bot.pid), "Chroma to be started");
    const chroma = chromaOf(bot.pid);
    await bot.kill();
    await until(() => !isAlive(chroma), "Chroma to end", 3_000);
  });
});

describe("a Chroma server of somebody else's that goes away", () => {
  it("is told by the tool while the chat goes on, and is used again when it is back", async () => {
    const directory = mkdtempSync(join(tmpdir(), "colloquy-chroma-"));
    const options = { directory, logger: new RecordingLogger(), ready_ms: 20_000 };
    const server = await ChromaProcess.start(options);
    const { port } = server.address;
    const { house, bot } = await withHandbook({
      stores: { chroma_url: `http://127.0.0.1:${port}` },
    });
    const attach = async (name: string): Promise<string> => {
      const file = { name, bytes: "The cellar key hangs behind the door." };
      const call = await house.general.slash(house.ada, "attach", { options: { file } });
      const isEnd = (text: string): boolean => !text.startsWith("Reading ");
      return call.answer({ until: isEnd, timeoutMs: 20_000 });
    };
    await server.kill();

    const unavailable = await house.ask(QUESTION, { timeoutMs: 15_000 });
    expect(unavailable.content).toMatch(/unavailable|cannot be|could not/i);
    expect(unavailable.content).not.toMatch(QUOTE);
    expect((await house.ask("My name is Ada.")).content).toContain("Ada");
    expect(await attach("notes.txt")).toMatch(/Chroma/);
    expect(bot.lines.some((line) => line.level === "warn" || line.level === "error")).toBe(true);

    const back = await ChromaProcess.start({ ...options, port });
    house.bots.push({ close: () => back.kill() });
    expect(back.address.port).toBe(port);
    expect((await house.ask(QUESTION, { timeoutMs: 15_000 })).content).toMatch(QUOTE);
    expect(await attach("notes.txt")).toMatch(/^Attached /);
    rmSync(directory, { recursive: true, force: true });
  });
});
