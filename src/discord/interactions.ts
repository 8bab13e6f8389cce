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
} from "discord.js";
import type { Form, OptionValue } from "../channels/command.ts";
import type { AttachRequest, ChannelHost } from "../channels/host.ts";
import { cancelled } from "../channels/offer-files.ts";
import type { Place } from "../channels/ports.ts";
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { CommandAnswer } from "./command-answer.ts";
import { calledPart, isAnsweredInPublic } from "./command-json.ts";
import { isControl, pressControl } from "./control-press.ts";
import type { DiscordApi, InteractionKey } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import { acknowledge, NO_VOICE, NOT_HERE, tell } from "./first-answer.ts";
import { type FileSource, incomingFile } from "./incoming-file.ts";
import {
  choices,
  interactionPerson,
  interactionPlace,
  keyOf,
  mayManage,
  mayManageServer,
  mayWrite,
  optionValues,
} from "./interaction-data.ts";
import type { LiveControls, PressReply } from "./live-controls.ts";
import { ADD_TO_MEMORY, messageFiles } from "./message-files.ts";
import { type FormCall, formId, modalJson, parseFormId, submittedTexts } from "./modal.ts";
import { parseOfferId } from "./offer-button.ts";
import { Offers } from "./offers.ts";
import { passwordAsker } from "./password-form.ts";
import type { RunButtons } from "./run-buttons.ts";

export interface InteractionsOptions {
  host: ChannelHost;
  api: DiscordApi;
  files: FileSource;
  clock: Clock;
  controls: LiveControls;
  buttons: RunButtons;
  logger: Logger;
  /** Resolves when the host can answer. */
  connected: Promise<void>;
}

/** Discord waits three seconds; what is left is for the way there. */
const IN_TIME_MS = 2_300;

export class Interactions {
  readonly #options: InteractionsOptions;
  readonly #stop = new AbortSource();
  readonly #offers: Offers;

  constructor(options: InteractionsOptions) {
    this.#options = options;
    this.#offers = new Offers(options);
  }

  /** Never rejects. */
  async handle(interaction: Interaction): Promise<void> {
    try {
      if (interaction.isChatInputCommand()) await this.#command(interaction);
      else if (interaction.isAutocomplete()) await this.#complete(interaction);
      else if (interaction.isMessageContextMenuCommand()) await this.#addToMemory(interaction);
      else if (interaction.isModalSubmit()) await this.#submit(interaction);
      else if (isControl(interaction)) await pressControl(interaction, this.#options);
      else if (interaction.isButton()) await this.#press(interaction);
      else if (interaction.isRepliable()) {
        await tell(this.#options.api, keyOf(interaction), "I do not know this kind of control.");
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
    const { api } = this.#options;
    const call = {
      name: interaction.commandName,
      subcommand: interaction.options.getSubcommand(false) ?? undefined,
      options: optionValues(interaction.options.data, (upload) => this.#file(upload)),
    };
    const form = await this.#form(interaction, call);
    const id = form && formId(call, form);
    if (!id) return this.#run(interaction, call);
    const { Modal } = InteractionResponseType;
    await acknowledge(api, keyOf(interaction), Modal, modalJson(id, form));
  }

  /** What the command asks for in a form, if that can be known in time. */
  async #form(interaction: ChatInputCommandInteraction, call: FormCall): Promise<Form | undefined> {
    const { host, connected } = this.#options;
    const place = interactionPlace(interaction);
    const command = host.commands.find(({ name }) => name === call.name);
    if (!place || !command || !calledPart(command, call.subcommand).form) return undefined;
    const rights = {
      may_manage: mayManage(interaction),
      may_manage_server: mayManageServer(interaction),
    };
    return this.#inTime(
      connected.then(() => host.form(place, { ...call, ...rights })),
      undefined,
    );
  }

  async #run(
    interaction: ChatInputCommandInteraction | ModalSubmitInteraction,
    { name, subcommand, options }: FormCall,
  ): Promise<void> {
    const { host, api } = this.#options;
    const key = keyOf(interaction);
    const command = host.commands.find((candidate) => candidate.name === name);
    const place = interactionPlace(interaction);
    if (!command || !place) {
      return tell(api, key, command ? NOT_HERE : "This command is from an older version of me.");
    }
    const may_manage = mayManage(interaction);
    const may_manage_server = mayManageServer(interaction);
    const ephemeral = !isAnsweredInPublic(command, subcommand, may_manage, may_manage_server);
    if (!ephemeral && !mayWrite(interaction)) return tell(api, key, NO_VOICE);
    await acknowledge(
      api,
      key,
      InteractionResponseType.DeferredChannelMessageWithSource,
      ephemeral ? { flags: MessageFlags.Ephemeral } : undefined,
    );
    await this.#answered(interaction, place, name, ephemeral, (way) =>
      host.command(place, {
        ...way,
        id: interaction.id,
        ...{ name, subcommand, options, may_manage, may_manage_server },
      }),
    );
  }

  async #addToMemory(interaction: MessageContextMenuCommandInteraction): Promise<void> {
    const { host, files, api } = this.#options;
    const key = keyOf(interaction);
    const place = interactionPlace(interaction);
    if (!place || interaction.commandName !== ADD_TO_MEMORY) {
      return tell(api, key, place ? "This command is from an older version of me." : NOT_HERE);
    }
    const message = interaction.targetMessage;
    const found = messageFiles(message, interaction.guildId, files, async (file) => {
      const now = await api.message(place.id, message.id);
      return now.attachments?.find((attachment) => attachment.id === file)?.url;
    });
    if (found.length === 0) {
      return tell(api, key, "That message has neither files nor text that could be kept.");
    }
    if (!mayWrite(interaction)) return tell(api, key, NO_VOICE);
    await acknowledge(api, key, InteractionResponseType.DeferredChannelMessageWithSource);
    await this.#answered(interaction, place, ADD_TO_MEMORY, false, (way) =>
      host.attachFiles(place, { ...way, files: found }),
    );
  }

  /** Does work whose answer is held open, with a button to cancel it and one to be asked through. */
  async #answered(
    interaction:
      | ChatInputCommandInteraction
      | MessageContextMenuCommandInteraction
      | ModalSubmitInteraction,
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
        askPassword: passwordAsker(
          controls,
          person,
          (text, components) => answer.ask(text, components),
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
    const { api, host } = this.#options;
    const place = interactionPlace(interaction);
    const focused = interaction.options.getFocused(true);
    const subcommand = interaction.options.getSubcommand(false) ?? undefined;
    const request = {
      name: interaction.commandName,
      subcommand,
      option: focused.name,
      typed: String(focused.value),
    };
    const values = place ? await this.#inTime(host.complete(place, request), []) : [];
    await api.respond(
      keyOf(interaction),
      InteractionResponseType.ApplicationCommandAutocompleteResult,
      { choices: choices(values) },
    );
  }

  /** What cannot be put off: `otherwise` where it fails, or Discord would not wait for it. */
  async #inTime<T>(work: Promise<T>, otherwise: T): Promise<T> {
    const done = new AbortSource();
    const late = this.#options.clock.sleep(IN_TIME_MS, done.signal).then(
      () => otherwise,
      () => otherwise,
    );
    const result = await Promise.race([work.catch(() => otherwise), late]);
    done.abort("answered");
    return result;
  }

  async #press(interaction: ButtonInteraction): Promise<void> {
    const key = keyOf(interaction);
    const { controls, api } = this.#options;
    if (controls.isOurs(interaction.customId)) {
      return this.#send(key, controls.press(interaction.customId, interaction.user.id));
    }
    const offer = parseOfferId(interaction.customId);
    const place = interactionPlace(interaction);
    if (!offer || !place) {
      return tell(api, key, offer ? NOT_HERE : "This button no longer does anything.");
    }
    await this.#offers.take(interaction, place, offer, this.#stop.signal);
  }

  async #submit(interaction: ModalSubmitInteraction): Promise<void> {
    const { customId, user } = interaction;
    const texts = submittedTexts(interaction);
    const call = parseFormId(customId);
    if (call) return this.#run(interaction, { ...call, options: joined(call.options, texts) });
    await this.#send(keyOf(interaction), this.#options.controls.submit(customId, user.id, texts));
  }

  #send(key: InteractionKey, answer: PressReply): Promise<void> {
    if ("text" in answer) return tell(this.#options.api, key, answer.text);
    return acknowledge(this.#options.api, key, answer.type, answer.data);
  }

  #file(upload: Parameters<typeof incomingFile>[0]) {
    return incomingFile(upload, this.#options.files);
  }

  #log(message: string, interaction: Interaction, error: unknown): void {
    this.#options.logger.warn(message, { channel: interaction.channelId, ...errorFields(error) });
  }
}

/** What the host gets of an answer held open. */
type AnswerWay = Pick<AttachRequest, "person" | "signal" | "askPassword" | "reply" | "progress">;

/** What was typed into a form goes before what the call said already. */
function joined(
  options: ReadonlyMap<string, OptionValue>,
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, OptionValue> {
  return new Map([...options, ...texts]);
}
