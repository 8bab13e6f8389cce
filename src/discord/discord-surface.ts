/**
 * One place on Discord as a `Surface`: agents speak in pieces, in their own voices, once each even
 * after a crash; the bot's own lines, progress and offers beside them. Splitting is `post-plan.ts`,
 * webhooks are `webhook-voices.ts`; what the groupchat says is none of its business.
 */
import type {
  Cancel,
  Control,
  IncomingFile,
  IncomingMessage,
  Place,
  Post,
  Progress,
  Surface,
  Voice,
} from "../channels/ports.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { controlComponents } from "./controls.ts";
import type { DiscordApi, OutgoingMessage, WebhookKey } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import type { LiveControls } from "./live-controls.ts";
import { offerComponents } from "./offer-button.ts";
import { PacedEdits } from "./paced-edits.ts";
import type { Parking } from "./parking.ts";
import { webhookChannelOf } from "./places.ts";
import { type Piece, piecesUnderBotName, planPost, planText } from "./post-plan.ts";
import type { RunButtons } from "./run-buttons.ts";
import { countShown } from "./shown-pieces.ts";
import { cleanText, MESSAGE_LIMIT } from "./split.ts";
import type { TypingController } from "./typing-controller.ts";
import { cutGraphemes, webhookName } from "./voice-name.ts";
import type { VoiceOutlet, WebhookVoices } from "./webhook-voices.ts";

/** What the surfaces of all places share. */
export interface SurfaceKit {
  api: DiscordApi;
  voices: WebhookVoices;
  typing: TypingController;
  parking: Parking;
  controls: LiveControls;
  buttons: RunButtons;
  clock: Clock;
  logger: Logger;
  botId: () => string;
  applicationId: () => string;
  /** The text channel that a thread belongs to. */
  parentOf: (thread: string) => Promise<string | undefined>;
  /** Channels that were told why agents have no voices of their own. */
  told: Set<string>;
  /** A number that no other call of this process gets. */
  next: () => number;
  /** How long Discord may take to show a message whose sending failed. */
  settle_ms: number;
}

const MOST_ATTEMPTS = 4;
const MOST_HISTORY_PAGES = 5;

export class DiscordSurface implements Surface {
  readonly #place: Place;
  readonly #kit: SurfaceKit;

  constructor(place: Place, kit: SurfaceKit) {
    this.#place = place;
    this.#kit = kit;
  }

  async speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    const parked = this.parked();
    if (parked) throw parked;
    const pieces = planPost(post);
    let posted = Math.min(post.posted, pieces.length);
    if (post.recovering && posted < pieces.length) {
      const shown = await this.#recover(post, pieces, posted);
      while (posted < shown) {
        posted += 1;
        await onPiece(posted);
      }
    }
    while (posted < pieces.length) {
      const isLast = posted === pieces.length - 1;
      await this.#say(post, pieces, posted, isLast ? (post.controls ?? []) : []);
      posted += 1;
      await onPiece(posted);
    }
  }

  async notify(text: string, controls: readonly Control[] = []): Promise<void> {
    const pieces = planText(text, "notice");
    for (const [i, piece] of pieces.entries()) {
      const isLast = i === pieces.length - 1 && controls.length > 0;
      const id = await this.#own(isLast ? withControls(piece, controls) : piece);
      if (isLast) this.#kit.buttons.posted(this.#place, { id, controls });
    }
  }

  control(controls: readonly Control[]): void {
    if (!this.parked()) this.#kit.buttons.change(this.#place, controls);
  }

  parked(): DiscordError | undefined {
    return this.#kit.parking.of(this.#place.id);
  }

  typing(_voice: Voice): () => void {
    if (this.parked()) return () => undefined;
    return this.#kit.typing.start(this.#place.id);
  }

  async progress(text: string, stop?: Cancel): Promise<Progress> {
    const { api, clock, controls } = this.#kit;
    const short = cutGraphemes(cleanText(text), MESSAGE_LIMIT);
    const live = stop && controls.cancelButton(stop);
    const shown = live ? { components: live.components } : {};
    const none = live ? { components: [] } : {};
    const id = await this.#own({ content: short === "" ? "…" : short, ...shown });
    const edits = new PacedEdits((line) => {
      const content = cutGraphemes(cleanText(line), MESSAGE_LIMIT);
      return api.editMessage(this.#place.id, id, { content });
    }, clock);
    return {
      update: (line) => edits.update(line),
      finish: async (line) => {
        const [first, ...rest] = planText(line, "notice");
        live?.remove();
        const last = { ...(first ?? { content: "Done." }), ...none };
        await edits.finish(() => this.#editOrPost(id, last));
        for (const piece of rest) await this.#own(piece);
      },
    };
  }

  async offerAttachment(message: IncomingMessage, file: IncomingFile, text: string): Promise<void> {
    const content = cutGraphemes(cleanText(text), MESSAGE_LIMIT);
    const components = offerComponents({ message: message.id, file: file.id });
    await this.#create({ content, components, reply_to: message.id }, this.#nonce());
  }

  /** Posts one piece, and comes back only when the channel shows it. */
  async #say(
    post: Post,
    pieces: readonly Piece[],
    index: number,
    controls: readonly Control[],
  ): Promise<void> {
    const piece = pieces[index];
    if (!piece) return;
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const outlet = await this.#outlet();
      if ("reason" in outlet) return this.#sayAsBot(post, piece, index, outlet.reason, controls);
      try {
        const { webhook } = outlet;
        const thread = this.#place.kind === "thread" ? this.#place.id : undefined;
        const voice = voiceFields(post.voice);
        const id = await this.#kit.parking.guard(this.#place.id, () =>
          this.#kit.api.executeWebhook(webhook, voice, withControls(piece, controls), thread),
        );
        const key = { id, webhook, ...(thread ? { thread } : {}) };
        if (index === pieces.length - 1)
          this.#kit.buttons.posted(this.#place, { ...key, controls });
        return;
      } catch (error) {
        if (!(error instanceof DiscordError)) throw error;
        this.#log("a webhook post failed", error);
        if (isWebhookGone(error)) {
          await this.#renewWebhook(outlet.webhook, renewed);
          renewed = true;
          continue;
        }
        if (!error.ambiguous || attempt >= MOST_ATTEMPTS) throw error;
        await this.#kit.clock.sleep(this.#kit.settle_ms * attempt);
        const shown = await this.#shown(post, pieces, index, outlet.webhook);
        if (shown > index) return;
      }
    }
  }

  /** One webhook may have been deleted behind our back; when its successor goes too, we stop. */
  async #renewWebhook(webhook: WebhookKey, again: boolean): Promise<void> {
    const channel = await this.#webhookChannel();
    if (channel === undefined) return;
    if (again) this.#kit.voices.refuse(channel, "My webhook here is deleted again and again.");
    else await this.#kit.voices.forget(channel, webhook.id);
  }

  async #sayAsBot(
    post: Post,
    piece: Piece,
    index: number,
    reason: string,
    controls: readonly Control[],
  ): Promise<void> {
    await this.#tellOnce(reason);
    const parts = piecesUnderBotName(post.voice.name, piece);
    for (const [i, part] of parts.entries()) {
      const nonce = `${post.id}-${index}${i === 0 ? "" : `.${i}`}`;
      const isLast = i === parts.length - 1;
      const id = await this.#create(isLast ? withControls(part, controls) : part, nonce);
      if (isLast) this.#kit.buttons.posted(this.#place, { id, controls });
    }
  }

  async #tellOnce(reason: string): Promise<void> {
    const { told } = this.#kit;
    if (reason === "" || told.has(this.#place.id)) return;
    told.add(this.#place.id);
    const content = `-# Agents speak under my name here: ${reason}`;
    await this.#own({ content: cutGraphemes(content, MESSAGE_LIMIT) }).catch((error: unknown) =>
      this.#log("could not tell why agents have no voices", error),
    );
  }

  async #outlet(): Promise<VoiceOutlet> {
    const channel = await this.#webhookChannel();
    // Direct messages have no webhooks; nobody can change that, so no reason is told.
    return channel === undefined ? { reason: "" } : this.#kit.voices.outlet(channel);
  }

  #webhookChannel(): Promise<string | undefined> {
    return webhookChannelOf(this.#place, this.#kit.parentOf);
  }

  async #recover(post: Post, pieces: readonly Piece[], posted: number): Promise<number> {
    try {
      const outlet = await this.#outlet();
      return await this.#shown(
        post,
        pieces,
        posted,
        "webhook" in outlet ? outlet.webhook : undefined,
      );
    } catch (error) {
      // Without Read Message History nothing can ever be compared: a rare double is better than a
      // channel that stays silent. Every other failure ends the attempt; nothing is posted on it.
      if (!(error instanceof DiscordError) || error.code !== "discord_forbidden") throw error;
      this.#log("history cannot be read; posting without comparing", error);
      return posted;
    }
  }

  async #shown(
    post: Post,
    pieces: readonly Piece[],
    posted: number,
    webhook: WebhookKey | undefined,
  ): Promise<number> {
    const { api, botId, applicationId } = this.#kit;
    const history = [];
    let after = /^\d{15,20}$/.test(post.after) ? post.after : undefined;
    for (let page = 0; page < MOST_HISTORY_PAGES; page += 1) {
      const messages = await api.messagesAfter(this.#place.id, after);
      history.push(...messages);
      if (after === undefined || messages.length < 100) break;
      after = messages.at(-1)?.id;
    }
    return countShown(history, post.voice.name, pieces, posted, {
      bot: botId(),
      application: applicationId(),
      ...(webhook ? { webhook: webhook.id } : {}),
    });
  }

  /** Somebody may have deleted the message since. */
  async #editOrPost(id: string, piece: Piece): Promise<void> {
    try {
      await this.#kit.api.editMessage(this.#place.id, id, piece);
    } catch (error) {
      if (!(error instanceof DiscordError) || error.code !== "discord_gone") throw error;
      await this.#own(piece);
    }
  }

  /** A message of the bot's own; resolves with its id. */
  #own(piece: OutgoingMessage): Promise<string> {
    return this.#create(piece, this.#nonce());
  }

  #create(message: OutgoingMessage, nonce: string): Promise<string> {
    const { api, parking } = this.#kit;
    return parking.guard(this.#place.id, () => api.createMessage(this.#place.id, message, nonce));
  }

  /** Unique, so that the client's own repeating posts once. */
  #nonce(): string {
    return `own-${this.#kit.clock.now().toString(36)}-${this.#kit.next().toString(36)}`;
  }

  #log(message: string, error: unknown): void {
    this.#kit.logger.warn(message, { channel: this.#place.id, ...errorFields(error) });
  }
}

function withControls(piece: OutgoingMessage, controls: readonly Control[]): OutgoingMessage {
  return controls.length > 0 ? { ...piece, components: controlComponents(controls) } : piece;
}

function voiceFields(voice: Voice): { username: string; avatar_url?: string } {
  const avatar = voice.avatar_url;
  return {
    username: webhookName(voice.name),
    ...(avatar && /^https:\/\/\S+$/.test(avatar) ? { avatar_url: avatar } : {}),
  };
}

function isWebhookGone(error: DiscordError): boolean {
  // An invalid webhook token is told with the code of an expired interaction token.
  return error.code === "discord_webhook_gone" || error.code === "discord_interaction_gone";
}
