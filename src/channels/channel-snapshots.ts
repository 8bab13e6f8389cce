/**
 * Named snapshots of a channel: `/save` keeps the record's cursors under a name, `/load` brings
 * the working state back as new rows behind what came since. Logs are append-only, so what a
 * snapshot points to stays readable for ever.
 */
import type { MemgptSnapshot, Row } from "../memgpt/agent.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { rewind } from "../memgpt/rewind.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { ChannelRecord } from "./channel-record.ts";
import type { AgentCursor, ChannelSettings, ChannelState } from "./channel-state.ts";
import { agentOwner, LINES_IN_VIEW } from "./channel-table.ts";

interface ChannelSnapshot {
  version: 1;
  saved_at: number;
  settings: ChannelSettings;
  view_from: number;
  log_length: number;
  agents: Record<string, AgentCursor>;
}

const MOST_SNAPSHOTS = 50;
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

  /** Keeps the committed state under the name; an earlier one of that name is replaced. */
  async save(name: string, state: ChannelState, now: number): Promise<void> {
    const checked = checkedName(name);
    const names = await this.names();
    const known = names.includes(checked);
    if (!known && names.length >= MOST_SNAPSHOTS) {
      throw new ColloquyError("snapshots_full", `There are ${MOST_SNAPSHOTS} snapshots already`, {
        next: "Save under one of the names there are; `/load` lists them.",
      });
    }
    const { settings, view_from, log_length, agents } = state;
    const snapshot: ChannelSnapshot = {
      version: 1,
      saved_at: now,
      settings,
      view_from,
      log_length,
      agents,
    };
    await this.#store.setMany([
      [this.#key(checked), snapshot],
      [this.#stem, known ? names : [...names, checked]],
    ]);
  }

  /**
   * The state that the record has to take, and the rows that must be stored before it. Agents that
   * were not at the table then keep what they have.
   */
  async load(name: string, record: ChannelRecord): Promise<{ state: ChannelState; rows: Row[] }> {
    const snapshot = await this.#store.get<ChannelSnapshot>(this.#key(checkedName(name)));
    if (!snapshot) {
      const names = await this.names();
      throw new ColloquyError("snapshot_unknown", `Nothing is saved here as "${name}"`, {
        next: names.length > 0 ? `There is: ${names.join(", ")}.` : "Make one with `/save`.",
      });
    }
    const { state, transcript } = record;
    const from = Math.max(snapshot.view_from, snapshot.log_length - LINES_IN_VIEW);
    const lines = await transcript.read(from, snapshot.log_length);
    for (const line of lines) transcript.append(line);
    const view_from = state.log_length;
    const rows: Row[] = [];
    const agents: Record<string, AgentCursor> = { ...state.agents };
    for (const [agent, saved] of Object.entries(snapshot.agents)) {
      const current = Object.hasOwn(agents, agent) ? agents[agent] : undefined;
      if (!current) continue;
      const heard = view_from + Math.max(0, saved.heard - from);
      const back = await this.#rewound(state, agent, saved.snapshot, current.snapshot);
      rows.push(...back.rows);
      agents[agent] = { snapshot: back.snapshot, heard };
    }
    return { rows, state: { ...state, settings: snapshot.settings, view_from, agents } };
  }

  #rewound(
    { place }: ChannelState,
    agent: string,
    saved: MemgptSnapshot,
    current: MemgptSnapshot,
  ): ReturnType<typeof rewind> {
    return rewind(this.#store, agentOwner(place, agent), saved, current);
  }

  #key(name: string): string {
    return `${this.#stem}/${name}`;
  }
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(trimmed) && [...trimmed].length <= LONGEST_NAME) {
    return trimmed;
  }
  throw new ColloquyError("snapshot_name", `"${trimmed}" cannot be a snapshot's name`, {
    why: `It takes letters, digits, spaces, dots, hyphens and underscores, at most ${LONGEST_NAME}.`,
    next: "Choose another name.",
  });
}
