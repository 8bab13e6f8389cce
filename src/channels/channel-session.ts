/**
 * One channel's groupchat: takes the people's lines, answers them in runs, one at a time, and
 * does what commands ask. Lines that come before an answer has begun are answered by one run; a
 * line that comes in mid-run is heard by the next speaker. Stopping bypasses the queue.
 */

import type { DataSources } from "../documents/data-sources.ts";
import type { MemgptAgent } from "../memgpt/agent.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError, explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { aliasFor } from "./aliases.ts";
import { ChannelDocuments } from "./channel-documents.ts";
import { ChannelRecord } from "./channel-record.ts";
import { ChannelRun } from "./channel-run.ts";
import { ChannelSnapshots } from "./channel-snapshots.ts";
import { type ChannelSettings, type InboxLine, isNewerId } from "./channel-state.ts";
import { type AgentInfo, ChannelTable, type TableRuntime } from "./channel-table.ts";
import type { IncomingMessage, Place, Surface } from "./ports.ts";
import { endOfRunText } from "./run-end.ts";
import { TurnLock } from "./turn-lock.ts";

export type { AgentInfo } from "./channel-table.ts";

export interface SessionRuntime {
  store: StateStore;
  sources: DataSources;
  table: TableRuntime;
  clock: Clock;
  logger: Logger;
  /** Settings of a channel that has none yet. */
  defaults(place: Place): ChannelSettings;
}

export interface SessionStatus extends ChannelSettings {
  running: boolean;
  round: number;
  max_round: number;
  speaker: string | undefined;
  order: readonly string[];
  lines: number;
}

/** Restarts that may find the same run unfinished before it is given up as poisonous. */
const MOST_RESTARTS = 3;
const MOST_INBOX_LINES = 100;

export class ChannelSession {
  readonly place: Place;
  readonly documents: ChannelDocuments;
  readonly #runtime: SessionRuntime;
  readonly #record: ChannelRecord;
  readonly #table: ChannelTable;
  readonly #surface: Surface;
  readonly #logger: Logger;
  readonly #snapshots: ChannelSnapshots;
  readonly #steps = new TurnLock();
  readonly #closing = new AbortSource();
  #run: ChannelRun | undefined;
  #pumping: Promise<void> | undefined;

  private constructor(
    runtime: SessionRuntime,
    record: ChannelRecord,
    table: ChannelTable,
    surface: Surface,
  ) {
    this.#runtime = runtime;
    this.#record = record;
    this.#table = table;
    this.#surface = surface;
    this.place = record.state.place;
    this.#logger = runtime.logger.child({ channel: this.place.id });
    this.documents = new ChannelDocuments({
      sources: runtime.sources,
      record,
      table,
      steps: this.#steps,
      logger: this.#logger,
    });
    this.#snapshots = new ChannelSnapshots(runtime.store, this.place.id);
  }

  static async open(
    runtime: SessionRuntime,
    place: Place,
    surface: Surface,
  ): Promise<ChannelSession> {
    const record = await ChannelRecord.open(runtime.store, place, runtime.defaults(place));
    const table = await ChannelTable.open(runtime.table, record);
    return new ChannelSession(runtime, record, table, surface);
  }

  /** The session is done with: the next use opens a new one from what is stored. */
  get outdated(): boolean {
    return this.#record.outdated;
  }

  get newestMessageId(): string {
    return this.#record.state.last_message_id;
  }

  /** Takes up the run or the lines that a crash left unanswered. */
  async resume(): Promise<void> {
    await this.#pump();
  }

  /**
   * A line that somebody wrote; resolves when the run that answers it has ended. Rejects only if
   * the line could not be stored; the session is `outdated` then.
   */
  async receive(message: IncomingMessage): Promise<void> {
    const { state } = this.#record;
    if (!isNewerId(message.id, state.last_message_id)) return;
    const text = message.text.trim();
    if (text.toUpperCase() === "STOP" && this.#run) {
      await this.stop();
      return;
    }
    if (!state.settings.active && !message.addressed) return;
    const taken = text !== "" && state.inbox.length < MOST_INBOX_LINES;
    // Before anything is waited for: lines keep their order, and none is taken twice.
    if (taken) this.#accept(message, text);
    else this.#record.update({ last_message_id: message.id });
    const offers = this.#offerFiles(message);
    if (taken && this.#run) await this.#record.commit();
    if (text !== "" && !taken) {
      await this.#tell(
        "More lines are waiting here than can be answered. Wait for the answer, or write STOP.",
      );
    }
    await Promise.all([offers, this.#pump()]);
  }

  /** Ends the run in flight and drops the lines that wait behind it. False if nothing ran. */
  async stop(): Promise<boolean> {
    const run = this.#run;
    if (!run) return false;
    this.#record.update({ inbox: [] });
    run.stop(new ColloquyError("stopped", "The run was stopped"));
    await this.#pumping;
    return true;
  }

  /** Ends the run in flight without a word, to be resumed at the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new ColloquyError("closing", "The bot is shutting down"));
    this.#run?.stop(this.#closing.signal.reason);
    await this.#pumping;
  }

  status(): SessionStatus {
    const run = this.#run?.status;
    return {
      ...this.#record.state.settings,
      running: run !== undefined,
      round: run?.round ?? 0,
      speaker: run?.speaker,
      max_round: this.#table.maxRound,
      order: this.#table.agents().map((agent) => agent.name),
      lines: this.#record.transcript.length,
    };
  }

  agents(): readonly AgentInfo[] {
    return this.#table.agents();
  }

  async changeSettings(patch: Partial<ChannelSettings>): Promise<void> {
    this.#record.update({ settings: { ...this.#record.state.settings, ...patch } });
    await this.#record.commit();
  }

  /** Begins a new talk: earlier lines leave the agents' sight. Memory and sources stay. */
  async reset(): Promise<void> {
    await this.stop();
    await this.#steps.run(async () => {
      this.#table.clearTalk();
      this.#record.update({ view_from: this.#record.transcript.length });
      await this.#record.commit(this.#table.committedAgents);
    });
  }

  snapshotNames(): Promise<readonly string[]> {
    return this.#snapshots.names();
  }

  /** Keeps the working state under a name. Throws for a name that cannot be one. */
  async saveSnapshot(name: string): Promise<void> {
    await this.#steps.run(async () => {
      await this.#record.commit(this.#table.committedAgents);
      await this.#snapshots.save(name, this.#record.state, this.#runtime.clock.now());
    });
  }

  /** Ends the run in flight and brings a saved state back; the session is `outdated` then. */
  async loadSnapshot(name: string): Promise<void> {
    await this.stop();
    await this.#steps.run(async () => {
      await this.#record.commit(this.#table.committedAgents);
      const { state, rows } = await this.#snapshots.load(name, this.#record);
      await this.#record.replace(state, rows);
    });
  }

  /** The memories of a MemGPT agent, for looking; the first one's if no name is given. */
  memory(agentName?: string): Pick<MemgptAgent, "core" | "recall" | "archival"> {
    return this.#table.memgpt(agentName).memgpt;
  }

  async #offerFiles(message: IncomingMessage): Promise<void> {
    for (const file of message.files) {
      if (!/\.pdf$/i.test(file.name)) continue;
      const agent = this.#table.memgptAgents[0];
      if (!agent) return;
      await this.#surface
        .offerAttachment(
          message,
          file,
          `Attach **${file.name}** to ${agent.name}'s archival memory?`,
        )
        .catch((error: unknown) => this.#logger.warn("a file could not be offered", { error }));
    }
  }

  #accept(message: IncomingMessage, text: string): void {
    const { state } = this.#record;
    const alias = aliasFor(
      message.person,
      state.aliases,
      this.#table.agents().map((agent) => agent.name),
    );
    const line: InboxLine = {
      message_id: message.id,
      person: message.person,
      text,
      created_at: message.created_at,
    };
    this.#record.update({
      last_message_id: message.id,
      aliases: { ...state.aliases, [message.person.id]: alias },
      inbox: [...state.inbox, line],
    });
  }

  /** Answers until nothing waits. Joined by all who call it meanwhile. */
  #pump(): Promise<void> {
    this.#pumping ??= this.#answerAll().finally(() => {
      this.#pumping = undefined;
      this.#run = undefined;
    });
    return this.#pumping;
  }

  async #answerAll(): Promise<void> {
    while (this.#record.state.run || this.#record.state.inbox.length > 0) {
      if (this.#closing.signal.aborted) return;
      await this.#answerOnce();
    }
  }

  async #answerOnce(): Promise<void> {
    const run = new ChannelRun({
      record: this.#record,
      table: this.#table,
      surface: this.#surface,
      steps: this.#steps,
      clock: this.#runtime.clock,
    });
    this.#run = run;
    const logger = this.#logger;
    const { run: unfinished, inbox } = this.#record.state;
    if (unfinished && unfinished.restarts >= MOST_RESTARTS) {
      await this.#endRun(
        `An answer failed ${MOST_RESTARTS} times in a row and was given up. The line is kept; write it again to have it answered.`,
      );
      return;
    }
    try {
      const result = unfinished ? await run.resume() : await run.begin(inbox);
      if (this.#closing.signal.aborted) return;
      if (result.reason === "error") {
        logger.error("a run ended with an error", { error: result.error });
      }
      logger.info("a run ended", { reason: result.reason, rounds: result.rounds });
      await this.#endRun(endOfRunText(result));
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (this.outdated) throw error;
      logger.error("a run failed", { error });
      await this.#endRun(explainError(error));
    }
  }

  /** Closes the journal; what the agents heard and said so far is committed with it. */
  async #endRun(text: string | undefined): Promise<void> {
    this.#record.update({ run: null });
    await this.#record.commit(this.#table.committedAgents);
    if (text !== undefined) await this.#tell(text);
  }

  async #tell(text: string): Promise<void> {
    await this.#surface
      .notify(text)
      .catch((error: unknown) => this.#logger.warn("a notice could not be shown", { error }));
  }
}
