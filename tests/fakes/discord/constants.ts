/**
 * Discord's numbers that the fake and its users need: permission bits, intents, flags, kinds.
 * Written out here rather than imported from the client library, which is what is being tested.
 */

export const PERMISSIONS = {
  create_instant_invite: 1n << 0n,
  administrator: 1n << 3n,
  manage_channels: 1n << 4n,
  manage_guild: 1n << 5n,
  add_reactions: 1n << 6n,
  view_channel: 1n << 10n,
  send_messages: 1n << 11n,
  manage_messages: 1n << 13n,
  embed_links: 1n << 14n,
  attach_files: 1n << 15n,
  read_message_history: 1n << 16n,
  mention_everyone: 1n << 17n,
  use_external_emojis: 1n << 18n,
  manage_roles: 1n << 28n,
  manage_webhooks: 1n << 29n,
  use_application_commands: 1n << 31n,
  manage_threads: 1n << 34n,
  create_public_threads: 1n << 35n,
  create_private_threads: 1n << 36n,
  send_messages_in_threads: 1n << 38n,
} as const;

export type PermissionName = keyof typeof PERMISSIONS;

/** Every bit that Discord defines today; what an administrator has. */
export const ALL_PERMISSIONS = (1n << 53n) - 1n;

/** What the bot under test is given where a test says nothing else. */
export const DEFAULT_BOT_PERMISSIONS =
  PERMISSIONS.view_channel |
  PERMISSIONS.send_messages |
  PERMISSIONS.send_messages_in_threads |
  PERMISSIONS.create_public_threads |
  PERMISSIONS.embed_links |
  PERMISSIONS.attach_files |
  PERMISSIONS.read_message_history |
  PERMISSIONS.add_reactions |
  PERMISSIONS.manage_webhooks;

/** What people have where a test says nothing else: talking, looking, attaching. */
export const DEFAULT_MEMBER_PERMISSIONS =
  PERMISSIONS.view_channel |
  PERMISSIONS.send_messages |
  PERMISSIONS.send_messages_in_threads |
  PERMISSIONS.create_public_threads |
  PERMISSIONS.embed_links |
  PERMISSIONS.attach_files |
  PERMISSIONS.read_message_history |
  PERMISSIONS.add_reactions |
  PERMISSIONS.use_application_commands;

export const INTENTS = {
  guilds: 1 << 0,
  guild_members: 1 << 1,
  guild_webhooks: 1 << 5,
  presences: 1 << 8,
  guild_messages: 1 << 9,
  guild_reactions: 1 << 10,
  guild_typing: 1 << 11,
  direct_messages: 1 << 12,
  direct_reactions: 1 << 13,
  direct_typing: 1 << 14,
  message_content: 1 << 15,
} as const;

/** Bits that no intent has: an IDENTIFY with one of them is closed with 4013. */
export const KNOWN_INTENTS = 0b11_0011_0001_1111_1111_1111_1111;

export const CHANNEL_TYPES = {
  text: 0,
  dm: 1,
  public_thread: 11,
  private_thread: 12,
} as const;

export const MESSAGE_FLAGS = {
  suppress_embeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppress_notifications: 1 << 12,
  components_v2: 1 << 15,
} as const;

export const INTERACTION = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

export const CALLBACK = {
  pong: 1,
  reply: 4,
  deferred_reply: 5,
  deferred_update: 6,
  update: 7,
  autocomplete: 8,
  modal: 9,
} as const;

export const OPTION = {
  subcommand: 1,
  subcommand_group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

export const MAX_FILE_BYTES = 10 * 1024 * 1024;
export const MAX_REQUEST_BYTES = 25 * 1024 * 1024;
