import {
  ALL_PERMISSIONS,
  CHANNEL_TYPES,
  DEFAULT_MEMBER_PERMISSIONS,
  INTENTS,
  PERMISSIONS,
  type PermissionName,
} from "./constants.ts";
import { FakeChannel } from "./fake-channel.ts";
import type { Interactions } from "./interactions.ts";
import { announceChannel } from "./messages.ts";
import { guildCreatePayload } from "./payloads.ts";
import type { ChannelRecord, GuildRecord, Overwrite, UserRecord } from "./records.ts";
import type { World } from "./world.ts";

/** A person, or a foreign bot, as tests name it. */
export interface FakeMember {
  readonly id: string;
  readonly name: string;
  readonly user: UserRecord;
}

/** A server with the bot in it. Its owner is a person of its own, so that nobody rules by accident. */
export class FakeGuild {
  readonly record: GuildRecord;
  readonly #world: World;
  readonly #interactions: Interactions;

  constructor(world: World, interactions: Interactions, name: string) {
    this.#world = world;
    this.#interactions = interactions;
    const id = world.ids.fixed();
    const owner = world.addUser("owner", "Owner", false);
    this.record = {
      id,
      name,
      owner_id: owner.id,
      roles: new Map(),
      members: new Map(),
      channels: new Set(),
      unavailable: false,
      left: false,
    };
    world.guilds.set(id, this.record);
    this.#role("@everyone", DEFAULT_MEMBER_PERMISSIONS, id);
    const botRole = this.#role(world.bot.username, world.botPermissions, undefined, world.bot.id);
    this.#join(owner, []);
    this.#join(world.bot, [botRole]);
    this.#announce();
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.name;
  }

  /** Adds a person. `permissions` come on top of what everyone may do; names or bits. */
  addMember(options: {
    name: string;
    displayName?: string;
    bot?: boolean;
    permissions?: bigint | readonly PermissionName[];
  }): FakeMember {
    const display = options.displayName ?? (options.bot === true ? null : options.name);
    const username = options.name.toLowerCase().replace(/[^a-z0-9._]+/g, "_");
    const user = this.#world.addUser(username, display, options.bot ?? false);
    const bits = bitsOf(options.permissions);
    this.#join(user, bits === 0n ? [] : [this.#role(`${username} may`, bits)]);
    return { id: user.id, name: options.name, user };
  }

  /** Brings someone of another guild in here too. */
  admit(member: FakeMember): void {
    this.#join(member.user, []);
  }

  /**
   * Adds a text channel. `botPermissions` are exactly what the bot may do there; without them,
   * and without the option of that name at the start, it has what its role gives.
   */
  addTextChannel(options: {
    name: string;
    botPermissions?: bigint | readonly PermissionName[];
  }): FakeChannel {
    const channel = this.#world.addChannel({
      type: CHANNEL_TYPES.text,
      name: options.name,
      guild: this.record,
    });
    const exactly = options.botPermissions ?? this.#world.options.botPermissions;
    if (exactly !== undefined) {
      const allow = bitsOf(exactly);
      const deny = ALL_PERMISSIONS & ~allow & ~PERMISSIONS.administrator;
      channel.overwrites.push({ id: this.#world.bot.id, type: 1, allow, deny });
      channel.restricted = true;
    }
    announceChannel(this.#world, channel, "CHANNEL_CREATE");
    return new FakeChannel(this.#world, this.#interactions, channel);
  }

  /** Takes a permission from the bot in one channel and tells it so (CHANNEL_UPDATE). */
  removeBotPermission(channel: FakeChannel, flag: PermissionName | bigint): void {
    const overwrite = this.#overwriteFor(placeOf(channel));
    overwrite.allow &= ~bitsOf(flag);
    overwrite.deny |= bitsOf(flag);
    placeOf(channel).restricted = true;
    announceChannel(this.#world, placeOf(channel), "CHANNEL_UPDATE");
  }

  /** Gives it back. Refusals that follow count against the bot again only with its full set. */
  restoreBotPermission(channel: FakeChannel, flag: PermissionName | bigint): void {
    const overwrite = this.#overwriteFor(placeOf(channel));
    overwrite.deny &= ~bitsOf(flag);
    overwrite.allow |= bitsOf(flag);
    placeOf(channel).restricted = (overwrite.deny & this.#world.botPermissions) !== 0n;
    announceChannel(this.#world, placeOf(channel), "CHANNEL_UPDATE");
  }

  /** Lets somebody read in a channel, and not write. */
  silence(member: FakeMember, channel: FakeChannel): void {
    const deny = bitsOf("send_messages");
    placeOf(channel).overwrites.push({ id: member.id, type: 1, allow: 0n, deny });
  }

  /** An outage: GUILD_DELETE with `unavailable`, which is not a farewell. */
  becomeUnavailable(): void {
    this.record.unavailable = true;
    this.#dispatch("GUILD_DELETE", { id: this.id, unavailable: true });
  }

  becomeAvailable(): void {
    this.record.unavailable = false;
    this.#announce();
  }

  /** Throws the bot out: GUILD_DELETE without `unavailable`, and 50001 from then on. */
  kickBot(): void {
    this.record.left = true;
    this.record.members.delete(this.#world.bot.id);
    this.#dispatch("GUILD_DELETE", { id: this.id });
  }

  #overwriteFor(channel: ChannelRecord): Overwrite {
    const found = channel.overwrites.find((o) => o.id === this.#world.bot.id);
    if (found !== undefined) return found;
    const fresh: Overwrite = { id: this.#world.bot.id, type: 1, allow: 0n, deny: 0n };
    channel.overwrites.push(fresh);
    return fresh;
  }

  #role(name: string, permissions: bigint, id?: string, botId?: string): string {
    const role = id ?? this.#world.ids.fixed();
    this.record.roles.set(role, {
      id: role,
      name,
      permissions,
      managed: botId !== undefined,
      position: this.record.roles.size,
      ...(botId === undefined ? {} : { bot_id: botId }),
    });
    return role;
  }

  #join(user: UserRecord, roles: string[]): void {
    this.record.members.set(user.id, {
      user,
      nick: null,
      roles,
      joined_at: this.#world.now(),
    });
  }

  #announce(): void {
    this.#dispatch("GUILD_CREATE", guildCreatePayload(this.#world, this.record, false));
  }

  #dispatch(t: string, d: Record<string, unknown>): void {
    this.#world.dispatch({ t, intents: INTENTS.guilds, d });
  }
}

/** Where the permissions of a channel stand: threads have those of their parent. */
function placeOf(channel: FakeChannel): ChannelRecord {
  return channel.record.parent ?? channel.record;
}

function bitsOf(
  permissions: bigint | PermissionName | readonly PermissionName[] | undefined,
): bigint {
  if (typeof permissions === "bigint") return permissions;
  if (typeof permissions === "string") return PERMISSIONS[permissions];
  return (permissions ?? []).reduce((bits, name) => bits | PERMISSIONS[name], 0n);
}
