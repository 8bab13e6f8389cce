import { ApiError } from "./api-error.ts";
import { ALL_PERMISSIONS, CHANNEL_TYPES, PERMISSIONS } from "./constants.ts";
import type { ChannelRecord, GuildRecord } from "./records.ts";
import type { World } from "./world.ts";

/** Discord's own reckoning: roles first, then the channel's overwrites; threads use their parent's. */

export function guildPermissions(guild: GuildRecord, userId: string): bigint {
  if (guild.owner_id === userId) return ALL_PERMISSIONS;
  let bits = guild.roles.get(guild.id)?.permissions ?? 0n;
  for (const role of guild.members.get(userId)?.roles ?? []) {
    bits |= guild.roles.get(role)?.permissions ?? 0n;
  }
  return (bits & PERMISSIONS.administrator) !== 0n ? ALL_PERMISSIONS : bits;
}

export function channelPermissions(channel: ChannelRecord, userId: string): bigint {
  const guild = channel.guild;
  if (guild === undefined) return ALL_PERMISSIONS;
  let bits = guildPermissions(guild, userId);
  if (bits === ALL_PERMISSIONS) return bits;
  const overwrites = (channel.parent ?? channel).overwrites;
  const roles = guild.members.get(userId)?.roles ?? [];
  const steps = [
    overwrites.filter((o) => o.id === guild.id),
    overwrites.filter((o) => o.type === 0 && o.id !== guild.id && roles.includes(o.id)),
    overwrites.filter((o) => o.type === 1 && o.id === userId),
  ];
  for (const step of steps) {
    for (const o of step) bits &= ~o.deny;
    for (const o of step) bits |= o.allow;
  }
  return bits;
}

/**
 * Throws what Discord answers when the bot lacks one of `needed` here: 50001 without sight of the
 * channel, else 50013. Where the test took the permission away, the refusal is expected.
 */
export function demand(world: World, channel: ChannelRecord, needed: bigint): void {
  const has = channelPermissions(channel, world.bot.id);
  const expected =
    (channel.parent ?? channel).restricted || world.options.botPermissions !== undefined;
  if ((has & PERMISSIONS.view_channel) === 0n) throw new ApiError(50001, { expected });
  if ((has & needed) !== needed) throw new ApiError(50013, { expected });
}

/** The permission to write, which threads have as a bit of their own. */
export function sendBit(channel: ChannelRecord): bigint {
  const thread =
    channel.type === CHANNEL_TYPES.public_thread || channel.type === CHANNEL_TYPES.private_thread;
  return thread ? PERMISSIONS.send_messages_in_threads : PERMISSIONS.send_messages;
}
