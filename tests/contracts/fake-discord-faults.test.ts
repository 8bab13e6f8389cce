import { existsSync } from "node:fs";
import { DiscordAPIError, GatewayIntentBits, type Message } from "discord.js";
import { afterEach, describe, expect, test } from "vitest";
import type { FaultKind } from "../fakes/discord/faults.ts";
import { documentPath } from "../fakes/discord/openapi.ts";
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

/** The faults that tests can provoke, and what the real discord.js makes of them. */

afterEach(closeAll);

const SEND = { method: "POST", route: /\/channels\/\d+\/messages$/ };

describe("faults of REST", () => {
  test.each<[FaultKind, number, number]>([
    ["500-after-store", 2, 3],
    ["500", 2, 1],
    ["hang-after-store", 1, 2],
    ["429", 1, 1],
  ])(
    "%s struck %i times: discord.js tries again, %i messages without a nonce",
    async (kind, times, visible) => {
      const { fake, channel } = await start();
      const client = await login(fake, { rest: { api: fake.apiUrl, timeout: 200 } });
      const there = await textChannel(client, channel);
      const fault = fake.inject({ match: SEND, times, kind });
      await there.send("hello");
      expect(fault.hits).toBe(times);
      expect(channel.botMessages).toHaveLength(visible);
      expect(fake.violations).toEqual([]);
    },
  );

  test("with an enforced nonce a stored and failed message stays one", async () => {
    const { fake, channel } = await start();
    const there = await textChannel(await login(fake), channel);
    fake.inject({ match: SEND, times: 2, kind: "500-after-store" });
    await there.send({ content: "once", nonce: "abc", enforceNonce: true });
    expect(channel.botMessages).toHaveLength(1);
  });

  test("a dropped connection throws though the message is there", async () => {
    const { fake, channel } = await start();
    const there = await textChannel(await login(fake), channel);
    fake.inject({ match: SEND, kind: "drop-after-store" });
    await expect(there.send("hello")).rejects.toThrow();
    expect(channel.botMessages).toHaveLength(1);
  });

  test("HTML with status 200 is no message, and chosen refusals pass through", async () => {
    const { fake, channel } = await start();
    const there = await textChannel(await login(fake), channel);
    fake.inject({ match: SEND, kind: "html-200" });
    const odd: Partial<Message> = await there.send("hello");
    expect(odd.id).toBeUndefined();
    fake.inject({ match: SEND, kind: { status: 403, code: 50013 } });
    expect(await codeOf(there.send("hello"))).toBe(50013);
    expect(channel.botMessages).toHaveLength(0);
    expect(fake.invalidRequests).toBe(1);
  });

  test("enforced buckets are kept by discord.js, and early requests are noted", async () => {
    const { fake, channel } = await start({ rateLimits: true });
    const there = await textChannel(await login(fake), channel);
    await Promise.all(["a", "b", "c", "d", "e"].map((text) => there.send(text)));
    expect(fake.violations).toEqual([]);
    const early = await fetch(`${fake.apiUrl}/v10/channels/${channel.id}/messages`, {
      method: "POST",
      headers: {
        authorization: `Bot ${fake.token}`,
        "content-type": "application/json",
        "user-agent": "DiscordBot (test, 1)",
      },
      body: JSON.stringify({ content: "pushy", allowed_mentions: nobody }),
    });
    expect(early.status).toBe(429);
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(fake.violations).toEqual([expect.stringContaining("before its bucket reset")]);
  });

  test("a wrong token is refused by REST and gateway", async () => {
    const { fake } = await start();
    await expect(makeClient(fake).login("wrong.token.here")).rejects.toThrow("invalid token");
    expect(fake.refusals.map((r) => r.status)).toEqual([401]);
    expect(fake.identifies).toEqual([]);
  });
});

describe("the gateway", () => {
  test("content is blank without the intent, but not in mentions, DMs and own posts", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake, {
      intents: [
        GatewayIntentBits.Guilds,
        GatewayIntentBits.GuildMessages,
        GatewayIntentBits.DirectMessages,
      ],
    });
    const messages = heard(client);
    await channel.say(ada, "secret", { attachments: [{ name: "a.txt", bytes: "x" }] });
    await channel.say(ada, "for you", { mentionsBot: true });
    await fake.openDm(ada).say(ada, "between us");
    await eventually(() => messages.length === 3);
    expect(messages.map((m) => m.content)).toEqual([
      "",
      `<@${fake.botUser.id}> for you`,
      "between us",
    ]);
    expect(messages[0]?.attachments.size).toBe(0);
  });

  test("events come only for the intents asked for", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake, { intents: [GatewayIntentBits.Guilds] });
    const messages = heard(client);
    await channel.say(ada, "unheard");
    const thread = new Promise((resolve) => client.once("threadCreate", resolve));
    channel.addThread({ name: "heard" });
    await thread;
    expect(messages).toEqual([]);
  });

  test("a privileged intent that is not switched on closes with 4014", async () => {
    const { fake } = await start({ intentsAllowed: { message_content: false } });
    await expect(makeClient(fake).login(fake.token)).rejects.toThrow("disallowed intents");
    expect(fake.identifies).toMatchObject([{ refused: 4014 }]);
  });

  test("a cut line is resumed and what was missed is replayed", async () => {
    const { fake, ada, channel } = await start();
    const client = await login(fake);
    const messages = heard(client);
    fake.gateway.dropConnection();
    await channel.say(ada, "while away");
    await eventually(() => messages.length === 1);
    expect(messages[0]?.content).toBe("while away");
    expect(fake.gateway.resumes).toMatchObject([{ accepted: true }]);
    expect(fake.identifies).toHaveLength(1);
  });

  test("missing heartbeat acknowledgements make the client come back", async () => {
    const { fake } = await start({ heartbeatIntervalMs: 100 });
    await login(fake);
    fake.gateway.stopHeartbeatAcks();
    await eventually(() => fake.gateway.resumes.length > 0);
    fake.gateway.resumeHeartbeatAcks();
    expect(fake.gateway.heartbeats).toBeGreaterThan(0);
  });

  test("close 4004 is final for the client", async () => {
    const { fake } = await start();
    const client = await login(fake);
    const gone = new Promise((resolve) => client.once("shardDisconnect", resolve));
    fake.gateway.close(4004);
    expect(await gone).toMatchObject({ code: 4004 });
    expect(fake.gateway.connected).toBe(0);
  });

  test("one fake outlives several clients; what was written meanwhile is in the history", async () => {
    const { fake, ada, channel } = await start();
    const first = await login(fake);
    const seen = await channel.say(ada, "before");
    await first.destroy();
    await channel.say(ada, "while down");
    const second = await login(fake);
    await fake.ready({ identifies: 2 });
    const there = await textChannel(second, channel);
    const missed = await there.messages.fetch({ after: seen.id });
    expect(missed.map((m) => m.content)).toEqual(["while down"]);
    expect(fake.identifies).toHaveLength(2);
  });

  test("an outage of a guild is not a farewell; being thrown out is", async () => {
    const { fake, guild, channel } = await start();
    const client = await login(fake);
    const events: string[] = [];
    client.on("guildUnavailable", () => events.push("unavailable"));
    client.on("guildAvailable", () => events.push("available"));
    client.on("guildDelete", () => events.push("deleted"));
    guild.becomeUnavailable();
    guild.becomeAvailable();
    guild.kickBot();
    await eventually(() => events.length === 3);
    expect(events).toEqual(["unavailable", "available", "deleted"]);
    const attempt = client.rest.get(`/channels/${channel.id}`);
    await expect(attempt).rejects.toThrow(DiscordAPIError);
    expect(fake.violations).toEqual([]);
  });
});

describe("the fake", () => {
  test("gives people and places the same ids in every run", async () => {
    const one = await start();
    const two = await start();
    expect(one.channel.id).toBe(two.channel.id);
    expect(one.ada.id).toBe(two.ada.id);
    expect(one.channel.id).toMatch(/^\d{19}$/);
    const message = await one.channel.say(one.ada, "hello");
    expect(BigInt(message.id) > BigInt(one.channel.id)).toBe(true);
  });

  test("says what it waited for when nothing comes", async () => {
    const { ada, channel } = await start();
    await channel.say(ada, "anyone?");
    await expect(channel.nextMessage(undefined, 20)).rejects.toThrow("anyone?");
  });

  test("answers look-ups in the words of Discord's own document", async () => {
    const { fake, guild, ada, channel } = await start();
    const client = await login(fake);
    const thread = channel.addThread({ name: "aside" });
    const hook = await (await textChannel(client, channel)).createWebhook({ name: "Colloquy" });
    const said = await channel.say(ada, "hello");
    await channel.say(ada, "as I said", { replyTo: said });
    await channel.webhookSays({ name: "GitHub", text: "push" });
    const application = `/applications/${fake.applicationId}` as const;
    const created = await client.rest.post(`${application}/guilds/${guild.id}/commands`, {
      body: { name: "hi", description: "Say hi" },
    });
    for (const route of [
      "/users/@me",
      `/users/${ada.id}`,
      "/applications/@me",
      "/oauth2/applications/@me",
      `/guilds/${guild.id}`,
      `/guilds/${guild.id}/channels`,
      `/guilds/${guild.id}/roles`,
      `/guilds/${guild.id}/members/${ada.id}`,
      `/guilds/${guild.id}/threads/active`,
      `/channels/${channel.id}`,
      `/channels/${thread.id}`,
      `/channels/${fake.openDm(ada).id}`,
      `/channels/${channel.id}/messages?limit=10`,
      `/channels/${channel.id}/messages/${said.id}`,
      `/channels/${channel.id}/webhooks`,
      `/webhooks/${hook.id}`,
      `/webhooks/${hook.id}/${hook.token}`,
      `${application}/guilds/${guild.id}/commands`,
    ] as const) {
      await client.rest.get(route);
    }
    await client.rest.post("/users/@me/channels", { body: { recipient_id: ada.id } });
    await hook.edit({ name: "Renamed" });
    await hook.delete();
    expect(created).toMatchObject({ name: "hi", guild_id: guild.id });
    expect(channel.webhooks.map((w) => w.name)).toEqual(["Foreign"]);
    expect(fake.violations).toEqual([]);
  });

  test.skipIf(!existsSync(documentPath()))(
    "notes what Discord's own document does not list",
    async () => {
      const { fake, channel } = await start();
      const client = await login(fake);
      await client.rest.post(`/channels/${channel.id}/messages`, {
        body: { content: "x", allowed_mentions: nobody, colour: "red", flags: "none" },
      });
      expect(fake.violations).toEqual([
        expect.stringContaining("/flags must be integer"),
        expect.stringContaining("field colour is not documented"),
      ]);
    },
  );

  test("notes a route that it does not know", async () => {
    const { fake } = await start();
    const client = await login(fake);
    expect(await codeOf(client.rest.get("/guilds/1/nonsense"))).toBe(0);
    expect(fake.violations).toEqual([expect.stringContaining("does not know")]);
  });
});
