/**
 * Discord's channels as `Place`s: text channels, threads and direct messages are groupchats of
 * their own; what a guild's members load belongs to the guild. Pure.
 */
import { ChannelType } from "discord.js";
import type { Place } from "../channels/ports.ts";

/** The parts of a channel that say which place it is. */
export interface ChannelFacts {
  id: string;
  type: ChannelType;
  guildId?: string | null;
  name?: string | null;
  parentId?: string | null;
}

const KINDS: ReadonlyMap<ChannelType, Place["kind"]> = new Map([
  [ChannelType.GuildText, "channel"],
  [ChannelType.GuildAnnouncement, "channel"],
  [ChannelType.GuildVoice, "channel"],
  [ChannelType.GuildStageVoice, "channel"],
  [ChannelType.PublicThread, "thread"],
  [ChannelType.PrivateThread, "thread"],
  [ChannelType.AnnouncementThread, "thread"],
  [ChannelType.DM, "dm"],
]);

/** Undefined for what cannot be a groupchat: categories, forums' front pages, group DMs. */
export function placeOf(channel: ChannelFacts): Place | undefined {
  const kind = KINDS.get(channel.type);
  if (kind === undefined) return undefined;
  if (kind === "dm") return { id: channel.id, kind, scope: channel.id, name: "direct message" };
  if (!channel.guildId) return undefined;
  return { id: channel.id, kind, scope: channel.guildId, name: channel.name ?? channel.id };
}

/** Where webhooks for a place are made; undefined for direct messages, which have none. */
export async function webhookChannelOf(
  { kind, id }: Place,
  parentOf: (thread: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  if (kind === "dm") return undefined;
  return kind === "thread" ? parentOf(id) : id;
}
