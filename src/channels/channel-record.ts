/**
 * The channel's durable side: its state record, the transcript and the commits that join them. A
 * commit writes the new rows and, last, the record whose cursors make them count; commits run one
 * after the other, so a record never points past what is stored.
 */
import { AppendLog } from "../memgpt/append-log.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { StoreError } from "../shared/errors.ts";
import {
  type AgentCursor,
  type ChannelSettings,
  type ChannelState,
  checkedState,
  newChannelState,
  stateKey,
  type TranscriptLine,
  transcriptPrefix,
} from "./channel-state.ts";
import type { Place } from "./ports.ts";
import { TurnLock } from "./turn-lock.ts";

type Row = readonly [key: string, value: unknown];

/** An agent whose memory is committed with the channel. */
export interface CommittedAgent {
  readonly name: string;
  cursor(): AgentCursor;
  pendingRows(): readonly Row[];
  committed(rows: readonly Row[]): void;
}

export class ChannelRecord {
  readonly transcript: AppendLog<TranscriptLine>;
  readonly #store: StateStore;
  readonly #commits = new TurnLock();
  #state: ChannelState;
  #outdated = false;

  private constructor(store: StateStore, state: ChannelState) {
    this.#store = store;
    this.#state = state;
    this.transcript = new AppendLog(store, transcriptPrefix(state.place.id), state.log_length);
  }

  /** Reads the record, or begins one that is stored with its first commit. */
  static async open(
    store: StateStore,
    place: Place,
    defaults: ChannelSettings,
  ): Promise<ChannelRecord> {
    const saved = await store.get<ChannelState>(stateKey(place.id));
    const state = saved ? checkedState(saved, place.id) : newChannelState(place, defaults);
    return new ChannelRecord(store, { ...state, place });
  }

  /** Replaced as a whole by `update`, never changed in place. */
  get state(): Readonly<ChannelState> {
    return this.#state;
  }

  /** Takes effect in memory at once, and on disk with the next commit. */
  update(patch: Partial<Omit<ChannelState, "version" | "place" | "log_length">>): void {
    this.#state = { ...this.#state, ...patch };
  }

  /**
   * What is in memory is not what is stored: a commit failed, or another state was put in. Nothing
   * more is written; the place is to be opened anew.
   */
  get outdated(): boolean {
    return this.#outdated;
  }

  /**
   * Makes everything so far durable. Name the `agents` only between their steps: without them the
   * record keeps their last committed cursors, so that no half-made step is ever stored.
   */
  commit(agents: readonly CommittedAgent[] = []): Promise<void> {
    return this.#commits.run(async () => {
      if (this.#outdated) throw openedAnew(this.#state.place.id);
      try {
        await this.#write(agents);
      } catch (error) {
        this.#outdated = true;
        throw error;
      }
    });
  }

  /** Stores another state, after `rows` and the transcript's new lines; this record is done with. */
  replace(state: ChannelState, rows: readonly Row[]): Promise<void> {
    return this.#commits.run(async () => {
      if (this.#outdated) throw openedAnew(state.place.id);
      this.#outdated = true;
      const next: ChannelState = { ...state, log_length: this.transcript.length };
      const lines = this.transcript.pendingRows();
      await this.#store.setMany([...lines, ...rows, [stateKey(state.place.id), next]]);
    });
  }

  async #write(agents: readonly CommittedAgent[]): Promise<void> {
    const lines = this.transcript.pendingRows();
    const agentRows = agents.map((agent) => agent.pendingRows());
    const cursors = agents.map((agent) => [agent.name, agent.cursor()] as const);
    const state: ChannelState = {
      ...this.#state,
      log_length: this.transcript.length,
      agents: { ...this.#state.agents, ...Object.fromEntries(cursors) },
    };
    await this.#store.setMany([...lines, ...agentRows.flat(), [stateKey(state.place.id), state]]);
    this.transcript.flushed(lines.length);
    for (const [i, agent] of agents.entries()) agent.committed(agentRows[i] ?? []);
    this.#state = { ...this.#state, log_length: state.log_length, agents: state.agents };
  }
}

function openedAnew(placeId: string): StoreError {
  return new StoreError(
    "store_unavailable",
    `The state of channel ${placeId} could not be stored and is being read again`,
    { next: "Try again in a moment." },
  );
}
