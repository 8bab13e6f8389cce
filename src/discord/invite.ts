/**
 * What the bot asks of Discord: permissions in a server, each with its reason, the invite that
 * grants exactly those, and the gateway intents. Pure.
 */
import { GatewayIntentBits, OAuth2Scopes, PermissionFlagsBits } from "discord.js";

export interface NeededPermission {
  name: string;
  bit: bigint;
  reason: string;
}

export const NEEDED_PERMISSIONS: readonly NeededPermission[] = [
  {
    name: "View Channels",
    bit: PermissionFlagsBits.ViewChannel,
    reason: "to hear what people write where the bot is switched on",
  },
  {
    name: "Send Messages",
    bit: PermissionFlagsBits.SendMessages,
    reason: "to answer, and to tell what went wrong",
  },
  {
    name: "Send Messages in Threads",
    bit: PermissionFlagsBits.SendMessagesInThreads,
    reason: "each thread is a groupchat of its own",
  },
  {
    name: "Read Message History",
    bit: PermissionFlagsBits.ReadMessageHistory,
    reason: "to see after a crash what was already said, and to find an attachment again",
  },
  {
    name: "Attach Files",
    bit: PermissionFlagsBits.AttachFiles,
    reason: "an answer of more than four messages goes as a file",
  },
  {
    name: "Manage Webhooks",
    bit: PermissionFlagsBits.ManageWebhooks,
    reason: "agents speak under their own names through a webhook",
  },
];

/** The address that adds the bot to a server, with its commands and the permissions above. */
export function inviteUrl(applicationId: string): string {
  const permissions = NEEDED_PERMISSIONS.reduce((sum, { bit }) => sum | bit, 0n);
  const query = new URLSearchParams({
    client_id: applicationId,
    permissions: String(permissions),
    scope: `${OAuth2Scopes.Bot} ${OAuth2Scopes.ApplicationsCommands}`,
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}

/** Only Message Content is privileged; without it, mentions, direct messages and commands remain. */
export function neededIntents(message_content: boolean): GatewayIntentBits[] {
  return [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.DirectMessages,
    ...(message_content ? [GatewayIntentBits.MessageContent] : []),
  ];
}

/** What has to be switched on in the developer portal, in words for the start-up lines. */
export function intentsToSwitchOn(message_content: boolean): readonly string[] {
  return message_content ? ["Message Content Intent"] : [];
}
