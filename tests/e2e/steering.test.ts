import { afterEach, describe, expect, it } from "vitest";
import { closeHouses, gate, House, MEMGPT_KEY, PLAIN_KEY, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, lastOf, requestsWith, say, textOf } from "./model-scripts.ts";

afterEach(closeHouses);

const notices = (house: House) =>
  house.general.botMessages.filter(
    (m) => m.interaction === undefined && m.author.webhookId === undefined,
  );

/** Who spoke, without the bot's own lines. */
const voices = (house: House): string[] =>
  house.general.botMessages
    .filter((m) => m.author.webhookId !== undefined)
    .map((m) => m.author.name);

/** The labels under each message of agents and bot, oldest first. */
const buttons = (house: House): string[] =>
  house.general.botMessages.map((m) =>
    m.components
      .flatMap((row) => (row as { components: { label: string }[] }).components)
      .map(({ label }) => label)
      .join(" "),
  );

const standing = (house: House): string =>
  buttons(house)
    .filter((b) => b !== "")
    .join(" | ");

describe("steering a groupchat on Discord", () => {
  it("goes on after the round limit when two press at once, and stops when two press again", async () => {
    const thinking = gate();
    const house = await House.open({
      config: { max_round: 2 },
      model: async (body) => {
        if (!isMemgpt(body)) return "A plan.";
        await thinking.passed;
        return say("Tips.", "thinking");
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    await bot.runsEnded(1);
    const limit = await house.general.nextMessage((m) => m.content.includes("round limit"));
    const [one, two] = await Promise.all([
      house.general.press(house.ada, limit, "Continue"),
      house.general.press(house.boss, limit, "Continue"),
    ]);
    const going = await house.general.nextMessage((m) => m.content.includes("go on"));
    await Promise.all([one.acknowledged(), two.acknowledged()]);
    const answers = await Promise.race([
      one.answer({ until: (text) => text.includes("faster") }),
      two.answer({ until: (text) => text.includes("faster") }),
    ]);
    expect(answers).toContain("The agents are answering already");
    await until(() => standing(house) === "Stop Skip", "the buttons of the run");
    const stops = await Promise.all([
      house.general.press(house.ada, going, "Stop"),
      house.general.press(house.boss, going, "Stop"),
    ]);
    await bot.runsEnded(2);
    await Promise.all(stops.map((stop) => stop.acknowledged()));
    thinking.open();
    await until(() => standing(house) === "Continue", "the button of the end");
    const ends = notices(house).filter((m) => /^Stopped by (Ada|Boss)\. The floor/.test(m.content));
    expect(ends).toHaveLength(1);
    expect(limit.content).toContain("round limit");
    expect(voices(house)).toEqual(["Product_manager"]);
  });

  it("does nothing for who may read here and not write", async () => {
    const house = await House.open({ config: { max_round: 2 } });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    await bot.runsEnded(1);
    const limit = await house.general.nextMessage((m) => m.content.includes("round limit"));
    house.guild.silence(house.ada, house.general);
    const press = await house.general.press(house.ada, limit, "Continue");
    const command = await house.general.slash(house.ada, "groupchat", { subcommand: "continue" });
    for (const call of [press, command]) {
      expect(await call.answer()).toContain("You may not write in this channel");
      expect(call.messages.at(-1)?.flags).toBe(64);
    }
    const shown = await house.general.slash(house.ada, "groupchat", { subcommand: "show" });
    expect(await shown.answer()).toContain("The floor is yours");
    await house.general.press(house.boss, limit, "Continue");
    await bot.runsEnded(2);
  });

  it("moves the buttons along, and tells who presses one of a finished run", async () => {
    const thinking = gate();
    const house = await House.open({
      model: async (body) => {
        if (!isMemgpt(body)) return "A plan.";
        await thinking.passed;
        return say("Tips.", "thinking");
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    const plan = await house.general.nextMessage((m) => m.content === "A plan.");
    await until(() => standing(house) === "Stop Skip", "the buttons of the run");
    const stop = house.general.button(plan, "Stop");
    const skip = house.general.button(plan, "Skip");
    thinking.open();
    await bot.runsEnded(1);
    await until(() => standing(house) === "Continue", "the buttons to move");
    const asked = house.models?.requests.length;
    for (const old of [stop, skip]) {
      const late = await house.general.pressStale(house.ada, plan, old);
      expect(await late.answer()).toContain("That run is over");
      expect(late.messages.at(-1)?.flags).toBe(64);
    }
    expect(plan.content).toBe("A plan.");
    expect(house.models?.requests.length).toBe(asked);
    const tips = house.general.botMessages.at(-1);
    const go = tips && house.general.button(tips, "Continue");
    await house.ask("And now?");
    await bot.runsEnded(2);
    const late = await house.general.pressStale(house.boss, tips ?? plan, go ?? stop);
    expect(await late.answer()).toContain("nothing here to go on with");
    expect(standing(house)).toBe("Continue");
    expect(voices(house)).toHaveLength(4);
  });

  it("lets the agents talk on without a line of the people, and passes over who hangs, once", async () => {
    const hanging = gate();
    let round = 0;
    const house = await House.open({
      model: async (body) => {
        if (isMemgpt(body)) return say("Tips.", "thinking");
        round += 1;
        if (round === 2) await hanging.passed;
        return `Plan ${round}.`;
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const tips = await house.ask("Hello");
    await bot.runsEnded(1);
    await house.general.press(house.ada, tips, "Continue");
    const going = await house.general.nextMessage((m) => m.content.includes("go on"));
    await until(() => requestsWith(house, PLAIN_KEY).length === 2, "the manager to be asked");
    const [one, two] = await Promise.all([
      house.general.press(house.ada, going, "Skip"),
      house.general.press(house.boss, going, "Skip"),
    ]);
    await Promise.all([one.acknowledged(), two.acknowledged()]);
    await bot.runsEnded(2);
    hanging.open();
    const told = [...one.texts, ...two.texts].filter((text) => text.includes("That turn is over"));
    expect(told).toHaveLength(1);
    expect(voices(house)).toEqual(["Product_manager", "MemGPT_coder", "MemGPT_coder"]);
    await until(() => standing(house) === "Continue", "the button of the end");
  });

  it("finds the buttons of an earlier process: they work, and then they go", async () => {
    const house = await House.open({
      model: (body) => (isMemgpt(body) ? say("Tips.", "thinking") : "A plan."),
    });
    const before = await InProcessBot.start(house);
    await house.wake();
    const tips = await house.ask("Hello");
    await before.runsEnded(1);
    await before.close();
    const bot = await InProcessBot.start(house);
    const press = await house.general.press(house.ada, tips, "Continue");
    await press.acknowledged();
    await bot.runsEnded(1);
    await until(() => standing(house) === "Continue", "the buttons to be on one line");
    await bot.close();
    const again = await InProcessBot.start(house);
    await house.ask("More?");
    await again.runsEnded(1);
    await until(() => standing(house) === "Continue", "the older ones to be cleaned away");
    expect(buttons(house).at(-1)).toBe("Continue");
  });

  it("goes on after a stop of the bot in mid-run, without buttons that are left behind", async () => {
    const hanging = gate();
    let asked = 0;
    const house = await House.open({
      model: async (body) => {
        if (!isMemgpt(body)) return "A plan.";
        asked += 1;
        if (asked === 1) await hanging.passed;
        return say("Tips.", "thinking");
      },
    });
    const before = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    await until(() => standing(house) === "Stop Skip", "the buttons of the run");
    await before.close();
    const bot = await InProcessBot.start(house);
    await bot.runsEnded(1);
    hanging.open();
    await until(() => standing(house) === "Continue", "the buttons to move");
    expect(voices(house)).toEqual(["Product_manager", "MemGPT_coder"]);
  });

  it("ends at once on stop in small letters while a model hangs, and answers a burst once", async () => {
    const hanging = gate();
    const thinking = gate();
    const house = await House.open({
      model: async (body) => {
        if (isMemgpt(body)) return say("Tips.", "thinking");
        await (lastOf(body).content === "Hello" ? hanging.passed : thinking.passed);
        return "A plan.";
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    await until(() => requestsWith(house, PLAIN_KEY).length === 1, "the model to hang");
    await house.general.say(house.ada, "Also this");
    await house.general.say(house.boss, "stop");
    const told = await house.general.nextMessage((m) => m.content.startsWith("Stopped."));
    expect(told.content).toBe("Stopped. The floor is yours.");
    await bot.runsEnded(1);
    expect(voices(house)).toEqual([]);
    for (const text of ["One", "Two", "Three"]) await house.general.say(house.ada, text);
    await until(() => requestsWith(house, PLAIN_KEY).length === 2, "the burst to be taken up");
    thinking.open();
    await bot.runsEnded(2);
    hanging.open();
    await house.fake.quiet();
    expect(voices(house)).toEqual(["Product_manager", "MemGPT_coder"]);
    expect(textOf(requestsWith(house, MEMGPT_KEY).at(-1))).toContain("Three");
  });

  it("leaves no dead buttons where the last of the table is passed over, which ends the run", async () => {
    const hanging = gate();
    const house = await House.open({
      model: async (body) => {
        if (isMemgpt(body)) await hanging.passed;
        return isMemgpt(body) ? say("Tips.", "thinking") : "A plan.";
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    const plan = await house.general.nextMessage((m) => m.content === "A plan.");
    await until(() => standing(house) === "Stop Skip", "the buttons of the run");
    await house.general.press(house.ada, plan, "Skip");
    await bot.runsEnded(1);
    hanging.open();
    await until(() => standing(house) === "Continue", "the button of the end");
    await house.fake.quiet();
    expect(standing(house)).toBe("Continue");
  });

  it("asks by a menu who speaks next", async () => {
    const house = await House.open({
      config: { speaker_selection_method: "manual", max_round: 2 },
      model: (body) => (isMemgpt(body) ? say("Tips.", "thinking") : "A plan."),
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    const menu = await house.general.nextMessage((m) => m.content.includes("Who speaks next?"));
    const [row] = menu.components as { components: { custom_id: string }[] }[];
    const id = row?.components[0]?.custom_id ?? "";
    await house.general.select(house.ada, menu, id, ["MemGPT_coder"]);
    await bot.runsEnded(1);
    await until(() => menu.content.includes("gives the word to MemGPT_coder"), "the choice");
    await until(() => standing(house) === "Continue", "the menu to go");
    expect(voices(house)).toEqual(["MemGPT_coder"]);
  });

  it("lets a member who is removed while speaking end its answer", async () => {
    const thinking = gate();
    const house = await House.open({
      model: async (body) => {
        if (isMemgpt(body)) return say("Tips.", "thinking");
        await thinking.passed;
        return "A plan.";
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    await until(() => requestsWith(house, PLAIN_KEY).length === 1, "the manager to be asked");
    const shown = await house.general.slash(house.ada, "groupchat", { subcommand: "show" });
    expect(await shown.answer()).toContain(
      "turn 2 of 12, next: MemGPT_coder; Product_manager is at work.",
    );
    const options = { agent: "Product_manager" };
    const remove = await house.general.slash(house.boss, "groupchat", {
      subcommand: "remove",
      options,
    });
    expect(await remove.answer()).toContain("its last one");
    thinking.open();
    await bot.runsEnded(1);
    await house.ask("Again");
    await bot.runsEnded(2);
    expect(voices(house)).toEqual(["Product_manager", "MemGPT_coder", "MemGPT_coder"]);
  });
});
