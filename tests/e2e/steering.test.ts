import { afterEach, describe, expect, it } from "vitest";
import { closeHouses, gate, House, PLAIN_KEY, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, requestsWith, say } from "./model-scripts.ts";

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
    await until(() => limit.content.includes("go on"), "the press to be told");
    await Promise.all([one.acknowledged(), two.acknowledged()]);
    const answers = await Promise.race([
      one.answer({ until: (text) => text.includes("faster") }),
      two.answer({ until: (text) => text.includes("faster") }),
    ]);
    expect(answers).toContain("The agents are answering already");
    await until(() => JSON.stringify(limit.components).includes("Skip"), "the buttons of the run");
    await Promise.all([
      house.general.press(house.ada, limit, "Stop"),
      house.general.press(house.boss, limit, "Stop"),
    ]);
    await bot.runsEnded(2);
    thinking.open();
    await until(() => notices(house).some((m) => m.content.startsWith("Stopped.")), "the end");
    expect(voices(house)).toEqual(["Product_manager"]);
    expect(house.fake.violations).toEqual([]);
  });

  it("tells who presses a button of a finished run", async () => {
    const house = await House.open({ config: { max_round: 2 }, model: () => "A plan." });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello");
    const old = await house.general.nextMessage((m) => m.content.includes("round limit"));
    await house.general.say(house.ada, "And now?");
    await bot.runsEnded(2);
    const call = await house.general.press(house.ada, old, "Continue");
    expect(await call.answer()).toContain("nothing here to go on with");
    expect(old.content).toContain("round limit");
    expect(house.fake.violations).toEqual([]);
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
    expect(menu.content).toContain("gives the word to MemGPT_coder");
    expect(menu.components).toEqual([]);
    expect(voices(house)).toEqual(["MemGPT_coder"]);
    expect(house.fake.violations).toEqual([]);
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
      "turn 2 of 12, now: Product_manager, next: MemGPT_coder",
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
    expect(house.fake.violations).toEqual([]);
  });
});
