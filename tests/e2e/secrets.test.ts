import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Answer } from "../fakes/openai-server.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, MEMGPT_KEY, PLAIN_KEY } from "./house.ts";
import { isMemgpt, say } from "./model-scripts.ts";

afterEach(closeHouses);

describe("secrets", () => {
  it("are in no log line, post, request to a model or file after a run full of faults", async () => {
    let broken: Answer | undefined;
    const house = await House.open({
      model: (body) => broken ?? (isMemgpt(body) ? say("Coder here.") : "Manager here."),
    });
    const bot = await BotProcess.open(house, { COLLOQUY_LOG_LEVEL: "debug" });
    await house.wake();
    await house.ask("Hello?");
    const told = async (text: string): Promise<void> => {
      await house.general.say(house.ada, text);
      await house.general.nextMessage((m) => m.author.webhookId === undefined, 15_000);
    };
    for (const status of [401, 403, 404, 500]) {
      const message = `Incorrect API key provided: ${PLAIN_KEY} or ${MEMGPT_KEY}`;
      broken = { status, error: { message } };
      await told(`Does ${status} tell it?`);
    }
    broken = undefined;
    const hook = { method: "POST", route: /^\/webhooks\// };
    for (const status of [401, 403, 404, 500]) {
      const body = { message: `no ${house.general.webhooks[0]?.token}`, code: 0 };
      house.fake.inject({ match: hook, kind: { status, body }, times: 1 });
      await house.general.say(house.ada, `Does the webhook's ${status} tell it?`);
      await house.fake.quiet(700);
    }
    const tokens = house.general.webhooks.map((webhook) => webhook.token);
    bot.signal("SIGTERM");
    await bot.exited;

    const secrets = [house.fake.token, PLAIN_KEY, MEMGPT_KEY, ...tokens];
    const posts = JSON.stringify(house.general.messages.map((m) => m.content));
    const prompts = JSON.stringify(house.models?.requests.map((request) => request.body));
    expect(bot.stderr).toContain("webhook");
    expect(bot.stderr).toMatch(/model/i);
    for (const secret of secrets) {
      for (const text of [bot.stdout, bot.stderr, posts, prompts])
        expect(text).not.toContain(secret);
      for (const file of filesIn(house.dataDir)) {
        expect(readFileSync(file).includes(secret), file).toBe(false);
      }
    }
  });

  it("and memory are in files that only the bot's own user can read", async () => {
    const house = await House.open();
    const bot = await BotProcess.open(house);
    await house.wake();
    await house.ask("My name is Ada.");
    await bot.kill();
    for (const file of filesIn(house.dataDir)) {
      expect(statSync(file).mode & 0o077, file).toBe(0);
    }
    expect(statSync(house.dataDir).mode & 0o077).toBe(0);
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
