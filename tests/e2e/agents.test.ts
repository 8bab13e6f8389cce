import { afterEach, describe, expect, it } from "vitest";
import type { Call } from "../fakes/discord/calls.ts";
import { prefilled } from "../fakes/discord/modal-rules.ts";
import { closeHouses, gate, House, PLAIN_KEY, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, requestsWith, say, textOf } from "./model-scripts.ts";

afterEach(closeHouses);

const CRITIC = {
  name: "Critic",
  description: "Finds faults.",
  system_message: "You find FAULTS.",
};

const open = (config: Record<string, unknown> = {}): Promise<House> =>
  House.open({
    config: { templates: [CRITIC], ...config },
    model: (body) => (isMemgpt(body) ? say("Tips.", "thinking") : "A plan."),
  });

const agents = (
  house: House,
  subcommand: string,
  options: Record<string, string> = {},
): Promise<Call> => house.general.slash(house.boss, "agents", { subcommand, options });

async function form(house: House, subcommand: string, options = {}): Promise<Call> {
  const call = await agents(house, subcommand, options);
  await call.acknowledged();
  return call;
}

const fields = (call: Call) => prefilled(call.modal ?? {});

describe("/agents on Discord", () => {
  it("adds and edits an agent in a form, which is kept over a restart", async () => {
    const house = await open();
    const bot = await InProcessBot.start(house);
    await house.wake();
    const asked = await form(house, "add");
    expect(asked.modal).toMatchObject({ title: "A new agent" });
    expect(fields(asked)).toEqual({ name: "", description: "", system_message: "", model: "" });
    const added = await house.general.submitModal(house.boss, asked, {
      name: "Poet",
      system_message: "You RHYME.",
    });
    expect(await added.answer()).toBe("Poet sits at the table now, as the last.");
    expect(added.ephemeral).toBe(false);
    await house.ask("Hello");
    await bot.runsEnded(1);
    const rhymed = () => requestsWith(house, PLAIN_KEY).map(textOf).join("\n");
    await until(() => rhymed().includes("You RHYME."), "the poet to be asked");
    await bot.close();
    await InProcessBot.start(house);
    const edit = await form(house, "edit", { name: "poet" });
    expect(edit.modal).toMatchObject({ title: "Edit Poet" });
    expect(fields(edit)).toEqual({ description: "", system_message: "You RHYME.", model: "" });
    const edited = await house.general.submitModal(house.boss, edit, {
      system_message: "You sing.",
      description: "Sings.",
    });
    expect(await edited.answer()).toBe("Poet is changed.");
    const list = await agents(house, "list");
    expect(await list.answer()).toContain("4. **Poet** (plain agent, plain-model): Sings.");
  });

  it("fills the form with a template of the host's, offered by name", async () => {
    const house = await open();
    await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    const offered = await house.general.autocomplete(house.boss, "agents", {
      subcommand: "add",
      option: "template",
      typed: "cri",
    });
    expect(offered).toEqual([{ name: "Critic", value: "Critic" }]);
    const asked = await form(house, "add", { template: "Critic" });
    expect(fields(asked)).toEqual({ ...CRITIC, model: "" });
    const added = await house.general.submitModal(house.boss, asked, {});
    expect(await added.answer()).toContain("Critic sits at the table now");
    const again = await form(house, "add", { template: "critic" });
    const refused = await house.general.submitModal(house.boss, again, {});
    expect(await refused.answer()).toContain("There is an agent called Critic already");
    const wrong = await agents(house, "add", { template: "Nobody" });
    expect(await wrong.answer()).toContain("There is no template of that name. There is: Critic.");
    expect(wrong.modal).toBeUndefined();
  });

  it("asks for nothing that was given, and shows no form to who may not use it", async () => {
    const house = await open();
    await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    const given = await agents(house, "add", { name: "Poet", system_message: "You rhyme." });
    expect(await given.answer()).toContain("Poet sits at the table now");
    expect(given.modal).toBeUndefined();
    const ada = await house.general.slash(house.ada, "agents", { subcommand: "add", force: true });
    expect(await ada.answer()).toContain("You may not use /agents add here");
    expect(ada).toMatchObject({ ephemeral: true, modal: undefined });
    const unknown = await agents(house, "edit", { name: "MemGPT_coder" });
    expect(await unknown.answer()).toContain("No agent of that name was made here");
  });

  it("takes a form sent in after a restart, and says what changed meanwhile", async () => {
    const house = await open();
    const bot = await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    await (await agents(house, "add", { name: "Poet", system_message: "You rhyme." })).answer();
    const asked = await form(house, "add", { template: "Critic" });
    const edit = await form(house, "edit", { name: "Poet" });
    await bot.close();
    await InProcessBot.start(house);
    const added = await house.general.submitModal(house.boss, asked, { name: "Judge" });
    expect(await added.answer()).toContain("Judge sits at the table now");
    await (await agents(house, "delete", { name: "Poet" })).answer();
    const late = await house.general.submitModal(house.boss, edit, {});
    expect(await late.answer()).toContain("No agent of that name was made here");
  });

  it("may be stopped while a form stands open, which is good all the same", async () => {
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
    const asked = await form(house, "add");
    await until(() => plan.components.length > 0, "the buttons of the run");
    await (await house.general.press(house.ada, plan, "Stop")).acknowledged();
    await bot.runsEnded(1);
    hanging.open();
    const added = await house.general.submitModal(house.boss, asked, CRITIC);
    expect(await added.answer()).toContain("Critic sits at the table now");
    const stopped = await house.general.nextMessage((m) => m.content.includes("Stopped by Ada"));
    // The run was one of another table.
    await until(() => stopped.components.length === 0, "the buttons to go");
  });
});
