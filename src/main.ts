/**
 * The process: reads the configuration, says in three lines what it found, opens Discord or the
 * terminal, and ends with an exit code that says why (78: something to configure; 75: try later).
 */
import { userInfo } from "node:os";
import { setFlagsFromString } from "node:v8";
import { type AppConfig, secretsOf } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { LineLogger } from "./adapters/system/line-logger.ts";
import { createRedactor } from "./adapters/system/redaction.ts";
import { type App, createApp } from "./app.ts";
import { wrapWords } from "./console/wrap-words.ts";
import { ColloquyError, ConfigError, errorCode, explainError } from "./shared/errors.ts";
import type { Logger } from "./shared/logger.ts";

/** V8's measure of how much a function runs before it is optimised; see docs/decisions/0018. */
const OPTIMISE_LATER = "--interrupt-budget=1000000";
const EXIT_CONFIG = 78;
const EXIT_TRY_LATER = 75;
/**
 * Parts of a stop that take longer are cut short: what is durable is resumed at the next start. The
 * groupchats end first, so that an answer being posted still finds its surface.
 */
const STOP_MS = { groupchats: 4_000, surface: 1_500, stores: 4_000 };
const NEEDS_CONFIGURING: ReadonlySet<string> = new Set([
  "config_invalid",
  "data_dir_unusable",
  "state_adapter_missing",
  "state_uri_unknown",
  "chroma_url_invalid",
  "discord_token_invalid",
  "discord_intent_refused",
]);

interface OpenSurface {
  /** Resolves when the surface has nothing more to do: with whether all of it could be done. */
  run(): Promise<boolean>;
  stop(): Promise<void>;
}

async function main(): Promise<number> {
  setFlagsFromString(OPTIMISE_LATER);
  const config = loadConfig({ cwd: process.cwd(), env: process.env });
  const logger = processLogger(config);
  process.on("unhandledRejection", (error) => {
    logger.error("a failure that nothing waited for", { error });
  });
  process.on("uncaughtException", (error) => {
    logger.error("a failure that nothing caught", { error });
    process.exit(1);
  });
  const stopped = askedToStop(logger);
  try {
    const app = await createApp(config, { logger });
    try {
      const surface = await openSurface(config, app);
      return await untilDone(surface, app, stopped, logger);
    } finally {
      await withinStopTime("stores", app.stop(), logger);
    }
  } catch (error) {
    const known = error instanceof ColloquyError;
    // What is behind it may hold anything: it goes through the logger, which leaves secrets out.
    if (!known || exitCode(error) === 1) logger.error("the bot has to end", { error });
    if (known) throw error;
    return 1;
  }
}

/** On Discord, one line an event; in the terminal only what is wrong, unless more is asked for. */
function processLogger(config: AppConfig): Logger {
  const chosen = config.discord.token !== undefined || config.log.level !== "info";
  // People at a terminal are told in the talk itself what went wrong.
  const quiet = process.stdout.isTTY ? "error" : "warn";
  return new LineLogger({
    level: chosen ? config.log.level : quiet,
    redact: createRedactor(secretsOf(config)),
  });
}

/** Resolves when a signal asks the bot to stop, also while it starts; a second one does not wait. */
function askedToStop(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        logger.info("stopping", { signal });
        resolve();
      });
    }
  });
}

async function openSurface(config: AppConfig, app: App): Promise<OpenSurface> {
  return config.discord.token === undefined
    ? await openTerminal(app)
    : await openDiscord(config, config.discord.token, app);
}

async function openTerminal(app: App): Promise<OpenSurface> {
  const { Terminal } = await import("./console/terminal.ts");
  sayWhatWasFound("terminal (set DISCORD_TOKEN in .env to open Discord)", app);
  say("Write a line, or /help. /quit ends.\n\n");
  const terminal = new Terminal({
    host: app.host,
    input: process.stdin,
    output: process.stdout,
    person: { id: "terminal", display_name: userName() },
    openFile: app.openFile,
    saveFile: app.saveFile,
    clock: app.clock,
  });
  return { run: () => terminal.run(), stop: async () => terminal.stop() };
}

/** A container may run under a user that has no name. */
function userName(): string {
  try {
    return userInfo().username || "you";
  } catch {
    return "you";
  }
}

async function openDiscord(config: AppConfig, token: string, app: App): Promise<OpenSurface> {
  const [{ DiscordBot }, { intentsToSwitchOn }] = await Promise.all([
    import("./discord/discord-bot.ts"),
    import("./discord/invite.ts"),
  ]);
  let end: (error: ColloquyError) => void = () => undefined;
  const fatal = new Promise<never>((_, reject) => {
    end = reject;
  });
  fatal.catch(() => undefined);
  const bot = new DiscordBot({
    host: app.host,
    token,
    message_content: config.discord.message_content,
    fetchFile: (url, signal, maxBytes) =>
      app.fetcher.fetch(url, { maxBytes, ...(signal ? { signal } : {}) }),
    max_file_bytes: config.limits.max_file_bytes,
    logger: app.logger,
    clock: app.clock,
    onFatal: end,
    ...(config.discord.api ? { api: config.discord.api } : {}),
  });
  await bot.start();
  sayWhatWasFound(`Discord, as ${bot.name}`, app);
  say(
    [
      `Invite it to a server:  ${bot.inviteUrl}`,
      config.discord.message_content
        ? `Switch on in the developer portal, under Bot: ${intentsToSwitchOn(true).join(", ")}.`
        : "Reduced mode (message_content: false): it sees mentions, direct messages and commands.",
      "",
    ].join("\n"),
  );
  return { run: () => fatal, stop: () => bot.stop() };
}

function sayWhatWasFound(surface: string, app: App): void {
  say(`Surface: ${surface}\nModel:   ${app.summary.model}\nStores:  ${app.summary.stores}\n`);
}

function say(text: string): void {
  const { isTTY, columns } = process.stdout;
  // A terminal that does not tell its width says 0.
  process.stdout.write(isTTY && columns > 0 ? wrapWords(text, columns) : text);
}

/** Runs the surface until it ends or `stopped` resolves, then closes groupchats and surface. */
async function untilDone(
  surface: OpenSurface,
  app: App,
  stopped: Promise<void>,
  logger: Logger,
): Promise<number> {
  try {
    const done = await Promise.race([surface.run(), stopped]);
    return done === false ? 1 : 0;
  } finally {
    await withinStopTime("groupchats", app.host.close(), logger);
    await withinStopTime("surface", surface.stop(), logger);
  }
}

async function withinStopTime(
  part: keyof typeof STOP_MS,
  work: Promise<void>,
  logger: Logger,
): Promise<void> {
  const ms = STOP_MS[part];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      logger.warn("stopping took too long and is cut short", { part, ms });
      resolve();
    }, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** What is wrong, for the admin, and the exit code that says whether a restart can help. */
function fail(error: unknown): number {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n${error.next ?? ""}\n`);
  else process.stderr.write(`${explainError(error)}\n`);
  return exitCode(error);
}

function exitCode(error: unknown): number {
  if (NEEDS_CONFIGURING.has(errorCode(error))) return EXIT_CONFIG;
  return errorCode(error) === "data_dir_locked" ? EXIT_TRY_LATER : 1;
}

main()
  .catch(fail)
  .then((code) => process.exit(code));
