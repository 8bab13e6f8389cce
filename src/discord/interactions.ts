/**
 * Slash commands, their autocomplete, and buttons: acknowledged before anything else, handed to the
 * host as plain data, answered whatever happens. Nothing here throws.
 */
import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Interaction,
  InteractionResponseType,
  MessageFlags,
} from "discord.js";
import type { ChannelHost } from "../channels/host.ts";
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { CommandAnswer } from "./command-answer.ts";
import { isAnsweredInPublic } from "./command-json.ts";
import { type DiscordApi, type InteractionKey, messageBody, NO_PINGS } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import { type FileSource, incomingFile } from "./incoming-file.ts";
import {
  choices,
  interactionPerson,
  interactionPlace,
  keyOf,
  mayManage,
  optionValues,
} from "./interaction-data.ts";
import { type OfferKey, offerComponents, parseOfferId } from "./offer-button.ts";

export interface InteractionsOptions {
  host: ChannelHost;
  api: DiscordApi;
  files: FileSource;
  clock: Clock;
  logger: Logger;
  /** Resolves when the host can answer. */
  connected: Promise<void>;
}

/** Discord waits three seconds; what is left is for the way there. */
const AUTOCOMPLETE_MS = 2_300;

export class Interactions {
  readonly #options: InteractionsOptions;
  readonly #stop = new AbortSource();
  /** Offers that somebody is taking up right now. */
  readonly #taking = new Set<string>();

  constructor(options: InteractionsOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async handle(interaction: Interaction): Promise<void> {
    try {
      if (interaction.isChatInputCommand()) await this.#command(interaction);
      else if (interaction.isAutocomplete()) await this.#complete(interaction);
      else if (interaction.isButton()) await this.#press(interaction);
      else if (interaction.isRepliable()) {
        await this.#tell(keyOf(interaction), "I do not know this kind of control.");
      }
    } catch (error) {
      this.#log("an interaction could not be answered", interaction, error);
    }
  }

  /** Commands under way are told to end. */
  stop(): void {
    this.#stop.abort(new DiscordError("discord_stopped", "The bot is stopping."));
  }

  async #command(interaction: ChatInputCommandInteraction): Promise<void> {
    const { host, api, clock, connected } = this.#options;
    const key = keyOf(interaction);
    const { commandName } = interaction;
    const command = host.commands.find((candidate) => candidate.name === commandName);
    const place = interactionPlace(interaction);
    if (!command || !place) {
      return this.#tell(key, command ? NOT_HERE : "This command is from an older version of me.");
    }
    const subcommand = interaction.options.getSubcommand(false) ?? undefined;
    const ephemeral = !isAnsweredInPublic(command, subcommand, mayManage(interaction));
    await this.#acknowledge(
      key,
      InteractionResponseType.DeferredChannelMessageWithSource,
      ephemeral ? { flags: MessageFlags.Ephemeral } : undefined,
    );
    const answer = new CommandAnswer({
      api,
      clock,
      interaction: key,
      channel: place.id,
      command: commandName,
      ephemeral,
    });
    try {
      await connected;
      await host.command(place, {
        name: commandName,
        subcommand,
        options: optionValues(interaction.options.data, (upload) => this.#file(upload)),
        person: interactionPerson(interaction),
        may_manage: mayManage(interaction),
        signal: this.#stop.signal,
        reply: (text, extra) => answer.reply(text, extra?.file),
        progress: (text) => answer.progress(text),
      });
    } catch (error) {
      this.#log("a command failed", interaction, error);
      await answer.reply(explainError(error));
    } finally {
      await answer.close();
    }
  }

  async #complete(interaction: AutocompleteInteraction): Promise<void> {
    const { api, host, clock } = this.#options;
    const place = interactionPlace(interaction);
    const focused = interaction.options.getFocused(true);
    const subcommand = interaction.options.getSubcommand(false) ?? undefined;
    const done = new AbortSource();
    const values = place
      ? await Promise.race([
          host
            .complete(place, {
              name: interaction.commandName,
              subcommand,
              option: focused.name,
              typed: String(focused.value),
            })
            .catch(() => []),
          clock.sleep(AUTOCOMPLETE_MS, done.signal).then(
            () => [],
            () => [],
          ),
        ])
      : [];
    done.abort("answered");
    await api.respond(
      keyOf(interaction),
      InteractionResponseType.ApplicationCommandAutocompleteResult,
      { choices: choices(values) },
    );
  }

  async #press(interaction: ButtonInteraction): Promise<void> {
    const key = keyOf(interaction);
    const offer = parseOfferId(interaction.customId);
    const place = interactionPlace(interaction);
    if (!offer || !place) {
      return this.#tell(key, offer ? NOT_HERE : "This button no longer does anything.");
    }
    if (this.#taking.has(interaction.customId)) {
      return this.#tell(key, "Somebody has just taken this up.");
    }
    this.#taking.add(interaction.customId);
    try {
      await this.#acknowledge(key, InteractionResponseType.UpdateMessage, {
        components: offerComponents(offer, true),
        allowed_mentions: NO_PINGS,
      });
      await this.#options.connected;
      const file = await this.#offeredFile(place.id, offer);
      if (file) await this.#options.host.acceptOffer(place, interactionPerson(interaction), file);
      else await this.#followUp(key, "That file is gone: the message was deleted or changed.");
    } catch (error) {
      this.#log("an offered file could not be attached", interaction, error);
      await this.#options.api
        .editResponse(key, {
          content: interaction.message.content,
          components: offerComponents(offer),
        })
        .catch(() => undefined);
      await this.#followUp(key, explainError(error));
    } finally {
      this.#taking.delete(interaction.customId);
    }
  }

  async #offeredFile(channel: string, offer: OfferKey) {
    const upload = await this.#upload(channel, offer);
    if (!upload) return undefined;
    return incomingFile(upload, this.#options.files, async () => {
      const again = await this.#upload(channel, offer);
      return again?.url;
    });
  }

  async #upload(channel: string, offer: OfferKey) {
    try {
      const message = await this.#options.api.message(channel, offer.message);
      const found = message.attachments?.find((attachment) => attachment.id === offer.file);
      return found && { ...found, name: found.filename };
    } catch (error) {
      if (error instanceof DiscordError && error.code === "discord_gone") return undefined;
      throw error;
    }
  }

  #file(upload: Parameters<typeof incomingFile>[0]) {
    return incomingFile(upload, this.#options.files);
  }

  /** One repetition: when Discord took the first and answered badly, the second is refused. */
  async #acknowledge(key: InteractionKey, type: number, data?: unknown): Promise<void> {
    const { api } = this.#options;
    try {
      await api.respond(key, type, data);
    } catch (error) {
      if (!(error instanceof DiscordError) || !error.ambiguous) throw error;
      await api.respond(key, type, data).catch((again: unknown) => {
        const isTaken = again instanceof DiscordError && again.facts.api_code === 40060;
        if (!isTaken) throw again;
      });
    }
  }

  /** A first answer that only the caller sees. */
  #tell(key: InteractionKey, content: string): Promise<void> {
    const body = messageBody({ content, ephemeral: true });
    return this.#acknowledge(key, InteractionResponseType.ChannelMessageWithSource, body);
  }

  async #followUp(key: InteractionKey, content: string): Promise<void> {
    await this.#options.api.followUp(key, { content, ephemeral: true });
  }

  #log(message: string, interaction: Interaction, error: unknown): void {
    this.#options.logger.warn(message, { channel: interaction.channelId, ...errorFields(error) });
  }
}

const NOT_HERE = "I cannot hold a groupchat here.";
