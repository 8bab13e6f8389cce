import { ApiError, type FieldFault, invalidForm } from "./api-error.ts";
import { badLength, componentFaults, embedFaults, numbered, tooLong } from "./component-rules.ts";
import { MAX_FILE_BYTES, MESSAGE_FLAGS, PERMISSIONS } from "./constants.ts";
import { isObject, type JsonObject, lengthOf, listOf, numberOf, objectOf, textOf } from "./json.ts";
import type { ChannelRecord, FakeAttachment, FakeMessage } from "./records.ts";
import type { RouteContext } from "./route.ts";

const MAX_CONTENT = 2000;
const SETTABLE_FLAGS =
  MESSAGE_FLAGS.suppress_embeds |
  MESSAGE_FLAGS.ephemeral |
  MESSAGE_FLAGS.suppress_notifications |
  MESSAGE_FLAGS.components_v2;

/** What a valid body asks for. On edits, `undefined` means: leave as it is. */
export interface MessageFields {
  content: string | undefined;
  embeds: JsonObject[] | undefined;
  components: JsonObject[] | undefined;
  flags: number | undefined;
  attachments: FakeAttachment[] | undefined;
  allowedMentions: unknown;
}

export interface MessageBodyOptions {
  channel: ChannelRecord;
  /** The message being edited. */
  editing?: FakeMessage;
  ephemeral?: boolean;
}

/**
 * Reads the body of a send or an edit by Discord's rules, and by this project's own: nothing pings.
 * Throws 50035 with every fault at once, 50006 for an empty message, 40005 for a file too large.
 */
export function readMessageBody(
  context: RouteContext,
  body: JsonObject,
  options: MessageBodyOptions,
): MessageFields {
  checkMentions(context, body);
  const faults: FieldFault[] = [];
  const content = readContent(body, faults);
  const embeds = readList(body.embeds);
  const components = readList(body.components);
  const flags = numberOf(body.flags);
  const v2 = ((flags ?? options.editing?.flags ?? 0) & MESSAGE_FLAGS.components_v2) !== 0;
  if (embeds !== undefined) faults.push(...embedFaults(embeds));
  if (components !== undefined) faults.push(...componentFaults(components, v2));
  if (v2 && ((content ?? "") !== "" || (embeds ?? []).length > 0)) {
    faults.push({
      path: [(content ?? "") === "" ? "embeds" : "content"],
      code: "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      message:
        "The 'content' and 'embeds' fields cannot be used with MessageFlags.IS_COMPONENTS_V2",
    });
  }
  if (flags !== undefined && (flags & ~SETTABLE_FLAGS) !== 0) {
    context.violate(`sets flags that a bot cannot set: ${flags}`);
  }
  if (context.files.length > 10) faults.push(badLength(["files"], 0, 10));
  if (isObject(body.poll)) context.violate("polls are not part of the fake");
  if (faults.length > 0) throw invalidForm(faults);
  const fields: MessageFields = {
    content: content?.trim(),
    embeds: embeds?.map(storedEmbed),
    components: components === undefined ? undefined : numbered(components),
    flags,
    attachments: readAttachments(context, body, options),
    allowedMentions: body.allowed_mentions,
  };
  if (isEmpty(fields, options.editing, v2)) throw new ApiError(50006);
  return fields;
}

/** Decision of this project: every text that can ping says `parse: []` and names nobody. */
function checkMentions(context: RouteContext, body: JsonObject): void {
  const given = body.allowed_mentions;
  if (!isObject(given)) {
    context.violate("allowed_mentions is missing: the text would ping by default");
    return;
  }
  if (!Array.isArray(given.parse) || given.parse.length > 0) {
    context.violate(`allowed_mentions.parse must be [], got ${JSON.stringify(given.parse)}`);
  }
  if (listOf(given.users).length > 0 || listOf(given.roles).length > 0) {
    context.violate("allowed_mentions lets people or roles be pinged");
  }
  if (given.replied_user === true) context.violate("allowed_mentions pings the replied user");
}

function readContent(body: JsonObject, faults: FieldFault[]): string | undefined {
  const { content } = body;
  if (content === undefined) return undefined;
  if (content === null) return "";
  if (typeof content !== "string") {
    faults.push({
      path: ["content"],
      code: "STRING_TYPE_CONVERT",
      message: `Could not interpret "${String(content)}" as string.`,
    });
    return undefined;
  }
  if (lengthOf(content) > MAX_CONTENT) faults.push(tooLong(["content"], MAX_CONTENT));
  return content;
}

function readList(value: unknown): unknown[] | undefined {
  return value === undefined ? undefined : listOf(value);
}

function readAttachments(
  context: RouteContext,
  body: JsonObject,
  options: MessageBodyOptions,
): FakeAttachment[] | undefined {
  const { world, files } = context;
  const listed = body.attachments === undefined ? undefined : listOf(body.attachments);
  const kept = options.editing?.attachments.filter(
    (old) => listed === undefined || listed.some((entry) => isObject(entry) && entry.id === old.id),
  );
  if (files.some((file) => file.bytes.length > MAX_FILE_BYTES)) throw new ApiError(40005);
  const fresh = files.map((file): FakeAttachment => {
    const entry = objectOf(listed?.find((e) => isObject(e) && String(e.id) === String(file.index)));
    const description = textOf(entry.description);
    const attachment: FakeAttachment = {
      id: world.ids.next(),
      name: cleanName(textOf(entry.filename) ?? file.name),
      bytes: file.bytes,
      contentType: file.contentType,
      ephemeral: options.ephemeral ?? false,
      channelId: options.channel.id,
      ...(description === undefined ? {} : { description }),
    };
    world.attachments.set(attachment.id, attachment);
    return attachment;
  });
  if (options.editing !== undefined && listed === undefined && files.length === 0) return undefined;
  return [...(kept ?? []), ...fresh];
}

/** Discord keeps letters, digits, dot, dash and underscore of a file's name. */
function cleanName(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^\.+/, "");
  return clean === "" ? "unknown" : clean;
}

function isEmpty(fields: MessageFields, old: FakeMessage | undefined, v2: boolean): boolean {
  const content = fields.content ?? old?.content ?? "";
  const embeds = fields.embeds ?? old?.embeds ?? [];
  const attachments = fields.attachments ?? old?.attachments ?? [];
  const components = fields.components ?? old?.components ?? [];
  if (content !== "" || embeds.length > 0 || attachments.length > 0) return false;
  return !(v2 && components.length > 0);
}

/** The permissions that this body needs beyond writing at all. */
export function neededFor(context: RouteContext, body: JsonObject): bigint {
  let bits = 0n;
  if (context.files.length > 0) bits |= PERMISSIONS.attach_files;
  if (listOf(body.embeds).length > 0) bits |= PERMISSIONS.embed_links;
  return bits;
}

function storedEmbed(raw: unknown): JsonObject {
  const embed = objectOf(raw);
  const fields = listOf(embed.fields).map((field) => ({ inline: false, ...objectOf(field) }));
  return { type: "rich", ...embed, ...(fields.length === 0 ? {} : { fields }) };
}

/** Applies a valid edit to the message in place. */
export function applyEdit(message: FakeMessage, fields: MessageFields): void {
  if (fields.content !== undefined) {
    message.content = fields.content;
    message.edits.push(fields.content);
  }
  if (fields.embeds !== undefined) message.embeds = fields.embeds;
  if (fields.components !== undefined) message.components = fields.components;
  if (fields.attachments !== undefined) message.attachments = fields.attachments;
  if (fields.flags !== undefined) {
    const kept = message.flags & (MESSAGE_FLAGS.ephemeral | MESSAGE_FLAGS.components_v2);
    message.flags = fields.flags | kept;
  }
  message.allowedMentions = fields.allowedMentions;
}

/** Fields of a new message from a valid body. */
export function forNewMessage(fields: MessageFields): {
  content: string;
  embeds: JsonObject[];
  components: JsonObject[];
  flags: number;
  attachments: FakeAttachment[];
  allowedMentions: unknown;
} {
  return {
    content: fields.content ?? "",
    embeds: fields.embeds ?? [],
    components: fields.components ?? [],
    flags: fields.flags ?? 0,
    attachments: fields.attachments ?? [],
    allowedMentions: fields.allowedMentions,
  };
}
