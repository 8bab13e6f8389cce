/**
 * What the client already knows about channels, so that a request that would be refused is not made.
 */
import { type Client, PermissionFlagsBits } from "discord.js";
import type { Place } from "../channels/ports.ts";
import type { DiscordApi } from "./discord-api.ts";
import { NEEDED_PERMISSIONS } from "./invite.ts";
import type { KnownPermissions } from "./parking.ts";

/** Undefined when the channel or the bot's own roles are not known. */
export function mayManageWebhooks(client: Client, id: string): boolean | undefined {
  const channel = client.channels.cache.get(id);
  if (!channel || channel.isDMBased() || !client.user) return undefined;
  return channel.permissionsFor(client.user)?.has(PermissionFlagsBits.ManageWebhooks);
}

/** Undefined when the channel or the bot's own roles are not known; direct messages never are. */
export function knownPermissions(client: Client, id: string): KnownPermissions | undefined {
  const channel = client.channels.cache.get(id);
  if (!channel || channel.isDMBased() || !client.user) return undefined;
  const permissions = channel.permissionsFor(client.user);
  if (!permissions) return undefined;
  const { ManageThreads, ViewChannel, SendMessages, SendMessagesInThreads } = PermissionFlagsBits;
  const send = channel.isThread() ? SendMessagesInThreads : SendMessages;
  const other = channel.isThread() ? SendMessages : SendMessagesInThreads;
  const locked = channel.isThread() && channel.locked === true && !permissions.has(ManageThreads);
  return {
    may_write: permissions.has([ViewChannel, send]) && !locked,
    locked,
    // Asked for where something is amiss; the rest is looked at several times an answer.
    get missing() {
      const lacking = NEEDED_PERMISSIONS.filter(
        ({ bit }) => bit !== other && !permissions.has(bit),
      );
      return lacking.map(({ name }) => name);
    },
    bits: permissions.bitfield,
  };
}

/** The text channel or forum of a thread; undefined when `id` is no thread. */
export async function parentOfThread(
  client: Client,
  api: DiscordApi,
  id: string,
): Promise<string | undefined> {
  const channel = client.channels.cache.get(id);
  if (channel?.isThread() && channel.parentId) return channel.parentId;
  return api.parentOf(id);
}

/**
 * What is known of a place's history without asking: that it cannot be read, or the newest message's
 * id, undefined where that is not known.
 */
export function knownHistory(
  client: Client,
  place: Place,
): { readable: boolean; newest: string | undefined } {
  const unreadable = { readable: false, newest: undefined };
  const channel = client.channels.cache.get(place.id);
  if (place.kind !== "dm") {
    // A server in an outage is caught up on when it is back.
    if (!client.guilds.cache.get(place.scope)?.available) return unreadable;
    if (!channel && place.kind === "channel") return unreadable;
  }
  if (!channel || channel.isDMBased() || !channel.isTextBased() || !client.user) {
    return { readable: true, newest: undefined };
  }
  const permissions = channel.permissionsFor(client.user);
  if (permissions && !permissions.has(HISTORY)) return unreadable;
  return { readable: true, newest: channel.lastMessageId ?? undefined };
}

const HISTORY = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.ReadMessageHistory];
