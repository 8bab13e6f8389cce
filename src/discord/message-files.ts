/**
 * "Add to archival memory" in a message's menu: how it is registered, and the message's uploads, or
 * its text where it has none, as files.
 */
import { ApplicationCommandType, type Message } from "discord.js";
import type { IncomingFile } from "../channels/ports.ts";
import { type FileSource, incomingFile } from "./incoming-file.ts";

export const ADD_TO_MEMORY = "Add to archival memory";

/** Discord wants no description here, and lists an empty one. */
export const addToMemoryJson = {
  type: ApplicationCommandType.Message,
  name: ADD_TO_MEMORY,
  description: "",
  default_member_permissions: null,
  contexts: [0, 1],
  integration_types: [0],
};

export function messageLink(place: {
  guild: string | null;
  channel: string;
  message: string;
}): string {
  return `https://discord.com/channels/${place.guild ?? "@me"}/${place.channel}/${place.message}`;
}

/** `refresh` gives an upload's present URL. Empty for a message without uploads and text. */
export function messageFiles(
  message: Message,
  guild: string | null,
  files: FileSource,
  refresh: (file: string) => Promise<string | undefined>,
): IncomingFile[] {
  const { id, channelId, author } = message;
  const link = messageLink({ guild, channel: channelId, message: id });
  const uploads = [...message.attachments.values()].map((upload) =>
    incomingFile({ ...uploadOf(upload), link }, files, () => refresh(upload.id)),
  );
  if (uploads.length > 0) return uploads;
  const text = message.content.trim();
  if (text === "") return [];
  const bytes = new TextEncoder().encode(text);
  const day = message.createdAt.toISOString().slice(0, 10);
  const name = `message of ${author.displayName}, ${day}.txt`;
  return [{ id, name, size: bytes.length, link, read: async () => bytes }];
}

function uploadOf({
  id,
  name,
  size,
  url,
}: {
  id: string;
  name: string;
  size: number;
  url: string;
}) {
  return { id, name, size, url };
}
