import { describe, expect, it } from "vitest";
import type { Place } from "../../src/channels/ports.ts";
import { post } from "../discord/recording-host.ts";
import {
  aBotIsLoggedIn,
  house,
  placeOf,
  removeFrom,
  said,
  speak,
  textOf,
  until,
} from "./discord-house.ts";

describe("what agents say on Discord", () => {
  aBotIsLoggedIn();

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

  it("opens an archived thread by answering in it, and leaves a locked one alone", async () => {
    const thread = house.general.addThread({ name: "details" });
    const surface = house.host.surface(placeOf(thread, "thread"));
    const say = (text: string) => surface.speak(post({ text, id: text }), async () => {});
    thread.archive();
    await say("one");
    thread.archive({ locked: true });
    await house.fake.quiet(100);
    await expect(say("two")).rejects.toMatchObject({
      code: "discord_parked",
      why: "It is locked.",
    });
    expect(house.fake.refusals).toEqual([]);
    thread.archive();
    await house.fake.quiet(100);
    await say("two");
    expect(said(thread)).toEqual(["MemGPT_coder: one", "MemGPT_coder: two"]);
  });

  it("leaves out the file of a long answer where it may neither make a webhook nor attach files", async () => {
    const shut = house.guild.addTextChannel({
      name: "no-files",
      botPermissions: ["view_channel", "send_messages", "read_message_history"],
    });
    await house.fake.quiet(100);
    await speak({ text: "All these words. ".repeat(800) }, shut);
    expect(said(shut).at(-1)).toContain("I lack the permission Attach Files here");
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
    await expect(speak({ text: "one" }, shut)).rejects.toMatchObject({
      code: "discord_parked",
      why: expect.stringContaining("I lack Send Messages, "),
    });
  });

  it("shows typing soon and stops with the last holder", async () => {
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
});
