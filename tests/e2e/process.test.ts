import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { BotProcess, childrenOf, isAlive } from "./bot-process.ts";
import { closeHouses, House, said, until } from "./house.ts";
import { isMemgpt, say } from "./model-scripts.ts";

afterEach(closeHouses);

/** Starts a bot that is expected to end by itself. */
async function failedStart(house: House, env: Record<string, string> = {}): Promise<BotProcess> {
  const bot = BotProcess.start({ env: { ...house.env, ...env }, cwd: house.folder });
  house.bots.push(bot);
  await bot.exited;
  return bot;
}

describe("a start that cannot succeed", () => {
  it("says that the token is wrong, once, and exits with 78", async () => {
    const house = await House.open();
    const wrong = "MTIzNDU2Nzg5MDEyMzQ1Njc4.wrong.token-that-nobody-has-given-out-000";
    const bot = await failedStart(house, { DISCORD_TOKEN: wrong });
    expect((await bot.exited).code).toBe(78);
    expect(bot.stderr).toMatch(/token/i);
    expect(bot.stderr).toContain("DISCORD_TOKEN");
    expect(bot.stdout + bot.stderr).not.toContain(wrong);
    expect(house.fake.requests.filter((r) => r.status === 401).length).toBeLessThanOrEqual(1);
    house.fake.violations.splice(0);
  });

  it("names the switch to turn on when an intent is refused, and exits with 78", async () => {
    const house = await House.open({ discord: { intentsAllowed: { message_content: false } } });
    const bot = await failedStart(house);
    expect((await bot.exited).code).toBe(78);
    expect(bot.stderr).toContain("switch on Message Content Intent");
    expect(house.fake.identifies.length).toBeLessThanOrEqual(2);
    house.fake.violations.splice(0);
  });

  it("logs why Discord cannot be reached, and exits with 1, which a supervisor may try again", async () => {
    const house = await House.open();
    const env = { ...house.env, COLLOQUY_DISCORD_API: "http://127.0.0.1:9/api" };
    const bot = BotProcess.start({ env, cwd: house.folder });
    house.bots.push(bot);
    expect((await bot.exited).code).toBe(1);
    expect(bot.stderr).toContain("Discord did not answer properly.");
    expect(bot.stderr).toMatch(/error the bot has to end .*ECONNREFUSED/);
  });

  it("works without that intent where the configuration chooses so", async () => {
    const house = await House.open({
      discord: { intentsAllowed: { message_content: false } },
      config: { discord: { message_content: false } },
    });
    const bot = await BotProcess.open(house);
    expect(bot.stdout).toContain("Reduced mode");
    await house.general.say(house.ada, "My name is Ada.", { mentionsBot: true });
    await house.general.nextMessage((m) => m.content.includes("Ada"));
  });

  it("lists every fault of the configuration at once, with file, key, got and wanted", async () => {
    const house = await House.open();
    house.configure({
      max_round: "many",
      human_input_mode: "SOMETIMES",
      colour: "green",
      agents: [{ type: "assistant", name: "A B" }],
      config_list: [{ modell: "gpt-4", api_key: "sk-secret-0123456789abcdef" }],
    });
    const bot = await failedStart(house, { CHROMA_URL: "nonsense" });
    expect((await bot.exited).code).toBe(78);
    for (const key of [
      "max_round",
      "human_input_mode",
      "colour",
      "agents[0].name",
      "config_list[0].model",
    ]) {
      expect(bot.stderr).toContain(`colloquy.json: ${key}`);
    }
    expect(bot.stderr).toMatch(/environment.*CHROMA_URL/);
    expect(bot.stderr).toContain("SOMETIMES");
    expect(bot.stdout + bot.stderr).not.toContain("sk-secret");
    expect(existsSync(house.dataDir)).toBe(false);
  });

  it("names the line of a configuration that is no YAML", async () => {
    const house = await House.open();
    writeFileSync(join(house.folder, "colloquy.json"), '{\n  "max_round": [1, 2\n');
    const bot = await failedStart(house);
    expect((await bot.exited).code).toBe(78);
    expect(bot.stderr).toMatch(/colloquy\.json.*line \d/);
  });

  it("leaves the data directory to the process that has it, and exits with 75 within 2 s", async () => {
    const house = await House.open();
    const first = await BotProcess.open(house);
    const started = performance.now();
    const second = await failedStart(house);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect((await second.exited).code).toBe(75);
    expect(second.stderr).toContain(`is in use by process ${first.pid}`);
    expect(house.fake.identifies).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() === 0)("says that the data directory is read-only", async () => {
    const house = await House.open();
    mkdirSync(house.dataDir);
    chmodSync(house.dataDir, 0o500);
    const bot = await failedStart(house);
    expect((await bot.exited).code).toBe(78);
    expect(bot.stderr).toContain(house.dataDir);
    chmodSync(house.dataDir, 0o700);
  });

  it("says that the data directory cannot be made", async () => {
    const house = await House.open();
    writeFileSync(house.dataDir, "a file in its place");
    const bot = await failedStart(house);
    expect((await bot.exited).code).toBe(78);
    expect(bot.stderr).toMatch(/data directory .* cannot be used.*COLLOQUY_DATA_DIR/s);
  });

  it("overwrites nothing when the state is damaged, and says where it is", async () => {
    const house = await House.open();
    const bot = await BotProcess.open(house);
    await house.wake();
    await house.ask("My name is Ada.");
    await house.fake.quiet();
    await bot.kill();
    const path = join(house.dataDir, "colloquy.sqlite");
    for (const name of readdirSync(house.dataDir)) {
      if (name.startsWith("colloquy.sqlite"))
        writeFileSync(join(house.dataDir, name), "x".repeat(20_000));
    }
    const damaged = readFileSync(path);
    const posts = house.general.botMessages.length;
    const second = await failedStart(house);
    expect([1, 78]).toContain((await second.exited).code);
    expect(second.stderr).toMatch(/colloquy\.sqlite/);
    expect(second.stderr).not.toMatch(/^\s+at /m);
    expect(readFileSync(path).equals(damaged)).toBe(true);
    expect(house.general.botMessages).toHaveLength(posts);
  });
});

describe("an end", () => {
  it("comes within 10 s of SIGTERM in mid-turn, with exit code 0, and the turn is taken up again", async () => {
    let isThinking = true;
    const house = await House.open({
      model: (body) => {
        if (isThinking) return new Promise(() => {});
        return isMemgpt(body) ? say("The coder's answer.") : "The manager's answer.";
      },
    });
    const bot = await BotProcess.open(house);
    await house.wake();
    await house.general.say(house.ada, "What now?");
    await until(() => (house.models?.requests.length ?? 0) > 0, "the model to be asked");
    const children = bot.children();
    expect(children.length).toBeGreaterThan(0);
    const asked = performance.now();
    bot.signal("SIGTERM");
    expect(await bot.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(children.filter(isAlive)).toEqual([]);
    expect(said(house.general)).toEqual([]);

    isThinking = false;
    await BotProcess.open(house);
    await house.general.nextMessage((m) => m.content.includes("The coder's answer."));
    await house.fake.quiet();
    expect(said(house.general)).toEqual([
      "Product_manager: The manager's answer.",
      "MemGPT_coder: The coder's answer.",
    ]);
  });

  it("by kill -9 leaves no child behind, and the data directory free", async () => {
    const house = await House.open();
    const bot = await BotProcess.open(house);
    const children = bot.children().flatMap((pid) => [pid, ...childrenOf(pid)]);
    expect(children.length).toBeGreaterThan(0);
    await bot.kill();
    await until(() => !children.some(isAlive), "the children to end", 3_000);
    await BotProcess.open(house);
  });
});
