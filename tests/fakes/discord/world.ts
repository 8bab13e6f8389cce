import { CHANNEL_TYPES, DEFAULT_BOT_PERMISSIONS, PERMISSIONS } from "./constants.ts";
import { Snowflakes } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type {
  ChannelRecord,
  FakeAttachment,
  FakeMessage,
  GuildRecord,
  UserRecord,
  WebhookRecord,
} from "./records.ts";

export interface FakeDiscordOptions {
  /** The bot's token; any other gets 401 and close 4004. */
  token?: string;
  /** Privileged intents switched on for the application. Default: message content only. */
  intentsAllowed?: { message_content?: boolean; guild_members?: boolean; presences?: boolean };
  /** Validate requests and answers against Discord's OpenAPI document where it is found. Default true. */
  validate?: boolean;
  /** Enforce buckets (5 per 5 s for messages, per webhook, typing; 50/s global). Default false. */
  rateLimits?: boolean;
  /** Keep every REST request in `fake.requests`. Default true; benchmarks switch it off. */
  recordRequests?: boolean;
  /** What the bot may do in channels that say nothing else. */
  botPermissions?: bigint;
  heartbeatIntervalMs?: number;
  /** How long an interaction may stay unacknowledged (3 s). */
  ackWithinMs?: number;
  /** How long an interaction's token is good (15 min). */
  interactionTtlMs?: number;
  /** How long a signed attachment address is good (24 h). */
  attachmentTtlMs?: number;
  /** The fake's clock; ids of messages carry it. Default `Date.now`. */
  now?: () => number;
}

/** An event on its way to the gateway. `intents`: any one of these bits lets it through, 0 all. */
export interface GatewayEvent {
  t: string;
  intents: number;
  d: JsonObject;
  /** What sessions without the message-content intent see instead. */
  redacted?: () => JsonObject;
}

/** A request that was refused with a 4xx answer, whoever was to blame. */
export interface Refusal {
  method: string;
  route: string;
  path: string;
  status: number;
  code: number;
  at: number;
}

/**
 * Everything the fake Discord knows: people, places, messages, webhooks, and the list of broken
 * rules. It neither speaks HTTP nor the gateway; routes change it, `dispatch` carries events out.
 */
export class World {
  readonly options: FakeDiscordOptions;
  readonly token: string;
  readonly now: () => number;
  readonly ids: Snowflakes;
  readonly bot: UserRecord;
  readonly applicationId: string;
  readonly users = new Map<string, UserRecord>();
  readonly guilds = new Map<string, GuildRecord>();
  readonly channels = new Map<string, ChannelRecord>();
  readonly webhooks = new Map<string, WebhookRecord>();
  readonly attachments = new Map<string, FakeAttachment>();
  /** Registered commands: the key is "" for global ones, else the guild's id. */
  readonly commands = new Map<string, JsonObject[]>();
  readonly violations: string[] = [];
  readonly refusals: Refusal[] = [];
  readonly typing: { channelId: string; at: number }[] = [];
  /** Set by the gateway; before that nobody listens. */
  dispatch: (event: GatewayEvent) => void = () => {};
  /** `http://127.0.0.1:<port>`, known once the server listens. */
  origin = "";
  /** Counts up when every attachment address given out so far is to expire. */
  cdnGeneration = 0;
  readonly #watchers = new Set<() => void>();
  #webhookTokens = 0;

  constructor(options: FakeDiscordOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.ids = new Snowflakes(this.now);
    this.applicationId = this.ids.fixed();
    this.bot = this.addUser("colloquy", null, true, this.applicationId);
    this.token =
      options.token ??
      `${Buffer.from(this.applicationId).toString("base64url")}.GfAkE0.a-token-that-opens-nothing-at-all`;
  }

  get botPermissions(): bigint {
    return this.options.botPermissions ?? DEFAULT_BOT_PERMISSIONS;
  }

  get contentAllowed(): boolean {
    return this.options.intentsAllowed?.message_content ?? true;
  }

  addUser(username: string, globalName: string | null, bot: boolean, id?: string): UserRecord {
    const user: UserRecord = {
      id: id ?? this.ids.fixed(),
      username,
      global_name: globalName,
      bot,
    };
    this.users.set(user.id, user);
    return user;
  }

  addChannel(fields: Partial<ChannelRecord> & { type: number; name: string }): ChannelRecord {
    const channel: ChannelRecord = {
      id: fields.id ?? this.ids.fixed(),
      position: this.channels.size,
      overwrites: [],
      messages: [],
      by_id: new Map(),
      nonces: new Map(),
      archived: false,
      locked: false,
      restricted: false,
      deleted: false,
      closed: false,
      seen: "0",
      ...fields,
    };
    this.channels.set(channel.id, channel);
    channel.guild?.channels.add(channel.id);
    return channel;
  }

  /** The open DM with a person, made on first use. */
  dmWith(user: UserRecord): ChannelRecord {
    for (const channel of this.channels.values()) {
      if (channel.type === CHANNEL_TYPES.dm && channel.recipient === user) return channel;
    }
    return this.addChannel({ type: CHANNEL_TYPES.dm, name: user.username, recipient: user });
  }

  addWebhook(
    channel: ChannelRecord,
    name: string,
    avatar: string | null,
    application: string | null,
    by: UserRecord,
  ): WebhookRecord {
    this.#webhookTokens += 1;
    const webhook: WebhookRecord = {
      id: this.ids.next(),
      token: `whtoken${String(this.#webhookTokens).padStart(4, "0")}`.padEnd(68, "A_b-9"),
      name,
      avatar,
      channel,
      application_id: application,
      user: by,
    };
    this.webhooks.set(webhook.id, webhook);
    return webhook;
  }

  webhooksOf(channel: ChannelRecord): WebhookRecord[] {
    return [...this.webhooks.values()].filter(
      (w) => w.channel === channel && w.deleted_by === undefined,
    );
  }

  violate(text: string): void {
    this.violations.push(text);
  }

  /** Tells everyone who waits that something visible has changed. */
  changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /**
   * Waits until `probe` gives a value; it is tried at once and after every visible change.
   * Rejects after `timeoutMs` with what was waited for.
   */
  until<T>(probe: () => T | undefined, timeoutMs: number, what: () => string): Promise<T> {
    const first = probe();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise<T>((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
      };
      const watcher = (): void => {
        const value = probe();
        if (value === undefined) return;
        done();
        resolve(value);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`fake Discord: waited ${timeoutMs} ms in vain for ${what()}`));
      }, timeoutMs);
      this.#watchers.add(watcher);
    });
  }

  /** Waits until nothing visible has changed for `quietMs`. */
  async settled(quietMs: number, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    let last = performance.now();
    const watcher = (): void => {
      last = performance.now();
    };
    this.#watchers.add(watcher);
    try {
      for (;;) {
        const now = performance.now();
        const left = last + quietMs - now;
        if (left <= 0) return;
        if (now > deadline) throw new Error(`fake Discord: no rest within ${timeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, left + 1));
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  message(channel: ChannelRecord, id: string): FakeMessage | undefined {
    const found = channel.by_id.get(id);
    return found?.deleted === true ? undefined : found;
  }
}

/** Name the permission bits for error lines. */
export function namesOf(bits: bigint): string {
  return Object.entries(PERMISSIONS)
    .filter(([, bit]) => (bits & bit) !== 0n)
    .map(([name]) => name)
    .join(", ");
}
