import { createHash } from "node:crypto";
import type { JsonObject } from "./json.ts";
import { isoTime, userPayload } from "./payloads.ts";
import type { ChannelRecord, FakeAttachment, FakeMessage, WebhookRecord } from "./records.ts";
import type { World } from "./world.ts";

/** Messages, attachments and webhooks as Discord words them in JSON. */

/** A signed address; good from now for the configured time, or until the test expires them all. */
export function attachmentUrl(world: World, file: FakeAttachment): string {
  const issued = Math.floor(world.now() / 1000);
  const ttl = world.options.attachmentTtlMs ?? 24 * 3600 * 1000;
  const until = Math.floor((world.now() + ttl) / 1000);
  const query = `ex=${until.toString(16)}&is=${issued.toString(16)}`;
  const folder = file.ephemeral ? "ephemeral-attachments" : "attachments";
  const path = `/${folder}/${file.channelId}/${file.id}/${encodeURIComponent(file.name)}`;
  return `${world.origin}${path}?${query}&hm=${signature(world, path, query)}&`;
}

export function signature(world: World, path: string, query: string): string {
  return createHash("sha256").update(`${world.cdnGeneration} ${path} ${query}`).digest("hex");
}

export function attachmentPayload(world: World, file: FakeAttachment): JsonObject {
  const url = attachmentUrl(world, file);
  return {
    id: file.id,
    filename: file.name,
    size: file.bytes.length,
    url,
    proxy_url: url,
    content_type: file.contentType,
    ...(file.description === undefined ? {} : { description: file.description }),
    ...(file.ephemeral ? { ephemeral: true } : {}),
  };
}

export function messagePayload(world: World, message: FakeMessage): JsonObject {
  const channel = world.channels.get(message.channelId);
  const by = message.author;
  const known = world.users.get(by.id);
  const author =
    by.webhookId === undefined && known !== undefined
      ? userPayload(known)
      : {
          ...userPayload({ id: by.id, username: by.name, global_name: null, bot: true }),
          discriminator: "0000",
        };
  const reply = message.replyTo;
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    content: message.content,
    author,
    timestamp: isoTime(message.createdAt),
    edited_timestamp: message.editedAt === undefined ? null : isoTime(message.editedAt),
    flags: message.flags,
    tts: false,
    pinned: message.pinned,
    mention_everyone: false,
    mentions: message.mentions.map(userPayload),
    mention_roles: message.mentionRoles,
    attachments: message.attachments.map((file) => attachmentPayload(world, file)),
    embeds: message.embeds,
    components: message.components,
    ...(message.nonce === undefined ? {} : { nonce: message.nonce }),
    ...(by.webhookId === undefined ? {} : { webhook_id: by.webhookId }),
    ...(message.applicationId === undefined ? {} : { application_id: message.applicationId }),
    ...(message.interaction === undefined
      ? {}
      : { interaction_metadata: interactionMetadata(channel, message.interaction) }),
    ...(reply === undefined
      ? {}
      : {
          message_reference: {
            type: 0,
            message_id: reply.id,
            channel_id: reply.channelId,
            ...(channel?.guild === undefined ? {} : { guild_id: channel.guild.id }),
          },
          referenced_message: reply.deleted ? null : messagePayload(world, withoutReply(reply)),
        }),
    ...(message.forwards === undefined ? {} : forwardPayload(world, message.forwards)),
  };
}

/** A snapshot says what was written and when, not by whom. */
function forwardPayload(world: World, forwarded: FakeMessage): JsonObject {
  const { type, content, timestamp, edited_timestamp, flags, mentions, mention_roles, ...rest } =
    messagePayload(world, withoutReply(forwarded));
  const { attachments, embeds, components } = rest;
  const parts = { type, content, timestamp, edited_timestamp, flags, mentions, mention_roles };
  return {
    message_reference: { type: 1, message_id: forwarded.id, channel_id: forwarded.channelId },
    message_snapshots: [{ message: { ...parts, attachments, embeds, components } }],
  };
}

function withoutReply(message: FakeMessage): FakeMessage {
  const { replyTo: _, ...rest } = message;
  return rest;
}

function interactionMetadata(
  channel: ChannelRecord | undefined,
  interaction: NonNullable<FakeMessage["interaction"]>,
): JsonObject {
  return {
    id: interaction.id,
    type: interaction.type,
    user: userPayload(interaction.user),
    authorizing_integration_owners: { "0": channel?.guild?.id ?? "0" },
    ...(interaction.type === 2 ? { name: interaction.name, command_type: 1 } : {}),
    ...(interaction.type === 3 ? { interacted_message_id: interaction.name } : {}),
    ...(interaction.type === 5
      ? {
          triggering_interaction_metadata: interactionMetadata(channel, {
            ...interaction,
            type: 2,
          }),
        }
      : {}),
  };
}

/** The same message for a session, or an application, without the message-content intent. */
export function redact(payload: JsonObject): JsonObject {
  return { ...payload, content: "", attachments: [], embeds: [], components: [] };
}

export function webhookPayload(webhook: WebhookRecord, withToken: boolean): JsonObject {
  return {
    id: webhook.id,
    type: 1,
    name: webhook.name,
    avatar: webhook.avatar === null ? null : "a".repeat(32),
    channel_id: webhook.channel.id,
    guild_id: webhook.channel.guild?.id ?? null,
    application_id: webhook.application_id,
    user: userPayload(webhook.user),
    ...(withToken ? { token: webhook.token } : {}),
  };
}
