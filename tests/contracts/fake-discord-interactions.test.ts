import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  type Interaction,
  MessageFlags,
  ModalBuilder,
  PermissionFlagsBits,
  SlashCommandBuilder,
  TextInputBuilder,
  TextInputStyle,
} from "discord.js";
import { afterEach, describe, expect, test } from "vitest";
import type { FakeDiscordOptions } from "../fakes/discord/world.ts";
import { closeAll, codeOf, eventually, login, start, textChannel } from "./fake-discord-client.ts";

/** Commands, buttons and modals of the fake Discord, answered by the real discord.js client. */

afterEach(closeAll);

describe("interactions", () => {
  const attach = new SlashCommandBuilder()
    .setName("attach")
    .setDescription("Attach a file")
    .addAttachmentOption((o) => o.setName("file").setDescription("A file").setRequired(true))
    .addStringOption((o) => o.setName("agent").setDescription("Whose").setAutocomplete(true));
  const settings = new SlashCommandBuilder()
    .setName("settings")
    .setDescription("Change things")
    .setDefaultMemberPermissions(PermissionFlagsBits.ManageChannels)
    .addSubcommand((s) => s.setName("show").setDescription("Show them"));

  async function withCommands(
    handler: (interaction: Interaction) => Promise<unknown>,
    options?: FakeDiscordOptions,
  ) {
    const world = await start(options);
    const client = await login(world.fake);
    const errors: unknown[] = [];
    client.on("interactionCreate", (interaction) => {
      handler(interaction).catch((error: unknown) => errors.push(error));
    });
    await client.application?.commands.set([attach, settings]);
    return { ...world, client, errors };
  }

  test("a deferred command shows progress and a closing line, to its caller only", async () => {
    const { fake, ada, channel } = await withCommands(async (i) => {
      if (!i.isChatInputCommand()) return;
      await i.deferReply({ flags: MessageFlags.Ephemeral });
      const file = i.options.getAttachment("file", true);
      await i.editReply("reading");
      const text = await (await fetch(file.url)).text();
      await i.editReply(`${file.name}: ${text}`);
      await i.followUp({ content: "more", flags: MessageFlags.Ephemeral });
    });
    const call = await channel.slash(ada, "attach", {
      options: { file: { name: "a.txt", bytes: "abc" } },
    });
    expect(await call.answer()).toBe("a.txt: abc\n\nmore");
    expect(call.edits).toEqual(["reading", "a.txt: abc"]);
    expect(call).toMatchObject({ deferred: true, ephemeral: true, failed: false });
    expect(call.acknowledgedAfterMs).toBeLessThan(3000);
    expect(channel.messages).toEqual([]);
    expect(fake.violations).toEqual([]);
  });

  test("people cannot do what Discord's own client would not let them", async () => {
    const { fake, guild, ada, channel } = await withCommands(async (i) => {
      if (i.isChatInputCommand()) await i.reply(`did ${i.options.getSubcommand()}`);
    });
    const grace = guild.addMember({ name: "Grace", permissions: ["manage_channels"] });
    await expect(channel.slash(ada, "attach")).rejects.toThrow("required");
    await expect(channel.slash(ada, "nothing")).rejects.toThrow("not registered");
    await expect(channel.slash(ada, "settings", { subcommand: "show" })).rejects.toThrow("may not");
    const call = await channel.slash(grace, "settings", { subcommand: "show" });
    expect(await call.answer()).toBe("did show");
    expect(fake.registeredCommands.map((c) => c.name)).toEqual(["attach", "settings"]);
    expect(fake.violations).toEqual([]);
  });

  test("autocomplete, buttons and modals are answered", async () => {
    const { fake, ada, channel, client } = await withCommands(async (i) => {
      if (i.isAutocomplete()) await i.respond([{ name: i.options.getFocused(), value: "v" }]);
      if (i.isButton() && i.customId === "go") {
        await i.update({ content: "gone", components: [] });
      }
      if (i.isButton() && i.customId === "form") {
        const name = new TextInputBuilder()
          .setCustomId("name")
          .setLabel("Name")
          .setStyle(TextInputStyle.Short);
        await i.showModal(
          new ModalBuilder()
            .setCustomId("who")
            .setTitle("Who")
            .addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(name)),
        );
      }
      if (i.isModalSubmit()) await i.reply(`hello ${i.fields.getTextInputValue("name")}`);
    });
    const typed = { option: "agent", typed: "me" };
    expect(await channel.autocomplete(ada, "attach", typed)).toEqual([{ name: "me", value: "v" }]);
    const row = new ActionRowBuilder<ButtonBuilder>().addComponents(
      new ButtonBuilder().setCustomId("go").setLabel("Go").setStyle(ButtonStyle.Primary),
      new ButtonBuilder().setCustomId("form").setLabel("Form").setStyle(ButtonStyle.Secondary),
    );
    await (await textChannel(client, channel)).send({ content: "choose", components: [row] });
    const message = await channel.nextMessage();
    const form = await channel.press(ada, message, "Form");
    await form.acknowledged();
    const submitted = await channel.submitModal(ada, form, { name: "Ada" });
    expect(await submitted.answer()).toBe("hello Ada");
    expect(await (await channel.press(ada, message, "go")).answer()).toBe("gone");
    await expect(channel.press(ada, message, "go")).rejects.toThrow("no component");
    expect(fake.violations).toEqual([]);
  });

  test("silence, double answers and void tokens get Discord's codes and are noted", async () => {
    const codes: (number | string)[] = [];
    const { fake, ada, channel } = await withCommands(
      async (i) => {
        if (!i.isChatInputCommand()) return;
        const mode = i.options.getString("agent");
        if (mode === "late") {
          await new Promise((resolve) => setTimeout(resolve, 150));
          codes.push(await codeOf(i.reply("late")));
        } else {
          await i.reply("once");
          i.replied = false;
          codes.push(await codeOf(i.reply("twice")));
          i.replied = true;
          await eventually(() => expired);
          codes.push(await codeOf(i.followUp("after 15 minutes")));
        }
      },
      { ackWithinMs: 100 },
    );
    let expired = false;
    const file = { name: "a.txt", bytes: "abc" };
    const late = await channel.slash(ada, "attach", { options: { file, agent: "late" } });
    await expect(late.acknowledged()).rejects.toThrow("never acknowledged");
    await eventually(() => codes.length === 1);
    const twice = await channel.slash(ada, "attach", { options: { file, agent: "twice" } });
    expect(await twice.answer()).toBe("once");
    twice.expire();
    expired = true;
    await eventually(() => codes.length === 3);
    expect(codes).toEqual([10062, 40060, 50027]);
    expect(fake.violations).toEqual([
      "/attach: not acknowledged within 100 ms",
      expect.stringContaining("40060"),
      expect.stringContaining("50027"),
    ]);
  });

  test("commands that Discord would not take are refused with every fault", async () => {
    const { fake } = await start();
    const client = await login(fake);
    const option = (name: string, required: boolean) => ({
      type: 3 as const,
      name,
      description: "d",
      required,
    });
    const attempt = client.application?.commands.set([
      { name: "Upper", description: "d" },
      { name: "ok", description: "", options: [option("a", false), option("b", true)] },
    ]);
    expect(await codeOf(Promise.resolve(attempt))).toBe(50035);
    const text = fake.violations.join("\n");
    expect(text).toContain("0.name: Command name is invalid");
    expect(text).toContain("1.description: Must be between 1 and 100");
    expect(text).toContain("1.options.1: Required options must be placed before");
  });
});
