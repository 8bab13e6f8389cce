import { ApiError, invalidForm } from "./api-error.ts";
import { tooLong } from "./component-rules.ts";
import { CHANNEL_TYPES, PERMISSIONS } from "./constants.ts";
import { checkEdit } from "./edit-rules.ts";
import { isOlder } from "./ids.ts";
import { isObject, type JsonObject, textOf } from "./json.ts";
import { messagePayload, redact } from "./message-payloads.ts";
import { applyEdit, forNewMessage, neededFor, readMessageBody } from "./message-rules.ts";
import { announceEdit, postMessage, removeMessage, seesContent } from "./messages.ts";
import { channelPermissions, demand, sendBit } from "./permissions.ts";
import type { ChannelRecord, FakeMessage } from "./records.ts";
import { type Answer, noContent, ok, type Route, type RouteContext } from "./route.ts";
import type { World } from "./world.ts";

const NONCE_KEPT_MS = 5 * 60_000;

/** Messages of a channel: history, send, edit, delete, reactions, typing. */
export const messageRoutes: readonly Route[] = [
  { method: "GET", template: "/channels/{channel_id}/messages", auth: "bot", handle: history },
  { method: "POST", template: "/channels/{channel_id}/messages", auth: "bot", handle: create },
  {
    method: "GET",
    template: "/channels/{channel_id}/messages/{message_id}",
    auth: "bot",
    handle: (context) => {
      const channel = context.channel();
      demand(context.world, channel, PERMISSIONS.read_message_history);
      return ok(visible(context.world, channel, theMessage(context, channel)));
    },
  },
  {
    method: "PATCH",
    template: "/channels/{channel_id}/messages/{message_id}",
    auth: "bot",
    handle: edit,
  },
  {
    method: "DELETE",
    template: "/channels/{channel_id}/messages/{message_id}",
    auth: "bot",
    handle: (context) => {
      const channel = context.channel();
      const message = theMessage(context, channel);
      const own = message.author.id === context.world.bot.id;
      demand(context.world, channel, own ? 0n : PERMISSIONS.manage_messages);
      removeMessage(context.world, channel, message);
      return noContent;
    },
  },
  {
    method: "PUT",
    template: "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me",
    auth: "bot",
    handle: (context) => {
      const channel = context.channel();
      demand(context.world, channel, PERMISSIONS.add_reactions | PERMISSIONS.read_message_history);
      theMessage(context, channel).reactions.push(context.param("emoji_name"));
      context.world.changed();
      return noContent;
    },
  },
  {
    method: "DELETE",
    template: "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me",
    auth: "bot",
    handle: (context) => {
      const message = theMessage(context, context.channel());
      message.reactions = message.reactions.filter((r) => r !== context.param("emoji_name"));
      return noContent;
    },
  },
  {
    method: "POST",
    template: "/channels/{channel_id}/typing",
    auth: "bot",
    handle: (context) => {
      const channel = context.channel();
      demand(context.world, channel, sendBit(channel));
      context.world.typing.push({ channelId: channel.id, at: context.world.now() });
      return noContent;
    },
  },
];

/** The live message named in the path; 10008, expected if the test had deleted it. */
export function theMessage(
  context: RouteContext,
  channel: ChannelRecord,
  id = context.param("message_id"),
): FakeMessage {
  const message = context.world.message(channel, id);
  if (message === undefined) throw new ApiError(10008, { expected: channel.by_id.has(id) });
  return message;
}

function visible(world: World, channel: ChannelRecord, message: FakeMessage): JsonObject {
  const payload = messagePayload(world, message);
  return world.contentAllowed || seesContent(world, channel, message) ? payload : redact(payload);
}

function history(context: RouteContext): Answer {
  const { world, query } = context;
  const channel = context.channel();
  demand(world, channel, 0n);
  const bits = channelPermissions(channel, world.bot.id);
  if ((bits & PERMISSIONS.read_message_history) === 0n) return ok([]);
  const limit = Number(query.get("limit") ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalidForm([
      {
        path: ["limit"],
        code: "NUMBER_TYPE_MAX",
        message: "int value should be between 1 and 100.",
      },
    ]);
  }
  const { messages } = channel;
  const found = page(messages, limit, query);
  return ok(found.reverse().map((m) => visible(world, channel, m)));
}

/** A page, oldest first. `after` counts from the older end, everything else from the newer. */
function page(
  messages: readonly FakeMessage[],
  limit: number,
  query: URLSearchParams,
): FakeMessage[] {
  const after = query.get("after");
  const before = query.get("before");
  const around = query.get("around");
  if (after !== null) {
    return messages.filter((m) => isOlder(after, m.id)).slice(0, limit);
  }
  if (before !== null) return messages.filter((m) => isOlder(m.id, before)).slice(-limit);
  if (around !== null) {
    const at = messages.findIndex((m) => !isOlder(m.id, around));
    const from = Math.max(0, (at < 0 ? messages.length : at) - Math.floor(limit / 2));
    return messages.slice(from, from + limit);
  }
  return messages.slice(-limit);
}

function create(context: RouteContext): Answer {
  const { world, body } = context;
  const channel = context.channel();
  demand(world, channel, sendBit(channel) | neededFor(context, body));
  if (channel.closed) throw new ApiError(50007, { expected: true });
  if (channel.locked) throw new ApiError(50083, { expected: true });
  const known = knownNonce(context, channel);
  if (known !== undefined) return ok(messagePayload(world, known));
  const replyTo = repliedMessage(context, channel);
  const fields = readMessageBody(context, body, { channel });
  const nonce = body.nonce;
  const message = postMessage(world, {
    ...forNewMessage(fields),
    channel,
    author: { id: world.bot.id, name: world.bot.username, bot: true },
    fromBot: true,
    ...(typeof nonce === "string" || typeof nonce === "number" ? { nonce } : {}),
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  return ok(messagePayload(world, message));
}

function knownNonce(context: RouteContext, channel: ChannelRecord): FakeMessage | undefined {
  const { body, world } = context;
  const { nonce } = body;
  if (typeof nonce === "string" && nonce.length > 25) throw invalidForm([tooLong(["nonce"], 25)]);
  if (body.enforce_nonce !== true) return undefined;
  if (nonce === undefined || nonce === null || nonce === "") {
    throw invalidForm([
      { path: ["nonce"], code: "BASE_TYPE_REQUIRED", message: "This field is required" },
    ]);
  }
  if (typeof nonce !== "string" && typeof nonce !== "number") return undefined;
  const known = channel.nonces.get(nonce);
  if (known === undefined || known.deleted) return undefined;
  return world.now() - known.createdAt < NONCE_KEPT_MS ? known : undefined;
}

function repliedMessage(context: RouteContext, channel: ChannelRecord): FakeMessage | undefined {
  const reference = context.body.message_reference;
  if (!isObject(reference)) return undefined;
  const found = context.world.message(channel, textOf(reference.message_id) ?? "");
  if (channel.type !== CHANNEL_TYPES.dm) {
    const bits = channelPermissions(channel, context.world.bot.id);
    if ((bits & PERMISSIONS.read_message_history) === 0n) {
      throw new ApiError(160002, { expected: channel.restricted });
    }
  }
  if (found === undefined && reference.fail_if_not_exists !== false) {
    throw invalidForm([
      {
        path: ["message_reference"],
        code: "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
        message: "Unknown message",
      },
    ]);
  }
  return found;
}

function edit(context: RouteContext): Answer {
  const { world, body } = context;
  const channel = context.channel();
  const message = theMessage(context, channel);
  demand(world, channel, neededFor(context, body));
  if (message.author.id !== world.bot.id) throw new ApiError(50005);
  if (channel.locked) throw new ApiError(50083, { expected: true });
  checkEdit(context, message, body);
  applyEdit(message, readMessageBody(context, body, { channel, editing: message }));
  announceEdit(world, channel, message);
  return ok(messagePayload(world, message));
}
