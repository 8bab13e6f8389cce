import { CHANNEL_TYPES } from "./constants.ts";
import type { JsonObject } from "./json.ts";
import { channelPermissions } from "./permissions.ts";
import type {
  ChannelRecord,
  GuildRecord,
  MemberRecord,
  RoleRecord,
  UserRecord,
} from "./records.ts";
import type { World } from "./world.ts";

/** People and places as Discord words them in JSON: the same for REST and for the gateway. */

export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000+00:00");
}

export function userPayload(user: UserRecord): JsonObject {
  return {
    id: user.id,
    username: user.username,
    global_name: user.global_name,
    avatar: null,
    discriminator: user.bot ? "0042" : "0",
    public_flags: 0,
    flags: 0,
    primary_guild: null,
    avatar_decoration_data: null,
    ...(user.bot ? { bot: true } : {}),
  };
}

export function rolePayload(role: RoleRecord): JsonObject {
  return {
    id: role.id,
    name: role.name,
    description: null,
    permissions: role.permissions.toString(),
    position: role.position,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: role.managed,
    mentionable: false,
    icon: null,
    unicode_emoji: null,
    flags: 0,
    ...(role.bot_id === undefined ? {} : { tags: { bot_id: role.bot_id } }),
  };
}

/** A member without its user, as it stands beside a message's author. */
export function memberPart(member: MemberRecord): JsonObject {
  return {
    avatar: null,
    banner: null,
    communication_disabled_until: null,
    flags: 0,
    joined_at: isoTime(member.joined_at),
    nick: member.nick,
    pending: false,
    premium_since: null,
    roles: member.roles,
    mute: false,
    deaf: false,
  };
}

export function memberPayload(member: MemberRecord): JsonObject {
  return { ...memberPart(member), user: userPayload(member.user) };
}

export function channelPayload(world: World, channel: ChannelRecord): JsonObject {
  const last = channel.messages.at(-1)?.id ?? null;
  if (channel.guild === undefined) {
    const person = channel.recipient;
    return {
      id: channel.id,
      type: CHANNEL_TYPES.dm,
      last_message_id: last,
      flags: 0,
      recipients: person === undefined ? [] : [userPayload(person)],
    };
  }
  const common = {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guild.id,
    name: channel.name,
    last_message_id: last,
    flags: 0,
    rate_limit_per_user: 0,
  };
  if (channel.parent !== undefined) {
    return {
      ...common,
      parent_id: channel.parent.id,
      owner_id: channel.owner_id ?? world.bot.id,
      message_count: channel.messages.length,
      member_count: 1,
      total_message_sent: channel.messages.length,
      thread_metadata: {
        archived: channel.archived,
        archive_timestamp: isoTime(world.now()),
        auto_archive_duration: 1440,
        locked: channel.locked,
        create_timestamp: isoTime(world.now()),
      },
    };
  }
  return {
    ...common,
    parent_id: null,
    topic: null,
    nsfw: false,
    position: channel.position,
    permission_overwrites: channel.overwrites.map((o) => ({
      id: o.id,
      type: o.type,
      allow: o.allow.toString(),
      deny: o.deny.toString(),
    })),
  };
}

/** What REST answers for a guild. */
export function guildPayload(guild: GuildRecord): JsonObject {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.owner_id,
    application_id: null,
    region: "rotterdam",
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: [...guild.roles.values()].map(rolePayload),
    default_message_notifications: 0,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: "en-US",
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    premium_progress_bar_enabled_user_updated_at: null,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  };
}

/** GUILD_CREATE; without the members intent only the bot itself is in the list of members. */
export function guildCreatePayload(
  world: World,
  guild: GuildRecord,
  withMembers: boolean,
): JsonObject {
  const channels = [...guild.channels].flatMap((id) => world.channels.get(id) ?? []);
  const seen = channels.filter((c) => !c.deleted);
  const members = [...guild.members.values()].filter(
    (m) => withMembers || m.user.id === world.bot.id,
  );
  return {
    ...guildPayload(guild),
    joined_at: isoTime(guild.members.get(world.bot.id)?.joined_at ?? world.now()),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: members.map(memberPayload),
    channels: seen.filter((c) => c.parent === undefined).map((c) => channelPayload(world, c)),
    threads: seen
      .filter((c) => c.parent !== undefined && !c.archived)
      .map((c) => channelPayload(world, c)),
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** The slim channel that rides along in an interaction. */
export function interactionChannel(
  world: World,
  channel: ChannelRecord,
  userId: string,
): JsonObject {
  return {
    ...channelPayload(world, channel),
    permissions: channelPermissions(channel, userId).toString(),
  };
}
