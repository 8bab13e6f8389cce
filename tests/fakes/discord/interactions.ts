import { CALLBACK, INTERACTION } from "./constants.ts";
import type { JsonObject } from "./json.ts";
import type { ChannelRecord, FakeMessage, UserRecord } from "./records.ts";
import type { World } from "./world.ts";

/** One thing a person did that asks the bot for an answer. */
export interface InteractionRecord {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  readonly channel: ChannelRecord;
  readonly user: UserRecord;
  /** What people would call it: `/attach`, `button "Attach"`. For error lines. */
  readonly label: string;
  readonly commandName?: string;
  /** The message that carries the component. */
  readonly source?: FakeMessage;
  readonly startedAt: number;
  /** How often the carrying message had been edited before. */
  readonly editsBefore: number;
  /** The callback type with which it was acknowledged. */
  callback?: number;
  acknowledgedAfterMs?: number;
  ephemeral: boolean;
  /** What `@original` stands for. */
  original?: FakeMessage;
  followups: FakeMessage[];
  choices?: JsonObject[];
  modal?: JsonObject;
  /** No acknowledgement came in time: people saw "The application did not respond". */
  failed: boolean;
  expired: boolean;
}

/** Keeps the interactions and their clocks: 3 s to acknowledge, 15 min until the token is void. */
export class Interactions {
  readonly #world: World;
  readonly #byId = new Map<string, InteractionRecord>();
  readonly #byToken = new Map<string, InteractionRecord>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** True while a client is there to hear; without one nobody can be blamed for silence. */
  readonly #heard: () => boolean;

  constructor(world: World, heard: () => boolean) {
    this.#world = world;
    this.#heard = heard;
  }

  start(
    fields: Pick<InteractionRecord, "type" | "channel" | "user" | "label"> &
      Partial<Pick<InteractionRecord, "commandName" | "source">>,
  ): InteractionRecord {
    const id = this.#world.ids.next();
    const record: InteractionRecord = {
      ...fields,
      id,
      token: `aW50ZXJhY3Rpb24${id}`.padEnd(100, "Zz09"),
      startedAt: performance.now(),
      editsBefore: fields.source?.edits.length ?? 0,
      ephemeral: false,
      followups: [],
      failed: false,
      expired: false,
    };
    this.#byId.set(id, record);
    this.#byToken.set(record.token, record);
    const heardAtStart = this.#heard();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (record.callback !== undefined) return;
      record.failed = true;
      if (heardAtStart && this.#heard()) {
        this.#world.violate(`${record.label}: not acknowledged within ${this.ackWithinMs} ms`);
      }
      this.#world.changed();
    }, this.ackWithinMs);
    this.#timers.add(timer);
    return record;
  }

  get ackWithinMs(): number {
    return this.#world.options.ackWithinMs ?? 3000;
  }

  get(id: string, token: string): InteractionRecord | undefined {
    const record = this.#byId.get(id);
    return record?.token === token ? record : undefined;
  }

  /** The interaction whose token this is, as long as the token is good. */
  withToken(token: string): InteractionRecord | undefined {
    const record = this.#byToken.get(token);
    if (record === undefined) return undefined;
    const ttl = this.#world.options.interactionTtlMs ?? 15 * 60_000;
    if (performance.now() - record.startedAt > ttl) record.expired = true;
    return record;
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Which callbacks may answer which interaction. */
export function mayAnswer(record: InteractionRecord, callback: number): boolean {
  const { reply, deferred_reply, deferred_update, update, autocomplete, modal } = CALLBACK;
  switch (record.type) {
    case INTERACTION.command:
      return [reply, deferred_reply, modal].some((c) => c === callback);
    case INTERACTION.autocomplete:
      return callback === autocomplete;
    case INTERACTION.component:
      return [reply, deferred_reply, deferred_update, update, modal].some((c) => c === callback);
    default: {
      const always = callback === reply || callback === deferred_reply;
      const onMessage = callback === update || callback === deferred_update;
      return always || (onMessage && record.source !== undefined);
    }
  }
}
