/**
 * discord.js's interactions as plain data: where, who, may they, with which options. Pure.
 */
import {
  type BaseInteraction,
  type CommandInteractionOption,
  GuildMember,
  PermissionFlagsBits,
} from "discord.js";
import type { OptionValue } from "../channels/command.ts";
import type { IncomingFile, Person, Place } from "../channels/ports.ts";
import type { InteractionKey } from "./discord-api.ts";
import type { Upload } from "./incoming-file.ts";
import { personOf } from "./incoming-message.ts";
import { placeOf } from "./places.ts";

export function keyOf(interaction: BaseInteraction): InteractionKey {
  return {
    id: interaction.id,
    token: interaction.token,
    application_id: interaction.applicationId,
  };
}

/** Undefined where no groupchat can be, as in a group of people outside servers. */
export function interactionPlace(interaction: BaseInteraction): Place | undefined {
  const { channel, channelId, guildId } = interaction;
  if (!channelId) return undefined;
  if (!channel) {
    // A direct message's channel may be unknown to the library; a server's is always sent along.
    return guildId
      ? undefined
      : { id: channelId, kind: "dm", scope: channelId, name: "direct message" };
  }
  const name = "name" in channel ? channel.name : null;
  return placeOf({ id: channelId, type: channel.type, guildId, name });
}

export function interactionPerson(interaction: BaseInteraction): Person {
  const { member, user } = interaction;
  const nickname = member instanceof GuildMember ? member.displayName : member?.nick;
  return personOf(user, nickname);
}

/** From the permissions that Discord sends with each call; nobody else has a say in one's own DM. */
export function mayManage(interaction: BaseInteraction): boolean {
  if (!interaction.guildId) return true;
  return interaction.memberPermissions?.has(PermissionFlagsBits.ManageChannels) ?? false;
}

/** Buttons are there for all who see them, also where only some may write. */
export function mayWrite({ guildId, channel, memberPermissions }: BaseInteraction): boolean {
  if (!guildId) return true;
  const { SendMessages, SendMessagesInThreads } = PermissionFlagsBits;
  return (
    memberPermissions?.has(channel?.isThread() ? SendMessagesInThreads : SendMessages) ?? false
  );
}

export function mayManageServer(interaction: BaseInteraction): boolean {
  if (!interaction.guildId) return true;
  return interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false;
}

/** The parts of discord.js's option that are read. */
export type OptionFacts = Pick<CommandInteractionOption, "name" | "value"> & {
  attachment?: Upload | undefined;
  options?: readonly OptionFacts[] | undefined;
};

/** Options by name, those of a subcommand included. A file that Discord did not resolve is left out. */
export function optionValues(
  options: readonly OptionFacts[],
  toFile: (upload: Upload) => IncomingFile,
): ReadonlyMap<string, OptionValue> {
  const values = new Map<string, OptionValue>();
  for (const option of options) {
    if (option.options) {
      for (const [name, value] of optionValues(option.options, toFile)) values.set(name, value);
    } else if (option.attachment) {
      values.set(option.name, toFile(option.attachment));
    } else if (option.value !== undefined && option.value !== null) {
      values.set(option.name, option.value);
    }
  }
  return values;
}

const MOST_CHOICES = 25;
const LONGEST_CHOICE = 100;

/** Autocomplete's values as Discord takes them: at most 25, each of 1 to 100 characters, none twice. */
export function choices(values: readonly string[]): { name: string; value: string }[] {
  const cut = values
    .map((value) => value.replace(/\p{Surrogate}/gu, "").slice(0, LONGEST_CHOICE))
    .map((value) => value.replace(/\p{Surrogate}/gu, "").trim());
  return [...new Set(cut)]
    .filter((value) => value !== "")
    .slice(0, MOST_CHOICES)
    .map((value) => ({ name: value, value }));
}
