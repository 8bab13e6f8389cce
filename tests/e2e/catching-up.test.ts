import { afterEach, describe, expect, it } from "vitest";
import { pause } from "../fakes/openai-faults.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, isBy, MEMGPT_KEY, PLAIN_KEY, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, requestsWith, say } from "./model-scripts.ts";

afterEach(closeHouses);

const AGENTS = ["Product_manager", "MemGPT_coder"];

function answersSince(house: House, id: string): string[] {
  return house.general.messages
    .filter((message) => BigInt(message.id) > BigInt(id))
    .flatMap((message) => AGENTS.find((name) => isBy(name, message)) ?? []);
}

async function answeredSince(house: House, id: string): Promise<string[]> {
  await until(() => answersSince(house, id).length >= 2, "both answers", 20_000);
  await house.fake.quiet(250);
  return answersSince(house, id);
}

/** Every text of a person that the agents were given, in order. */
function heard(house: House): string[] {
  const messages = requestsWith(house, PLAIN_KEY).at(-1)?.messages ?? [];
  return messages.flatMap((m) => (m.role === "user" ? String(m.content) : []));
}

const twoAgents = (body: Parameters<typeof isMemgpt>[0]) =>
  isMemgpt(body) ? say("Coder here.") : "Manager here.";

describe("lines written while the bot is down", () => {
  it("are heard in order, once, and answered by one run when it is back", async () => {
    const house = await House.open({ model: twoAgents });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await bot.close();
    const first = await house.general.say(house.ada, "line 1");
    for (let i = 2; i <= 50; i += 1) await house.general.say(house.ada, `line ${i}`);
    const again = await InProcessBot.start(house);
    expect(await answeredSince(house, first.id)).toEqual(AGENTS);
    expect(heard(house)).toEqual(Array.from({ length: 50 }, (_, i) => `line ${i + 1}`));
    expect(again.logged("a run ended")).toHaveLength(1);
    expect(requestsWith(house, MEMGPT_KEY)).toHaveLength(1);
    await again.close();
    // Nothing is answered a second time at the next start.
    await InProcessBot.start(house);
    await house.fake.quiet(300);
    expect(answersSince(house, first.id)).toEqual(AGENTS);
  });

  it("are answered when the bot dies between hearing of them and storing them", async () => {
    const house = await House.open({ model: twoAgents });
    await BotProcess.open(house);
    await house.wake();
    for (const delay of [0, 1, 2, 3, 5, 8]) {
      const [bot] = house.bots.splice(0) as BotProcess[];
      const question = await house.general.say(house.ada, `What now, ${delay}?`);
      await pause(delay);
      await bot?.kill();
      await BotProcess.open(house);
      expect(await answeredSince(house, question.id), `${delay} ms`).toEqual(AGENTS);
    }
  });
});
