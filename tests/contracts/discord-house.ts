/** The real discord.js client, logged in to a strict fake Discord, for the suites beside this file. */
import { afterEach, beforeEach, expect } from "vitest";
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
export const realClock: Clock = {
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

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export interface House {
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

/** The house of the test that runs; made anew for each. */
export let house: House;
const bots: DiscordBot[] = [];

export async function build(options: FakeDiscordOptions = {}): Promise<House> {
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

export function makeBot(fake: FakeDiscord, options: Partial<DiscordBotOptions>): DiscordBot {
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

export function placeOf(channel: FakeChannel, kind: Place["kind"] = "channel"): Place {
  return { id: channel.id, kind, scope: house.guild.id, name: channel.name };
}

export async function speak(fields: Partial<Post> & { text: string }, channel = house.general) {
  const posted: number[] = [];
  await house.host.surface(placeOf(channel)).speak(post(fields), async (n) => {
    posted.push(n);
  });
  return posted;
}

export function said(channel: FakeChannel): string[] {
  return channel.botMessages.map((message) => `${message.author.name}: ${message.content}`);
}

export async function until(fits: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 250; i += 1) {
    if (fits()) return;
    await realClock.sleep(20);
  }
  throw new Error(`still waiting for ${what}`);
}

export async function pdf(file: IncomingFile): Promise<string> {
  return textOf(await file.read());
}

export async function down(): Promise<void> {
  for (const bot of bots.splice(0)) await bot.stop();
  await house.fake.stop();
}

/** No secret may stand in any log line: not the bot's token, not a webhook's, not a command's. */
export function logged(): string {
  return JSON.stringify(house.logger.lines);
}
/** Moves real time on at once, for what waits by it. */
export function letPass(ms: number): void {
  passed += ms;
}

export async function openHouse(options: FakeDiscordOptions = {}): Promise<House> {
  house = await build(options);
  return house;
}

/** Before each test a bot that has logged in; after it, nothing broken, nothing leaked. */
export function aBotIsLoggedIn(): void {
  beforeEach(async () => {
    await openHouse();
    await house.bot.start();
  });

  afterEach(async () => {
    expect(house.fake.violations).toEqual([]);
    for (const webhook of house.general.webhooks) expect(logged()).not.toContain(webhook.token);
    expect(logged()).not.toContain(house.fake.token);
    await down();
  });
}

/** A person deletes a message (the fake has no call for it). */
export function removeFrom(channel: FakeChannel, id: string): void {
  const at = channel.record.messages.findIndex((message) => message.id === id);
  const [message] = channel.record.messages.splice(at, 1);
  if (message) message.deleted = true;
}
