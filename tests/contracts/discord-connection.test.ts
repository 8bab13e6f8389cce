import { afterEach, describe, expect, it, vi } from "vitest";
import { post, RecordingHost } from "../discord/recording-host.ts";
import { down, house, makeBot, openHouse, placeOf, said, speak, until } from "./discord-house.ts";

describe("a bot that cannot log in", () => {
  afterEach(() => down());

  it("names the token when it is wrong", async () => {
    await openHouse();
    const bot = makeBot(house.fake, { token: "MTIz.wrong.token" });
    await expect(bot.start()).rejects.toMatchObject({
      code: "discord_token_invalid",
      next: expect.stringContaining("DISCORD_TOKEN"),
    });
  });

  it("names the switch when the intent is refused, and starts without it on request", async () => {
    await openHouse({ intentsAllowed: { message_content: false } });
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
    await openHouse();
    const bot = makeBot(house.fake, { api: "http://127.0.0.1:9/api" });
    await expect(bot.start()).rejects.toMatchObject({ code: "discord_unavailable" });
  });

  it("reports a token that is reset later", async () => {
    await openHouse();
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
      await openHouse();
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
    await openHouse();
    await house.bot.start();
    house.fake.gateway.dropConnection();
    await until(() => house.fake.gateway.connected > 0, "a new connection");
    await house.general.say(house.ada, "still there?");
    await until(() => house.host.received.length > 0, "the line");
    expect(house.fatal).toEqual([]);
    expect(house.fake.violations).toEqual([]);
  });

  it("is reported when Discord closes it for good", async () => {
    await openHouse();
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
    await openHouse({ rateLimits: true });
    await house.bot.start();
    for (let i = 1; i <= 7; i += 1) await speak({ text: `line ${i}`, id: `p${i}` });
    expect(said(house.general)).toEqual(
      Array.from({ length: 7 }, (_, i) => `MemGPT_coder: line ${i + 1}`),
    );
    expect(house.fake.refusals).toEqual([]);
  });

  it("do not stall the bot for an hour when the clock is set back by one", async () => {
    await openHouse({ rateLimits: true });
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
