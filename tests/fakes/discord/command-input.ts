import { OPTION } from "./constants.ts";
import { isObject, type JsonObject, listOf, numberOf, textOf } from "./json.ts";
import { attachmentPayload } from "./message-payloads.ts";
import { memberPayload, userPayload } from "./payloads.ts";
import { channelPermissions } from "./permissions.ts";
import type { ChannelRecord, FakeAttachment, UserRecord } from "./records.ts";
import type { World } from "./world.ts";

/** A file given to an option or posted in a channel. */
export interface GivenFile {
  name: string;
  bytes: Uint8Array | string;
  contentType?: string;
}

export type OptionValue = string | number | boolean | GivenFile;

export interface CommandInput {
  group?: string;
  subcommand?: string;
  options?: Record<string, OptionValue>;
  /** Skip what Discord's own client would refuse: permissions, missing or unknown options. */
  force?: boolean;
}

/** Looks up what the bot has registered; a command that is not there cannot be called. */
export function findCommand(
  world: World,
  channel: ChannelRecord,
  name: string,
  type = 1,
): JsonObject {
  const all = [
    ...(world.commands.get(channel.guild?.id ?? "") ?? []),
    ...(world.commands.get("") ?? []),
  ];
  const found = all.find((command) => command.name === name && (command.type ?? 1) === type);
  if (found === undefined) {
    throw new Error(`/${name} is not registered; there are: ${all.map((c) => c.name).join(", ")}`);
  }
  return found;
}

/** Refuses what Discord's own client would not let a person do. */
export function checkAllowed(channel: ChannelRecord, user: UserRecord, command: JsonObject): void {
  const wanted = textOf(command.default_member_permissions);
  const has = channelPermissions(channel, user.id);
  if (
    channel.guild !== undefined &&
    wanted !== undefined &&
    (has & BigInt(wanted)) !== BigInt(wanted)
  ) {
    throw new Error(`${user.username} may not call /${String(command.name)} here`);
  }
  if (channel.guild === undefined && command.dm_permission === false) {
    throw new Error(`/${String(command.name)} is not offered in DMs`);
  }
  const contexts = listOf(command.contexts);
  const here = channel.guild === undefined ? 1 : 0;
  if (contexts.length > 0 && !contexts.includes(here)) {
    throw new Error(`/${String(command.name)} is not offered in this kind of channel`);
  }
}

interface ResolvedOptions {
  options: JsonObject[];
  attachments: JsonObject;
  users: JsonObject;
  members: JsonObject;
}

/** The `options` and `resolved` of a command, with types from its registration. */
export function commandData(
  world: World,
  channel: ChannelRecord,
  command: JsonObject,
  input: CommandInput,
  focused?: string,
): JsonObject {
  const path = [input.group, input.subcommand].filter((step) => step !== undefined);
  let level = listOf(command.options).filter(isObject);
  const steps: JsonObject[] = [];
  for (const step of path) {
    const found = level.find((o) => o.name === step && isGroup(numberOf(o.type)));
    if (found === undefined) throw new Error(`/${String(command.name)} has no ${step}`);
    steps.push(found);
    level = listOf(found.options).filter(isObject);
  }
  if (level.some((o) => isGroup(numberOf(o.type)))) {
    throw new Error(`/${String(command.name)} needs one of its subcommands`);
  }
  const resolved: ResolvedOptions = { options: [], attachments: {}, users: {}, members: {} };
  for (const [name, value] of Object.entries(input.options ?? {})) {
    const known = level.find((o) => o.name === name);
    if (known === undefined && input.force !== true) {
      throw new Error(`/${String(command.name)} has no option ${name}`);
    }
    addOption(world, channel, known, name, value, resolved, name === focused, input.force === true);
  }
  if (focused === undefined && input.force !== true) {
    const missing = level.find(
      (o) => o.required === true && !(String(o.name) in (input.options ?? {})),
    );
    if (missing !== undefined) throw new Error(`option ${String(missing.name)} is required`);
  }
  let { options } = resolved;
  for (const step of steps.reverse()) {
    options = [{ type: step.type, name: step.name, options }];
  }
  const { attachments, users, members } = resolved;
  return {
    id: command.id,
    name: command.name,
    type: 1,
    ...(command.guild_id === undefined ? {} : { guild_id: command.guild_id }),
    ...(options.length === 0 ? {} : { options }),
    resolved: { attachments, users, members },
  };
}

function isGroup(type: number | undefined): boolean {
  return type === OPTION.subcommand || type === OPTION.subcommand_group;
}

function addOption(
  world: World,
  channel: ChannelRecord,
  known: JsonObject | undefined,
  name: string,
  value: OptionValue,
  resolved: ResolvedOptions,
  focused: boolean,
  force: boolean,
): void {
  const type = numberOf(known?.type) ?? OPTION.string;
  let given: string | number | boolean;
  if (typeof value === "object") {
    const file = storeFile(world, channel, value, true);
    resolved.attachments[file.id] = attachmentPayload(world, file);
    given = file.id;
  } else given = value;
  if (!focused && !force) checkValue(known, type, name, given);
  if (type === OPTION.user && typeof given === "string") {
    const user = world.users.get(given);
    const member = channel.guild?.members.get(given);
    if (user !== undefined) resolved.users[given] = userPayload(user);
    if (member !== undefined) {
      const { user: _, ...part } = memberPayload(member);
      resolved.members[given] = {
        ...part,
        permissions: channelPermissions(channel, given).toString(),
      };
    }
  }
  resolved.options.push({ type, name, value: given, ...(focused ? { focused: true } : {}) });
}

/** What Discord's client checks before it sends: kind, choices, bounds. Autocomplete binds nothing. */
function checkValue(
  known: JsonObject | undefined,
  type: number,
  name: string,
  value: string | number | boolean,
): void {
  const wanted =
    type === OPTION.boolean
      ? "boolean"
      : type === OPTION.integer || type === OPTION.number
        ? "number"
        : "string";
  if (typeof value !== wanted) throw new Error(`option ${name} takes a ${wanted}`);
  const choices = listOf(known?.choices).filter(isObject);
  if (choices.length > 0 && !choices.some((c) => c.value === value)) {
    throw new Error(`option ${name} offers ${choices.map((c) => String(c.value)).join(", ")}`);
  }
  const size = typeof value === "number" ? value : String(value).length;
  const key = typeof value === "number" ? "value" : "length";
  const min = numberOf(known?.[`min_${key}`]) ?? Number.NEGATIVE_INFINITY;
  const max = numberOf(known?.[`max_${key}`]) ?? Number.POSITIVE_INFINITY;
  if (size < min || size > max) throw new Error(`option ${name} is out of bounds`);
}

/** Puts a person's file on the CDN. */
export function storeFile(
  world: World,
  channel: ChannelRecord,
  given: GivenFile,
  ephemeral: boolean,
): FakeAttachment {
  const file: FakeAttachment = {
    id: world.ids.next(),
    name: given.name,
    bytes: typeof given.bytes === "string" ? Buffer.from(given.bytes) : given.bytes,
    contentType: given.contentType ?? contentTypeOf(given.name),
    ephemeral,
    channelId: channel.id,
  };
  world.attachments.set(file.id, file);
  return file;
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ["pdf", "application/pdf"],
  ["txt", "text/plain; charset=utf-8"],
  ["md", "text/markdown; charset=utf-8"],
  ["json", "application/json; charset=utf-8"],
  ["png", "image/png"],
]);

/** What Discord makes of a file's name where nobody says its type. */
function contentTypeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return CONTENT_TYPES.get(ending) ?? "application/octet-stream";
}
