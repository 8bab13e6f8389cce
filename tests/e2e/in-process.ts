/**
 * The bot inside the test's process: the whole app of `createApp`, on the real discord.js. Quick to
 * start, and its log can be read as data. Kills and exit codes are `bot-process.ts`'s.
 */
import { loadConfig } from "../../config/load-config.ts";
import { type App, createApp } from "../../src/app.ts";
import { DiscordBot } from "../../src/discord/discord-bot.ts";
import { type LogLine, RecordingLogger } from "../fakes/small-fakes.ts";
import { type House, until } from "./house.ts";

export class InProcessBot {
  readonly app: App;
  readonly lines: readonly LogLine[];
  readonly #bot: DiscordBot;
  #closed = false;

  private constructor(app: App, bot: DiscordBot, lines: readonly LogLine[]) {
    this.app = app;
    this.#bot = bot;
    this.lines = lines;
  }

  static async start(house: House): Promise<InProcessBot> {
    const config = loadConfig({ cwd: house.folder, env: house.env });
    const logger = new RecordingLogger();
    const app = await createApp(config, { logger });
    const bot = new DiscordBot({
      host: app.host,
      token: config.discord.token ?? "",
      message_content: config.discord.message_content,
      fetchFile: (url, signal, maxBytes) =>
        app.fetcher.fetch(url, { maxBytes, ...(signal ? { signal } : {}) }),
      max_file_bytes: config.limits.max_file_bytes,
      logger,
      clock: app.clock,
      settle_ms: 150,
      ...(config.discord.api ? { api: config.discord.api } : {}),
    });
    const started = new InProcessBot(app, bot, logger.lines);
    house.bots.push(started);
    await bot.start();
    return started;
  }

  /** Lines of the log with this text, as far as there are any. */
  logged(text: string): readonly LogLine[] {
    return this.lines.filter((line) => line.message.includes(text));
  }

  /** Resolves when so many runs have ended since the start. */
  async runsEnded(count: number): Promise<void> {
    const ended = (): number => this.lines.filter((l) => l.message === "a run ended").length;
    await until(() => ended() >= count, `the end of run ${count}`, 20_000);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // In the order of main.ts: an answer being posted still finds its surface.
    await this.app.host.close();
    await this.#bot.stop();
    await this.app.stop();
  }
}
