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
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  type StringSelectMenuInteraction,
} from "discord.js";
import type { AttachRequest, ChannelHost } from "../channels/host.ts";
import { fileLabel } from "../channels/markdown.ts";
import { cancelled } from "../channels/offer-files.ts";
import type { AskPassword, Place } from "../channels/ports.ts";
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { CommandAnswer } from "./command-answer.ts";
import { isAnsweredInPublic } from "./command-json.ts";
import { controlComponents, parseControlId } from "./controls.ts";
import { type DiscordApi, type InteractionKey, messageBody, NO_PINGS } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import { type FileSource, incomingFile } from "./incoming-file.ts";
import {
  choices,
  interactionPerson,
  interactionPlace,
  keyOf,
  mayManage,
  mayManageServer,
  optionValues,
} from "./interaction-data.ts";
import type { LiveControls, PressAnswer } from "./live-controls.ts";
import { ADD_TO_MEMORY, messageFiles } from "./message-files.ts";
import { type OfferKey, offerComponents, parseOfferId } from "./offer-button.ts";
import { cleanText, MESSAGE_LIMIT } from "./split.ts";
import { cutGraphemes } from "./voice-name.ts";

export interface InteractionsOptions {
  host: ChannelHost;
  api: DiscordApi;
  files: FileSource;
  clock: Clock;
  controls: LiveControls;
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
      else if (interaction.isMessageContextMenuCommand()) await this.#addToMemory(interaction);
      else if (interaction.isModalSubmit()) await this.#submit(interaction);
      else if (isControl(interaction)) await this.#control(interaction);
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
    const { host } = this.#options;
    const key = keyOf(interaction);
    const { commandName } = interaction;
    const command = host.commands.find((candidate) => candidate.name === commandName);
    const place = interactionPlace(interaction);
    if (!command || !place) {
      return this.#tell(key, command ? NOT_HERE : "This command is from an older version of me.");
    }
    const subcommand = interaction.options.getSubcommand(false) ?? undefined;
    const ephemeral = !isAnsweredInPublic(
      command,
      subcommand,
      mayManage(interaction),
      mayManageServer(interaction),
    );
    await this.#acknowledge(
      key,
      InteractionResponseType.DeferredChannelMessageWithSource,
      ephemeral ? { flags: MessageFlags.Ephemeral } : undefined,
    );
    await this.#answered(interaction, place, commandName, ephemeral, (way) =>
      host.command(place, {
        ...way,
        id: interaction.id,
        name: commandName,
        subcommand,
        options: optionValues(interaction.options.data, (upload) => this.#file(upload)),
        may_manage: mayManage(interaction),
        may_manage_server: mayManageServer(interaction),
      }),
    );
  }

  async #addToMemory(interaction: MessageContextMenuCommandInteraction): Promise<void> {
    const { host, files, api } = this.#options;
    const key = keyOf(interaction);
    const place = interactionPlace(interaction);
    if (!place || interaction.commandName !== ADD_TO_MEMORY) {
      return this.#tell(key, place ? "This command is from an older version of me." : NOT_HERE);
    }
    const message = interaction.targetMessage;
    const found = messageFiles(message, interaction.guildId, files, async (file) => {
      const now = await api.message(place.id, message.id);
      return now.attachments?.find((attachment) => attachment.id === file)?.url;
    });
    if (found.length === 0) {
      return this.#tell(key, "That message has neither files nor text that could be kept.");
    }
    await this.#acknowledge(key, InteractionResponseType.DeferredChannelMessageWithSource);
    await this.#answered(interaction, place, ADD_TO_MEMORY, false, (way) =>
      host.attachFiles(place, { ...way, files: found }),
    );
  }

  /** Does work whose answer is held open, with a button to cancel it and one to be asked through. */
  async #answered(
    interaction: ChatInputCommandInteraction | MessageContextMenuCommandInteraction,
    place: Place,
    command: string,
    ephemeral: boolean,
    work: (way: AnswerWay) => Promise<void>,
  ): Promise<void> {
    const { api, clock, connected, controls } = this.#options;
    const person = interactionPerson(interaction);
    const stop = new AbortSource();
    const onStop = (): void => stop.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    if (this.#stop.signal.aborted) onStop();
    const cancel = (): void => stop.abort(cancelled());
    const live = controls.cancelButton({ person, cancel });
    const answer = new CommandAnswer({
      api,
      clock,
      interaction: keyOf(interaction),
      channel: place.id,
      command,
      ephemeral,
      live: live.components,
    });
    try {
      await connected;
      await work({
        person,
        signal: stop.signal,
        askPassword: (file, again) =>
          controls.askPassword(
            file,
            person,
            (components) => answer.ask(lockedText(file, again), components),
            stop.signal,
          ),
        reply: (text, extra) => answer.reply(text, extra?.file),
        progress: (text) => answer.progress(text),
      });
    } catch (error) {
      this.#log("a command failed", interaction, error);
      await answer.reply(explainError(error));
    } finally {
      live.remove();
      this.#stop.signal.removeEventListener("abort", onStop);
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

  /** Acknowledged without a change first: what the line says then is the host's to tell. */
  async #control(interaction: ButtonInteraction | StringSelectMenuInteraction): Promise<void> {
    const key = keyOf(interaction);
    const place = interactionPlace(interaction);
    if (!place) return this.#tell(key, NOT_HERE);
    await this.#acknowledge(key, InteractionResponseType.DeferredMessageUpdate);
    await this.#options.connected;
    const [value] = interaction.isStringSelectMenu() ? interaction.values : [];
    const { text, for_all, controls } = await this.#options.host.press(place, {
      id: parseControlId(interaction.customId) ?? "",
      ...(value === undefined ? {} : { value }),
      person: interactionPerson(interaction),
    });
    const content = cutGraphemes(cleanText(text), MESSAGE_LIMIT);
    if (!for_all) return this.#followUp(key, content);
    await this.#options.api.editResponse(key, {
      content,
      components: controlComponents(controls),
    });
  }

  async #press(interaction: ButtonInteraction): Promise<void> {
    const key = keyOf(interaction);
    const { controls } = this.#options;
    if (controls.isOurs(interaction.customId)) {
      return this.#send(key, controls.press(interaction.customId, interaction.user.id));
    }
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
      const person = interactionPerson(interaction);
      const ask: AskPassword = (name, again) =>
        controls.askPassword(
          name,
          person,
          async (components) => {
            const content = lockedText(name, again);
            await this.#options.api.followUp(key, { content, components, ephemeral: true });
          },
          this.#stop.signal,
        );
      if (file) await this.#options.host.acceptOffer(place, person, file, ask);
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

  async #submit(interaction: ModalSubmitInteraction): Promise<void> {
    const { customId, fields, user } = interaction;
    const read = (name: string): string => fields.getTextInputValue(name);
    await this.#send(keyOf(interaction), this.#options.controls.submit(customId, user.id, read));
  }

  #send(key: InteractionKey, answer: PressAnswer): Promise<void> {
    if ("text" in answer) return this.#tell(key, answer.text);
    return this.#acknowledge(key, answer.type, answer.data);
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

/** What the host gets of an answer held open. */
type AnswerWay = Pick<AttachRequest, "person" | "signal" | "askPassword" | "reply" | "progress">;

function lockedText(file: string, again: boolean): string {
  const name = fileLabel(file);
  return again
    ? `That is not the password of ${name}. Try again.`
    : `${name} is encrypted. Its password is needed to read it, and is not kept.`;
}

function isControl(
  interaction: Interaction,
): interaction is ButtonInteraction | StringSelectMenuInteraction {
  const isPressed = interaction.isButton() || interaction.isStringSelectMenu();
  return isPressed && parseControlId(interaction.customId) !== undefined;
}

const NOT_HERE = "I cannot hold a groupchat here.";
