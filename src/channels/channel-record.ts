/**
 * The channel's durable side: its state record, the transcript and the commits that join them. A
 * commit writes the new rows and, last, the record whose cursors make them count; commits run one
 * after the other, so a record never points past what is stored.
 */
import { AppendLog } from "../memgpt/append-log.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { StoreError } from "../shared/errors.ts";
import { Aliases, type AliasRow } from "./aliases.ts";
import {
  type AgentCursor,
  aliasesKey,
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

/** A saved state to go back to; `lines` are put behind the transcript. */
export interface Replacement
  extends Pick<ChannelState, "settings" | "view_from" | "agents" | "run" | "ended"> {
  lines: readonly TranscriptLine[];
  /** To be stored before the record. */
  rows: readonly Row[];
}

export class ChannelRecord {
  readonly transcript: AppendLog<TranscriptLine>;
  /** Who the people here are to models. */
  readonly aliases: Aliases;
  readonly #store: StateStore;
  readonly #commits = new TurnLock();
  #state: ChannelState;
  #outdated = false;
  #further: () => readonly Row[] = () => [];
  #beforeFirst: (() => Promise<void>) | undefined;

  private constructor(store: StateStore, state: ChannelState, aliases: Aliases) {
    this.#store = store;
    this.#state = state;
    this.aliases = aliases;
    this.transcript = new AppendLog(store, transcriptPrefix(state.place.id), state.log_length);
  }

  /**
   * Reads the record, or begins one that is stored with its first commit. `beforeFirst` is awaited
   * before that: it may note that there is a record now.
   */
  static async open(
    store: StateStore,
    place: Place,
    defaults: ChannelSettings,
    beforeFirst?: () => Promise<void>,
  ): Promise<ChannelRecord> {
    const [saved, aliases] = (await store.getMany<unknown>([
      stateKey(place.id),
      aliasesKey(place.id),
    ])) as [ChannelState | undefined, AliasRow[] | undefined];
    const state = saved ? checkedState(saved, place.id) : newChannelState(place, defaults);
    const record = new ChannelRecord(store, { ...state, place }, new Aliases(aliases));
    if (!saved) record.#beforeFirst = beforeFirst;
    return record;
  }

  /** Rows of others that are to go along with every commit. */
  alongside(rows: () => readonly Row[]): void {
    this.#further = rows;
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

  /** Throws once the record is `outdated`, when a commit could only fail. */
  checkCurrent(): void {
    if (this.#outdated) throw openedAnew();
  }

  /** What is in memory is not to be stored: the place is to be opened anew from what is. */
  giveUp(): void {
    this.#outdated = true;
  }

  /**
   * Makes everything so far durable. Name the `agents` only between their steps: without them the
   * record keeps their last committed cursors, so that no half-made step is ever stored.
   */
  commit(agents: readonly CommittedAgent[] = []): Promise<void> {
    return this.#commits.run(async () => {
      this.checkCurrent();
      try {
        await this.#write(agents);
      } catch (error) {
        this.#outdated = true;
        throw error;
      }
    });
  }

  /** Stores another state in this one's place; what waits in the inbox stays. Outdated after it. */
  replace({ lines, rows, ...patch }: Replacement): Promise<void> {
    return this.#commits.run(async () => {
      this.checkCurrent();
      for (const line of lines) this.transcript.append(line);
      this.update(patch);
      try {
        await this.#write([], rows);
      } finally {
        this.#outdated = true;
      }
    });
  }

  async #write(agents: readonly CommittedAgent[], further: readonly Row[] = []): Promise<void> {
    const { id } = this.#state.place;
    await this.#beforeFirst?.();
    this.#beforeFirst = undefined;
    // All of it is taken in one go: what changes while it is being written is the next commit's.
    const lines = this.transcript.pendingRows();
    const aliases = this.aliases.pending();
    const agentRows = agents.map((agent) => agent.pendingRows());
    const alongside = this.#further();
    const cursors = agents.map((agent) => [agent.name, agent.cursor()] as const);
    const state: ChannelState = {
      ...this.#state,
      log_length: this.transcript.length,
      agents: { ...this.#state.agents, ...Object.fromEntries(cursors) },
    };
    await this.#store.setMany([
      ...lines,
      ...agentRows.flat(),
      ...further,
      ...alongside,
      ...(aliases ? [[aliasesKey(id), aliases.rows] as const] : []),
      [stateKey(id), state],
    ]);
    this.transcript.flushed(lines.length);
    if (aliases) this.aliases.stored(aliases.change);
    for (const [i, agent] of agents.entries()) agent.committed(agentRows[i] ?? []);
    this.#state = { ...this.#state, log_length: state.log_length, agents: state.agents };
  }
}

function openedAnew(): StoreError {
  return new StoreError(
    "store_unavailable",
    "What happened here could not be stored, so this channel's state is being read again",
    { next: "Try again in a moment." },
  );
}
