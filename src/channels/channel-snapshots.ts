/**
 * Named snapshots of a channel: `/save` keeps the record's cursors under a name, `/load` brings
 * the working state back as new rows behind what came since. Logs are append-only, so what a
 * snapshot points to stays readable for ever.
 */
import type { Row } from "../memgpt/agent.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { rewind } from "../memgpt/rewind.ts";
import { ColloquyError, StoreError } from "../shared/errors.ts";
import type { ChannelRecord, Replacement } from "./channel-record.ts";
import type { AgentCursor, ChannelSettings, ChannelState } from "./channel-state.ts";
import { agentOwner, LINES_IN_VIEW } from "./channel-table.ts";

/** What `/save` keeps: cursors, as in the state record. */
export interface ChannelSnapshot {
  version: typeof VERSION;
  saved_at: number;
  settings: ChannelSettings;
  view_from: number;
  log_length: number;
  agents: Record<string, AgentCursor>;
}

const VERSION = 1;
const MOST_SNAPSHOTS = 50;
/** Kept by themselves before something of a kind. */
const MOST_OF_A_KIND = 5;
const LONGEST_NAME = 60;

export class ChannelSnapshots {
  readonly #store: StateStore;
  readonly #stem: string;

  constructor(store: StateStore, placeId: string) {
    this.#store = store;
    this.#stem = `channel/${placeId}/snapshot`;
  }

  /** In the order in which they were first saved. */
  async names(): Promise<readonly string[]> {
    return (await this.#store.get<string[]>(this.#stem)) ?? [];
  }

  /** Whether `save` would take the name. */
  async hasRoomFor(name: string): Promise<boolean> {
    const names = await this.names();
    return names.includes(name) || names.length < MOST_SNAPSHOTS;
  }

  /**
   * Keeps the committed state under the name, and returns it as kept; an earlier one of that name is
   * replaced.
   */
  async save(name: string, state: ChannelState, now: number): Promise<string> {
    const checked = checkedName(name);
    const names = await this.names();
    const known = names.includes(checked);
    if (!known && names.length >= MOST_SNAPSHOTS) {
      throw full();
    }
    await this.#put(checked, known ? names : [...names, checked], state, now);
    return checked;
  }

  /**
   * Keeps the committed state as what it was before something happened, and returns the name. The
   * oldest goes when there are many of that kind, or no other room.
   */
  async saveBefore(what: string, state: ChannelState, now: number): Promise<string> {
    const stem = `before ${what} `;
    const time = new Date(now).toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
    const name = checkedName(stem + time);
    const names = (await this.names()).filter((one) => one !== name);
    const kind = names.filter((one) => one.startsWith(stem));
    const isFull = kind.length >= MOST_OF_A_KIND || names.length >= MOST_SNAPSHOTS;
    const oldest = isFull ? kind[0] : undefined;
    const left = names.filter((one) => one !== oldest);
    if (left.length >= MOST_SNAPSHOTS) throw full();
    await this.#put(name, [...left, name], state, now);
    if (oldest !== undefined) await this.#store.delete([this.#key(oldest)]);
    return name;
  }

  /** Throws a `ColloquyError` when nothing is saved under the name. */
  async find(name: string): Promise<ChannelSnapshot> {
    const checked = checkedName(name);
    const snapshot = await this.#store.get<ChannelSnapshot>(this.#key(checked));
    if (!snapshot) {
      const names = await this.names();
      throw new ColloquyError("snapshot_unknown", `Nothing is saved here as "${checked}"`, {
        next: names.length > 0 ? `There is: ${names.join(", ")}.` : "Make one with `/save`.",
      });
    }
    if (snapshot.version === VERSION) return snapshot;
    throw new StoreError("store_corrupt", `The snapshot "${checked}" cannot be read`, {
      why: `Its format has version ${String(snapshot.version)}, and this program knows version ${VERSION}.`,
      next: "Use the program version that saved it. Nothing was changed.",
    });
  }

  /**
   * What the record has to take to be as it was; to be read while nothing runs. Agents that were
   * not at the table then keep what they have.
   */
  async restored(snapshot: ChannelSnapshot, record: ChannelRecord): Promise<Replacement> {
    const { state, transcript } = record;
    const from = Math.max(snapshot.view_from, snapshot.log_length - LINES_IN_VIEW);
    const lines = await transcript.read(from, snapshot.log_length);
    const view_from = transcript.length;
    const rows: Row[] = [];
    const agents: Record<string, AgentCursor> = { ...state.agents };
    for (const [agent, saved] of Object.entries(snapshot.agents)) {
      const current = Object.hasOwn(agents, agent) ? agents[agent] : undefined;
      if (!current) continue;
      const heard = view_from + Math.max(0, saved.heard - from);
      const owner = agentOwner(state.place, agent);
      const back = await rewind(this.#store, owner, saved.snapshot, current.snapshot);
      rows.push(...back.rows);
      agents[agent] = { snapshot: back.snapshot, heard };
    }
    return { lines, rows, settings: snapshot.settings, view_from, agents, run: null, ended: null };
  }

  #put(
    name: string,
    names: readonly string[],
    { settings, view_from, log_length, agents }: ChannelState,
    saved_at: number,
  ): Promise<void> {
    const shape = { settings, view_from, log_length, agents };
    const snapshot: ChannelSnapshot = { version: VERSION, saved_at, ...shape };
    return this.#store.setMany([
      [this.#key(name), snapshot],
      [this.#stem, names],
    ]);
  }

  #key(name: string): string {
    return `${this.#stem}/${name}`;
  }
}

function full(): ColloquyError {
  return new ColloquyError("snapshots_full", `There are ${MOST_SNAPSHOTS} snapshots already`, {
    next: "Save under one of the names there are; `/load` offers them.",
  });
}

function checkedName(name: string): string {
  const trimmed = name.trim().normalize("NFC");
  const length = [...trimmed].length;
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(trimmed) && length <= LONGEST_NAME) return trimmed;
  throw new ColloquyError("snapshot_name", "This cannot be a snapshot's name", {
    why: `A name begins with a letter or digit and takes letters, digits, spaces, dots, hyphens and underscores, at most ${LONGEST_NAME}.`,
    next: "Choose another name.",
  });
}
