/**
 * One channel's groupchat: takes the people's lines, answers them in runs, one at a time, and
 * does what commands ask. Lines that come before an answer has begun are answered by one run; a
 * line that comes in mid-run is heard by the next speaker. Stopping bypasses the queue.
 */

import type { DataSources } from "../documents/data-sources.ts";
import type { MemgptAgent } from "../memgpt/agent.ts";
import type { AgentFiles, ChatModel, StateStore } from "../memgpt/ports.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { AgentTransfer } from "./agent-transfer.ts";
import type { AnswerTimes } from "./answer-times.ts";
import type { Budget } from "./budget.ts";
import { ChannelDocuments } from "./channel-documents.ts";
import { ChannelPeople } from "./channel-people.ts";
import { ChannelRecord } from "./channel-record.ts";
import { ChannelSaves } from "./channel-saves.ts";
import { ChannelSnapshots } from "./channel-snapshots.ts";
import { ChannelSources } from "./channel-sources.ts";
import { type ChannelSettings, isNewerId } from "./channel-state.ts";
import { ChannelSteering, type SteeringStatus } from "./channel-steering.ts";
import { type AgentInfo, ChannelTable, type TableRuntime } from "./channel-table.ts";
import { ChannelUsage } from "./channel-usage.ts";
import { type IdleReport, IdleWork } from "./idle-work.ts";
import { hasRoom, toInboxLine } from "./inbox.ts";
import { offerFiles } from "./offer-files.ts";
import type { OptOuts } from "./opt-outs.ts";
import { modelNames, type OwnAgent, ownModels, type Table } from "./own-agents.ts";
import type { PersonSpending } from "./person-spending.ts";
import type { IncomingMessage, Place, Surface } from "./ports.ts";
import { RunQueue } from "./run-queue.ts";
import type { SourceLinks } from "./source-links.ts";
import { TurnLock } from "./turn-lock.ts";

export type { AgentInfo } from "./channel-table.ts";

export interface SessionRuntime {
  store: StateStore;
  sources: DataSources;
  table: TableRuntime;
  /** Texts that agents have written; absent where they never could. */
  files?: Pick<AgentFiles, "removeLines">;
  clock: Clock;
  logger: Logger;
  /** Shared by all sessions of the process. */
  opt_outs: OptOuts;
  /** How much models may be asked for. Default without limits. */
  budget?: Budget;
  /** Agents that a channel may seat beside the configured ones. Default none. */
  templates?: readonly OwnAgent[];
  /** Settings of a channel that has none yet. */
  defaults(place: Place): ChannelSettings;
  /** Whether answers are shown while they are written, where a channel has not chosen. Default true. */
  streaming?: boolean;
}

/** What the registry adds to the runtime for its sessions. */
export interface SessionParts extends SessionRuntime {
  links: SourceLinks;
  /** Of the agents of all places. */
  times: AnswerTimes;
  spending: PersonSpending;
}

export interface SessionStatus extends ChannelSettings {
  streaming: boolean;
  running: boolean;
  round: number;
  max_round: number;
  speaker: string | undefined;
  order: readonly string[];
  table: SteeringStatus & ChannelSteering["absent"];
  lines: number;
}

export class ChannelSession {
  readonly place: Place;
  readonly documents: ChannelDocuments;
  readonly people: ChannelPeople;
  readonly sources: ChannelSources;
  readonly steering: ChannelSteering;
  readonly saves: ChannelSaves;
  readonly usage: Pick<ChannelUsage, "report">;
  readonly #runtime: SessionParts;
  readonly #record: ChannelRecord;
  readonly #table: ChannelTable;
  readonly #surface: Surface;
  readonly #logger: Logger;
  readonly #idle: IdleWork;
  /** Held while an agent makes a step, and by what may only be done between steps. */
  readonly #steps = new TurnLock();
  readonly #runs: RunQueue;
  #isFullTold = false;

  private constructor(
    runtime: SessionParts,
    record: ChannelRecord,
    table: ChannelTable,
    surface: Surface,
    usage: ChannelUsage,
  ) {
    this.usage = usage;
    this.#runtime = runtime;
    this.#record = record;
    this.#table = table;
    this.#surface = surface;
    this.place = record.state.place;
    this.#logger = runtime.logger.child({ channel: this.place.id });
    const { clock, opt_outs } = runtime;
    const steps = this.#steps;
    const { times, streaming = true } = runtime;
    const logger = this.#logger;
    this.#runs = new RunQueue({
      ...{ record, table, surface, steps, clock, opt_outs, usage, times, streaming, logger },
    });
    const { store, passages, time_zone } = runtime.table.memgpt;
    const snapshots = new ChannelSnapshots(store, this.place.id);
    const idle = { store, record, table, snapshots, opt_outs, clock, logger: this.#logger };
    this.#idle = new IdleWork(idle);
    this.people = new ChannelPeople({
      ...{ store, passages, record, table, steps, runs: this.#runs, opt_outs, clock },
      idle: this.#idle,
      ...(runtime.files ? { files: runtime.files } : {}),
      ...(time_zone === undefined ? {} : { time_zone }),
    });
    this.documents = new ChannelDocuments({
      sources: runtime.sources,
      record,
      table,
      steps: this.#steps,
      clock,
      logger: this.#logger,
    });
    this.sources = new ChannelSources({
      sources: runtime.sources,
      documents: this.documents,
      place: this.place,
      links: runtime.links,
    });
    this.steering = new ChannelSteering(record, table, this.#runs, (by) => this.stop(by));
    const { tokens } = runtime.table;
    const transfer = new AgentTransfer({ store, record, table, tokens, opt_outs });
    const runs = this.#runs;
    this.saves = new ChannelSaves({ record, table, snapshots, transfer, steps, runs, clock });
  }

  /** Reads what is stored of the place; nothing is written. `beforeFirst`: see `ChannelRecord`. */
  static async open(
    runtime: SessionParts,
    place: Place,
    surface: Surface,
    beforeFirst?: () => Promise<void>,
  ): Promise<ChannelSession> {
    await runtime.opt_outs.load();
    const defaults = runtime.defaults(place);
    const record = await ChannelRecord.open(runtime.store, place, defaults, beforeFirst);
    const { clock, spending, budget = {} } = runtime;
    const usage = new ChannelUsage({ record, people: spending, clock, budget });
    const table = await ChannelTable.open(runtime.table, record, usage);
    const session = new ChannelSession(runtime, record, table, surface, usage);
    await session.documents.catchUp();
    return session;
  }

  /** The session is done with: the next use opens a new one from what is stored. */
  get outdated(): boolean {
    return this.#record.outdated;
  }

  get newestMessageId(): string {
    return this.#record.state.last_message_id;
  }

  /**
   * Takes up the run or the lines that were left unanswered; rejects as `receive`. After a restart
   * of the program it is counted, so that a run which ends the program is not tried for ever.
   */
  async resume(options: { after_restart?: boolean } = {}): Promise<boolean> {
    const { run } = this.#record.state;
    if (run && options.after_restart && !this.#runs.current && !this.#runs.parked) {
      this.#record.update({ run: { ...run, restarts: run.restarts + 1 } });
    }
    return this.#runs.answer();
  }

  /**
   * A line that somebody wrote; resolves when the run that answers it has ended. Rejects if the
   * store fails (the session is `outdated` then) or the surface stays out of reach; what was stored
   * until then is taken up by `resume`. False when there was no room for the line, or its run failed.
   */
  async receive(message: IncomingMessage): Promise<boolean> {
    const { settings, inbox, last_message_id } = this.#record.state;
    if (!isNewerId(message.id, last_message_id)) return true;
    const text = message.text.trim();
    const isStop = text.toUpperCase() === "STOP";
    if (!settings.active && !message.addressed && !(isStop && this.#runs.current)) return true;
    const taken = text !== "" && !isStop && hasRoom(inbox);
    // Before anything is waited for: lines keep their order, and none is taken twice.
    this.#record.update({
      last_message_id: message.id,
      ...(taken ? { inbox: [...inbox, toInboxLine(message, text)] } : {}),
    });
    if (isStop) {
      if (!(await this.stop()) && message.addressed) await this.#runs.tell("Nothing is running.");
      return true;
    }
    const { parked } = this.#runs;
    const offers = parked ? undefined : this.#offerFiles(message);
    if (taken && (this.#runs.current || this.#runs.closed || parked)) await this.#record.commit();
    if (taken) this.#isFullTold = false;
    else if (text !== "") await this.#tellFull();
    const [answered] = await Promise.all([this.#runs.answer(), offers]);
    return answered && (taken || text === "");
  }

  /**
   * Ends the run in flight; lines that wait behind it are heard, not answered. False if none ran. `by`:
   * who wants it, as shown.
   */
  async stop(by?: string): Promise<boolean> {
    if (!this.#runs.current) return false;
    await this.#runs.betweenRuns(async () => {}, by);
    return true;
  }

  /** Ends the run in flight without a word, to be resumed at the next start. */
  async close(): Promise<void> {
    await this.#runs.close();
  }

  status(): SessionStatus {
    const run = this.#runs.current;
    return {
      ...this.#record.state.settings,
      streaming: this.#record.state.settings.streaming ?? this.#runtime.streaming ?? true,
      running: run !== undefined,
      round: run?.round ?? 0,
      speaker: run?.speaker,
      max_round: this.#table.maxRound,
      order: this.steering.names.seats,
      table: { ...this.steering.status(), ...this.steering.absent },
      lines: this.#record.transcript.length,
    };
  }

  agents(): readonly AgentInfo[] {
    return this.#table.agents();
  }

  /**
   * `since` is the id of the command: where it switches the agents on, lines written before it are
   * not answered, not even by a later catching up.
   */
  async changeSettings(patch: Partial<ChannelSettings>, since?: string): Promise<void> {
    const { settings, last_message_id } = this.#record.state;
    const begins = patch.active === true && !settings.active;
    const isLater = since !== undefined && isNewerId(since, last_message_id);
    this.#record.update({
      settings: { ...settings, ...patch },
      ...(begins && isLater ? { last_message_id: since } : {}),
    });
    await this.#record.commit();
  }

  /**
   * Ends the run in flight and begins a new talk: earlier lines leave the agents' sight. Memory and
   * sources stay.
   */
  async reset(): Promise<void> {
    await this.#runs.betweenRuns(async () => {
      this.#table.clearTalk();
      this.#record.update({ view_from: this.#record.transcript.length, run: null, ended: null });
      await this.#record.commit(this.#table.committedAgents);
    });
  }

  /** Agents made here, what they may begin as, and the names of the models that they may have. */
  get ownAgents(): {
    agents: readonly OwnAgent[];
    templates: readonly OwnAgent[];
    models: readonly string[];
  } {
    const agents = this.#record.state.settings.own_agents ?? [];
    const { table, templates = [] } = this.#runtime;
    return { agents, templates, models: modelNames(ownModels(table)) };
  }

  /**
   * Ends the run in flight and changes the agents made here; the session is `outdated` then, and opens
   * anew with them. Throws, and changes nothing, where `change` does.
   */
  async changeAgents(
    change: (own: readonly OwnAgent[], table: Table) => OwnAgent[],
  ): Promise<void> {
    const { table: runtime } = this.#runtime;
    const table = { seats: runtime.seats, models: ownModels(runtime) };
    change(this.ownAgents.agents, table);
    await this.#runs.betweenRuns(async () => {
      const own_agents = change(this.ownAgents.agents, table);
      await this.#record.commit(this.#table.committedAgents);
      const { settings, view_from, agents } = this.#record.state;
      await this.#record.replace({
        lines: [],
        rows: [],
        settings: { ...settings, own_agents },
        view_from,
        agents,
        run: null,
        ended: null,
      });
    });
  }

  /**
   * Has the MemGPT agents put their memory in order, unless a run is in flight or waits, or nothing can be said
   * here; ends soon after `signal` is aborted.
   */
  idleWork(through: (model: ChatModel) => ChatModel, signal: AbortSignalLike): Promise<void> {
    return this.#steps.run(async () => {
      const { run, inbox } = this.#record.state;
      const waiting = this.#runs.current || run !== null || inbox.length > 0;
      const kept = this.#runs.closed || this.#runs.parked;
      if (!signal.aborted && !waiting && !kept) await this.#idle.run(through, signal);
    });
  }

  /** What idle work has changed, oldest first. */
  idleReports(): Promise<readonly IdleReport[]> {
    return this.#idle.reports();
  }

  /** The memories of a MemGPT agent, for looking; the first one's if no name is given. */
  memory(agentName?: string): Pick<MemgptAgent, "core" | "recall" | "archival"> {
    return this.#table.memgpt(agentName).memgpt;
  }

  /** Once, until there is room again: a flood of lines is not answered by one of notices. */
  async #tellFull(): Promise<void> {
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    await this.#runs.tell(
      "More lines are waiting here than can be answered. Wait for the answer, or write STOP.",
    );
  }

  #offerFiles(message: IncomingMessage): Promise<void> {
    const agent = this.#table.memgptAgents[0]?.name;
    return agent === undefined
      ? Promise.resolve()
      : offerFiles(message, {
          agent,
          dropped: this.#record.state.settings.dropped_files ?? "ask",
          surface: this.#surface,
          documents: this.documents,
          logger: this.#logger,
        });
  }
}
