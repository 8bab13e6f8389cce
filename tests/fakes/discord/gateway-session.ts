import type { WebSocket } from "ws";
import { INTENTS, KNOWN_INTENTS } from "./constants.ts";
import { isObject, type JsonObject, textOf } from "./json.ts";
import { memberPayload, userPayload } from "./payloads.ts";
import type { GuildRecord } from "./records.ts";
import type { World } from "./world.ts";

const KEPT_FOR_RESUME = 2000;

/** What one IDENTIFY has opened: it outlives its connection and numbers its events. */
export class Session {
  readonly id: string;
  readonly intents: number;
  socket: WebSocket | undefined;
  #seq = 0;
  readonly #sent: string[] = [];

  constructor(id: string, intents: number, socket: WebSocket) {
    this.id = id;
    this.intents = intents;
    this.socket = socket;
  }

  /** Sends an event, whose data is JSON already, or keeps it for RESUME. */
  push(t: string, d: string): void {
    this.#seq += 1;
    const text = `{"op":0,"t":"${t}","s":${this.#seq},"d":${d}}`;
    this.#sent.push(text);
    if (this.#sent.length > 2 * KEPT_FOR_RESUME) this.#sent.splice(0, KEPT_FOR_RESUME);
    if (this.socket?.readyState === 1) this.socket.send(text);
  }

  /** The events after `seq`, or undefined where they are no longer all there. */
  since(seq: number): string[] | undefined {
    const missed = this.#seq - seq;
    if (missed < 0 || missed > this.#sent.length) return undefined;
    return missed === 0 ? [] : this.#sent.slice(-missed);
  }
}

export function readyPayload(
  world: World,
  guilds: readonly GuildRecord[],
  sessionId: string,
  shard: unknown,
): JsonObject {
  return {
    v: 10,
    user: { ...userPayload(world.bot), verified: true, mfa_enabled: true, email: null },
    guilds: guilds.map((g) => ({ id: g.id, unavailable: true })),
    session_id: sessionId,
    resume_gateway_url: `${world.origin.replace("http", "ws")}/gateway`,
    session_type: "normal",
    shard: shard ?? [0, 1],
    application: { id: world.applicationId, flags: world.contentAllowed ? 1 << 19 : 0 },
    private_channels: [],
    user_settings: {},
    relationships: [],
    _trace: [],
  };
}

/** The close code for an IDENTIFY that Discord would not take, or undefined. */
export function identifyRefusal(world: World, d: JsonObject, intents: number): number | undefined {
  if (textOf(d.token) !== world.token) return 4004;
  if (!isObject(d.properties)) {
    world.violate("gateway: IDENTIFY without properties");
    return 4002;
  }
  if ((intents & ~KNOWN_INTENTS) !== 0) {
    world.violate(`gateway: IDENTIFY with unknown intents ${intents}`);
    return 4013;
  }
  const allowed = world.options.intentsAllowed ?? {};
  let forbidden = 0;
  if (!(allowed.message_content ?? true)) forbidden |= INTENTS.message_content;
  if (!(allowed.guild_members ?? false)) forbidden |= INTENTS.guild_members;
  if (!(allowed.presences ?? false)) forbidden |= INTENTS.presences;
  return (intents & forbidden) === 0 ? undefined : 4014;
}

/** Opcode 8: some members, or all of them with the intent for it. */
export function sendMembers(world: World, session: Session, d: JsonObject): void {
  const guild = world.guilds.get(textOf(d.guild_id) ?? "");
  if (guild === undefined) return;
  const wanted = d.user_ids === undefined ? undefined : [d.user_ids].flat();
  if (wanted === undefined && (session.intents & INTENTS.guild_members) === 0) {
    world.violate("gateway: all members asked for without the guild-members intent");
    session.socket?.close(4014);
    return;
  }
  const members = [...guild.members.values()].filter(
    (m) => wanted === undefined || wanted.includes(m.user.id),
  );
  const chunk = {
    guild_id: guild.id,
    members: members.map(memberPayload),
    chunk_index: 0,
    chunk_count: 1,
    not_found: [],
    ...(d.nonce === undefined ? {} : { nonce: d.nonce }),
  };
  session.push("GUILD_MEMBERS_CHUNK", JSON.stringify(chunk));
}
