import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { INTENTS } from "./constants.ts";
import { identifyRefusal, readyPayload, Session, sendMembers } from "./gateway-session.ts";
import { isObject, type JsonObject, numberOf, objectOf, textOf } from "./json.ts";
import { guildCreatePayload } from "./payloads.ts";
import type { GatewayEvent, World } from "./world.ts";

const KEPT_LOST = 2;
const SENDS_PER_MINUTE = 120;

export interface Identify {
  at: number;
  intents: number;
  /** The close code with which it was refused, if it was. */
  refused?: number;
}

/**
 * Gateway v10 over WebSocket: HELLO, IDENTIFY, READY, heartbeats, RESUME with replay, and dispatch
 * filtered by the session's intents. Several sessions may live at once, as on Discord. The methods
 * below the constructor are the faults that tests provoke.
 */
export class FakeGateway {
  readonly identifies: Identify[] = [];
  readonly resumes: { at: number; accepted: boolean }[] = [];
  heartbeats = 0;
  readonly #world: World;
  readonly #server: WebSocketServer;
  readonly #sessions = new Map<string, Session>();
  #acks = true;
  #refusing = false;
  #count = 0;

  constructor(world: World, http: Server) {
    this.#world = world;
    this.#server = new WebSocketServer({ noServer: true, maxPayload: 4096 * 4 });
    http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (this.#refusing) {
        socket.destroy();
        return;
      }
      this.#server.handleUpgrade(request, socket, head, (ws) => this.#open(ws, request));
    });
    world.dispatch = (event) => this.#dispatch(event);
  }

  /** Sessions with an open connection that have identified. */
  get connected(): number {
    return [...this.#sessions.values()].filter((s) => s.socket !== undefined).length;
  }

  /** Closes every connection with this code (1006: with none); those after which Discord takes no RESUME end the session too. */
  close(code: number): void {
    if (code === 1006) {
      this.dropConnection();
      return;
    }
    const ending = [1000, 1001, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014].includes(code);
    for (const session of [...this.#sessions.values()]) {
      if (ending) this.#sessions.delete(session.id);
      session.socket?.close(code);
    }
  }

  /** Opcode 9. Not resumable: the sessions are forgotten and the client must identify anew. */
  invalidSession(resumable: boolean): void {
    for (const session of [...this.#sessions.values()]) {
      if (!resumable) this.#sessions.delete(session.id);
      send(session.socket, { op: 9, d: resumable });
    }
  }

  /** Opcode 7: Discord asks the client to come back with RESUME. */
  askToReconnect(): void {
    for (const session of this.#sessions.values()) send(session.socket, { op: 7, d: null });
  }

  /** Cuts the line with no close frame: the client sees 1006. */
  dropConnection(): void {
    for (const session of this.#sessions.values()) session.socket?.terminate();
  }

  stopHeartbeatAcks(): void {
    this.#acks = false;
  }

  resumeHeartbeatAcks(): void {
    this.#acks = true;
  }

  /** While refusing, connections are cut before they open. */
  refuseConnections(refuse: boolean): void {
    this.#refusing = refuse;
  }

  /** Forgets the sessions without a word, so that the next RESUME is refused. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  stop(): void {
    this.#world.dispatch = () => {};
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #open(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? "/", "ws://fake").searchParams;
    if (query.get("v") !== "10" || query.get("encoding") !== "json") {
      this.#world.violate(`gateway: expected v=10 and encoding=json, got ${request.url}`);
      socket.close(4012);
      return;
    }
    let session: Session | undefined;
    let sends: number[] = [];
    socket.on("error", () => {});
    socket.on("close", (code) => {
      if (session === undefined || session.socket !== socket) return;
      session.socket = undefined;
      if (code === 1000 || code === 1001) this.#sessions.delete(session.id);
      this.#world.changed();
    });
    socket.on("message", (data) => {
      const now = performance.now();
      sends = [...sends.filter((at) => now - at < 60_000), now];
      if (sends.length > SENDS_PER_MINUTE) {
        this.#world.violate(`gateway: more than ${SENDS_PER_MINUTE} sends in a minute`);
        socket.close(4008);
        return;
      }
      const payload = parse(String(data));
      if (payload === undefined) {
        this.#world.violate("gateway: a payload that is no JSON object");
        socket.close(4002);
        return;
      }
      const known = session;
      switch (payload.op) {
        case 1:
          this.heartbeats += 1;
          if (this.#acks) send(socket, { op: 11 });
          return;
        case 2:
          if (known !== undefined) socket.close(4005);
          else session = this.#identify(socket, objectOf(payload.d));
          return;
        case 6:
          session = this.#resume(socket, objectOf(payload.d));
          return;
        case 3:
        case 4:
          if (known === undefined) socket.close(4003);
          return;
        case 8:
          if (known === undefined) socket.close(4003);
          else sendMembers(this.#world, known, objectOf(payload.d));
          return;
        default:
          this.#world.violate(`gateway: unknown opcode ${String(payload.op)}`);
          socket.close(4001);
      }
    });
    send(socket, {
      op: 10,
      d: { heartbeat_interval: this.#world.options.heartbeatIntervalMs ?? 41_250 },
    });
  }

  #identify(socket: WebSocket, d: JsonObject): Session | undefined {
    const intents = numberOf(d.intents) ?? 0;
    const refused = identifyRefusal(this.#world, d, intents);
    this.identifies.push({
      at: this.#world.now(),
      intents,
      ...(refused === undefined ? {} : { refused }),
    });
    if (refused !== undefined) {
      socket.close(refused);
      this.#world.changed();
      return undefined;
    }
    this.#count += 1;
    const id = `session${String(this.#count).padStart(4, "0")}`.padEnd(32, "0");
    const session = new Session(id, intents, socket);
    const lost = [...this.#sessions.values()].filter((s) => s.socket === undefined);
    for (const old of lost.slice(0, -KEPT_LOST)) this.#sessions.delete(old.id);
    this.#sessions.set(session.id, session);
    const world = this.#world;
    const guilds = [...world.guilds.values()].filter((g) => !g.left);
    session.push("READY", JSON.stringify(readyPayload(world, guilds, session.id, d.shard)));
    if ((intents & INTENTS.guilds) !== 0) {
      const withMembers = (intents & INTENTS.guild_members) !== 0;
      for (const guild of guilds) {
        if (!guild.unavailable) {
          const d = guildCreatePayload(world, guild, withMembers);
          session.push("GUILD_CREATE", JSON.stringify(d));
        }
      }
    }
    world.changed();
    return session;
  }

  #resume(socket: WebSocket, d: JsonObject): Session | undefined {
    const session = this.#sessions.get(textOf(d.session_id) ?? "");
    const from = numberOf(d.seq) ?? -1;
    const replay = session?.since(from);
    if (textOf(d.token) !== this.#world.token) {
      socket.close(4004);
      return undefined;
    }
    this.resumes.push({ at: this.#world.now(), accepted: replay !== undefined });
    if (session === undefined || replay === undefined) {
      send(socket, { op: 9, d: false });
      return undefined;
    }
    session.socket?.terminate();
    session.socket = socket;
    for (const text of replay) socket.send(text);
    session.push("RESUMED", '{"_trace":[]}');
    this.#world.changed();
    return session;
  }

  #dispatch(event: GatewayEvent): void {
    let full: string | undefined;
    let redacted: string | undefined;
    for (const session of this.#sessions.values()) {
      if (event.intents !== 0 && (session.intents & event.intents) === 0) continue;
      const blank =
        event.redacted !== undefined && (session.intents & INTENTS.message_content) === 0;
      if (blank) redacted ??= JSON.stringify(event.redacted?.());
      else full ??= JSON.stringify(event.d);
      session.push(event.t, (blank ? redacted : full) ?? "null");
    }
  }
}

function send(socket: WebSocket | undefined, payload: JsonObject): void {
  if (socket?.readyState === 1) socket.send(JSON.stringify(payload));
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
