import { afterEach, describe, expect, it } from "vitest";
import type { Answer, ChatBody } from "../fakes/openai-server.ts";
import { closeHouses, gate, House, MEMGPT_KEY, PLAIN_KEY, said, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, pings, requestsWith, say, textOf } from "./model-scripts.ts";

const GOAL =
  "I want to design an app to make me one million dollars in one month. Yes, you heard that right.";
const PLAN = "That is ambitious. 1. Find a niche. 2. Solve a painful problem. @everyone";
const THOUGHT = "CANARY-THOUGHT: they are dreamers, and I stay kind.";
const TIPS =
  "Great goal! Identify a niche market, and solve a real problem, <@&123456789012345678>.";

afterEach(closeHouses);

function example(body: ChatBody): Answer {
  return isMemgpt(body) ? say(TIPS, THOUGHT) : PLAN;
}

describe("agent_groupchat of the MemGPT documentation", () => {
  it("lets the agents answer in turn, in their own voices, and gives the floor back", async () => {
    const house = await House.open({ model: example });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.ask(GOAL);
    await bot.runsEnded(1);
    expect(said(house.general)).toEqual([`Product_manager: ${PLAN}`, `MemGPT_coder: ${TIPS}`]);
    const agents = house.general.botMessages.filter((m) => m.interaction === undefined);
    expect(agents.every((m) => m.author.webhookId === house.general.webhooks[0]?.id)).toBe(true);
    expect(bot.logged("a run ended")[0]?.fields).toMatchObject({ reason: "floor", rounds: 3 });
  });

  it("hears each agent's words, and each person's by their name", async () => {
    const house = await House.open({ model: example });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.ask(GOAL);
    await house.ask("And what is the first step?");
    await bot.runsEnded(2);
    const [, plain] = requestsWith(house, PLAIN_KEY);
    const heard = plain?.messages?.map((m) => [m.role, m.name, m.content]);
    expect(heard?.slice(1)).toEqual([
      ["user", "Ada", GOAL],
      ["assistant", "Product_manager", PLAN],
      ["user", "MemGPT_coder", TIPS],
      ["user", "Ada", "And what is the first step?"],
    ]);
    const [, memgpt] = requestsWith(house, MEMGPT_KEY);
    for (const part of [GOAL, PLAN, TIPS, "first step"]) expect(textOf(memgpt)).toContain(part);
  });

  it("shows inner thoughts to the people in grey lines, and to no other agent", async () => {
    const house = await House.open({ model: example });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const answer = await house.ask(GOAL);
    await house.ask("And the second step?");
    await bot.runsEnded(2);
    expect(answer.content).toMatch(/^-# \\\[inner thoughts\\\] CANARY-THOUGHT: .*\nGreat goal!/);
    const plain = requestsWith(house, PLAIN_KEY);
    expect(plain).toHaveLength(2);
    expect(JSON.stringify(plain)).not.toContain("CANARY-THOUGHT");
    // Its own thoughts the MemGPT agent has before it.
    expect(textOf(requestsWith(house, MEMGPT_KEY)[1])).toContain("CANARY-THOUGHT");
  });

  it("hides inner thoughts where the channel has chosen so, and keeps the choice", async () => {
    const house = await House.open({ model: example });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const hide = await house.general.slash(house.boss, "inner-thoughts", { subcommand: "hide" });
    expect(await hide.answer()).toContain("hidden here");
    expect((await house.ask(GOAL)).content).toBe(TIPS);
    await bot.runsEnded(1);
    await bot.close();
    await InProcessBot.start(house);
    expect((await house.ask("Once more?")).content).toBe(TIPS);
  });

  it("pings nobody, whatever the agents say", async () => {
    const house = await House.open({ model: example });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.ask(GOAL);
    await bot.runsEnded(1);
    expect(pings(house)).toEqual([]);
  });

  it("shows that an agent is at work", async () => {
    const thinking = gate();
    const house = await House.open({
      model: async (body) => {
        await thinking.passed;
        return example(body);
      },
    });
    await InProcessBot.start(house);
    await house.wake();
    const asked = house.ask(GOAL);
    await until(() => house.general.typing.length > 0, "typing");
    expect(said(house.general)).toEqual([]);
    thinking.open();
    await asked;
  });

  it("stops at max_round, the opening line included, and says so", async () => {
    const house = await House.open({
      model: example,
      config: { human_input_mode: "NEVER", max_round: 6 },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, GOAL);
    await bot.runsEnded(1);
    await house.general.nextMessage((m) => m.content.includes("round limit"));
    expect(said(house.general)).toEqual([
      `Product_manager: ${PLAN}`,
      `MemGPT_coder: ${TIPS}`,
      "User_proxy: ...",
      `Product_manager: ${PLAN}`,
      `MemGPT_coder: ${TIPS}`,
      "colloquy: The round limit is reached (6 messages). Write to go on.",
    ]);
  });

  it("ends the run at a message that ends with TERMINATE", async () => {
    const house = await House.open({ model: () => "All is said. TERMINATE" });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, GOAL);
    await bot.runsEnded(1);
    await house.fake.quiet();
    expect(said(house.general)[0]).toBe("Product_manager: All is said. TERMINATE");
    const told = await house.general.nextMessage((m) => m.content.includes("ends the run"));
    expect(told.content).toBe("The last message ends the run. The floor is yours.");
  });

  it("lets the next speaker hear a line that comes in mid-run, and answers it once", async () => {
    const thinking = gate();
    const house = await House.open({
      model: async (body) => {
        if (!isMemgpt(body)) await thinking.passed;
        return example(body);
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const asked = house.ask(GOAL);
    await until(() => requestsWith(house, PLAIN_KEY).length === 1, "the first request");
    await house.general.say(house.boss, "It must run on a telephone.");
    // The bot has taken it in when a later interaction is answered.
    await (await house.general.slash(house.ada, "groupchat", { subcommand: "show" })).answer();
    thinking.open();
    await asked;
    await bot.runsEnded(1);
    await house.fake.quiet();
    const [memgpt] = requestsWith(house, MEMGPT_KEY);
    expect(textOf(memgpt)).toContain("It must run on a telephone.");
    expect(said(house.general)).toHaveLength(2);
  });

  it("ends a run at once when somebody writes STOP", async () => {
    const house = await House.open({ model: () => new Promise(() => {}) });
    await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, GOAL);
    await until(() => requestsWith(house, PLAIN_KEY).length === 1, "the first request");
    await house.general.say(house.ada, "STOP");
    const told = await house.general.nextMessage((m) => m.interaction === undefined);
    expect(told.content).toBe("Stopped. The floor is yours.");
  });
});
