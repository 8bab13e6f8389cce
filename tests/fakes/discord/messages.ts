import { CHANNEL_TYPES, INTENTS, MESSAGE_FLAGS, PERMISSIONS } from "./constants.ts";
import type { JsonObject } from "./json.ts";
import { messagePayload, redact } from "./message-payloads.ts";
import { channelPayload, memberPart } from "./payloads.ts";
import { channelPermissions } from "./permissions.ts";
import type { ChannelRecord, FakeAttachment, FakeMessage, UserRecord } from "./records.ts";
import type { World } from "./world.ts";

/** The life of a message: posted, edited, deleted; each step is told to the gateway and to tests. */

export interface NewMessage {
  channel: ChannelRecord;
  author: FakeMessage["author"];
  fromBot: boolean;
  content: string;
  attachments?: FakeAttachment[];
  embeds?: JsonObject[];
  components?: JsonObject[];
  flags?: number;
  allowedMentions?: unknown;
  nonce?: string | number;
  replyTo?: FakeMessage;
  forwards?: FakeMessage;
  interaction?: FakeMessage["interaction"];
  applicationId?: string;
  type?: number;
}

export function makeMessage(world: World, fields: NewMessage): FakeMessage {
  const { channel, replyTo, nonce, interaction, applicationId } = fields;
  const mentions = mentionedUsers(world, fields.content);
  if (replyTo !== undefined && !fields.fromBot) {
    const author = world.users.get(replyTo.author.id);
    if (author !== undefined && !mentions.includes(author)) mentions.push(author);
  }
  return {
    id: world.ids.next(),
    channelId: channel.id,
    author: fields.author,
    fromBot: fields.fromBot,
    createdAt: world.now(),
    content: fields.content,
    firstContent: fields.content,
    attachments: fields.attachments ?? [],
    embeds: fields.embeds ?? [],
    components: fields.components ?? [],
    flags: fields.flags ?? 0,
    allowedMentions: fields.allowedMentions,
    edits: [],
    deleted: false,
    mentions,
    mentionRoles: [...fields.content.matchAll(/<@&(\d+)>/g)].map((m) => m[1] ?? ""),
    pinned: false,
    reactions: [],
    type: fields.type ?? (replyTo === undefined ? 0 : 19),
    ...(nonce === undefined ? {} : { nonce }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(fields.forwards === undefined ? {} : { forwards: fields.forwards }),
    ...(interaction === undefined ? {} : { interaction }),
    ...(applicationId === undefined ? {} : { applicationId }),
  };
}

/** Stores the message and dispatches MESSAGE_CREATE; an ephemeral one is stored nowhere public. */
export function postMessage(world: World, fields: NewMessage): FakeMessage {
  const message = makeMessage(world, fields);
  const { channel } = fields;
  if ((message.flags & MESSAGE_FLAGS.ephemeral) === 0) {
    channel.messages.push(message);
    channel.by_id.set(message.id, message);
    if (message.nonce !== undefined) channel.nonces.set(message.nonce, message);
    if (channel.archived && !channel.locked) {
      channel.archived = false;
      announceChannel(world, channel, "THREAD_UPDATE");
    }
    announceMessage(world, channel, message, "MESSAGE_CREATE");
  }
  world.changed();
  return message;
}

export function announceEdit(world: World, channel: ChannelRecord, message: FakeMessage): void {
  message.editedAt = world.now();
  message.mentions = mentionedUsers(world, message.content);
  if ((message.flags & MESSAGE_FLAGS.ephemeral) === 0) {
    announceMessage(world, channel, message, "MESSAGE_UPDATE");
  }
  world.changed();
}

export function removeMessage(world: World, channel: ChannelRecord, message: FakeMessage): void {
  if (message.deleted) return;
  message.deleted = true;
  if ((message.flags & MESSAGE_FLAGS.ephemeral) === 0) {
    const at = channel.messages.indexOf(message);
    if (at >= 0) channel.messages.splice(at, 1);
    world.dispatch({
      t: "MESSAGE_DELETE",
      intents: messageIntent(channel),
      d: { id: message.id, channel_id: channel.id, ...guildPart(channel) },
    });
  }
  world.changed();
}

export function announceChannel(world: World, channel: ChannelRecord, t: string): void {
  world.dispatch({ t, intents: INTENTS.guilds, d: channelPayload(world, channel) });
}

/** Whether the application sees content without the intent: DMs, its own posts, and mentions of it. */
export function seesContent(world: World, channel: ChannelRecord, message: FakeMessage): boolean {
  return (
    channel.type === CHANNEL_TYPES.dm ||
    message.fromBot ||
    message.author.id === world.bot.id ||
    message.mentions.includes(world.bot)
  );
}

export function messageIntent(channel: ChannelRecord): number {
  return channel.guild === undefined ? INTENTS.direct_messages : INTENTS.guild_messages;
}

export function guildPart(channel: ChannelRecord): JsonObject {
  return channel.guild === undefined ? {} : { guild_id: channel.guild.id };
}

function announceMessage(
  world: World,
  channel: ChannelRecord,
  message: FakeMessage,
  t: string,
): void {
  if (!hears(world, channel)) return;
  const member =
    message.author.webhookId === undefined
      ? channel.guild?.members.get(message.author.id)
      : undefined;
  const d: JsonObject = {
    ...messagePayload(world, message),
    ...guildPart(channel),
    channel_type: channel.type,
    ...(member === undefined ? {} : { member: memberPart(member) }),
  };
  world.dispatch({
    t,
    intents: messageIntent(channel),
    d,
    ...(seesContent(world, channel, message) ? {} : { redacted: () => redact(d) }),
  });
}

/** Discord sends nothing from channels that the bot cannot see, or guilds that are down or left. */
function hears(world: World, channel: ChannelRecord): boolean {
  const { guild } = channel;
  if (guild === undefined) return true;
  if (guild.left || guild.unavailable) return false;
  return (channelPermissions(channel, world.bot.id) & PERMISSIONS.view_channel) !== 0n;
}

function mentionedUsers(world: World, content: string): UserRecord[] {
  const found = new Set<UserRecord>();
  for (const match of content.matchAll(/<@!?(\d+)>/g)) {
    const user = world.users.get(match[1] ?? "");
    if (user !== undefined) found.add(user);
  }
  return [...found];
}
