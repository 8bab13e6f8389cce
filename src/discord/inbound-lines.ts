/**
 * What people write, on its way to the host: live messages and those from the history, as plain data,
 * in the order of each place. What was missed goes first.
 */
import { type Client, Message } from "discord.js";
import type { ChannelHost } from "../channels/host.ts";
import type { IncomingMessage, Place } from "../channels/ports.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { CatchingUp } from "./catching-up.ts";
import type { ApiMessage, DiscordApi } from "./discord-api.ts";
import { errorFields } from "./discord-error.ts";
import type { FileSource } from "./incoming-file.ts";
import { isFromPerson, toIncomingMessage } from "./incoming-message.ts";
import { knownHistory } from "./known-channels.ts";
import { placeOf } from "./places.ts";
import type { WebhookVoices } from "./webhook-voices.ts";

export interface InboundLinesOptions {
  client: Client;
  host: ChannelHost;
  api: DiscordApi;
  files: FileSource;
  voices: WebhookVoices;
  parentOf: (thread: string) => Promise<string | undefined>;
  clock: Clock;
  logger: Logger;
}

export class InboundLines {
  /** Begun by the bot when the host is connected. */
  readonly catchingUp: CatchingUp;
  readonly #options: InboundLinesOptions;
  /** The mapping of a place's messages under way, so that they reach the host in order. */
  readonly #inbound = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(options: InboundLinesOptions) {
    const { api, client, clock, host, logger } = options;
    this.#options = options;
    this.catchingUp = new CatchingUp({
      knownPlaces: () => host.knownPlaces(),
      history: (place) => knownHistory(client, place),
      messagesAfter: (channel, after) => api.messagesAfter(channel, after),
      deliver: (place, messages) => this.#deliver(place, messages),
      clock,
      logger,
    });
  }

  take(message: Message): void {
    const bot = this.#options.client.user?.id;
    if (this.#stopped || bot === undefined || !isFromPerson(message, bot)) return;
    const { channel } = message;
    const name = "name" in channel ? channel.name : null;
    const place = placeOf({ id: channel.id, type: channel.type, guildId: message.guildId, name });
    if (!place) return;
    const before = this.#inbound.get(place.id) ?? Promise.resolve();
    const next = before
      .then(() => this.catchingUp.done(place.id))
      .then(() => this.#mapped(place, message, bot))
      .then((incoming) => incoming && this.#handOver(place, incoming))
      .catch((error: unknown) => this.#log("a message could not be taken in", place, error))
      .finally(() => {
        if (this.#inbound.get(place.id) === next) this.#inbound.delete(place.id);
      });
    this.#inbound.set(place.id, next);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #deliver(place: Place, messages: readonly ApiMessage[]): Promise<void> {
    const { client, logger } = this.#options;
    const bot = client.user?.id;
    if (bot === undefined) return;
    const lines: IncomingMessage[] = [];
    for (const data of messages) {
      const message = this.#fromHistory(place, data);
      if (!isFromPerson(message, bot)) continue;
      const incoming = await this.#mapped(place, message, bot);
      if (incoming) lines.push(incoming);
    }
    if (lines.length === 0) return;
    logger.info("lines written meanwhile", { channel: place.id, lines: lines.length });
    // In one go, so that one run answers them all.
    for (const line of lines) this.#handOver(place, line);
  }

  /** As the library makes it of an event; that says the server, and the history does not. */
  #fromHistory(place: Place, data: ApiMessage): Message {
    const guild = place.kind === "dm" ? {} : { guild_id: place.scope };
    const whole = { ...data, ...guild, channel_id: place.id };
    return Reflect.construct(Message, [this.#options.client, whole]);
  }

  async #mapped(place: Place, message: Message, bot: string): Promise<IncomingMessage | undefined> {
    const { api, files } = this.#options;
    return toIncomingMessage(message, {
      bot,
      files,
      replies_to_us: await this.#repliesToUs(place, message, bot),
      refresh: async (file) => {
        const now = await api.message(place.id, message.id);
        return now.attachments?.find((attachment) => attachment.id === file)?.url;
      },
    });
  }

  /** Not awaited: the run that answers may take minutes, and the next line must not wait for it. */
  #handOver(place: Place, incoming: IncomingMessage): void {
    if (this.#stopped) return;
    this.#options.host
      .receive(place, incoming)
      .catch((error: unknown) => this.#log("a line could not be heard", place, error));
  }

  /** Of the message answered, Discord sends the author: the bot, or a webhook's id. */
  async #repliesToUs(place: Place, message: Message, bot: string): Promise<boolean> {
    const author = message.mentions.repliedUser;
    if (!author) return false;
    if (author.id === bot) return true;
    if (!author.bot || place.kind === "dm") return false;
    try {
      const { parentOf, voices } = this.#options;
      const channel = place.kind === "thread" ? await parentOf(place.id) : place.id;
      if (channel === undefined) return false;
      const webhook = await voices.existing(channel);
      return webhook?.id === author.id;
    } catch {
      return false;
    }
  }

  #log(text: string, place: Place, error: unknown): void {
    this.#options.logger.error(text, { channel: place.id, ...errorFields(error) });
  }
}
