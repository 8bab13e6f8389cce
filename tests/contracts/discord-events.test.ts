import { describe, expect, it } from "vitest";
import { RecordingHost, sampleCommands } from "../discord/recording-host.ts";
import { aBotIsLoggedIn, house, makeBot, pdf, placeOf, speak, until } from "./discord-house.ts";

describe("what people do on Discord", () => {
  aBotIsLoggedIn();

  it("asks for the intents it needs and no others, and registers its commands once", async () => {
    expect(house.fake.identifies[0]?.intents).toBe(1 | (1 << 9) | (1 << 12) | (1 << 15));
    expect(house.fake.registeredCommands.map((command) => command.name)).toEqual([
      ...sampleCommands.map((command) => command.name),
      "Add to archival memory",
    ]);
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

  it("reads forwarded messages and their files, as what somebody else wrote", async () => {
    const { ada, general, host } = house;
    const first = await general.say(ada, "The demo is on Friday.", {
      attachments: [{ name: "a.pdf", bytes: "%PDF-1" }],
      mentionsBot: true,
    });
    await general.say(ada, "", { forwards: first });
    await until(() => host.received.length === 2, "the forwarded message");
    const forwarded = host.received[1]?.message;
    expect(forwarded?.text).toBe("[forwarded message] The demo is on Friday.");
    expect(forwarded?.addressed).toBe(false);
    expect(forwarded?.files.map(({ name }) => name)).toEqual(["a.pdf"]);
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
});
