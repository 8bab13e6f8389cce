/**
 * Discord's endpoints as the rest of this folder needs them. The one place where message bodies are
 * made, so that `allowed_mentions` stands in every one of them: whatever an agent says pings nobody.
 */
import { type RawFile, type RouteLike, Routes } from "discord.js";
import { unavailable } from "./discord-error.ts";
import type { DiscordRest, RestRequest } from "./discord-rest.ts";
import type { TextFile } from "./post-plan.ts";

/** A message as we write it. */
export interface OutgoingMessage {
  content: string;
  file?: TextFile;
  /** Another file, as it is. */
  upload?: { name: string; bytes: Uint8Array };
  components?: readonly unknown[];
  /** Id of the message that this one answers. */
  reply_to?: string;
  /** Only for interactions: shown to the caller alone. */
  ephemeral?: boolean;
}

export interface WebhookKey {
  id: string;
  token: string;
}

/** A message that we may edit. */
export interface MessageKey {
  id: string;
  /** The one it was posted through; absent for the bot's own. */
  webhook?: WebhookKey;
  /** For a webhook's post in a thread. */
  thread?: string;
}

/** The parts of Discord's objects that are read here; all of it is unchecked input. */
export interface ApiMessage {
  id: string;
  content: string;
  author?: { id?: string; username?: string };
  webhook_id?: string;
  application_id?: string;
  attachments?: readonly ApiAttachment[];
  components?: unknown;
}

export interface ApiAttachment {
  id: string;
  filename: string;
  size: number;
  url: string;
}

export interface ApiWebhook {
  id: string;
  token?: string;
  application_id?: string | null;
}

export interface InteractionKey {
  id: string;
  token: string;
  application_id: string;
}

const EPHEMERAL = 64;
/** Discord's default would parse mentions, in edits too. */
export const NO_PINGS = { parse: [] };

export class DiscordApi {
  readonly #rest: DiscordRest;

  constructor(rest: DiscordRest) {
    this.#rest = rest;
  }

  /** Posts as the bot. `nonce`, at most 25 characters, makes repeating harmless for some minutes. */
  async createMessage(channel: string, message: OutgoingMessage, nonce: string): Promise<string> {
    const body = { ...messageBody(message), nonce, enforce_nonce: true };
    return this.#postMessage({
      method: "POST",
      route: Routes.channelMessages(channel),
      idempotent: true,
      ...withFiles(body, message),
    });
  }

  /** With `once`, not repeated in an outage. */
  async editMessage(
    channel: string,
    id: string,
    message: OutgoingMessage,
    once = false,
  ): Promise<void> {
    await this.#rest.request({
      method: "PATCH",
      route: Routes.channelMessage(channel, id),
      idempotent: !once,
      ...withFiles(editBody(message), message),
    });
  }

  /** Leaves everything else as it stands. */
  async editComponents(
    channel: string,
    { id, webhook, thread }: MessageKey,
    components: readonly unknown[],
  ): Promise<void> {
    await this.#rest.request({
      method: "PATCH",
      route: webhook
        ? Routes.webhookMessage(webhook.id, webhook.token, id)
        : Routes.channelMessage(channel, id),
      auth: webhook === undefined,
      idempotent: true,
      ...(thread ? { query: new URLSearchParams({ thread_id: thread }) } : {}),
      body: { components, allowed_mentions: NO_PINGS },
    });
  }

  async deleteMessage(channel: string, id: string): Promise<void> {
    await this.#rest.request({
      method: "DELETE",
      route: Routes.channelMessage(channel, id),
      idempotent: true,
    });
  }

  /**
   * Posts in somebody's voice and resolves with the message's id. Never repeated here: when it
   * fails with `ambiguous`, the message may stand in the channel all the same.
   */
  async executeWebhook(
    webhook: WebhookKey,
    voice: { username: string; avatar_url?: string },
    message: OutgoingMessage,
    thread: string | undefined,
  ): Promise<string> {
    return this.#postMessage({
      method: "POST",
      route: Routes.webhook(webhook.id, webhook.token),
      auth: false,
      idempotent: false,
      query: new URLSearchParams({ wait: "true", ...(thread ? { thread_id: thread } : {}) }),
      ...withFiles({ ...messageBody(message), ...voice }, message),
    });
  }

  /** `webhook` must be the one that made the message; in a thread, the thread is named. */
  async editWebhookMessage(
    webhook: WebhookKey,
    id: string,
    message: OutgoingMessage,
    thread?: string,
    once = false,
  ): Promise<void> {
    await this.#rest.request({
      method: "PATCH",
      route: Routes.webhookMessage(webhook.id, webhook.token, id),
      auth: false,
      idempotent: !once,
      ...inThread(thread),
      ...withFiles(editBody(message), message),
    });
  }

  async deleteWebhookMessage(webhook: WebhookKey, id: string, thread?: string): Promise<void> {
    await this.#rest.request({
      method: "DELETE",
      route: Routes.webhookMessage(webhook.id, webhook.token, id),
      auth: false,
      idempotent: true,
      ...inThread(thread),
    });
  }

  async message(channel: string, id: string): Promise<ApiMessage> {
    return (await this.#get(Routes.channelMessage(channel, id))) as ApiMessage;
  }

  /** Up to 100 messages directly after `after`, or the newest ones; oldest first. */
  async messagesAfter(channel: string, after: string | undefined): Promise<ApiMessage[]> {
    const query = new URLSearchParams({ limit: "100", ...(after ? { after } : {}) });
    const answer = await this.#get(Routes.channelMessages(channel), query);
    if (!Array.isArray(answer)) throw unavailable(Routes.channelMessages(channel), 200);
    return (answer as ApiMessage[]).sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  }

  async parentOf(channel: string): Promise<string | undefined> {
    const answer = (await this.#get(Routes.channel(channel))) as { parent_id?: unknown };
    return typeof answer.parent_id === "string" ? answer.parent_id : undefined;
  }

  async webhooks(channel: string): Promise<ApiWebhook[]> {
    const answer = await this.#get(Routes.channelWebhooks(channel));
    return Array.isArray(answer) ? (answer as ApiWebhook[]) : [];
  }

  /** Not repeated: a second webhook would take another of the channel's fifteen places. */
  async createWebhook(channel: string, name: string): Promise<ApiWebhook> {
    const answer = await this.#rest.request({
      method: "POST",
      route: Routes.channelWebhooks(channel),
      body: { name },
      idempotent: false,
    });
    return answer as ApiWebhook;
  }

  async typing(channel: string): Promise<void> {
    await this.#rest.request({
      method: "POST",
      route: Routes.channelTyping(channel),
      idempotent: false,
    });
  }

  async commands(application: string): Promise<unknown[]> {
    const answer = await this.#get(Routes.applicationCommands(application));
    return Array.isArray(answer) ? answer : [];
  }

  async putCommands(application: string, commands: readonly unknown[]): Promise<void> {
    await this.#rest.request({
      method: "PUT",
      route: Routes.applicationCommands(application),
      body: commands,
      idempotent: true,
    });
  }

  /** The first answer to an interaction, due within 3 s. `type` is Discord's callback type. */
  async respond(interaction: InteractionKey, type: number, data?: unknown): Promise<void> {
    await this.#rest.request({
      method: "POST",
      route: Routes.interactionCallback(interaction.id, interaction.token),
      auth: false,
      idempotent: false,
      body: { type, ...(data === undefined ? {} : { data }) },
    });
  }

  async editResponse(interaction: InteractionKey, message: OutgoingMessage): Promise<void> {
    await this.editFollowUp(interaction, "@original", message);
  }

  /** Takes the controls from the message that was pressed. */
  async stripPressed(interaction: InteractionKey): Promise<void> {
    await this.#rest.request({
      method: "PATCH",
      route: Routes.webhookMessage(interaction.application_id, interaction.token, "@original"),
      auth: false,
      idempotent: true,
      body: { components: [], allowed_mentions: NO_PINGS },
    });
  }

  async followUp(interaction: InteractionKey, message: OutgoingMessage): Promise<string> {
    return this.#postMessage({
      method: "POST",
      route: Routes.webhook(interaction.application_id, interaction.token),
      auth: false,
      idempotent: false,
      ...withFiles(messageBody(message), message),
    });
  }

  /** Answers to commands are messages of a webhook whose token is the interaction's. */
  editFollowUp(interaction: InteractionKey, id: string, message: OutgoingMessage): Promise<void> {
    return this.editWebhookMessage(ofInteraction(interaction), id, message);
  }

  deleteFollowUp(interaction: InteractionKey, id: string): Promise<void> {
    return this.deleteWebhookMessage(ofInteraction(interaction), id);
  }

  #get(route: RouteLike, query?: URLSearchParams): Promise<unknown> {
    return this.#rest.request({
      method: "GET",
      route,
      idempotent: true,
      ...(query ? { query } : {}),
    });
  }

  async #postMessage(request: RestRequest): Promise<string> {
    const answer = (await this.#rest.request(request)) as { id?: unknown } | null | undefined;
    if (typeof answer?.id !== "string") throw unavailable(request.route, 200);
    return answer.id;
  }
}

function ofInteraction({ application_id, token }: InteractionKey): WebhookKey {
  return { id: application_id, token };
}

function inThread(thread: string | undefined): { query?: URLSearchParams } {
  return thread === undefined ? {} : { query: new URLSearchParams({ thread_id: thread }) };
}

/** The JSON of a message for any endpoint: send, edit, webhook, interaction. */
export function messageBody(message: OutgoingMessage): Record<string, unknown> {
  return {
    content: message.content,
    allowed_mentions: NO_PINGS,
    ...(message.components ? { components: message.components } : {}),
    ...(message.ephemeral ? { flags: EPHEMERAL } : {}),
    ...(message.reply_to
      ? { message_reference: { message_id: message.reply_to, fail_if_not_exists: false } }
      : {}),
  };
}

/** An edit replaces the files; whether a message is ephemeral was settled when it was made. */
function editBody({ ephemeral: _, ...message }: OutgoingMessage): Record<string, unknown> {
  return { attachments: [], ...messageBody(message) };
}

function withFiles(
  body: Record<string, unknown>,
  { file, upload }: Pick<OutgoingMessage, "file" | "upload">,
): { body: unknown; files?: RawFile[] } {
  const files: RawFile[] = [
    ...(file
      ? [{ name: file.name, data: file.text, contentType: "text/plain; charset=utf-8" }]
      : []),
    ...(upload ? [{ name: upload.name, data: upload.bytes }] : []),
  ];
  if (files.length === 0) return { body };
  const attachments = files.map(({ name }, i) => ({ id: String(i), filename: name }));
  return { body: { ...body, attachments }, files };
}
