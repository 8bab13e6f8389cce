import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { memgptPaper } from "../fixtures/memgpt-paper.ts";
import { smallPaper } from "../fixtures/small-paper.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House } from "./house.ts";

afterEach(closeHouses);

/** The bot with lines piped into it, as people script it; without a token it opens the terminal. */
async function piped(house: House, lines: readonly string[]): Promise<BotProcess> {
  const bot = BotProcess.start({
    env: { COLLOQUY_DATA_DIR: house.dataDir },
    cwd: house.folder,
    input: lines.map((line) => `${line}\n`).join(""),
  });
  house.bots.push(bot);
  await bot.exited;
  return bot;
}

describe("the terminal, piped", () => {
  it("says in three lines what it found, answers, and exits with 0", async () => {
    const house = await House.open();
    const bot = await piped(house, ["My name is Ada."]);
    expect(await bot.exited).toEqual({ code: 0, signal: null });
    const [surface, model, stores] = bot.stdout.split("\n");
    expect(surface).toMatch(/^Surface: terminal .*DISCORD_TOKEN/);
    expect(model).toMatch(/^Model: {3}the offline model: .*OPENAI_API_KEY/);
    expect(stores).toMatch(/^Stores: {2}SQLite and Chroma/);
    expect(bot.stdout).toMatch(/^Product_manager\n.*\n\nMemGPT_coder\n.*Ada/ms);
    expect(bot.stderr).toBe("");
  });

  it("writes no colours and no control characters", async () => {
    const house = await House.open();
    const bot = await piped(house, ["Hello \u001b[31mred\u001b[0m!", "/help", "/groupchat show"]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(bot.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it("attaches the paper, quotes it with page numbers, and still knows after a new start", async () => {
    const house = await House.open();
    const name = "memgpt_paper.pdf";
    writeFileSync(join(house.folder, name), memgptPaper() ?? smallPaper());
    const question = "Tell me what virtual context in MemGPT is. Search your archival memory.";
    const first = await piped(house, [`/attach ./${name}`, question]);
    expect(first.stdout).toMatch(
      /^Attached data source memgpt_paper\.pdf to agent MemGPT_coder, consisting of (\d+)\. Agent now has \1 embeddings in archival memory\.$/m,
    );
    expect(first.stdout).toMatch(/virtual context management.*\(memgpt_paper\.pdf, p\. 1\)/is);
    const second = await piped(house, [question]);
    expect(second.stdout).toMatch(/virtual context management.*\(memgpt_paper\.pdf, p\. 1\)/is);
  });

  it("says what is wrong with a command or a file, and goes on", async () => {
    const house = await House.open();
    const bot = await piped(house, [
      "/atach x.pdf",
      "/attach nowhere.pdf",
      "/memory",
      "My name is Ada.",
    ]);
    expect((await bot.exited).code).toBe(0);
    expect(bot.stdout).toContain("There is no command /atach.");
    expect(bot.stdout).toContain("There is no such file. Check the path");
    expect(bot.stdout).toContain("/memory needs a subcommand");
    expect(bot.stdout).toMatch(/MemGPT_coder\n.*Ada/s);
  });

  it("exits with 1 when a line was not answered, because no model could be asked", async () => {
    const house = await House.open();
    const lists = { config_list: [{ model: "gone", base_url: "http://127.0.0.1:9/v1" }] };
    mkdirSync(join(house.folder, "config"));
    writeFileSync(join(house.folder, "config", "models.json"), JSON.stringify(lists));
    const bot = await piped(house, ["Hello.", "/groupchat show"]);
    expect((await bot.exited).code).toBe(1);
    expect(bot.stdout).toContain("cannot be reached");
    expect(bot.stdout).toContain("The floor is yours.");
    expect(bot.stderr).toContain("a run ended with an error");
  });

  it("ends at /quit, with nothing left behind", async () => {
    const house = await House.open();
    const bot = await piped(house, ["/quit", "My name is Ada."]);
    expect((await bot.exited).code).toBe(0);
    expect(bot.stdout).not.toContain("MemGPT_coder");
  });
});
