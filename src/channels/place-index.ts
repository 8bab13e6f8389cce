/**
 * The places that have a groupchat, so that a restart can find the turns it must resume: stores
 * are read by key only, never walked.
 */
import { AppendLog } from "../memgpt/append-log.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { type ChannelState, stateKey } from "./channel-state.ts";
import type { KnownPlace } from "./host.ts";
import type { Place } from "./ports.ts";
import { TurnLock } from "./turn-lock.ts";

const RECORD = "places";
const PAGE = 500;

export class PlaceIndex {
  readonly #store: StateStore;
  readonly #writes = new TurnLock();
  #log: AppendLog<Place> | undefined;
  readonly #known = new Set<string>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Notes a place once; durable when it resolves. */
  async add(place: Place): Promise<void> {
    await this.#writes.run(async () => {
      const log = await this.#opened();
      if (this.#known.has(place.id)) return;
      log.append(place);
      const rows = log.pendingRows();
      try {
        await this.#store.setMany([...rows, [RECORD, { version: 1, length: log.length }]]);
      } catch (error) {
        this.#log = undefined;
        throw error;
      }
      log.flushed(rows.length);
      this.#known.add(place.id);
    });
  }

  /** Places with a run or lines that a crash left unanswered. */
  async unfinished(): Promise<Place[]> {
    const found: Place[] = [];
    for await (const state of this.#states()) {
      if (state.run || state.inbox.length > 0) found.push(state.place);
    }
    return found;
  }

  /** All places of which something is stored, with the newest message id that is. */
  async known(): Promise<KnownPlace[]> {
    const found: KnownPlace[] = [];
    for await (const { place, last_message_id } of this.#states()) {
      found.push({ place, newest_message_id: last_message_id });
    }
    return found;
  }

  async *#states(): AsyncGenerator<ChannelState> {
    const log = await this.#writes.run(() => this.#opened());
    for (let from = 0; from < log.length; from += PAGE) {
      const places = await log.read(from, from + PAGE);
      const states = await this.#store.getMany<ChannelState>(places.map((p) => stateKey(p.id)));
      for (const state of states) if (state) yield state;
    }
  }

  /** What is stored of the places of a scope, in the order they came. */
  async inScope(scope: string): Promise<ChannelState[]> {
    const log = await this.#writes.run(() => this.#opened());
    const found: ChannelState[] = [];
    for (let from = 0; from < log.length; from += PAGE) {
      const places = (await log.read(from, from + PAGE)).filter((place) => place.scope === scope);
      if (places.length === 0) continue;
      const states = await this.#store.getMany<ChannelState>(places.map((p) => stateKey(p.id)));
      found.push(...states.filter((state) => state !== undefined));
    }
    return found;
  }

  async #opened(): Promise<AppendLog<Place>> {
    if (this.#log) return this.#log;
    const record = await this.#store.get<{ length: number }>(RECORD);
    const log = new AppendLog<Place>(this.#store, "place", record?.length ?? 0);
    this.#known.clear();
    for (const place of await log.read(0, log.length)) this.#known.add(place.id);
    this.#log = log;
    return log;
  }
}
