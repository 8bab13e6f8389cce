import { ApiError } from "./api-error.ts";
import type { JsonObject } from "./json.ts";
import type { FakeMessage } from "./records.ts";
import type { RouteContext } from "./route.ts";

/** Settled when a message is made; Discord passes over them in an edit. */
const SETTLED = ["nonce", "message_reference"];
const HOUR_MS = 3_600_000;
/** The number is not documented; the refusal is. */
const EDITS_WHEN_OLD = 10;
/** A decision of this project: more of them are a storm, whatever the buckets leave room for. */
const STORM = { edits: 5, ms: 4_000 };

const editTimes = new WeakMap<FakeMessage, number[]>();

/** What Discord and this project ask of an edit, beside the rules of every body. */
export function checkEdit(context: RouteContext, message: FakeMessage, body: JsonObject): void {
  for (const field of SETTLED) {
    if (body[field] !== undefined && body[field] !== false) {
      context.violate(`an edit has no ${field}: Discord ignores it`);
    }
  }
  const now = context.world.now();
  const times = editTimes.get(message) ?? [];
  editTimes.set(message, times);
  times.push(now);
  const old = times.filter((at) => at - message.createdAt > HOUR_MS);
  if (old.length > EDITS_WHEN_OLD) throw new ApiError(30046);
  const recent = times.filter((at) => now - at < STORM.ms);
  if (recent.length > STORM.edits) {
    context.violate(`${recent.length} edits of one message within ${STORM.ms} ms`);
  }
}
