import { ChannelType, MessageType } from "discord.js";
import { describe, expect, it } from "vitest";
import { incomingFile } from "../../src/discord/incoming-file.ts";
import { isFromPerson, personOf } from "../../src/discord/incoming-message.ts";
import { type MentionNames, readText } from "../../src/discord/incoming-text.ts";
import { placeOf } from "../../src/discord/places.ts";
import { ColloquyError } from "../../src/shared/errors.ts";

const BOT = "100000000000000001";
const ADA = "100000000000000002";
const NOBODY = "100000000000000003";

const names: MentionNames = {
  isBot: (id) => id === BOT,
  user: (id) => (id === ADA ? "Ada L." : undefined),
  role: (id) => (id === ADA ? "makers" : undefined),
  channel: (id) => (id === ADA ? "general" : undefined),
};

describe("readText", () => {
  it("leaves out the mention that called the bot, wherever it stands", () => {
    for (const text of [
      `<@${BOT}> what now?`,
      `<@!${BOT}>, what now?`,
      `what <@${BOT}> now?`,
      `what now? <@&${BOT}>`,
    ]) {
      expect(readText(text, names)).toEqual({ text: "what now?", mentions_bot: true });
    }
  });

  it("makes names of other mentions, known or not", () => {
    const text = `<@${ADA}> <@!${NOBODY}> <@&${ADA}> <@&${NOBODY}> <#${ADA}> <#${NOBODY}>`;
    expect(readText(text, names)).toEqual({
      text: "@Ada L. @someone @makers @a role #general #a channel",
      mentions_bot: false,
    });
  });

  it("makes words of emoji, time stamps and command links", () => {
    const text = `<:party:${ADA}> <a:spin:${ADA}> <t:0:R> <t:9999999999999:F> </memory show:${ADA}>`;
    expect(readText(text, names).text).toBe(
      ":party: :spin: 1970-01-01 00:00 UTC <t:9999999999999:F> /memory show",
    );
  });

  it("reads hostile text in linear time", () => {
    for (const unit of [" ", "\t", "<@", "<@1", "</a:", "<t:"]) {
      const started = performance.now();
      readText(unit.repeat(50_000), names);
      expect(performance.now() - started, unit).toBeLessThan(5_000);
    }
  });

  it("keeps line ends and indentation around a mention", () => {
    expect(readText(`one\n<@${BOT}> two\n    three`, names).text).toBe("one\ntwo\n    three");
  });
});

describe("isFromPerson", () => {
  const line = {
    author: { id: ADA, bot: false },
    webhookId: null,
    type: MessageType.Default,
  };

  it("hears people's lines and replies", () => {
    expect(isFromPerson(line, BOT)).toBe(true);
    expect(isFromPerson({ ...line, type: MessageType.Reply }, BOT)).toBe(true);
  });

  it("ignores bots, webhooks, itself and Discord's notices", () => {
    expect(isFromPerson({ ...line, author: { id: ADA, bot: true } }, BOT)).toBe(false);
    expect(isFromPerson({ ...line, webhookId: ADA }, BOT)).toBe(false);
    expect(isFromPerson({ ...line, author: { id: BOT, bot: false } }, BOT)).toBe(false);
    expect(isFromPerson({ ...line, type: MessageType.UserJoin }, BOT)).toBe(false);
    expect(isFromPerson({ ...line, type: MessageType.ChannelPinnedMessage }, BOT)).toBe(false);
  });
});

describe("personOf", () => {
  it("takes the name shown in this server, else the display name, else the user name", () => {
    const user = { id: ADA, displayName: "Ada", username: "ada" };
    expect(personOf(user, "Ada of the lab").display_name).toBe("Ada of the lab");
    expect(personOf(user, null).display_name).toBe("Ada");
    expect(personOf({ ...user, displayName: " " }).display_name).toBe("ada");
    expect(personOf(user).id).toBe(ADA);
  });
});

describe("placeOf", () => {
  const channel = { id: "5", guildId: "7", name: "general" };

  it("makes places of text channels, threads and direct messages", () => {
    expect(placeOf({ ...channel, type: ChannelType.GuildText })).toEqual({
      id: "5",
      kind: "channel",
      scope: "7",
      name: "general",
    });
    expect(placeOf({ ...channel, type: ChannelType.PublicThread })?.kind).toBe("thread");
    expect(placeOf({ id: "6", guildId: null, type: ChannelType.DM })).toEqual({
      id: "6",
      kind: "dm",
      scope: "6",
      name: "direct message",
    });
  });

  it("knows no place for categories, forums and groups outside servers", () => {
    for (const type of [ChannelType.GuildCategory, ChannelType.GuildForum, ChannelType.GroupDM]) {
      expect(placeOf({ ...channel, type })).toBeUndefined();
    }
    expect(placeOf({ id: "5", guildId: null, type: ChannelType.GuildText })).toBeUndefined();
  });
});

describe("incomingFile", () => {
  const upload = { id: "8", name: "a.pdf", size: 3, url: "old" };
  const expired = new ColloquyError("file_expired", "Expired.");
  const bytes = new Uint8Array([1, 2, 3]);

  function source(failures: Record<string, Error>) {
    const asked: string[] = [];
    const fetchFile = async (url: string, _signal: unknown, maxBytes: number) => {
      asked.push(`${url} ${maxBytes}`);
      const failure = failures[url];
      if (failure) throw failure;
      return bytes;
    };
    return { asked, files: { fetchFile, maxBytes: 9 } };
  }

  it("asks once for a fresh address when the first has expired", async () => {
    const { asked, files } = source({ old: expired });
    const file = incomingFile(upload, files, async () => "new");
    expect(await file.read()).toBe(bytes);
    expect(asked).toEqual(["old 9", "new 9"]);
  });

  it("fails as before when there is no fresh address, or that fails too", async () => {
    const { files } = source({ old: expired, new: expired });
    await expect(incomingFile(upload, files, async () => undefined).read()).rejects.toBe(expired);
    await expect(incomingFile(upload, files, async () => "new").read()).rejects.toBe(expired);
    await expect(incomingFile(upload, files).read()).rejects.toBe(expired);
    const lost = incomingFile(upload, files, () => Promise.reject(new Error("gone")));
    await expect(lost.read()).rejects.toBe(expired);
  });

  it("does not ask anew for other failures", async () => {
    const { asked, files } = source({ old: new ColloquyError("file_too_large", "Large.") });
    await expect(incomingFile(upload, files, async () => "new").read()).rejects.toMatchObject({
      code: "file_too_large",
    });
    expect(asked).toEqual(["old 9"]);
  });
});
