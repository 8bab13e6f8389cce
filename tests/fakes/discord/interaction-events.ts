import { MAX_FILE_BYTES } from "./constants.ts";
import type { InteractionRecord, Interactions } from "./interactions.ts";
import type { JsonObject } from "./json.ts";
import { interactionChannel, memberPayload, userPayload } from "./payloads.ts";
import { channelPermissions } from "./permissions.ts";
import type { World } from "./world.ts";

/** The parts of INTERACTION_CREATE that all kinds share. */
export function interactionPayload(
  world: World,
  record: InteractionRecord,
  data: JsonObject,
): JsonObject {
  const { channel, user } = record;
  const guild = channel.guild;
  const member = guild?.members.get(user.id);
  return {
    version: 1,
    id: record.id,
    application_id: world.applicationId,
    type: record.type,
    token: record.token,
    data,
    channel_id: channel.id,
    channel: interactionChannel(world, channel, user.id),
    locale: "en-US",
    entitlements: [],
    entitlement_sku_ids: [],
    app_permissions: channelPermissions(channel, world.bot.id).toString(),
    attachment_size_limit: MAX_FILE_BYTES,
    authorizing_integration_owners: { "0": guild?.id ?? "0" },
    context: guild === undefined ? 1 : 0,
    ...(guild === undefined
      ? { user: userPayload(user) }
      : {
          guild_id: guild.id,
          guild_locale: "en-US",
          guild: { id: guild.id, locale: "en-US", features: [] },
        }),
    ...(member === undefined
      ? {}
      : {
          member: {
            ...memberPayload(member),
            permissions: channelPermissions(channel, user.id).toString(),
          },
        }),
  };
}

/** Sends the interaction to the gateway. Interactions need no intent. */
export function dispatchInteraction(
  world: World,
  interactions: Interactions,
  start: Parameters<Interactions["start"]>[0],
  data: JsonObject,
  extra: JsonObject = {},
): InteractionRecord {
  const record = interactions.start(start);
  const d = { ...interactionPayload(world, record, data), ...extra };
  world.dispatch({ t: "INTERACTION_CREATE", intents: 0, d });
  return record;
}
