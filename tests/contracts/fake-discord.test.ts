import {
  ContainerBuilder,
  EmbedBuilder,
  MessageFlags,
  PermissionFlagsBits,
  TextDisplayBuilder,
  ThreadAutoArchiveDuration,
  WebhookClient,
} from "discord.js";
import { afterEach, describe, expect, test } from "vitest";
import {
  closeAll,
  codeOf,
  eventually,
  heard,
  login,
  makeClient,
  nobody,
  start,
  textChannel,
} from "./fake-discord-client.ts";

/** The fake Discord itself, driven by the real discord.js client. */

afterEach(closeAll);

describe("messages", () => {
  test("a person's message reaches the client, and its answer becomes visible", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    client.on("messageCreate", (message) => {
      if (!message.author.bot && message.channel.isSendable()) {
        void message.channel.send(`you said: ${message.content}`);
      }
    });
    await channel.say(ada, "hello");
    const answer = await channel.nextMessage();
    expect(answer.content).toBe("you said: hello");
    expect(answer.author.id).toBe(fake.botUser.id);
    expect(answer.allowedMentions).toEqual({ parse: [] });
    expect(fake.violations).toEqual([]);
  });

  test("attachments are served at signed addresses until these expire", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    const messages = heard(client);
    await channel.say(ada, "read this", { attachments: [{ name: "a.pdf", bytes: "%PDF-1.7" }] });
    const message = await eventually(() => messages[0]);
    const file = message.attachments.first();
    expect(file?.contentType).toBe("application/pdf");
    expect(file?.url.startsWith(`${fake.cdnUrl}/attachments/${channel.id}/`)).toBe(true);
    expect(await (await fetch(file?.url ?? "")).text()).toBe("%PDF-1.7");
    fake.cdn.expireAll();
    expect((await fetch(file?.url ?? "")).status).toBe(404);
    const fresh = (await message.fetch(true)).attachments.first();
    expect((await fetch(fresh?.url ?? "")).status).toBe(200);
    expect(fake.violations).toEqual([]);
  });

  test("history after, before and with a limit comes newest first", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    const said = [];
    for (const text of ["one", "two", "three", "four"]) said.push(await channel.say(ada, text));
    const there = await textChannel(client, channel);
    const ids = { first: said[0]?.id ?? "", last: said[3]?.id ?? "" };
    const after = await there.messages.fetch({ after: ids.first, limit: 2 });
    expect(after.map((m) => m.content)).toEqual(["three", "two"]);
    const before = await there.messages.fetch({ before: ids.last, limit: 2 });
    expect(before.map((m) => m.content)).toEqual(["three", "two"]);
  });

  test("edits, files, embeds, components and deletions pass Discord's own document", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    const there = await textChannel(client, channel);
    const question = await channel.say(ada, "well?");
    const message = await there.send({
      content: "first",
      embeds: [new EmbedBuilder().setTitle("T").setDescription("D")],
      files: [{ attachment: Buffer.from("hello"), name: "a.txt", description: "a file" }],
      reply: { messageReference: question.id },
      allowedMentions: { parse: [], repliedUser: false },
    });
    await message.edit({ content: "second", attachments: [] });
    expect(channel.messages.at(-1)?.edits).toEqual(["second"]);
    await there.send({
      flags: MessageFlags.IsComponentsV2,
      components: [
        new ContainerBuilder().addTextDisplayComponents(new TextDisplayBuilder({ content: "hi" })),
      ],
    });
    await message.react("👍");
    await message.delete();
    expect(channel.botMessages).toHaveLength(1);
    expect(fake.violations).toEqual([]);
  });

  test("broken message rules get Discord's codes and are noted", async () => {
    const { fake, channel } = await start();
    const client = await login(fake);
    const there = await textChannel(client, channel);
    expect(await codeOf(there.send("x".repeat(2001)))).toBe(50035);
    expect(await codeOf(there.send("   "))).toBe(50006);
    expect(await codeOf(there.send({ content: "x", nonce: "n".repeat(26) }))).toBe(50035);
    const big = Buffer.alloc(10 * 1024 * 1024 + 1);
    expect(await codeOf(there.send({ files: [{ attachment: big, name: "big.bin" }] }))).toBe(40005);
    await there.send({ content: "@everyone", allowedMentions: { parse: ["everyone"] } });
    const own = fake.violations.map((v) => v.replace(/^[^:]*: /, ""));
    expect(own.filter((v) => !v.startsWith("spec:"))).toEqual([
      expect.stringContaining("content: Must be 2000 or fewer in length"),
      expect.stringContaining("50006"),
      expect.stringContaining("nonce: Must be 25 or fewer"),
      expect.stringContaining("40005"),
      expect.stringContaining("parse must be []"),
    ]);
  });

  test("a message without allowed_mentions is noted", async () => {
    const { fake, channel } = await start();
    const client = makeClient(fake);
    delete client.options.allowedMentions;
    await client.login(fake.token);
    await (await textChannel(client, channel)).send("ping?");
    expect(fake.violations).toEqual([expect.stringContaining("allowed_mentions is missing")]);
  });

  test("an enforced nonce gives the message that is already there", async () => {
    const { fake, channel } = await start();
    const there = await textChannel(await login(fake), channel);
    const first = await there.send({ content: "once", nonce: "n1", enforceNonce: true });
    const second = await there.send({ content: "once", nonce: "n1", enforceNonce: true });
    expect(second.id).toBe(first.id);
    expect(channel.botMessages).toHaveLength(1);
  });

  test("nothing is heard from a channel that the bot cannot see", async () => {
    const { fake, guild, ada, channel } = await start();
    const messages = heard(await login(fake));
    const closed = guild.addTextChannel({ name: "closed", botPermissions: [] });
    await closed.say(ada, "private");
    await channel.say(ada, "public");
    await eventually(() => messages.length > 0);
    expect(messages.map((m) => m.content)).toEqual(["public"]);
  });

  test("DMs and threads are places of their own", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    const messages = heard(client);
    const dm = fake.openDm(ada);
    await dm.say(ada, "between us");
    const inDm = await eventually(() => messages.find((m) => m.content === "between us"));
    expect(inDm.channel.isDMBased()).toBe(true);
    await inDm.reply("yes");
    expect((await dm.nextMessage()).content).toBe("yes");
    const thread = channel.addThread({ name: "aside" });
    await thread.say(ada, "in here");
    const inThread = await eventually(() => messages.find((m) => m.content === "in here"));
    expect(inThread.channel.isThread()).toBe(true);
    const started = await (await textChannel(client, channel)).threads.create({
      name: "mine",
      autoArchiveDuration: ThreadAutoArchiveDuration.OneHour,
    });
    await started.send("welcome");
    expect(channel.threads.map((t) => t.name)).toEqual(["aside", "mine"]);
    thread.archive({ locked: true });
    expect(await codeOf(inThread.reply("late"))).toBe(50083);
    expect(fake.violations).toEqual([]);
  });
});

describe("webhooks", () => {
  test("a webhook speaks under a name of its own, in channels and threads", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    const messages = heard(client);
    const hook = await (await textChannel(client, channel)).createWebhook({ name: "Colloquy" });
    const sent = await hook.send({
      username: "Coder",
      avatarURL: "https://example.org/coder.png",
      content: "hello",
      allowedMentions: nobody,
    });
    await hook.editMessage(sent.id, { content: "hello again", allowedMentions: nobody });
    const thread = channel.addThread({ name: "aside" });
    await hook.send({ content: "in thread", threadId: thread.id, allowedMentions: nobody });
    expect(channel.messages[0]?.author).toMatchObject({ name: "Coder", webhookId: hook.id });
    expect(channel.messages[0]?.edits).toEqual(["hello again"]);
    expect(thread.messages[0]?.author.name).toBe("Colloquy");
    expect((await hook.fetchMessage(sent.id)).content).toBe("hello again");
    const own = await eventually(() => messages.find((m) => m.webhookId === hook.id));
    expect(own.author.bot).toBe(true);
    await channel.webhookSays({ name: "GitHub", text: "push" });
    await channel.say(ada, "last");
    await eventually(() => messages.find((m) => m.author.username === "GitHub"));
    expect(fake.violations).toEqual([]);
  });

  test("broken webhook rules get Discord's codes and are noted", async () => {
    const { fake, channel } = await start();
    const there = await textChannel(await login(fake), channel);
    const hook = await there.createWebhook({ name: "Colloquy" });
    expect(await codeOf(there.createWebhook({ name: "Clyde's friend" }))).toBe(50035);
    const post = (username: string) =>
      codeOf(hook.send({ username, content: "x", allowedMentions: nobody }));
    expect(await post("a Discord fan")).toBe(50035);
    expect(await post("n".repeat(81))).toBe(50035);
    const stranger = new WebhookClient(
      { id: hook.id, token: "wrong" },
      { rest: { api: fake.apiUrl } },
    );
    expect(await codeOf(stranger.send({ content: "x", allowedMentions: nobody }))).toBe(50027);
    const bare = new WebhookClient(
      { id: hook.id, token: hook.token ?? "" },
      { rest: { api: fake.apiUrl } },
    );
    await bare.send("no allowed_mentions from a WebhookClient");
    expect(fake.violations).toContainEqual(expect.stringContaining("allowed_mentions is missing"));
    expect(fake.violations.length).toBeGreaterThanOrEqual(5);
  });

  test("what the test takes away is refused without blame", async () => {
    const { fake, guild, channel } = await start();
    const there = await textChannel(await login(fake), channel);
    const hook = await there.createWebhook({ name: "Colloquy" });
    channel.deleteWebhooks();
    expect(await codeOf(hook.send({ content: "x", allowedMentions: nobody }))).toBe(10015);
    channel.fillWebhooks();
    expect(await codeOf(there.createWebhook({ name: "Colloquy" }))).toBe(30007);
    guild.removeBotPermission(channel, PermissionFlagsBits.ManageWebhooks);
    await eventually(() => {
      const me = there.guild.members.me;
      return me !== null && !there.permissionsFor(me).has(PermissionFlagsBits.ManageWebhooks);
    });
    expect(await codeOf(there.createWebhook({ name: "Colloquy" }))).toBe(50013);
    guild.removeBotPermission(channel, "view_channel");
    expect(await codeOf(there.send("x"))).toBe(50001);
    channel.delete();
    expect(await codeOf(there.send("x"))).toBe(10003);
    expect(fake.refusals.map((r) => r.code)).toEqual([10015, 30007, 50013, 50001, 10003]);
    expect(fake.violations).toEqual([]);
  });
});
