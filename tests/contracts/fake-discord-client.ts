import {
  Client,
  type ClientOptions,
  DiscordAPIError,
  GatewayIntentBits,
  type Message,
  Partials,
  type TextChannel,
} from "discord.js";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import { FakeDiscord } from "../fakes/discord/fake-discord.ts";
import type { FakeDiscordOptions } from "../fakes/discord/world.ts";

/** A real discord.js client at a fake Discord; what both test files of the fake begin with. */

export const nobody = { parse: [] as const };
const open: { client: Client[]; fake: FakeDiscord[] } = { client: [], fake: [] };

export async function closeAll(): Promise<void> {
  for (const client of open.client.splice(0)) await client.destroy();
  for (const fake of open.fake.splice(0)) await fake.stop();
}

export async function start(options?: FakeDiscordOptions) {
  const fake = await FakeDiscord.start(options);
  open.fake.push(fake);
  const guild = fake.addGuild({ name: "Lab" });
  const ada = guild.addMember({ name: "Ada" });
  const channel = guild.addTextChannel({ name: "general" });
  return { fake, guild, ada, channel };
}

export function makeClient(fake: FakeDiscord, options: Partial<ClientOptions> = {}): Client {
  const { rest, ...others } = options;
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.MessageContent,
    ],
    partials: [Partials.Channel],
    allowedMentions: nobody,
    rest: { api: fake.apiUrl, ...rest },
    ...others,
  });
  client.on("error", () => {});
  open.client.push(client);
  return client;
}

export async function login(
  fake: FakeDiscord,
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  const client = makeClient(fake, options);
  const ready = new Promise((resolve) => client.once("clientReady", resolve));
  await client.login(fake.token);
  await ready;
  return client;
}

export async function textChannel(client: Client, channel: FakeChannel): Promise<TextChannel> {
  return (await client.channels.fetch(channel.id)) as TextChannel;
}

export function heard(client: Client): Message[] {
  const messages: Message[] = [];
  client.on("messageCreate", (message) => messages.push(message));
  return messages;
}

export async function codeOf(attempt: Promise<unknown>): Promise<number | string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof DiscordAPIError) return error.code;
    throw error;
  }
  return "no error";
}

/** Waits for what the client is to notice; bounded, and silent about how it comes about. */
export async function eventually<T>(probe: () => T | undefined | false): Promise<T> {
  for (let i = 0; i < 500; i += 1) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it never came about");
}
