/**
 * How messages of agents get into one place: through the channel's webhook, or as the bot's own with
 * the name in bold. Makes, edits, deletes and reads them; in which order, and what after a failure, is
 * for `agent-posts.ts` and `agent-draft.ts`.
 */
import type { Place, Voice } from "../channels/ports.ts";
import type { ApiMessage, MessageKey, OutgoingMessage, WebhookKey } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import { webhookChannelOf } from "./places.ts";
import type { OwnIds } from "./shown-pieces.ts";
import { MESSAGE_LIMIT } from "./split.ts";
import type { SurfaceKit } from "./surface-kit.ts";
import { cutGraphemes, webhookName } from "./voice-name.ts";
import type { VoiceOutlet } from "./webhook-voices.ts";

const MOST_HISTORY_PAGES = 5;

/** A message and the webhook that made it; none for the bot's own. */
export interface Handle {
  message: string;
  webhook?: string;
}

/** As it is journaled. */
export function handleText({ webhook, message }: Handle): string {
  return webhook === undefined ? message : `${webhook}/${message}`;
}

export function parseHandle(text: string): Handle {
  const [first = "", second] = text.split("/");
  return second === undefined ? { message: first } : { webhook: first, message: second };
}

export class AgentVoice {
  readonly #place: Place;
  readonly #kit: SurfaceKit;

  constructor(place: Place, kit: SurfaceKit) {
    this.#place = place;
    this.#kit = kit;
  }

  async outlet(): Promise<VoiceOutlet> {
    const channel = await this.#webhookChannel();
    // Direct messages have no webhooks; nobody can change that, so no reason is told.
    return channel === undefined ? { reason: "" } : this.#kit.voices.outlet(channel);
  }

  /** Posts in the agent's own voice; never repeated here. */
  async execute(webhook: WebhookKey, voice: Voice, message: OutgoingMessage): Promise<Handle> {
    const { parking, api } = this.#kit;
    const id = await parking.guard(this.#place.id, () =>
      api.executeWebhook(webhook, voiceFields(voice), message, this.#thread),
    );
    return { webhook: webhook.id, message: id };
  }

  /** A message of the bot's own, whoever is meant to say it. */
  async create(message: OutgoingMessage, nonce = this.nonce()): Promise<Handle> {
    const { parking, api } = this.#kit;
    const sent = this.#allowed(message);
    const id = await parking.guard(this.#place.id, () =>
      api.createMessage(this.#place.id, sent, nonce),
    );
    return { message: id };
  }

  /**
   * False where it can be edited no more: it was deleted, its webhook is another, or it is too old. With
   * `once`, an outage is not waited for.
   */
  async edit(handle: Handle, message: OutgoingMessage, once = false): Promise<boolean> {
    const { api } = this.#kit;
    try {
      if (handle.webhook === undefined) {
        await api.editMessage(this.#place.id, handle.message, this.#allowed(message), once);
        return true;
      }
      const webhook = await this.#webhook(handle.webhook);
      if (!webhook) return false;
      await api.editWebhookMessage(webhook, handle.message, message, this.#thread, once);
      return true;
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.log("a message could not be edited", error);
      return false;
    }
  }

  /** Rejects only while Discord is out of reach; what is gone, or not ours to delete, is passed over. */
  async remove(handle: Handle): Promise<void> {
    const { api } = this.#kit;
    try {
      if (handle.webhook === undefined) await api.deleteMessage(this.#place.id, handle.message);
      else {
        const webhook = await this.#webhook(handle.webhook);
        if (webhook) await api.deleteWebhookMessage(webhook, handle.message, this.#thread);
      }
    } catch (error) {
      if (!(error instanceof DiscordError) || error.ambiguous) throw error;
      if (error.code === "discord_stopped") throw error;
      if (error.code !== "discord_gone") this.log("a message could not be deleted", error);
    }
  }

  /** What it takes to change the message later; undefined where its webhook is another by now. */
  async keyOf({ webhook: id, message }: Handle): Promise<MessageKey | undefined> {
    if (id === undefined) return { id: message };
    const webhook = await this.#webhook(id);
    const thread = this.#thread;
    return webhook && { id: message, webhook, ...(thread ? { thread } : {}) };
  }

  /** What was written behind a message, oldest first: up to 500. */
  async history(behind: string): Promise<ApiMessage[]> {
    const history: ApiMessage[] = [];
    let after = /^\d{15,20}$/.test(behind) ? behind : undefined;
    for (let page = 0; page < MOST_HISTORY_PAGES; page += 1) {
      const messages = await this.#kit.api.messagesAfter(this.#place.id, after);
      history.push(...messages);
      if (after === undefined || messages.length < 100) break;
      after = messages.at(-1)?.id;
    }
    return history;
  }

  /** Whose messages are ours. */
  async ownIds(): Promise<OwnIds> {
    const outlet = await this.outlet();
    return {
      bot: this.#kit.botId(),
      application: this.#kit.applicationId(),
      ...("webhook" in outlet ? { webhook: outlet.webhook.id } : {}),
    };
  }

  /** One webhook may have been deleted behind our back; when its successor goes too, we stop. */
  async renewWebhook(webhook: WebhookKey, again: boolean): Promise<void> {
    const channel = await this.#webhookChannel();
    if (channel === undefined) return;
    if (again) this.#kit.voices.refuse(channel, "My webhook here is deleted again and again.");
    else await this.#kit.voices.forget(channel, webhook.id);
  }

  /** Why agents speak under the bot's name here. */
  async tellOnce(reason: string): Promise<void> {
    const { told } = this.#kit;
    if (reason === "" || told.has(this.#place.id)) return;
    told.add(this.#place.id);
    const content = `-# Agents speak under my name here: ${reason}`;
    await this.create({ content: cutGraphemes(content, MESSAGE_LIMIT) }).catch((error: unknown) =>
      this.log("could not tell why agents have no voices", error),
    );
  }

  /** Gives Discord the time to show a message whose sending failed. */
  settle(attempt = 1): Promise<void> {
    return this.#kit.clock.sleep(this.#kit.settle_ms * attempt);
  }

  /** Unique, so that the client's own repeating posts once. */
  nonce(): string {
    return `own-${this.#kit.clock.now().toString(36)}-${this.#kit.next().toString(36)}`;
  }

  log(message: string, error: unknown): void {
    this.#kit.logger.warn(message, { channel: this.#place.id, ...errorFields(error) });
  }

  #allowed(message: OutgoingMessage): OutgoingMessage {
    const lacks = message.file && this.#kit.parking.lacks(this.#place.id, "Attach Files");
    return lacks ? withoutFile(message) : message;
  }

  get #thread(): string | undefined {
    return this.#place.kind === "thread" ? this.#place.id : undefined;
  }

  async #webhook(id: string): Promise<WebhookKey | undefined> {
    const outlet = await this.outlet();
    return "webhook" in outlet && outlet.webhook.id === id ? outlet.webhook : undefined;
  }

  #webhookChannel(): Promise<string | undefined> {
    return webhookChannelOf(this.#place, this.#kit.parentOf);
  }
}

function withoutFile({ file: _, ...message }: OutgoingMessage): OutgoingMessage {
  const note = "-# I lack the permission Attach Files here, so the file is left out.";
  return { ...message, content: `${message.content}\n${note}` };
}

function voiceFields(voice: Voice): { username: string; avatar_url?: string } {
  const avatar = voice.avatar_url;
  return {
    username: webhookName(voice.name),
    ...(avatar && /^https:\/\/\S+$/.test(avatar) ? { avatar_url: avatar } : {}),
  };
}

const REFUSALS: readonly string[] = [
  "discord_gone",
  "discord_webhook_gone",
  "discord_interaction_gone",
  "discord_refused",
];

function isRefused(error: unknown): error is DiscordError {
  return error instanceof DiscordError && REFUSALS.includes(error.code);
}
