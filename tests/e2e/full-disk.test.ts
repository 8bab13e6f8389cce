import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ChromaProcess } from "../../src/adapters/chroma/chroma-process.ts";
import type { FakeMessage } from "../fakes/discord/records.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, said } from "./house.ts";
import { isMemgpt, say } from "./model-scripts.ts";

afterEach(closeHouses);

/** The bot's own word, outside the groupchat. */
function isNotice(message: FakeMessage): boolean {
  return message.author.webhookId === undefined && message.interaction === undefined;
}

describe.skipIf(process.platform === "win32")("a disk that is full", () => {
  it("keeps the bot from saying what it cannot store, is told, and nothing is lost when there is room", async () => {
    let serial = 0;
    const house = await House.open({
      model: (body) => {
        serial += 1;
        return isMemgpt(body) ? say(`Coder ${serial}. ${"x".repeat(1_500)}`) : `Manager ${serial}.`;
      },
    });
    // Chroma has its own disk here: it needs room in advance.
    const directory = join(house.folder, "chroma");
    mkdirSync(directory);
    const logger = new RecordingLogger();
    const chroma = await ChromaProcess.start({ directory, logger, ready_ms: 20_000 });
    house.bots.push({ close: () => chroma.kill() });
    const env = { ...house.env, CHROMA_URL: `http://127.0.0.1:${chroma.address.port}` };
    const bot = BotProcess.start({ env, cwd: house.folder, file_limit_kb: 160 });
    house.bots.push(bot);
    await bot.ready();
    await house.wake();

    let told: string | undefined;
    for (let i = 0; told === undefined && i < 60; i += 1) {
      await house.general.say(house.ada, `Line ${i}. ${"y".repeat(1_000)}`);
      const last = await house.general.nextMessage(
        (m) => m.content.includes("Coder ") || isNotice(m),
      );
      if (isNotice(last)) told = last.content;
    }
    expect(told).toMatch(/stored|state|disk/i);
    expect(bot.stderr).toMatch(/SQLITE_|disk/);
    const before = said(house.general);
    await house.general.say(house.ada, "Are you still there?");
    await house.fake.quiet(500);
    // Told once; nothing that is not stored is said.
    expect(said(house.general)).toEqual(before);
    await bot.kill();

    await BotProcess.open(house, env);
    await house.fake.quiet(500);
    const after = said(house.general);
    expect(after.slice(0, before.length)).toEqual(before);
    await house.ask("Now?");
    const spoken = said(house.general).filter((line) => /: (Coder|Manager) \d+\./.test(line));
    expect(new Set(spoken).size).toBe(spoken.length);
    const recall = { subcommand: "recall", options: { query: "Line" } };
    const found = await (await house.general.slash(house.ada, "memory", recall)).answer();
    expect(found).toContain("Line 0.");
  });
});
