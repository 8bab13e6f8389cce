/**
 * What the client already knows about channels, so that a request that would be refused is not made.
 */
import { type Client, PermissionFlagsBits } from "discord.js";
import type { DiscordApi } from "./discord-api.ts";

/** Undefined when the channel or the bot's own roles are not known. */
export function mayManageWebhooks(client: Client, id: string): boolean | undefined {
  const channel = client.channels.cache.get(id);
  if (!channel || channel.isDMBased() || !client.user) return undefined;
  return channel.permissionsFor(client.user)?.has(PermissionFlagsBits.ManageWebhooks);
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
