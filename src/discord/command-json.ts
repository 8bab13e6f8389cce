/**
 * Our commands in Discord's words, and whether Discord knows them as they are. Pure: registering is
 * `register-commands.ts`.
 */
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  PermissionFlagsBits,
} from "discord.js";
import type { Command, CommandOption, Subcommand } from "../channels/command.ts";

const IN_GUILDS = 0;
const IN_BOT_DMS = 1;
const MOST_CHOICES = 25;

export interface CommandJson {
  type: ApplicationCommandType;
  name: string;
  description: string;
  default_member_permissions: string | null;
  contexts: number[];
  integration_types: number[];
  options: OptionJson[];
}

export interface OptionJson {
  type: ApplicationCommandOptionType;
  name: string;
  description: string;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string }[];
  min_value?: number;
  max_value?: number;
  options?: OptionJson[];
}

/** Hidden by default from members who may use none of it; the command checks for itself again. */
export function commandJson(command: Command): CommandJson {
  const options = command.subcommands?.map(subcommandJson) ?? optionList(command.options);
  const permissions = command.subcommands?.map((sub) => sub.permission) ?? [command.permission];
  const isForManagers = permissions.every(
    (permission) => permission !== undefined && permission !== "everyone",
  );
  return {
    type: ApplicationCommandType.ChatInput,
    name: command.name,
    description: command.description,
    default_member_permissions: isForManagers ? String(PermissionFlagsBits.ManageChannels) : null,
    contexts: [IN_GUILDS, IN_BOT_DMS],
    integration_types: [0],
    options,
  };
}

function subcommandJson(sub: Subcommand): OptionJson {
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name: sub.name,
    description: sub.description,
    options: optionList(sub.options),
  };
}

/** Discord wants required options first. */
function optionList(options: readonly CommandOption[] = []): OptionJson[] {
  const isRequired = (option: CommandOption): number => (option.required ? 0 : 1);
  return [...options].sort((a, b) => isRequired(a) - isRequired(b)).map(optionJson);
}

function optionJson(option: CommandOption): OptionJson {
  const { name, description } = option;
  const base = { name, description, required: option.required ?? false };
  switch (option.type) {
    case "string":
      return {
        ...base,
        type: ApplicationCommandOptionType.String,
        ...(option.choices
          ? {
              choices: option.choices
                .slice(0, MOST_CHOICES)
                .map((choice) => ({ name: choice, value: choice })),
            }
          : {}),
        ...(option.autocomplete ? { autocomplete: true } : {}),
      };
    case "integer":
      return {
        ...base,
        type: ApplicationCommandOptionType.Integer,
        ...(option.min === undefined ? {} : { min_value: option.min }),
        ...(option.max === undefined ? {} : { max_value: option.max }),
      };
    case "boolean":
      return { ...base, type: ApplicationCommandOptionType.Boolean };
    case "file":
      return { ...base, type: ApplicationCommandOptionType.Attachment };
  }
}

/** Whether `registered`, as Discord lists them, say the same as `wanted`. Order does not matter. */
export function isRegistered(wanted: readonly unknown[], registered: readonly unknown[]): boolean {
  const names = (list: readonly unknown[]): string[] => list.map(canonical).sort();
  return JSON.stringify(names(wanted)) === JSON.stringify(names(registered));
}

/** A command or option with only the fields that we set, defaults filled in, as one string. */
function canonical(value: unknown): string {
  const entry = (value ?? {}) as Partial<Record<string, unknown>>;
  const list = (key: string): unknown[] => (Array.isArray(entry[key]) ? entry[key] : []);
  return JSON.stringify([
    entry.type ?? ApplicationCommandType.ChatInput,
    entry.name,
    entry.description,
    entry.default_member_permissions ?? null,
    list("contexts"),
    entry.required ?? false,
    entry.autocomplete ?? false,
    entry.min_value ?? null,
    entry.max_value ?? null,
    list("choices").map((choice) => (choice as { value?: unknown } | null)?.value ?? null),
    list("options").map(canonical),
  ]);
}

/** The part of a command that was called: the subcommand, or the command itself. */
export function calledPart(
  command: Command,
  subcommand: string | undefined,
): Pick<Subcommand, "permission" | "options" | "in_public" | "form"> {
  const sub = command.subcommands?.find((candidate) => candidate.name === subcommand);
  if (sub) return sub;
  return {
    permission: command.permission ?? "everyone",
    ...(command.options ? { options: command.options } : {}),
  };
}

/**
 * Whether the answer is for the whole channel to see: what changes something for all (it needs
 * Manage Channels, or brings a file in) is; looking something up, and being refused, is shown to
 * the caller alone.
 */
export function isAnsweredInPublic(
  command: Command,
  subcommand: string | undefined,
  may_manage: boolean,
  may_manage_server = false,
): boolean {
  if (command.in_private) return false;
  const part = calledPart(command, subcommand);
  if (part.permission === "manage_channel") return may_manage;
  if (part.permission === "manage_server") return may_manage_server;
  if (part.in_public) return true;
  return (part.options ?? []).some((option) => option.type === "file");
}
