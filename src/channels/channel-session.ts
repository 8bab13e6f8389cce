/**
 * One channel's groupchat: takes the people's lines, answers them in runs, one at a time, and
 * does what commands ask. Lines that come before an answer has begun are answered by one run; a
 * line that comes in mid-run is heard by the next speaker. Stopping bypasses the queue.
 */

import type { DataSource, DataSources, IngestProgress } from "../documents/data-sources.ts";
import type { StateStore } from "../memgpt/ports.ts";
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError, explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { aliasFor } from "./aliases.ts";
import { ChannelRecord } from "./channel-record.ts";
import { ChannelRun } from "./channel-run.ts";
import { type ChannelSettings, type InboxLine, isNewerId } from "./channel-state.ts";
import { type AgentInfo, ChannelTable, type TableRuntime } from "./channel-table.ts";
import type { IncomingFile, IncomingMessage, Place, Surface } from "./ports.ts";
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

export interface AttachedInfo {
  name: string;
  kind: string;
  agent: string;
  passages: number;
  description?: string;
}

export interface AttachReport {
  source: DataSource;
  agent: string;
  /** The agent's passages in all, this source's included. */
  total: number;
  /** The closing lines, in the words of MemGPT's own attach. */
  text: string;
}

/** Restarts that may find the same run unfinished before it is given up as poisonous. */
const MOST_RESTARTS = 3;
const MOST_INBOX_LINES = 100;

export class ChannelSession {
  readonly place: Place;
  readonly #runtime: SessionRuntime;
  readonly #record: ChannelRecord;
  readonly #table: ChannelTable;
  readonly #surface: Surface;
  readonly #logger: Logger;
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

  /** True once a commit failed: the session is done with, and a new one reads what is durable. */
  get broken(): boolean {
    return this.#record.broken;
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
   * the line could not be stored; the session is `broken` then.
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
    await this.#offerFiles(message);
    if (text === "") return;
    if (state.inbox.length >= MOST_INBOX_LINES) {
      await this.#tell(
        "More lines are waiting here than can be answered. Wait for the answer, or write STOP.",
      );
      return;
    }
    this.#accept(message, text);
    if (this.#run) await this.#record.commit();
    await this.#pump();
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

  /** Reads a file into the place's data sources and links it to a MemGPT agent. Safe to repeat. */
  async attach(
    file: IncomingFile,
    options: {
      agent?: string;
      signal?: AbortSignalLike;
      onProgress?: (progress: IngestProgress) => void;
    } = {},
  ): Promise<AttachReport> {
    const agent = this.#table.memgpt(options.agent);
    const { signal, onProgress } = options;
    const bytes = await file.read(signal);
    const { source } = await this.#runtime.sources.ingest(
      { scope: this.place.scope, place: this.place.id, file: { name: file.name, bytes } },
      { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) },
    );
    const total = await this.#steps.run(async () => {
      agent.memgpt.attachSource({
        id: source.id,
        name: source.name,
        owner: source.owner,
        kind: source.kind,
        passages: source.passages,
        ...(source.description ? { description: source.description } : {}),
      });
      await this.#record.commit(this.#table.committedAgents);
      return agent.memgpt.archival.count();
    });
    this.#logger.info("attached a data source", {
      source: source.id,
      agent: agent.name,
      passages: source.passages,
    });
    return { source, agent: agent.name, total, text: attachText(source, agent.name, total) };
  }

  attachedSources(): readonly AttachedInfo[] {
    return this.#table.memgptAgents.flatMap((agent) =>
      agent.memgpt.sources.map((source) => ({
        name: source.name,
        kind: source.kind,
        agent: agent.name,
        passages: source.passages,
        ...(source.description ? { description: source.description } : {}),
      })),
    );
  }

  async detach(name: string, agentName?: string): Promise<{ agent: string; total: number }> {
    const agent = this.#table.memgpt(agentName);
    const source = agent.memgpt.sources.find((one) => one.name === name);
    if (!source) {
      throw new ColloquyError(
        "source_unknown",
        `${agent.name} has no document "${name}" attached`,
        {
          next: "See `/sources list` for the names.",
        },
      );
    }
    return this.#steps.run(async () => {
      agent.memgpt.detachSource(source.id);
      await this.#record.commit(this.#table.committedAgents);
      return { agent: agent.name, total: await agent.memgpt.archival.count() };
    });
  }

  coreMemory(agentName?: string): readonly { label: string; value: string; limit: number }[] {
    return this.#table.memgpt(agentName).memgpt.core.blocks();
  }

  searchRecall(query: string, page: number, agentName?: string): Promise<string> {
    return this.#table.memgpt(agentName).memgpt.recall.searchText(query, page - 1);
  }

  recallCount(agentName?: string): number {
    return this.#table.memgpt(agentName).memgpt.recall.count();
  }

  searchArchival(query: string, page: number, agentName?: string): Promise<string> {
    return this.#table.memgpt(agentName).memgpt.archival.searchText(query, page - 1);
  }

  archivalCount(agentName?: string): number {
    return this.#table.memgpt(agentName).memgpt.archival.count();
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
      if (this.broken) throw error;
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

function attachText(source: DataSource, agent: string, total: number): string {
  const skipped = source.failures.length;
  const lines = [
    `Attached data source ${source.name} to agent ${agent}, consisting of ${source.passages}. Agent now has ${total} embeddings in archival memory.`,
  ];
  if (skipped > 0) {
    const pages = source.failures.map((failure) => failure.number).join(", ");
    lines.push(`${skipped} of ${source.pages} pages could not be read and are left out: ${pages}.`);
  }
  return lines.join("\n");
}
