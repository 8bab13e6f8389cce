/**
 * discord.js's `Message` as plain data for the groupchat. Bots, webhooks (our agents among them) and
 * Discord's own notices are left out: what agents say never comes back as somebody's line.
 */
import { type Message, MessageType } from "discord.js";
import type { IncomingMessage, Person } from "../channels/ports.ts";
import { type FileSource, incomingFile, type Upload } from "./incoming-file.ts";
import { type MentionNames, readText } from "./incoming-text.ts";
import { messageLink } from "./message-files.ts";

/** The parts of a message that are looked at before anything else. */
export interface MessageFacts {
  author: { id: string; bot: boolean; system?: boolean };
  webhookId: string | null;
  type: MessageType;
}

/** A line that a person wrote. */
export function isFromPerson(message: MessageFacts, bot: string): boolean {
  if (message.author.bot || message.author.system || message.webhookId !== null) return false;
  if (message.author.id === bot) return false;
  return message.type === MessageType.Default || message.type === MessageType.Reply;
}

export interface MappingContext {
  bot: string;
  files: FileSource;
  /** The message answers the bot or one of its agents. */
  replies_to_us: boolean;
  /** The present URL of one of the message's uploads. */
  refresh: (file: string) => Promise<string | undefined>;
}

/** Undefined when there is nothing to hear: a sticker, or text that the intents keep from us. */
export function toIncomingMessage(
  message: Message,
  context: MappingContext,
): IncomingMessage | undefined {
  const { guild, mentions } = message;
  const botRole = guild?.roles.botRoleFor(context.bot)?.id;
  const forwarded = [...message.messageSnapshots.values()];
  const names: MentionNames = {
    isBot: (id) => id === context.bot || id === botRole,
    user: (id) => guild?.members.cache.get(id)?.displayName ?? mentions.users.get(id)?.displayName,
    role: (id) => guild?.roles.cache.get(id)?.name,
    channel: (id) => guild?.channels.cache.get(id)?.name,
  };
  const { text: own, mentions_bot } = readText(message.content, names);
  // Discord does not say who wrote these: they must not pass for the forwarder's words, nor call the bot.
  const quoted = forwarded.map(({ content }) => readText(content, names).text).filter(Boolean);
  const text = [own, ...quoted.map((one) => `[forwarded message] ${one}`)].join("\n").trim();
  const uploads = [message, ...forwarded].flatMap((part) => [...part.attachments.values()]);
  const files = uploads.map((upload) =>
    incomingFile(withLink(upload, message), context.files, () => context.refresh(upload.id)),
  );
  if (text === "" && files.length === 0 && !mentions_bot) return undefined;
  return {
    id: message.id,
    person: personOf(message.author, message.member?.displayName),
    text,
    files,
    addressed: guild === null || mentions_bot || context.replies_to_us,
    created_at: message.createdTimestamp,
  };
}

function withLink({ id, name, size, url }: Upload, message: Message): Upload {
  const { guildId: guild, channelId: channel } = message;
  return { id, name, size, url, link: messageLink({ guild, channel, message: message.id }) };
}

export function personOf(
  user: { id: string; displayName: string; username: string },
  nickname?: string | null,
): Person {
  const display_name = [nickname, user.displayName, user.username].find((name) => name?.trim());
  return { id: user.id, display_name: display_name ?? user.id };
}
