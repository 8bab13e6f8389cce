import { afterEach, describe, expect, it } from "vitest";
import { smallPaper } from "../fixtures/small-paper.ts";
import { closeHouses, gate, House, said, until } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, say } from "./model-scripts.ts";

afterEach(closeHouses);

function twoAgents(body: Parameters<typeof isMemgpt>[0]) {
  return isMemgpt(body) ? say("Coder here.") : "Manager here.";
}

describe("what the bot may do", () => {
  it("speaks under its own name without Manage Webhooks, and says why once", async () => {
    const house = await House.open({ model: twoAgents });
    await InProcessBot.start(house);
    const plain = house.guild.addTextChannel({
      name: "plain",
      botPermissions: ["view_channel", "send_messages", "read_message_history", "embed_links"],
    });
    await house.wake(plain);
    await house.ask("One?", { channel: plain });
    await house.ask("Two?", { channel: plain });
    const lines = said(plain);
    expect(lines).toHaveLength(5);
    const reasons = plain.botMessages.filter((m) => m.content.includes("Manage Webhooks"));
    expect(reasons).toHaveLength(1);
    expect(
      lines.filter((line) => line === "colloquy: **Product_manager**\nManager here."),
    ).toHaveLength(2);
    expect(house.fake.refusals).toEqual([]);
  });

  it("makes its webhook anew when somebody deletes it", async () => {
    const house = await House.open({ model: twoAgents });
    await InProcessBot.start(house);
    await house.wake();
    await house.ask("One?");
    house.general.deleteWebhooks();
    await house.ask("Two?");
    expect(house.general.webhooks).toHaveLength(1);
    const both = ["Product_manager: Manager here.", "MemGPT_coder: Coder here."];
    expect(said(house.general)).toEqual([...both, ...both]);
  });

  it("leaves a channel in peace where it may not write, and goes on elsewhere", async () => {
    const house = await House.open({ model: twoAgents });
    const bot = await InProcessBot.start(house);
    const mute = house.guild.addTextChannel({ name: "mute" });
    await house.wake(mute);
    house.guild.removeBotPermission(mute, "send_messages");
    house.guild.removeBotPermission(mute, "manage_webhooks");
    for (let i = 1; i <= 20; i += 1) await mute.say(house.ada, `Hello ${i}?`);
    await until(() => bot.logged("left alone").length > 0, "a line in the log");
    await house.wake();
    expect((await house.ask("Hello?")).content).toContain("Coder here.");
    expect(house.fake.invalidRequests).toBe(0);
    expect(house.models?.requests).toHaveLength(2);
    expect(bot.logged("left alone")).toHaveLength(1);
    expect(bot.lines.filter((line) => line.level === "error")).toEqual([]);
    house.guild.restoreBotPermission(mute, "send_messages");
    expect((await house.ask("And now?", { channel: mute })).content).toContain("Coder here.");
    const heard = JSON.stringify(house.models?.requests.at(-2)?.body);
    for (const text of ["Hello 1?", "Hello 20?", "And now?"]) expect(heard).toContain(text);
  });

  it("tries a channel that refuses it for no known reason three times an hour at most", async () => {
    const house = await House.open({ model: twoAgents });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const refused = house.fake.inject({
      match: { method: "POST", route: /^\/(?:webhooks|channels)\// },
      kind: { status: 403, code: 50013 },
      times: 1000,
    });
    for (let i = 1; i <= 5; i += 1) {
      await house.general.say(house.ada, `Hello ${i}?`);
      await house.fake.quiet(150);
    }
    expect(refused.hits).toBeGreaterThan(0);
    expect(refused.hits).toBeLessThanOrEqual(3);
    expect(house.models?.requests).toHaveLength(1);
    expect(bot.logged("left alone")).toHaveLength(1);
  });
});

describe("what people may do", () => {
  it("refuses what changes the channel to who lacks Manage Channels, whatever Discord lets through", async () => {
    const house = await House.open();
    await InProcessBot.start(house);
    await house.wake();
    await house.ask("My name is Ada.");
    const file = { name: "handbook.pdf", bytes: smallPaper() };
    const attach = await house.general.slash(house.ada, "attach", { options: { file } });
    await attach.answer({ until: (text) => text.startsWith("Attached ") });
    const changes: [string, { subcommand?: string; options?: Record<string, string> }][] = [
      ["groupchat", { subcommand: "stop" }],
      ["groupchat", { subcommand: "reset" }],
      ["inner-thoughts", { subcommand: "hide" }],
      ["function-outputs", { subcommand: "show" }],
      ["sources", { subcommand: "detach", options: { name: "handbook.pdf" } }],
      ["save", { options: { name: "mine" } }],
      ["load", { options: { name: "mine" } }],
    ];
    for (const [name, input] of changes) {
      const refused = await house.general.slash(house.ada, name, { ...input, force: true });
      expect(await refused.answer(), name).toMatch(/^You may not use .*Manage Channels/s);
      expect(refused.ephemeral).toBe(true);
    }
    const show = await house.general.slash(house.ada, "groupchat", { subcommand: "show" });
    expect(await show.answer()).toMatch(/answer every line.*Inner thoughts are shown/s);
    const list = await house.general.slash(house.ada, "sources", { subcommand: "list" });
    expect(await list.answer()).toContain("handbook.pdf");
  });

  it("is in everybody's hands in a direct message", async () => {
    const house = await House.open();
    await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    const dm = house.fake.openDm(house.ada);
    const hide = await dm.slash(house.ada, "inner-thoughts", { subcommand: "hide" });
    expect(await hide.answer()).toContain("hidden here");
    expect((await house.ask("My name is Ada.", { channel: dm })).content).not.toContain("-# ");
  });

  it("acknowledges every command within 3 s while a run is going, and answers those that only look", async () => {
    const thinking = gate();
    const house = await House.open({
      model: async (body) => {
        await thinking.passed;
        return twoAgents(body);
      },
    });
    await InProcessBot.start(house);
    await house.wake();
    const asked = house.ask("Hello?");
    await until(() => house.models?.requests.length === 1, "the model to be asked");
    const { general, ada } = house;
    const looks: [string, { subcommand?: string }][] = [
      ["groupchat", { subcommand: "show" }],
      ["memory", { subcommand: "core" }],
      ["memory", { subcommand: "recall" }],
      ["sources", { subcommand: "list" }],
      ["agents", { subcommand: "list" }],
      ["help", {}],
    ];
    const calls = await Promise.all(
      Array.from({ length: 8 }, () => looks)
        .flat()
        .map(([name, input]) => general.slash(ada, name, input)),
    );
    const answers = await Promise.all(calls.map((call) => call.answer()));
    expect(answers[0]).toMatch(/The agents are answering.*Product_manager/);
    const slowest = Math.max(...calls.map((call) => call.acknowledgedAfterMs ?? 99_999));
    expect(slowest).toBeLessThan(3_000);
    thinking.open();
    await asked;
  });
});
