import { ApiError, invalidForm } from "./api-error.ts";
import { badLength } from "./component-rules.ts";
import { CHANNEL_TYPES, PERMISSIONS } from "./constants.ts";
import { type JsonObject, lengthOf, numberOf, textOf } from "./json.ts";
import { announceChannel } from "./messages.ts";
import {
  channelPayload,
  guildPayload,
  memberPayload,
  rolePayload,
  userPayload,
} from "./payloads.ts";
import { demand } from "./permissions.ts";
import type { ChannelRecord, GuildRecord } from "./records.ts";
import { type Answer, noContent, ok, type Route, type RouteContext } from "./route.ts";
import { theMessage } from "./routes-messages.ts";
import type { World } from "./world.ts";

const SESSIONS_PER_DAY = 1000;

/** The bot and its application, people, guilds, channels and threads. */
export function placeRoutes(identified: () => number): readonly Route[] {
  const get = (template: string, handle: (context: RouteContext) => unknown): Route => ({
    method: "GET",
    template,
    auth: "bot",
    handle: (context) => ok(handle(context)),
  });
  return [
    get("/gateway/bot", ({ world }) => ({
      url: `${world.origin.replace("http", "ws")}/gateway`,
      shards: 1,
      session_start_limit: {
        total: SESSIONS_PER_DAY,
        remaining: Math.max(0, SESSIONS_PER_DAY - identified()),
        reset_after: 86_400_000,
        max_concurrency: 1,
      },
    })),
    get("/gateway", ({ world }) => ({ url: `${world.origin.replace("http", "ws")}/gateway` })),
    get("/users/@me", ({ world }) => ({
      ...userPayload(world.bot),
      mfa_enabled: true,
      locale: "en-US",
      verified: true,
      email: null,
    })),
    get("/users/{user_id}", (context) => {
      const user = context.world.users.get(context.param("user_id"));
      if (user === undefined) throw new ApiError(10013);
      return userPayload(user);
    }),
    get("/applications/@me", ({ world }) => application(world)),
    get("/oauth2/applications/@me", ({ world }) => application(world)),
    { method: "POST", template: "/users/@me/channels", auth: "bot", handle: openDm },
    get("/guilds/{guild_id}", (context) => guildPayload(theGuild(context))),
    get("/guilds/{guild_id}/channels", (context) => {
      const { world } = context;
      return [...theGuild(context).channels]
        .flatMap((id) => world.channels.get(id) ?? [])
        .filter((c) => c.parent === undefined && !c.deleted)
        .map((c) => channelPayload(world, c));
    }),
    get("/guilds/{guild_id}/roles", (context) =>
      [...theGuild(context).roles.values()].map(rolePayload),
    ),
    get("/guilds/{guild_id}/members/{user_id}", (context) => {
      const member = theGuild(context).members.get(context.param("user_id"));
      if (member === undefined) throw new ApiError(10007);
      return memberPayload(member);
    }),
    get("/guilds/{guild_id}/threads/active", (context) => {
      const { world } = context;
      const threads = [...theGuild(context).channels]
        .flatMap((id) => world.channels.get(id) ?? [])
        .filter((c) => c.parent !== undefined && !c.deleted && !c.archived)
        .map((c) => channelPayload(world, c));
      return { threads, members: [], has_more: false };
    }),
    get("/channels/{channel_id}", (context) => {
      const channel = context.channel();
      demand(context.world, channel, 0n);
      return channelPayload(context.world, channel);
    }),
    {
      method: "POST",
      template: "/channels/{channel_id}/threads",
      auth: "bot",
      handle: (context) => startThread(context, context.channel()),
    },
    {
      method: "POST",
      template: "/channels/{channel_id}/messages/{message_id}/threads",
      auth: "bot",
      handle: (context) => {
        const channel = context.channel();
        const message = theMessage(context, channel);
        if (context.world.channels.has(message.id)) throw new ApiError(160004);
        return startThread(context, channel, message.id);
      },
    },
    ...(["PUT", "DELETE"] as const).map(
      (method): Route => ({
        method,
        template: "/channels/{channel_id}/thread-members/@me",
        auth: "bot",
        handle: (context) => {
          if (context.channel().parent === undefined) throw new ApiError(10003);
          return noContent;
        },
      }),
    ),
  ];
}

function theGuild(context: RouteContext): GuildRecord {
  const guild = context.world.guilds.get(context.param("guild_id"));
  if (guild === undefined) throw new ApiError(10004);
  if (guild.left) throw new ApiError(50001, { expected: true });
  return guild;
}

function application(world: World): JsonObject {
  const flags = world.contentAllowed ? 1 << 19 : 0;
  const owner = userPayload({
    id: "1190000000000000001",
    username: "owner",
    global_name: "Owner",
    bot: false,
  });
  return {
    id: world.applicationId,
    name: "Colloquy",
    icon: null,
    description: "",
    type: null,
    bot: userPayload(world.bot),
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: "0".repeat(64),
    flags,
    flags_new: String(flags),
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner,
    approximate_guild_count: world.guilds.size,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: ["applications.commands", "bot"],
    integration_types_config: { "0": {} },
  };
}

function openDm(context: RouteContext): Answer {
  const user = context.world.users.get(textOf(context.body.recipient_id) ?? "");
  if (user === undefined) throw new ApiError(10013);
  return ok(channelPayload(context.world, context.world.dmWith(user)));
}

function startThread(context: RouteContext, channel: ChannelRecord, id?: string): Answer {
  const { world, body } = context;
  if (channel.guild === undefined || channel.parent !== undefined) throw new ApiError(10003);
  const hidden = id === undefined && numberOf(body.type) === CHANNEL_TYPES.private_thread;
  demand(
    world,
    channel,
    hidden ? PERMISSIONS.create_private_threads : PERMISSIONS.create_public_threads,
  );
  const name = textOf(body.name) ?? "";
  const length = lengthOf(name);
  if (length < 1 || length > 100) throw invalidForm([badLength(["name"], 1, 100)]);
  const thread = world.addChannel({
    id: id ?? world.ids.next(),
    type: hidden ? CHANNEL_TYPES.private_thread : CHANNEL_TYPES.public_thread,
    name,
    guild: channel.guild,
    parent: channel,
    owner_id: world.bot.id,
  });
  announceChannel(world, thread, "THREAD_CREATE");
  return { status: 201, body: channelPayload(world, thread) };
}
