import { ApiError, type FieldFault, invalidForm } from "./api-error.ts";
import { choiceFaults } from "./component-rules.ts";
import { CALLBACK, MESSAGE_FLAGS } from "./constants.ts";
import { type InteractionRecord, type Interactions, mayAnswer } from "./interactions.ts";
import { isObject, type JsonObject, listOf, numberOf, objectOf } from "./json.ts";
import { messagePayload } from "./message-payloads.ts";
import { applyEdit, forNewMessage, readMessageBody } from "./message-rules.ts";
import { announceEdit, postMessage, removeMessage } from "./messages.ts";
import { modalFaults } from "./modal-rules.ts";
import type { FakeMessage } from "./records.ts";
import { type Answer, noContent, ok, type Route, type RouteContext } from "./route.ts";
import type { World } from "./world.ts";

/** The first answer to an interaction, and everything that its token allows afterwards. */
export function interactionRoutes(interactions: Interactions): readonly Route[] {
  return [
    {
      method: "POST",
      template: "/interactions/{interaction_id}/{interaction_token}/callback",
      auth: "token",
      handle: (context) => callback(context, interactions),
    },
  ];
}

function callback(context: RouteContext, interactions: Interactions): Answer {
  const { world, body } = context;
  const record = interactions.get(
    context.param("interaction_id"),
    context.param("interaction_token"),
  );
  if (record === undefined) throw new ApiError(10062);
  if (record.callback !== undefined) throw new ApiError(40060);
  const tookMs = performance.now() - record.startedAt;
  if (record.failed || tookMs > interactions.ackWithinMs) {
    throw new ApiError(10062, { expected: record.failed });
  }
  const type = numberOf(body.type) ?? 0;
  if (!mayAnswer(record, type)) {
    throw invalidForm([
      {
        path: ["type"],
        code: "INTERACTION_APPLICATION_COMMAND_INVALID_RESPONSE_TYPE",
        message: `Callback type ${type} cannot answer ${record.label}`,
      },
    ]);
  }
  const data = objectOf(body.data);
  const answered = perform(context, record, type, data);
  record.callback = type;
  record.acknowledgedAfterMs = tookMs;
  world.changed();
  if (context.query.get("with_response") !== "true") return noContent;
  return ok({
    interaction: {
      id: record.id,
      type: record.type,
      response_message_ephemeral: record.ephemeral,
      response_message_loading: type === CALLBACK.deferred_reply,
      ...(answered === undefined ? {} : { response_message_id: answered.id }),
    },
    ...(answered === undefined
      ? {}
      : { resource: { type, message: messagePayload(world, answered) } }),
  });
}

function perform(
  context: RouteContext,
  record: InteractionRecord,
  type: number,
  data: JsonObject,
): FakeMessage | undefined {
  const { world } = context;
  switch (type) {
    case CALLBACK.reply: {
      const ephemeral = ((numberOf(data.flags) ?? 0) & MESSAGE_FLAGS.ephemeral) !== 0;
      const fields = readMessageBody(context, data, { channel: record.channel, ephemeral });
      record.ephemeral = ephemeral;
      record.original = answer(world, record, forNewMessage(fields));
      return record.original;
    }
    case CALLBACK.deferred_reply: {
      const flags = numberOf(data.flags) ?? 0;
      if ((flags & ~MESSAGE_FLAGS.ephemeral) !== 0) {
        context.violate(`only EPHEMERAL may be set when deferring, got flags ${flags}`);
      }
      record.ephemeral = (flags & MESSAGE_FLAGS.ephemeral) !== 0;
      record.original = answer(world, record, {
        content: "",
        flags: MESSAGE_FLAGS.loading | (flags & MESSAGE_FLAGS.ephemeral),
      });
      return record.original;
    }
    case CALLBACK.deferred_update:
    case CALLBACK.update: {
      const { source } = record;
      if (source === undefined) throw new ApiError(50035);
      record.original = source;
      record.ephemeral = (source.flags & MESSAGE_FLAGS.ephemeral) !== 0;
      if (type === CALLBACK.update) {
        const options = { channel: record.channel, editing: source };
        applyEdit(source, readMessageBody(context, data, options));
        announceEdit(world, record.channel, source);
      }
      return source;
    }
    case CALLBACK.autocomplete:
      record.choices = readChoices(data);
      return undefined;
    default:
      record.modal = readModal(data);
      return undefined;
  }
}

function answer(
  world: World,
  record: InteractionRecord,
  fields: { content: string; flags: number },
): FakeMessage {
  const name = record.commandName ?? record.source?.id;
  return postMessage(world, {
    ...fields,
    channel: record.channel,
    author: { id: world.bot.id, name: world.bot.username, bot: true },
    fromBot: true,
    applicationId: world.applicationId,
    type: record.commandName === undefined ? 0 : 20,
    interaction: {
      id: record.id,
      type: record.type,
      user: record.user,
      ...(name === undefined ? {} : { name }),
    },
  });
}

function readChoices(data: JsonObject): JsonObject[] {
  const choices = listOf(data.choices);
  const faults: FieldFault[] = choiceFaults(choices, ["data", "choices"]);
  if (faults.length > 0) throw invalidForm(faults);
  return choices.filter(isObject);
}

function readModal(data: JsonObject): JsonObject {
  const faults = modalFaults(data);
  if (faults.length > 0) throw invalidForm(faults);
  return data;
}

/** `POST /webhooks/<application>/<token>`: a follow-up, which also fills a deferred answer. */
export function followUp(context: RouteContext, record: InteractionRecord): Answer {
  const { world, body } = context;
  if (record.callback === undefined) throw new ApiError(10015);
  for (const key of ["username", "avatar_url"]) {
    if (body[key] !== undefined) context.violate(`a follow-up cannot set ${key}`);
  }
  const { original } = record;
  if (original !== undefined && (original.flags & MESSAGE_FLAGS.loading) !== 0) {
    return ok(messagePayload(world, editAnswer(context, record, original)));
  }
  const ephemeral = ((numberOf(body.flags) ?? 0) & MESSAGE_FLAGS.ephemeral) !== 0;
  const fields = readMessageBody(context, body, { channel: record.channel, ephemeral });
  const message = answer(world, record, forNewMessage(fields));
  record.followups.push(message);
  world.changed();
  return ok(messagePayload(world, message));
}

/** The message that an interaction's token may touch under this id; 10008 if there is none. */
export function answerMessage(
  context: RouteContext,
  record: InteractionRecord,
  id: string,
): FakeMessage {
  if (record.callback === undefined) throw new ApiError(10015);
  const found =
    id === "@original"
      ? record.original
      : [record.original, ...record.followups].find((m) => m?.id === id);
  if (found === undefined) throw new ApiError(10008);
  const byTest = found.deleted && context.world.channels.get(found.channelId) !== undefined;
  if (found.deleted) throw new ApiError(10008, { expected: byTest });
  return found;
}

/** Edits an answer; the first edit ends the "is thinking" of a deferred one. */
export function editAnswer(
  context: RouteContext,
  record: InteractionRecord,
  message: FakeMessage,
): FakeMessage {
  const { body } = context;
  const options = {
    channel: record.channel,
    editing: message,
    ephemeral: (message.flags & MESSAGE_FLAGS.ephemeral) !== 0,
  };
  const fields = readMessageBody(context, body, options);
  message.flags &= ~MESSAGE_FLAGS.loading;
  applyEdit(message, fields);
  announceEdit(context.world, record.channel, message);
  return message;
}

export function deleteAnswer(
  context: RouteContext,
  record: InteractionRecord,
  message: FakeMessage,
): Answer {
  removeMessage(context.world, record.channel, message);
  return noContent;
}
