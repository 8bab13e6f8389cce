import type { JsonObject } from "./json.ts";

/** The rows of the fake's world: what Discord would keep in its data base. Plain data, no behaviour. */

export interface UserRecord {
  id: string;
  username: string;
  global_name: string | null;
  bot: boolean;
}

export interface RoleRecord {
  id: string;
  name: string;
  permissions: bigint;
  managed: boolean;
  position: number;
  bot_id?: string;
}

export interface MemberRecord {
  user: UserRecord;
  nick: string | null;
  roles: string[];
  joined_at: number;
}

export interface GuildRecord {
  id: string;
  name: string;
  owner_id: string;
  roles: Map<string, RoleRecord>;
  members: Map<string, MemberRecord>;
  channels: Set<string>;
  unavailable: boolean;
  left: boolean;
}

export interface Overwrite {
  id: string;
  type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export interface ChannelRecord {
  id: string;
  type: number;
  name: string;
  position: number;
  guild?: GuildRecord;
  parent?: ChannelRecord;
  recipient?: UserRecord;
  owner_id?: string;
  overwrites: Overwrite[];
  messages: FakeMessage[];
  by_id: Map<string, FakeMessage>;
  /** The bot's last message with each nonce. */
  nonces: Map<string | number, FakeMessage>;
  archived: boolean;
  locked: boolean;
  /** The test has taken permissions away, so refusals here are no fault of the bot. */
  restricted: boolean;
  deleted: boolean;
  /** Posts up to this id have been handed out, or passed over, by `nextMessage`. */
  seen: string;
  /** A DM whose person takes no messages from the bot (50007). */
  closed: boolean;
}

export interface WebhookRecord {
  id: string;
  token: string;
  name: string;
  avatar: string | null;
  channel: ChannelRecord;
  application_id: string | null;
  user: UserRecord;
  /** Who deleted it, if it is gone. */
  deleted_by?: "bot" | "test";
}

export interface FakeAttachment {
  id: string;
  name: string;
  bytes: Uint8Array;
  contentType: string;
  description?: string;
  ephemeral: boolean;
  channelId: string;
}

/** A message as it stands now. Tests read it; it changes in place when the bot edits or deletes. */
export interface FakeMessage {
  readonly id: string;
  readonly channelId: string;
  /** Who seems to speak: for webhooks the name of that one post, and the webhook's id. */
  readonly author: {
    id: string;
    name: string;
    bot: boolean;
    webhookId?: string;
    avatarUrl?: string;
  };
  /** True for what came in through REST (the bot itself, or a webhook it used). */
  readonly fromBot: boolean;
  readonly createdAt: number;
  content: string;
  attachments: FakeAttachment[];
  embeds: JsonObject[];
  components: JsonObject[];
  flags: number;
  /** `allowed_mentions` exactly as last sent; undefined when the body had none. */
  allowedMentions: unknown;
  nonce?: string | number;
  /** The content after each edit, oldest first. */
  edits: string[];
  /** The content with which it was posted, before any edit. */
  readonly firstContent: string;
  editedAt?: number;
  deleted: boolean;
  replyTo?: FakeMessage;
  /** The message that this one forwards. */
  forwards?: FakeMessage;
  mentions: UserRecord[];
  mentionRoles: string[];
  interaction?: {
    id: string;
    type: number;
    user: UserRecord;
    /** The command's name, or the id of the message that carried the component. */
    name?: string;
  };
  applicationId?: string;
  pinned: boolean;
  reactions: string[];
  /** The message kind: 0 ordinary, 19 reply, 20 slash command, 23 context menu. */
  type: number;
}
