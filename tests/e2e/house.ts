/**
 * What an end-to-end test stands in: a strict fake Discord with a server, a channel and people, a
 * directory for the bot's data, its configuration, and a model server where one is asked for. The bot
 * itself comes from `in-process.ts` or `bot-process.ts`. `closeHouses` belongs into `afterEach`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import { FakeDiscord } from "../fakes/discord/fake-discord.ts";
import type { FakeGuild, FakeMember } from "../fakes/discord/fake-guild.ts";
import type { FakeMessage } from "../fakes/discord/records.ts";
import type { FakeDiscordOptions } from "../fakes/discord/world.ts";
import { type AnswerFunction, FakeOpenAiServer } from "../fakes/openai-server.ts";

/** Keys of the fake model servers, in a shape that redaction must find by value. */
export const PLAIN_KEY = "sk-plain-0123456789abcdefghij";
export const MEMGPT_KEY = "sk-memgpt-0123456789abcdefghij";

export interface HouseOptions {
  discord?: FakeDiscordOptions;
  /** Top-level keys of the configuration, over those of the model server. */
  config?: Record<string, unknown>;
  /** Answers the agents' requests over HTTP; without it they have the offline model. */
  model?: AnswerFunction;
}

/** What can be closed with the house. */
interface Closable {
  close(): Promise<void>;
}

const open = new Set<House>();

export class House {
  readonly fake: FakeDiscord;
  readonly guild: FakeGuild;
  readonly general: FakeChannel;
  readonly ada: FakeMember;
  /** Holds Manage Channels. */
  readonly boss: FakeMember;
  readonly models: FakeOpenAiServer | undefined;
  readonly folder: string;
  /** Further variables of the bot's environment. */
  readonly extra_env: Record<string, string> = {};
  /** Bots, in the order of their starts. */
  readonly bots: Closable[] = [];

  private constructor(fake: FakeDiscord, models: FakeOpenAiServer | undefined) {
    this.fake = fake;
    this.models = models;
    this.folder = mkdtempSync(join(tmpdir(), "colloquy-e2e-"));
    this.guild = fake.addGuild({ name: "Lab" });
    this.general = this.guild.addTextChannel({ name: "general" });
    this.ada = this.guild.addMember({ name: "Ada" });
    this.boss = this.guild.addMember({ name: "Boss", permissions: ["manage_channels"] });
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const fake = await FakeDiscord.start(options.discord);
    const models = options.model ? await FakeOpenAiServer.start(options.model) : undefined;
    const house = new House(fake, models);
    open.add(house);
    house.configure({ ...(models ? listsFor(models.base_url) : {}), ...options.config });
    return house;
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  /** Writes the configuration file anew. */
  configure(config: Record<string, unknown>): void {
    writeFileSync(join(this.folder, "colloquy.json"), JSON.stringify(config));
  }

  /** All of the bot's environment, but for the path. */
  get env(): Record<string, string> {
    return {
      DISCORD_TOKEN: this.fake.token,
      COLLOQUY_DISCORD_API: this.fake.apiUrl,
      COLLOQUY_CONFIG: join(this.folder, "colloquy.json"),
      COLLOQUY_DATA_DIR: this.dataDir,
      ...this.extra_env,
    };
  }

  /** The boss switches the agents on. */
  async wake(channel: FakeChannel = this.general): Promise<void> {
    await this.fake.commandsRegistered();
    const call = await channel.slash(this.boss, "groupchat", { subcommand: "start" });
    await call.answer({ until: (text) => text.includes("answer every line") });
  }

  /** Ada writes, and the MemGPT agent's answer, which is the last of the default table, is given. */
  async ask(
    text: string,
    { channel = this.general, timeoutMs = 15_000 } = {},
  ): Promise<FakeMessage> {
    const question = await channel.say(this.ada, text);
    const isAnswer = (m: FakeMessage): boolean =>
      BigInt(m.id) > BigInt(question.id) && isBy("MemGPT_coder", m);
    return channel.nextMessage(isAnswer, timeoutMs);
  }

  async close(): Promise<void> {
    for (const bot of this.bots.splice(0).reverse()) await bot.close();
    await this.models?.close();
    await this.fake.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Closes the houses of a test; fails where the bot broke one of Discord's rules. */
export async function closeHouses(): Promise<void> {
  const houses = [...open];
  open.clear();
  const violations = houses.flatMap((house) => house.fake.violations);
  for (const house of houses) await house.close();
  expect(violations).toEqual([]);
}

/** Both lists on one fake server; the key tells whose request it is. */
export function listsFor(base_url: string): Record<string, unknown> {
  return {
    config_list: [{ model: "plain-model", base_url, api_key: PLAIN_KEY, context_window: 32_768 }],
    config_list_memgpt: [
      {
        model: "memgpt-model",
        model_endpoint: base_url,
        openai_key: MEMGPT_KEY,
        context_window: 32_768,
      },
    ],
    embedding: "offline",
  };
}

/** By that agent: through a webhook, or in the bot's own message that begins with the name. */
export function isBy(agent: string, message: FakeMessage): boolean {
  if (message.author.webhookId !== undefined) return message.author.name === agent;
  return message.content.startsWith(`**${agent}**\n`);
}

/** What the agents and the bot said, as "speaker: text", without grey lines and answers to commands. */
export function said(channel: FakeChannel): string[] {
  return channel.botMessages
    .filter((m) => m.interaction === undefined)
    .map((m) => `${m.author.name}: ${withoutGrey(m.content)}`);
}

export function withoutGrey(content: string): string {
  return content
    .split("\n")
    .filter((line) => !line.startsWith("-# "))
    .join("\n");
}

/** Something to wait at until the test opens it. */
export function gate(): { passed: Promise<void>; open: () => void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Polls: for what nobody tells of, such as log lines and processes. */
export async function until(fits: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!fits()) {
    if (performance.now() > deadline) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
