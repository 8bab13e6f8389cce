import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { IncomingFile, Place, Post } from "../../src/channels/ports.ts";
import { DiscordBot, type DiscordBotOptions } from "../../src/discord/discord-bot.ts";
import type { Clock } from "../../src/shared/clock.ts";
import { ColloquyError } from "../../src/shared/errors.ts";
import { post, RecordingHost, sampleCommands } from "../discord/recording-host.ts";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import { FakeDiscord } from "../fakes/discord/fake-discord.ts";
import type { FakeGuild, FakeMember } from "../fakes/discord/fake-guild.ts";
import type { FakeDiscordOptions } from "../fakes/discord/world.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";

/** Real time, which a test may let pass at once. */
let passed = 0;
const realClock: Clock = {
  now: () => Date.now() + passed,
  monotonic: () => performance.now() + passed,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};

async function fetchFile(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new ColloquyError("file_expired", "The file's address has expired.");
  return new Uint8Array(await response.arrayBuffer());
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

interface House {
  fake: FakeDiscord;
  guild: FakeGuild;
  general: FakeChannel;
  ada: FakeMember;
  manager: FakeMember;
  host: RecordingHost;
  logger: RecordingLogger;
  fatal: ColloquyError[];
  bot: DiscordBot;
}

let house: House;
const bots: DiscordBot[] = [];

async function build(options: FakeDiscordOptions = {}): Promise<House> {
  const fake = await FakeDiscord.start(options);
  const guild = fake.addGuild({ name: "Lab" });
  const general = guild.addTextChannel({ name: "general" });
  const ada = guild.addMember({ name: "Ada", displayName: "Ada L." });
  const manager = guild.addMember({ name: "Boss", permissions: ["manage_channels"] });
  const host = new RecordingHost(sampleCommands);
  const logger = new RecordingLogger();
  const fatal: ColloquyError[] = [];
  const bot = makeBot(fake, { host, logger, onFatal: (error) => fatal.push(error) });
  return { fake, guild, general, ada, manager, host, logger, fatal, bot };
}

function makeBot(fake: FakeDiscord, options: Partial<DiscordBotOptions>): DiscordBot {
  const bot = new DiscordBot({
    host: new RecordingHost(),
    token: fake.token,
    message_content: true,
    api: fake.apiUrl,
    fetchFile,
    logger: new RecordingLogger(),
    clock: realClock,
    settle_ms: 150,
    ...options,
  });
  bots.push(bot);
  return bot;
}

function placeOf(channel: FakeChannel, kind: Place["kind"] = "channel"): Place {
  return { id: channel.id, kind, scope: house.guild.id, name: channel.name };
}

async function speak(fields: Partial<Post> & { text: string }, channel = house.general) {
  const posted: number[] = [];
  await house.host.surface(placeOf(channel)).speak(post(fields), async (n) => {
    posted.push(n);
  });
  return posted;
}

function said(channel: FakeChannel): string[] {
  return channel.botMessages.map((message) => `${message.author.name}: ${message.content}`);
}

async function until(fits: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 250; i += 1) {
    if (fits()) return;
    await realClock.sleep(20);
  }
  throw new Error(`still waiting for ${what}`);
}

async function pdf(file: IncomingFile): Promise<string> {
  return textOf(await file.read());
}

async function down(): Promise<void> {
  for (const bot of bots.splice(0)) await bot.stop();
  await house.fake.stop();
}

/** No secret may stand in any log line: not the bot's token, not a webhook's, not a command's. */
function logged(): string {
  return JSON.stringify(house.logger.lines);
}

describe("a bot that has logged in", () => {
  beforeEach(async () => {
    house = await build();
    await house.bot.start();
  });

  afterEach(async () => {
    expect(house.fake.violations).toEqual([]);
    for (const webhook of house.general.webhooks) expect(logged()).not.toContain(webhook.token);
    expect(logged()).not.toContain(house.fake.token);
    await down();
  });

  it("asks for the intents it needs and no others, and registers its commands once", async () => {
    expect(house.fake.identifies[0]?.intents).toBe(1 | (1 << 9) | (1 << 12) | (1 << 15));
    expect(house.fake.registeredCommands.map((command) => command.name)).toEqual(
      sampleCommands.map((command) => command.name),
    );
    expect(house.bot.inviteUrl).toContain(`client_id=${house.fake.applicationId}`);
    await house.bot.stop();
    const again = makeBot(house.fake, { host: new RecordingHost(sampleCommands) });
    await again.start();
    const puts = house.fake.requests.filter((request) => request.method === "PUT");
    expect(puts).toHaveLength(1);
  });

  it("hands what people write to the host, and nothing else", async () => {
    const { ada, general, guild, host } = house;
    const robot = guild.addMember({ name: "Robot", bot: true });
    await general.say(robot, "beep");
    await general.webhookSays({ name: "Feed", text: "news" });
    await speak({ text: "from an agent" });
    await general.say(ada, `hi <@${house.manager.id}> and <#${general.id}>`);
    await until(() => host.received.length > 0, "Ada's line");
    expect(host.received).toHaveLength(1);
    const [{ place, message } = { place: undefined, message: undefined }] = host.received;
    expect(place).toEqual(placeOf(general));
    expect(message?.person).toEqual({ id: ada.id, display_name: "Ada L." });
    expect(message?.text).toBe("hi @Boss and #general");
    expect(message?.addressed).toBe(false);
  });

  it("knows when it is addressed: mention, its role, replies to it and to its agents", async () => {
    const { ada, fake, general, guild, host } = house;
    const role = [...guild.record.roles.values()].find((r) => r.bot_id !== undefined)?.id;
    await speak({ text: "I am an agent." });
    await house.host.surface(placeOf(general)).notify("I am the bot.");
    const [agent, bot] = general.botMessages;
    await general.say(ada, `<@${fake.botUser.id}>, what now?`);
    await general.say(ada, `hey <@&${role}> you`);
    await general.say(ada, "to the agent", agent ? { replyTo: agent } : {});
    await general.say(ada, "to the bot", bot ? { replyTo: bot } : {});
    await general.say(ada, "to nobody");
    await until(() => host.received.length === 5, "five lines");
    expect(host.received.map(({ message }) => [message.text, message.addressed])).toEqual([
      ["what now?", true],
      ["hey you", true],
      ["to the agent", true],
      ["to the bot", true],
      ["to nobody", false],
    ]);
  });

  it("knows its agents' messages again after a restart, without making a webhook for it", async () => {
    const { ada, fake, general, guild } = house;
    await speak({ text: "I am an agent." });
    const [agent] = general.botMessages;
    const foreign = await general.webhookSays({ name: "Feed", text: "news" });
    await house.bot.stop();
    const host = new RecordingHost(sampleCommands);
    await makeBot(fake, { host }).start();
    const other = guild.addTextChannel({ name: "other" });
    const feed = await other.webhookSays({ name: "Feed", text: "news" });
    await general.say(ada, "one", agent ? { replyTo: agent } : {});
    await general.say(ada, "two", { replyTo: foreign });
    await other.say(ada, "three", { replyTo: feed });
    await until(() => host.received.length === 3, "three lines");
    const heard = host.received.map(({ message }) => [message.text, message.addressed]);
    expect(heard.sort()).toEqual([
      ["one", true],
      ["three", false],
      ["two", false],
    ]);
    expect(general.webhooks).toHaveLength(2);
    expect(other.webhooks).toHaveLength(1);
  });

  it("hears direct messages and threads as places of their own", async () => {
    const { ada, fake, general, host } = house;
    const thread = general.addThread({ name: "details" });
    const dm = fake.openDm(ada);
    await thread.say(ada, "in the thread");
    await until(() => host.received.length === 1, "the thread's line");
    await dm.say(ada, "in private");
    await until(() => host.received.length === 2, "both lines");
    expect(host.received.map(({ place }) => place)).toEqual([
      { id: thread.id, kind: "thread", scope: house.guild.id, name: "details" },
      { id: dm.id, kind: "dm", scope: dm.id, name: "direct message" },
    ]);
    expect(host.received[1]?.message.addressed).toBe(true);
  });

  it("reads attachments, asking for a fresh address once when the first has expired", async () => {
    const { ada, fake, general, host } = house;
    await general.say(ada, "", { attachments: [{ name: "a.pdf", bytes: "%PDF-1" }] });
    await until(() => host.received.length === 1, "the file");
    const [file] = host.received[0]?.message.files ?? [];
    if (!file) throw new Error("no file");
    expect([file.name, file.size, await pdf(file)]).toEqual(["a.pdf", 6, "%PDF-1"]);
    fake.cdn.expireAll();
    expect(await pdf(file)).toBe("%PDF-1");
  });

  it("lets agents speak in their own voices through one webhook, also in threads", async () => {
    const { general } = house;
    const thread = general.addThread({ name: "details" });
    await speak({ text: "Hello.", voice: { name: "Pat", avatar_url: "https://x.y/p.png" } });
    await speak({ text: "Hi @everyone.", voice: { name: "Discord fan" }, id: "p2" });
    const surface = house.host.surface(placeOf(thread, "thread"));
    await surface.speak(post({ text: "In here." }), async () => {});
    expect(said(general)).toEqual(["Pat: Hello.", "D\u200aiscord fan: Hi @everyone."]);
    expect(general.botMessages[0]?.author.avatarUrl).toBe("https://x.y/p.png");
    expect(said(thread)).toEqual(["MemGPT_coder: In here."]);
    expect(general.webhooks).toHaveLength(1);
  });

  it("tells of each piece, in order, and passes over those posted already", async () => {
    const text = "All these words. ".repeat(300);
    expect(await speak({ text, traces: ["thinking"] })).toEqual([1, 2, 3]);
    expect(house.general.botMessages[0]?.content).toMatch(/^-# thinking\nAll these/);
    expect(await speak({ text, traces: ["thinking"], posted: 2, id: "p2" })).toEqual([3]);
    expect(house.general.botMessages).toHaveLength(4);
  });

  it("sends what is longer than four pieces as a file", async () => {
    const text = "All these words. ".repeat(900);
    expect(await speak({ text })).toEqual([1]);
    const [message] = house.general.botMessages;
    expect(message?.attachments.map((file) => file.name)).toEqual(["MemGPT_coder.txt"]);
    expect(textOf(message?.attachments[0]?.bytes ?? new Uint8Array())).toBe(text.trim());
  });

  it("posts each piece once when it is repeated after a crash", async () => {
    const text = "All these words. ".repeat(300);
    const question = await house.general.say(house.ada, "Well?");
    await speak({ text, after: question.id });
    const shown = said(house.general);
    expect(shown).toHaveLength(3);
    expect(await speak({ text, after: question.id, posted: 1, recovering: true })).toEqual([2, 3]);
    expect(said(house.general)).toEqual(shown);
  });

  it("posts what is missing when a crash came between two pieces", async () => {
    const text = "All these words. ".repeat(300);
    const question = await house.general.say(house.ada, "Well?");
    await speak({ text, after: question.id }).catch(() => undefined);
    const wanted = said(house.general);
    const last = house.general.botMessages.at(-1);
    if (last) removeFrom(house.general, last.id);
    await speak({ text, after: question.id, recovering: true });
    expect(said(house.general)).toEqual(wanted);
  });

  it("makes its webhook again, once, when somebody deleted it", async () => {
    await speak({ text: "one" });
    house.general.deleteWebhooks();
    await speak({ text: "two", id: "p2" });
    expect(said(house.general)).toEqual(["MemGPT_coder: one", "MemGPT_coder: two"]);
    expect(house.general.webhooks).toHaveLength(1);
  });

  it.each(["500-after-store", "drop-after-store", "html-200-after-store"] as const)(
    "shows a webhook post once when Discord stores it and then fails (%s)",
    async (kind) => {
      const question = await house.general.say(house.ada, "Well?");
      await speak({ text: "first", after: question.id });
      house.fake.inject({ match: { method: "POST", route: /^\/webhooks\// }, kind, times: 1 });
      await speak({ text: "answer", id: "p2", after: question.id });
      expect(said(house.general)).toEqual(["MemGPT_coder: first", "MemGPT_coder: answer"]);
    },
  );

  it.each(["500", "drop", "html-200"] as const)(
    "posts again when Discord failed and stored nothing (%s)",
    async (kind) => {
      await speak({ text: "first" });
      house.fake.inject({ match: { method: "POST", route: /^\/webhooks\// }, kind, times: 2 });
      await speak({ text: "answer", id: "p2" });
      expect(said(house.general)).toEqual(["MemGPT_coder: first", "MemGPT_coder: answer"]);
    },
  );

  it("gives up in bounded time, with a sentence, when Discord stays down", async () => {
    await speak({ text: "first" });
    house.fake.inject({
      match: { method: "POST", route: /^\/webhooks\// },
      kind: "500",
      times: 99,
    });
    await expect(speak({ text: "answer", id: "p2" })).rejects.toMatchObject({
      code: "discord_unavailable",
    });
    expect(said(house.general)).toEqual(["MemGPT_coder: first"]);
  });

  it("speaks under its own name with the speaker's in bold, telling why once", async () => {
    const quiet = house.guild.addTextChannel({
      name: "quiet",
      botPermissions: ["view_channel", "send_messages", "read_message_history"],
    });
    await house.fake.quiet(100);
    await speak({ text: "one" }, quiet);
    await speak({ text: "two", id: "p2" }, quiet);
    expect(said(quiet)).toEqual([
      expect.stringMatching(/^colloquy: -# Agents speak under my name here: .*Manage Webhooks/),
      "colloquy: **MemGPT_coder**\none",
      "colloquy: **MemGPT_coder**\ntwo",
    ]);
    expect(house.fake.refusals).toEqual([]);
  });

  it("speaks under its own name where the channel has all the webhooks it may have", async () => {
    house.general.fillWebhooks();
    await speak({ text: "one" });
    expect(said(house.general)).toEqual([
      expect.stringContaining("as many webhooks as Discord allows"),
      "colloquy: **MemGPT_coder**\none",
    ]);
  });

  it("speaks in direct messages under its own name, without a word about permissions", async () => {
    const dm = house.fake.openDm(house.ada);
    const place: Place = { id: dm.id, kind: "dm", scope: dm.id, name: "direct message" };
    await house.host.surface(place).speak(post({ text: "Hello." }), async () => {});
    expect(said(dm)).toEqual(["colloquy: **MemGPT_coder**\nHello."]);
  });

  it.each(["500-after-store", "drop-after-store", "html-200-after-store"] as const)(
    "shows the bot's own messages once, by their nonces (%s)",
    async (kind) => {
      const dm = house.fake.openDm(house.ada);
      const place: Place = { id: dm.id, kind: "dm", scope: dm.id, name: "direct message" };
      house.fake.inject({ match: { method: "POST", route: /\/messages$/ }, kind, times: 2 });
      await house.host.surface(place).speak(post({ text: "Hello." }), async () => {});
      await house.host.surface(place).speak(post({ text: "Hello." }), async () => {});
      expect(said(dm)).toEqual(["colloquy: **MemGPT_coder**\nHello."]);
      expect(dm.botMessages[0]?.nonce).toBe("p1-0");
    },
  );

  it("says which permissions are missing when it may not write", async () => {
    const shut = house.guild.addTextChannel({ name: "shut", botPermissions: ["view_channel"] });
    await house.fake.quiet(100);
    await expect(speak({ text: "one" }, shut)).rejects.toMatchObject({ code: "discord_forbidden" });
  });

  it("shows typing at once and stops with the last holder", async () => {
    const surface = house.host.surface(placeOf(house.general));
    const stop = surface.typing({ name: "Pat" });
    surface.typing({ name: "Quinn" })();
    await until(() => house.general.typing.length === 1, "typing");
    stop();
    stop();
    expect(house.general.typing).toHaveLength(1);
  });

  it("edits progress in place and ends with the final text", async () => {
    const surface = house.host.surface(placeOf(house.general));
    const progress = await surface.progress("Reading…");
    for (let page = 1; page <= 50; page += 1) progress.update(`page ${page}`);
    await progress.finish("65 passages.");
    progress.update("too late");
    await house.fake.quiet(100);
    const [message] = house.general.botMessages;
    expect(message?.content).toBe("65 passages.");
    expect(message?.edits.length).toBeLessThanOrEqual(2);
  });

  it("survives a server's outage without a word", async () => {
    house.guild.becomeUnavailable();
    house.guild.becomeAvailable();
    await house.fake.quiet(100);
    await speak({ text: "still here" });
    expect(said(house.general)).toEqual(["MemGPT_coder: still here"]);
  });

  describe("commands", () => {
    it("answers a look to the caller alone, and a change to all", async () => {
      const look = await house.general.slash(house.ada, "groupchat", { subcommand: "show" });
      expect(await look.answer()).toBe("ok");
      expect([look.deferred, look.ephemeral]).toEqual([true, true]);
      const stop = await house.general.slash(house.manager, "groupchat", { subcommand: "stop" });
      expect(await stop.answer()).toBe("ok");
      expect(stop.ephemeral).toBe(false);
    });

    it("hands over name, options, person and permission", async () => {
      const { ada, general, host, manager } = house;
      const options = { query: "virtual context", page: 2, all: true, part: "recall" };
      await (await general.slash(ada, "memory", { options })).answer();
      await (await general.slash(manager, "groupchat", { subcommand: "stop" })).answer();
      const [first, second] = host.requests;
      expect(first?.place).toEqual(placeOf(general));
      expect(first?.request.name).toBe("memory");
      expect(first?.request.subcommand).toBeUndefined();
      expect(Object.fromEntries(first?.request.options ?? [])).toEqual(options);
      expect(first?.request.person).toEqual({ id: ada.id, display_name: "Ada L." });
      expect([first?.request.may_manage, second?.request.may_manage]).toEqual([false, true]);
      expect(second?.request.subcommand).toBe("stop");
    });

    it("lets everyone manage their own direct messages", async () => {
      const dm = house.fake.openDm(house.ada);
      await (await dm.slash(house.ada, "memory", { options: { query: "x" } })).answer();
      expect(house.host.requests[0]?.request.may_manage).toBe(true);
      expect(house.host.requests[0]?.place.kind).toBe("dm");
    });

    it("reads the file that came with a command, and shows progress before the answer", async () => {
      house.host.onCommand = async (request) => {
        const file = request.options.get("file") as IncomingFile;
        for (let page = 1; page <= 20; page += 1) request.progress(`page ${page}`);
        await realClock.sleep(100);
        await request.reply(`${file.name}: ${await pdf(file)}`);
      };
      const call = await house.general.slash(house.ada, "attach", {
        options: { file: { name: "a.pdf", bytes: "%PDF-1" } },
      });
      expect(await call.answer({ until: (text) => text.startsWith("a.pdf") })).toBe(
        "a.pdf: %PDF-1",
      );
      expect(call.edits.length).toBeLessThanOrEqual(3);
      expect(call.edits[0]).toMatch(/^page/);
    });

    it("splits a long answer, replaces it in place, and always ends thinking", async () => {
      house.host.onCommand = async (request) => {
        await request.reply("All these words. ".repeat(300));
        await request.reply("short");
      };
      const call = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
      expect(await call.answer({ until: (text) => text === "short" })).toBe("short");
      expect(call.messages).toHaveLength(1);
      house.host.onCommand = async () => {};
      const silent = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
      expect(await silent.answer()).toBe("Done.");
    });

    it("answers with one sentence when a command fails", async () => {
      house.host.onCommand = async () => {
        throw new ColloquyError("store_locked", "The store is locked.");
      };
      const call = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
      expect(await call.answer()).toBe("The store is locked.");
      house.host.onCommand = async () => {
        throw new Error("secret detail");
      };
      const other = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
      expect(await other.answer()).not.toContain("secret");
    });

    it("goes on in the channel when Discord has closed the command", async () => {
      house.host.onCommand = async (request) => {
        await request.reply("working");
        passed += 15 * 60_000;
        await request.reply("finished at last");
        await request.reply("really finished");
      };
      await house.general.slash(house.manager, "groupchat", { subcommand: "stop" });
      await house.general.nextMessage((message) => message.content === "really finished");
      expect(said(house.general).at(-1)).toBe("colloquy: really finished");
    });

    it("acknowledges two hundred calls within three seconds each", async () => {
      house.host.onCommand = async (request) => {
        await realClock.sleep(50);
        await request.reply("ok");
      };
      const calls = await Promise.all(
        Array.from({ length: 200 }, () =>
          house.general.slash(house.ada, "memory", { options: { query: "x" } }),
        ),
      );
      await Promise.all(calls.map((call) => call.acknowledged()));
      const slowest = Math.max(...calls.map((call) => call.acknowledgedAfterMs ?? 9_999));
      expect(slowest).toBeLessThan(3_000);
      await house.fake.quiet(300);
    });

    it("offers at most 25 choices of 100 characters, and none when the host fails", async () => {
      const { ada, general, host } = house;
      host.onComplete = async () => [
        "",
        "twice",
        "twice",
        ...Array.from({ length: 40 }, (_, i) => `${i} ${"x".repeat(150)}`),
      ];
      const offered = await general.autocomplete(ada, "attach", { option: "agent", typed: "x" });
      expect(offered).toHaveLength(25);
      expect(offered[0]).toEqual({ name: "twice", value: "twice" });
      expect(Math.max(...offered.map((choice) => choice.name.length))).toBe(100);
      expect(host.completions).toEqual([{ option: "agent", typed: "x" }]);
      host.onComplete = async () => {
        throw new Error("no");
      };
      expect(await general.autocomplete(ada, "attach", { option: "agent", typed: "" })).toEqual([]);
    });

    it("answers autocomplete in time when the host does not", async () => {
      house.host.onComplete = () => new Promise(() => {});
      const { ada, general } = house;
      expect(await general.autocomplete(ada, "attach", { option: "agent", typed: "" })).toEqual([]);
    });
  });

  describe("an offered file", () => {
    async function offer() {
      const { ada, general, host } = house;
      await general.say(ada, "look", { attachments: [{ name: "a.pdf", bytes: "%PDF-1" }] });
      await until(() => host.received.length === 1, "the file");
      const [{ place, message } = { place: undefined, message: undefined }] = host.received;
      const [file] = message?.files ?? [];
      if (!place || !message || !file) throw new Error("no file");
      await host.surface(place).offerAttachment(message, file, "Attach a.pdf?");
      const button = general.botMessages.at(-1);
      if (!button) throw new Error("no button");
      return button;
    }

    it("is fetched anew when somebody presses, and the button is used up", async () => {
      const button = await offer();
      let read: string | undefined;
      house.host.onOffer = async (file) => {
        read = await pdf(file);
      };
      house.fake.cdn.expireAll();
      const call = await house.general.press(house.manager, button, "Attach to memory");
      await call.acknowledged();
      await until(() => read !== undefined, "the file to be read");
      expect(read).toBe("%PDF-1");
      expect(house.host.offers[0]?.person.display_name).toBe("Boss");
      expect(JSON.stringify(button.components)).toContain('"disabled":true');
      expect(button.content).toBe("Attach a.pdf?");
    });

    it("that is gone is told to the one who pressed", async () => {
      const button = await offer();
      const [message] = house.general.messages;
      if (message) removeFrom(house.general, message.id);
      const call = await house.general.press(house.ada, button, "Attach to memory");
      expect(await call.answer()).toContain("That file is gone");
      expect(house.host.offers).toEqual([]);
    });

    it("can be taken up again when attaching failed", async () => {
      const button = await offer();
      house.host.onOffer = async () => {
        throw new ColloquyError("store_full", "The disk is full.");
      };
      const call = await house.general.press(house.ada, button, "Attach to memory");
      await call.answer({ until: (text) => text.includes("The disk is full.") });
      house.host.onOffer = async () => {};
      await house.general.press(house.ada, button, "Attach to memory");
      await until(() => house.host.offers.length === 2, "the second press");
    });
  });
});

/** A person deletes a message (the fake has no call for it). */
function removeFrom(channel: FakeChannel, id: string): void {
  const at = channel.record.messages.findIndex((message) => message.id === id);
  const [message] = channel.record.messages.splice(at, 1);
  if (message) message.deleted = true;
}

describe("a bot that cannot log in", () => {
  afterEach(() => down());

  it("names the token when it is wrong", async () => {
    house = await build();
    const bot = makeBot(house.fake, { token: "MTIz.wrong.token" });
    await expect(bot.start()).rejects.toMatchObject({
      code: "discord_token_invalid",
      next: expect.stringContaining("DISCORD_TOKEN"),
    });
  });

  it("names the switch when the intent is refused, and starts without it on request", async () => {
    house = await build({ intentsAllowed: { message_content: false } });
    await expect(house.bot.start()).rejects.toMatchObject({
      code: "discord_intent_refused",
      next: expect.stringContaining("Message Content Intent"),
    });
    const host = new RecordingHost();
    await makeBot(house.fake, { message_content: false, host }).start();
    await house.general.say(house.ada, "not for the bot");
    await house.general.say(house.ada, "for the bot", { mentionsBot: true });
    await until(() => host.received.length > 0, "the mention");
    expect(host.received.map(({ message }) => message.text)).toEqual(["for the bot"]);
  });

  it("says that Discord is out of reach when it is", async () => {
    house = await build();
    const bot = makeBot(house.fake, { api: "http://127.0.0.1:9/api" });
    await expect(bot.start()).rejects.toMatchObject({ code: "discord_unavailable" });
  });

  it("reports a token that is reset later", async () => {
    house = await build();
    await house.bot.start();
    house.fake.inject({
      match: { method: "POST", route: /\/messages$/ },
      kind: { status: 401, body: { message: "401: Unauthorized", code: 0 } },
    });
    const surface = house.host.surface(placeOf(house.general));
    await expect(surface.notify("hello")).rejects.toMatchObject({ code: "discord_token_invalid" });
    expect(house.fatal.map((error) => error.code)).toEqual(["discord_token_invalid"]);
  });
});

describe("a connection that breaks", () => {
  afterEach(() => down());

  it.each(["hang", "hang-after-store"] as const)(
    "shows each post once when Discord does not answer (%s)",
    async (kind) => {
      house = await build();
      const host = new RecordingHost();
      await makeBot(house.fake, { host, attempt_ms: 400 }).start();
      const surface = host.surface(placeOf(house.general));
      await surface.speak(post({ text: "first" }), async () => {});
      house.fake.inject({ match: { method: "POST", route: /^\/webhooks\// }, kind });
      await surface.speak(post({ text: "second", id: "p2" }), async () => {});
      house.fake.inject({ match: { method: "POST", route: /\/messages$/ }, kind });
      await surface.notify("third");
      expect(said(house.general)).toEqual([
        "MemGPT_coder: first",
        "MemGPT_coder: second",
        "colloquy: third",
      ]);
      expect(house.fake.violations).toEqual([]);
    },
  );

  it("is taken up again, and what is written then is heard", async () => {
    house = await build();
    await house.bot.start();
    house.fake.gateway.dropConnection();
    await until(() => house.fake.gateway.connected > 0, "a new connection");
    await house.general.say(house.ada, "still there?");
    await until(() => house.host.received.length > 0, "the line");
    expect(house.fatal).toEqual([]);
    expect(house.fake.violations).toEqual([]);
  });

  it("is reported when Discord closes it for good", async () => {
    house = await build();
    await house.bot.start();
    house.fake.gateway.close(4014);
    await until(() => house.fatal.length > 0, "the report");
    expect(house.fatal.map((error) => error.code)).toEqual(["discord_intent_refused"]);
  });
});

describe("rate limits", () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    expect(house.fake.violations).toEqual([]);
    await down();
  });

  it("are waited for as Discord's headers say, in order", async () => {
    house = await build({ rateLimits: true });
    await house.bot.start();
    for (let i = 1; i <= 7; i += 1) await speak({ text: `line ${i}`, id: `p${i}` });
    expect(said(house.general)).toEqual(
      Array.from({ length: 7 }, (_, i) => `MemGPT_coder: line ${i + 1}`),
    );
    expect(house.fake.refusals).toEqual([]);
  });

  it("do not stall the bot for an hour when the clock is set back by one", async () => {
    house = await build({ rateLimits: true });
    await house.bot.start();
    for (let i = 1; i <= 5; i += 1) await speak({ text: `line ${i}`, id: `p${i}` });
    const now = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000);
    const start = performance.now();
    await speak({ text: "line 6", id: "p6" });
    expect(performance.now() - start).toBeLessThan(11_000);
    expect(said(house.general)).toHaveLength(6);
  });
});
