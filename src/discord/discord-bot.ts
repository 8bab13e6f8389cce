/**
 * The bot on Discord: logs in, registers the commands, turns events into plain data for the host and
 * gives the host its surfaces. Which groupchats there are, and what they say, is the host's.
 */
import { Client, Events, type Interaction } from "discord.js";
import type { ChannelHost } from "../channels/host.ts";
import type { Place, Surface } from "../channels/ports.ts";
import type { Clock } from "../shared/clock.ts";
import type { ColloquyError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { clientOptions } from "./client-options.ts";
import { DiscordApi } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import { DiscordRest } from "./discord-rest.ts";
import { DiscordSurface } from "./discord-surface.ts";
import { InboundLines } from "./inbound-lines.ts";
import type { FetchFile, FileSource } from "./incoming-file.ts";
import { Interactions } from "./interactions.ts";
import { inviteUrl } from "./invite.ts";
import { knownPermissions, mayManageWebhooks, parentOfThread } from "./known-channels.ts";
import { LiveControls } from "./live-controls.ts";
import { closeCodeError, loginError } from "./login-errors.ts";
import { Parking } from "./parking.ts";
import { webhookChannelOf } from "./places.ts";
import { registerCommands } from "./register-commands.ts";
import { RunButtons } from "./run-buttons.ts";
import type { SurfaceKit } from "./surface-kit.ts";
import { TypingController } from "./typing-controller.ts";
import { WebhookVoices } from "./webhook-voices.ts";

export interface DiscordBotOptions {
  host: ChannelHost;
  token: string;
  /** False: the reduced mode on purpose (mentions, direct messages, commands). */
  message_content: boolean;
  /** Another base URL of Discord's API, for tests. */
  api?: string;
  fetchFile: FetchFile;
  /** Most bytes of an upload. Default 25 MiB. */
  max_file_bytes?: number;
  logger: Logger;
  clock: Clock;
  /** The bot cannot go on (token reset, intent withdrawn); the process should end with code 78. */
  onFatal?: (error: ColloquyError) => void;
  /** How long Discord may take to show a message whose sending failed. Default 2 s. */
  settle_ms?: number;
  /** How long one attempt waits for Discord to begin its answer. Default 15 s. */
  attempt_ms?: number;
}

const MAX_FILE_BYTES = 25 * 1024 * 1024;
const READY_MS = 60_000;

export class DiscordBot {
  readonly #options: DiscordBotOptions;
  readonly #logger: Logger;
  readonly #client: Client;
  readonly #rest: DiscordRest;
  readonly #api: DiscordApi;
  readonly #controls: LiveControls;
  readonly #kit: SurfaceKit;
  readonly #files: FileSource;
  readonly #interactions: Interactions;
  readonly #lines: InboundLines;
  readonly #connected: Promise<void>;
  #markConnected: () => void = () => undefined;
  /** The host is connected: what people write may be handed to it. */
  #isStarted = false;
  /** All servers are there, but for those in an outage: a new session names them one by one. */
  #isWhole = false;
  #stopping = false;
  #isFatalTold = false;

  constructor(options: DiscordBotOptions) {
    this.#options = options;
    const { clock, logger, host } = options;
    this.#logger = logger;
    const api = options.api === undefined ? {} : { api: options.api };
    this.#client = new Client(clientOptions({ message_content: options.message_content, ...api }));
    this.#rest = new DiscordRest({
      token: options.token,
      clock,
      logger,
      onTokenRefused: (error) => this.#fatal(error),
      ...(options.attempt_ms === undefined ? {} : { attempt_ms: options.attempt_ms }),
      ...api,
    });
    this.#api = new DiscordApi(this.#rest);
    this.#connected = new Promise((resolve) => {
      this.#markConnected = resolve;
    });
    this.#files = {
      fetchFile: options.fetchFile,
      maxBytes: options.max_file_bytes ?? MAX_FILE_BYTES,
    };
    this.#controls = new LiveControls(clock);
    this.#kit = this.#makeKit();
    this.#interactions = new Interactions({
      host,
      api: this.#api,
      files: this.#files,
      clock,
      controls: this.#controls,
      buttons: this.#kit.buttons,
      logger,
      connected: this.#connected,
    });
    this.#lines = new InboundLines({
      client: this.#client,
      host,
      api: this.#api,
      files: this.#files,
      voices: this.#kit.voices,
      parentOf: this.#kit.parentOf,
      clock,
      logger,
    });
    this.#listen();
  }

  /** The invite with exactly the permissions needed; known once `start` has resolved. */
  get inviteUrl(): string {
    return inviteUrl(this.#applicationId());
  }

  /** The bot's name on Discord; known once `start` has resolved. */
  get name(): string {
    return this.#client.user?.displayName ?? "";
  }

  /**
   * Logs in and connects the host. Fails with `discord_token_invalid` or `discord_intent_refused`
   * (exit code 78: starting again does not help) or `discord_unavailable`.
   */
  async start(): Promise<void> {
    await this.#login();
    await this.#register();
    await this.#options.host.connect((place) => this.#surface(place));
    this.#markConnected();
    this.#isStarted = true;
    void this.#lines.catchingUp.begin();
  }

  /** Takes no more events, ends what is under way and leaves. Call it after the host has stopped. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#interactions.stop();
    this.#lines.stop();
    this.#kit.typing.stopAll();
    this.#rest.stop();
    await this.#client.destroy().catch((error: unknown) => {
      this.#logger.warn("leaving Discord failed", errorFields(error));
    });
  }

  async #login(): Promise<void> {
    let closeCode: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    const onDisconnect = (event: { code: number }): void => {
      closeCode = event.code;
    };
    this.#client.on(Events.ShardDisconnect, onDisconnect);
    const ready = new Promise<void>((resolve, reject) => {
      this.#client.once(Events.ClientReady, () => resolve());
      timer = setTimeout(() => reject(new Error("not ready in time")), READY_MS);
    });
    try {
      await Promise.race([
        this.#client.login(this.#options.token).then(() => ready),
        // Its rejection is the time limit of both.
        ready,
      ]);
    } catch (error) {
      this.#rest.stop();
      await this.#client.destroy().catch(() => undefined);
      throw loginError(error, closeCode);
    } finally {
      clearTimeout(timer);
      this.#client.off(Events.ShardDisconnect, onDisconnect);
    }
    this.#client.on(Events.ShardDisconnect, (event) => {
      if (!this.#stopping) this.#fatal(closeCodeError(event.code));
    });
  }

  /** Old commands still work when this fails, so it is no reason not to start. */
  async #register(): Promise<void> {
    try {
      const { commands } = this.#options.host;
      const told = await registerCommands(this.#api, this.#applicationId(), commands);
      this.#logger.info(told ? "commands registered" : "commands are up to date", {
        commands: commands.length,
      });
    } catch (error) {
      this.#logger.error("commands could not be registered", errorFields(error));
    }
  }

  #listen(): void {
    const client = this.#client;
    const { catchingUp } = this.#lines;
    client.on(Events.MessageCreate, (message) => this.#lines.take(message));
    client.on(Events.InteractionCreate, (interaction) => this.#onInteraction(interaction));
    client.on(Events.Error, (error) => this.#logger.error("discord client", errorFields(error)));
    client.on(Events.ShardError, (error) =>
      this.#logger.warn("connection to Discord lost", errorFields(error)),
    );
    client.on(Events.ShardResume, () => {
      this.#logger.info("connection to Discord resumed");
      this.#isWhole = true;
      if (this.#isStarted) catchingUp.release();
    });
    client.on(Events.ShardReconnecting, () => {
      this.#isWhole = false;
      catchingUp.hold();
    });
    client.on(Events.ShardReady, () => {
      this.#isWhole = true;
      if (this.#isStarted) void catchingUp.begin();
    });
    client.on(Events.GuildAvailable, (guild) => {
      if (this.#isStarted && this.#isWhole) void catchingUp.begin(guild.id);
    });
    // An outage makes a guild unavailable, not deleted; neither is a reason to forget anything.
    client.on(Events.GuildUnavailable, (guild) =>
      this.#logger.info("a server is unavailable for now", { guild: guild.id }),
    );
    client.on(Events.GuildDelete, (guild) =>
      this.#logger.info("removed from a server", { guild: guild.id }),
    );
  }

  #onInteraction(interaction: Interaction): void {
    if (!this.#stopping) void this.#interactions.handle(interaction);
  }

  #surface(place: Place): Surface {
    return new DiscordSurface(place, this.#kit);
  }

  #makeKit(): SurfaceKit {
    const { clock, logger, settle_ms = 2_000 } = this.#options;
    let count = 0;
    const parking = new Parking({
      permissions: (channel) => knownPermissions(this.#client, channel),
      clock,
      logger,
    });
    const voices = new WebhookVoices({
      api: this.#api,
      applicationId: () => this.#applicationId(),
      mayManageWebhooks: (channel) => mayManageWebhooks(this.#client, channel),
      clock,
      logger,
    });
    const parentOf = (thread: string) => parentOfThread(this.#client, this.#api, thread);
    const botId = (): string => this.#client.user?.id ?? "";
    return {
      parking,
      api: this.#api,
      voices,
      controls: this.#controls,
      buttons: new RunButtons({
        api: this.#api,
        webhook: async (place) => {
          const channel = await webhookChannelOf(place, parentOf);
          return channel === undefined ? undefined : voices.existing(channel);
        },
        isOwn: ({ author, application_id }) =>
          author?.id === botId() || application_id === this.#applicationId(),
        logger,
      }),
      typing: new TypingController(
        (channel) => parking.guard(channel, () => this.#api.typing(channel)),
        clock,
      ),
      clock,
      logger,
      botId,
      applicationId: () => this.#applicationId(),
      parentOf,
      told: new Set(),
      next: () => {
        count += 1;
        return count;
      },
      settle_ms,
    };
  }

  #applicationId(): string {
    const id = this.#client.application?.id;
    if (id === undefined) throw new DiscordError("discord_unavailable", "Not logged in yet.");
    return id;
  }

  #fatal(error: DiscordError): void {
    if (this.#isFatalTold || this.#stopping) return;
    this.#isFatalTold = true;
    this.#logger.error("Discord will not let the bot go on", errorFields(error));
    this.#options.onFatal?.(error);
  }
}
