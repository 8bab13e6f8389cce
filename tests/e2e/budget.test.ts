import { afterEach, describe, expect, it } from "vitest";
import type { FakeAnswer } from "../fakes/openai-answers.ts";
import type { ChatBody } from "../fakes/openai-server.ts";
import { closeHouses, House, PLAIN_KEY } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, say } from "./model-scripts.ts";

afterEach(closeHouses);

const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };

function priced(body: ChatBody): FakeAnswer {
  return isMemgpt(body) ? { ...say("Tips.", "thinking"), usage } : { content: "A plan.", usage };
}

/** The models that were asked, in order. */
const asked = (house: House): unknown[] =>
  (house.models?.requests ?? []).map(({ body }) => body.model);

const notice = (house: House, text: string) =>
  house.general.nextMessage((m) => m.content.includes(text));

describe("what models cost", () => {
  it("is counted for the channel, and a used-up budget ends the run, also after a restart", async () => {
    const house = await House.open({
      config: { budget: { channel_per_day: { tokens: 2000 } } },
      model: priced,
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.ask("Hello");
    await bot.runsEnded(1);
    const call = await house.general.slash(house.ada, "groupchat", { subcommand: "usage" });
    const text = await call.answer();
    expect(call.ephemeral).toBe(true);
    expect(text).toContain("Product_manager: 1 request, 1,000 tokens asked, 100 answered");
    expect(text).toContain("Budget: this channel today 2,200 of 2,000 tokens.");
    await bot.close();
    await InProcessBot.start(house);
    const before = asked(house).length;
    await house.general.say(house.ada, "And now?");
    const line = await notice(house, "budget for today is used up: 2,200 of 2,000 tokens");
    expect(line.content).not.toContain("\n");
    expect(asked(house)).toHaveLength(before);
  });

  it("ends a run in its middle, before the next request, and Continue begins another", async () => {
    const house = await House.open({ config: { budget: { run: { tokens: 1 } } }, model: priced });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    const line = await notice(house, "The budget of one run is used up");
    expect(asked(house)).toEqual(["plain-model"]);
    await house.general.press(house.ada, line, "Continue");
    await bot.runsEnded(2);
    expect(asked(house)).toEqual(["plain-model", "memgpt-model"]);
  });
});

describe("the lists of models", () => {
  it("come from OAI_CONFIG_LIST in the bot's environment", async () => {
    const house = await House.open({ config: { config_list: undefined }, model: priced });
    house.extra_env.OAI_CONFIG_LIST = JSON.stringify([
      { model: "listed", base_url: house.models?.base_url, api_key: PLAIN_KEY },
    ]);
    await InProcessBot.start(house);
    await house.wake();
    await house.ask("Hello");
    expect(asked(house)).toEqual(["listed", "memgpt-model"]);
  });

  it("are filtered for an agent by tags or model; the others have the whole list", async () => {
    const house = await House.open({ model: priced });
    const base_url = house.models?.base_url;
    const assistant = (name: string, more = {}) => ({ type: "assistant", name, ...more });
    house.configure({
      embedding: "offline",
      config_list: [
        { model: "big", base_url, api_key: PLAIN_KEY, tags: ["slow"] },
        { model: "small", base_url, api_key: PLAIN_KEY, tags: ["fast", "cheap"] },
      ],
      agents: [
        { type: "user_proxy", name: "User_proxy" },
        assistant("First"),
        assistant("Second", { filter_dict: { tags: ["fast"] } }),
        assistant("Third", { model: "big" }),
        { type: "memgpt", name: "MemGPT_coder", model: "small" },
      ],
    });
    await InProcessBot.start(house);
    await house.wake();
    await house.ask("Hello");
    expect(asked(house)).toEqual(["big", "small", "big", "small"]);
    const add = await house.general.slash(house.boss, "agents", {
      subcommand: "add",
      options: { name: "Own", system_message: "You help.", model: "small" },
    });
    expect(await add.answer()).toContain("Own sits at the table now");
  });

  it("keep answers by cache_seed, which cost nothing then, and honour api_rate_limit", async () => {
    const house = await House.open({ model: priced });
    const base_url = house.models?.base_url;
    house.configure({
      embedding: "offline",
      max_round: 3,
      config_list: [
        { model: "kept", base_url, api_key: PLAIN_KEY, cache_seed: 41, api_rate_limit: 2 },
      ],
      agents: [
        { type: "user_proxy", name: "User_proxy" },
        { type: "assistant", name: "First" },
        { type: "assistant", name: "Second" },
      ],
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const begin = performance.now();
    await house.general.say(house.ada, "Hello");
    await bot.runsEnded(1);
    expect(asked(house)).toEqual(["kept", "kept"]);
    expect(performance.now() - begin).toBeGreaterThan(400);
    await house.general.slash(house.boss, "groupchat", { subcommand: "reset" });
    await house.general.say(house.ada, "Hello");
    await bot.runsEnded(2);
    expect(asked(house)).toEqual(["kept", "kept"]);
  });
});
