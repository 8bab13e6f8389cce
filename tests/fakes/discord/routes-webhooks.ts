import { ApiError, type FieldFault, invalidForm } from "./api-error.ts";
import { badLength } from "./component-rules.ts";
import { INTENTS, MESSAGE_FLAGS, PERMISSIONS } from "./constants.ts";
import { checkEdit } from "./edit-rules.ts";
import type { InteractionRecord, Interactions } from "./interactions.ts";
import { type JsonObject, lengthOf, numberOf, textOf } from "./json.ts";
import { messagePayload, webhookPayload } from "./message-payloads.ts";
import { applyEdit, forNewMessage, readMessageBody } from "./message-rules.ts";
import { announceEdit, postMessage, removeMessage } from "./messages.ts";
import { demand } from "./permissions.ts";
import type { ChannelRecord, WebhookRecord } from "./records.ts";
import { type Answer, noContent, ok, type Route, type RouteContext } from "./route.ts";
import { answerMessage, deleteAnswer, editAnswer, followUp } from "./routes-interactions.ts";
import { theMessage } from "./routes-messages.ts";

const MAX_PER_CHANNEL = 15;

/** Webhooks of channels, posting through them, and the same routes under an interaction's token. */
export function webhookRoutes(interactions: Interactions): readonly Route[] {
  const on =
    (
      forHook: (context: RouteContext, webhook: WebhookRecord) => Answer,
      forInteraction: (context: RouteContext, record: InteractionRecord) => Answer,
    ) =>
    (context: RouteContext): Answer => {
      const record = ofInteraction(context, interactions);
      return record === undefined
        ? forHook(context, withToken(context))
        : forInteraction(context, record);
    };
  const byToken = "/webhooks/{webhook_id}/{webhook_token}";
  const refused = (): Answer => {
    throw new ApiError(10015);
  };
  const message = {
    GET: on(
      (context, webhook) => {
        const channel = target(context, webhook);
        return ok(messagePayload(context.world, ownPost(context, webhook, channel)));
      },
      (context, record) =>
        ok(messagePayload(context.world, answerMessage(context, record, messageId(context)))),
    ),
    PATCH: on(editPost, (context, record) => {
      const found = answerMessage(context, record, messageId(context));
      return ok(messagePayload(context.world, editAnswer(context, record, found)));
    }),
    DELETE: on(
      (context, webhook) => {
        const channel = target(context, webhook);
        removeMessage(context.world, channel, ownPost(context, webhook, channel));
        return noContent;
      },
      (context, record) =>
        deleteAnswer(context, record, answerMessage(context, record, messageId(context))),
    ),
  };
  return [
    { method: "GET", template: "/channels/{channel_id}/webhooks", auth: "bot", handle: list },
    { method: "POST", template: "/channels/{channel_id}/webhooks", auth: "bot", handle: create },
    {
      method: "GET",
      template: "/webhooks/{webhook_id}",
      auth: "bot",
      handle: (context) => ok(shown(context, byId(context))),
    },
    {
      method: "PATCH",
      template: "/webhooks/{webhook_id}",
      auth: "bot",
      handle: (context) => rename(context, byId(context)),
    },
    {
      method: "DELETE",
      template: "/webhooks/{webhook_id}",
      auth: "bot",
      handle: (context) => drop(context, byId(context)),
    },
    {
      method: "GET",
      template: byToken,
      auth: "token",
      handle: on((context, webhook) => ok(shown(context, webhook)), refused),
    },
    { method: "PATCH", template: byToken, auth: "token", handle: on(rename, refused) },
    { method: "DELETE", template: byToken, auth: "token", handle: on(drop, refused) },
    { method: "POST", template: byToken, auth: "token", handle: on(execute, followUp) },
    ...(["GET", "PATCH", "DELETE"] as const).flatMap((method): Route[] => [
      { method, template: `${byToken}/messages/@original`, auth: "token", handle: message[method] },
      {
        method,
        template: `${byToken}/messages/{message_id}`,
        auth: "token",
        handle: message[method],
      },
    ]),
  ];
}

function messageId(context: RouteContext): string {
  const id = context.param("message_id");
  return id === "" ? "@original" : id;
}

function ofInteraction(
  context: RouteContext,
  interactions: Interactions,
): InteractionRecord | undefined {
  if (context.param("webhook_id") !== context.world.applicationId) return undefined;
  const record = interactions.withToken(context.param("webhook_token"));
  if (record === undefined) throw new ApiError(10015);
  if (record.expired) throw new ApiError(50027);
  return record;
}

function existing(context: RouteContext): WebhookRecord {
  const webhook = context.world.webhooks.get(context.param("webhook_id"));
  if (webhook === undefined) throw new ApiError(10015);
  const expected = webhook.deleted_by === "test" || webhook.channel.deleted;
  if (webhook.deleted_by !== undefined || expected) throw new ApiError(10015, { expected });
  return webhook;
}

function withToken(context: RouteContext): WebhookRecord {
  const webhook = existing(context);
  if (webhook.token !== context.param("webhook_token")) throw new ApiError(50027);
  return webhook;
}

function byId(context: RouteContext): WebhookRecord {
  const webhook = existing(context);
  demand(context.world, webhook.channel, PERMISSIONS.manage_webhooks);
  return webhook;
}

/** The token of another application's webhook is not shown. */
function shown(context: RouteContext, webhook: WebhookRecord): JsonObject {
  const { applicationId } = context.world;
  const ours = webhook.application_id === null || webhook.application_id === applicationId;
  return webhookPayload(webhook, ours);
}

function list(context: RouteContext): Answer {
  const channel = context.channel();
  demand(context.world, channel, PERMISSIONS.manage_webhooks);
  if (channel.parent !== undefined) throw new ApiError(10003);
  return ok(context.world.webhooksOf(channel).map((w) => shown(context, w)));
}

function create(context: RouteContext): Answer {
  const { world, body } = context;
  const channel = context.channel();
  if (channel.guild === undefined || channel.parent !== undefined) throw new ApiError(10003);
  demand(world, channel, PERMISSIONS.manage_webhooks);
  const faults = nameFaults(textOf(body.name) ?? "", "name");
  faults.push(...avatarFaults(body.avatar));
  if (faults.length > 0) throw invalidForm(faults);
  const present = world.webhooksOf(channel);
  if (present.length >= MAX_PER_CHANNEL) {
    const foreign = present.some((w) => w.application_id !== world.applicationId);
    throw new ApiError(30007, { expected: foreign });
  }
  const webhook = world.addWebhook(
    channel,
    (textOf(body.name) ?? "").trim(),
    textOf(body.avatar) ?? null,
    world.applicationId,
    world.bot,
  );
  announce(context, channel);
  return ok(shown(context, webhook));
}

function rename(context: RouteContext, webhook: WebhookRecord): Answer {
  const { body } = context;
  const name = textOf(body.name);
  const faults = name === undefined ? [] : nameFaults(name, "name");
  faults.push(...avatarFaults(body.avatar));
  if (faults.length > 0) throw invalidForm(faults);
  if (name !== undefined) webhook.name = name.trim();
  if (body.avatar !== undefined) webhook.avatar = textOf(body.avatar) ?? null;
  announce(context, webhook.channel);
  return ok(shown(context, webhook));
}

function drop(context: RouteContext, webhook: WebhookRecord): Answer {
  webhook.deleted_by = "bot";
  announce(context, webhook.channel);
  return noContent;
}

function announce(context: RouteContext, channel: ChannelRecord): void {
  context.world.dispatch({
    t: "WEBHOOKS_UPDATE",
    intents: INTENTS.guild_webhooks,
    d: { guild_id: channel.guild?.id, channel_id: channel.id },
  });
}

/** The channel a post goes to: the webhook's own, or the thread of it that `thread_id` names. */
function target(context: RouteContext, webhook: WebhookRecord): ChannelRecord {
  const id = context.query.get("thread_id");
  if (id === null) return webhook.channel;
  const thread = context.channel(id);
  if (thread.parent !== webhook.channel) throw new ApiError(10003);
  return thread;
}

function execute(context: RouteContext, webhook: WebhookRecord): Answer {
  const { world, body } = context;
  const channel = target(context, webhook);
  if (channel.locked) throw new ApiError(50083, { expected: true });
  const name = textOf(body.username);
  const faults = name === undefined ? [] : nameFaults(name, "username");
  const avatarUrl = textOf(body.avatar_url);
  if (avatarUrl !== undefined && !/^https?:\/\/\S+$/.test(avatarUrl)) {
    faults.push({
      path: ["avatar_url"],
      code: "URL_TYPE_INVALID_URL",
      message: "Not a well formed URL.",
    });
  }
  if (faults.length > 0) throw invalidForm(faults);
  if (((numberOf(body.flags) ?? 0) & MESSAGE_FLAGS.ephemeral) !== 0) {
    context.violate("a webhook cannot post an ephemeral message");
  }
  for (const key of ["nonce", "enforce_nonce"]) {
    if (body[key] !== undefined && body[key] !== false) {
      context.violate(`Execute Webhook has no ${key}: Discord ignores it`);
    }
  }
  const fields = readMessageBody(context, body, { channel });
  const message = postMessage(world, {
    ...forNewMessage(fields),
    channel,
    author: {
      id: webhook.id,
      name: name?.trim() ?? webhook.name,
      bot: true,
      webhookId: webhook.id,
      ...(avatarUrl === undefined ? {} : { avatarUrl }),
    },
    fromBot: true,
    ...(webhook.application_id === null ? {} : { applicationId: webhook.application_id }),
  });
  return context.query.get("wait") === "true" ? ok(messagePayload(world, message)) : noContent;
}

function ownPost(context: RouteContext, webhook: WebhookRecord, channel: ChannelRecord) {
  const message = theMessage(context, channel, messageId(context));
  if (message.author.webhookId !== webhook.id) throw new ApiError(10008);
  return message;
}

function editPost(context: RouteContext, webhook: WebhookRecord): Answer {
  const { world, body } = context;
  const channel = target(context, webhook);
  const message = ownPost(context, webhook, channel);
  if (channel.locked) throw new ApiError(50083, { expected: true });
  checkEdit(context, message, body);
  applyEdit(message, readMessageBody(context, body, { channel, editing: message }));
  announceEdit(world, channel, message);
  return ok(messagePayload(world, message));
}

function nameFaults(name: string, field: string): FieldFault[] {
  const trimmed = name.trim();
  const length = lengthOf(trimmed);
  if (length < 1 || length > 80) return [badLength([field], 1, 80)];
  const forbidden = ["clyde", "discord", "```"].find((w) => trimmed.toLowerCase().includes(w));
  if (forbidden !== undefined) {
    return [
      {
        path: [field],
        code: "USERNAME_INVALID_CONTAINS",
        message: `Username cannot contain "${forbidden}"`,
      },
    ];
  }
  if (!["everyone", "here"].includes(trimmed.toLowerCase())) return [];
  return [
    {
      path: [field],
      code: "USERNAME_INVALID_NAME",
      message: `Username cannot be "${trimmed}"`,
    },
  ];
}

function avatarFaults(avatar: unknown): FieldFault[] {
  if (avatar === undefined || avatar === null) return [];
  if (
    typeof avatar === "string" &&
    /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/.test(avatar)
  ) {
    return [];
  }
  return [{ path: ["avatar"], code: "BASE_TYPE_INVALID_IMAGE", message: "Invalid image data" }];
}
