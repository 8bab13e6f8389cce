/**
 * The answer to one slash command, in the message that Discord holds open for it: replaced in place,
 * paced while it is progress, in several messages when long. After the quarter of an hour that
 * Discord grants, a public answer goes on as a message in the channel.
 */
import type { ReplyFile } from "../channels/command.ts";
import type { Clock } from "../shared/clock.ts";
import type { DiscordApi, InteractionKey, OutgoingMessage } from "./discord-api.ts";
import { DiscordError } from "./discord-error.ts";
import { PacedEdits } from "./paced-edits.ts";
import { planText } from "./post-plan.ts";
import { cleanText, MESSAGE_LIMIT } from "./split.ts";
import { cutGraphemes } from "./voice-name.ts";

/** Discord's fifteen minutes, less a margin for the request itself. */
const TOKEN_MS = 14.5 * 60_000;
const DONE = "Done.";

export interface CommandAnswerOptions {
  api: Pick<
    DiscordApi,
    | "createMessage"
    | "deleteFollowUp"
    | "editFollowUp"
    | "editMessage"
    | "editResponse"
    | "followUp"
  >;
  clock: Clock;
  interaction: InteractionKey;
  channel: string;
  /** The command's name, for the line that says an answer came too late. */
  command: string;
  ephemeral: boolean;
  /** Buttons under progress; an answer has none. */
  live?: readonly unknown[];
}

export class CommandAnswer {
  readonly #options: CommandAnswerOptions;
  readonly #edits: PacedEdits;
  readonly #expires: number;
  /** Further messages of the present answer, after the first. */
  readonly #more: string[] = [];
  /** The message in the channel that took over after the token expired. */
  #successor: string | undefined;
  #expired = false;
  #late = 0;
  #said = false;
  #asked = false;

  constructor(options: CommandAnswerOptions) {
    this.#options = options;
    this.#expires = options.clock.monotonic() + TOKEN_MS;
    this.#edits = new PacedEdits(
      (text) => this.#first({ content: text, ...this.#live() }),
      options.clock,
    );
  }

  /** Shows `text`, and `file` with it, in place of what was shown; resolves when all of it is there. */
  async reply(text: string, file?: ReplyFile): Promise<void> {
    this.#said = true;
    await this.#edits.replace(() => this.#whole(text, file));
  }

  progress(text: string): void {
    this.#said = true;
    const line = cutGraphemes(cleanText(text), MESSAGE_LIMIT);
    if (line !== "") this.#edits.update(line);
  }

  /** Shows `text` with buttons of its own until the next text. */
  async ask(text: string, components: readonly unknown[]): Promise<void> {
    this.#said = true;
    this.#asked = true;
    await this.#edits.replace(() => this.#first({ content: text, components }));
  }

  #live(): Pick<OutgoingMessage, "components"> {
    const { live } = this.#options;
    return live || this.#asked ? { components: live ?? [] } : {};
  }

  /** The command has ended: what waits is shown, and no command stays "thinking" for ever. */
  async close(): Promise<void> {
    if (this.#said) await this.#edits.flush();
    else await this.reply(DONE);
  }

  async #whole(text: string, file: ReplyFile | undefined): Promise<void> {
    const { api, interaction } = this.#options;
    const [first, ...rest] = planText(text, this.#options.command);
    const none = this.#options.live || this.#asked ? { components: [] } : {};
    const upload = file ? { upload: file } : {};
    await this.#first({ ...(first ?? { content: DONE }), ...none, ...upload });
    if (this.#expired) {
      if (this.#options.ephemeral) return;
      for (const piece of rest) await this.#inChannel(piece);
      return;
    }
    for (const [i, piece] of rest.entries()) {
      const id = this.#more[i];
      if (id === undefined) this.#more.push(await api.followUp(interaction, this.#visible(piece)));
      else await api.editFollowUp(interaction, id, piece);
    }
    for (const id of this.#more.splice(rest.length)) {
      await api.deleteFollowUp(interaction, id).catch(() => undefined);
    }
  }

  async #first(message: OutgoingMessage): Promise<void> {
    const { api, clock, interaction } = this.#options;
    if (!this.#expired && clock.monotonic() < this.#expires) {
      try {
        return await api.editResponse(interaction, message);
      } catch (error) {
        if (!isTokenGone(error)) throw error;
      }
    }
    this.#expired = true;
    await this.#instead(message);
  }

  /** What was for the caller alone is not shown to all. */
  async #instead(message: OutgoingMessage): Promise<void> {
    const { api, channel, command, ephemeral } = this.#options;
    if (this.#successor !== undefined) {
      if (!ephemeral) await api.editMessage(channel, this.#successor, message);
      return;
    }
    this.#successor = await this.#inChannel(
      ephemeral
        ? { content: `The answer to \`/${command}\` came too late to be shown. Call it again.` }
        : message,
    );
  }

  async #inChannel(message: OutgoingMessage): Promise<string> {
    const { api, channel, interaction } = this.#options;
    this.#late += 1;
    return api.createMessage(channel, message, `${interaction.id}-${this.#late}`);
  }

  #visible(message: OutgoingMessage): OutgoingMessage {
    return this.#options.ephemeral ? { ...message, ephemeral: true } : message;
  }
}

function isTokenGone(error: unknown): boolean {
  return (
    error instanceof DiscordError &&
    (error.code === "discord_interaction_gone" || error.code === "discord_webhook_gone")
  );
}
