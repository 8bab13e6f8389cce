/**
 * The runs of a channel, one at a time: answers what waits until nothing does, stops, and lets
 * commands in between. How one run goes is channel-run.ts.
 */
import type { RunResult } from "../autogen/index.ts";
import { AbortSource } from "../shared/abort.ts";
import { ColloquyError, explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { ChannelRun, type RunContext, type RunStatus } from "./channel-run.ts";
import type { RunJournal } from "./channel-state.ts";
import { retractLeft, withDraft } from "./live-answer.ts";
import { outageOf } from "./outages.ts";
import type { Control } from "./ports.ts";
import { goOnControl } from "./run-controls.ts";
import { endOfRunText, mayGoOn } from "./run-end.ts";
import { behindPeople, mayTalkOn } from "./run-outlook.ts";
import { TurnLock } from "./turn-lock.ts";

/** At so many restarts without an answer, a run is given up: it may be what ends the program. */
const MOST_RESTARTS = 3;

const GIVEN_UP = `No answer came about in ${MOST_RESTARTS} starts of the bot, so it was given up. What was said is kept; write again to have it answered.`;

export class RunQueue {
  readonly #context: RunContext;
  readonly #logger: Logger;
  /** Held from a run's first line to its end, and by what may only be done between runs. */
  readonly #runs = new TurnLock();
  readonly #closing = new AbortSource();
  #run: ChannelRun | undefined;
  #pumping: Promise<boolean> | undefined;

  constructor(context: RunContext) {
    this.#context = context;
    this.#logger = context.logger;
  }

  /** The run in flight. */
  get current(): RunStatus | undefined {
    return this.#run?.status;
  }

  /** Drops the answer in the making; resolves with whose it was. */
  skip(): string | undefined {
    return this.#run?.skip();
  }

  /** Answers the question who speaks next; false if it is not open. */
  choose(name: string): boolean {
    return this.#run?.choose(name) ?? false;
  }

  /** No further run begins here; lines are kept for the next start. */
  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * Answers until nothing waits; joined by all who call it meanwhile. Rejects when the store fails or
   * the surface stays out of reach; the journal then tells what is left to do. False when a run ended
   * with a failure, or with a budget used up; people were told.
   */
  answer(): Promise<boolean> {
    if (!this.#pumping && this.#isWaiting) this.#pumping = this.#answerAll();
    return this.#pumping ?? Promise.resolve(true);
  }

  /** Ends the run in flight, and does `work` before another begins. `by`: who wants it, as shown. */
  betweenRuns<T>(work: () => Promise<T>, by?: string): Promise<T> {
    this.#run?.stop(new ColloquyError("stopped", by ? `Stopped by ${by}` : "Stopped"));
    const { steps, record, surface } = this.#context;
    return this.#runs.run(() =>
      steps.run(async () => {
        await this.#retractLeft();
        const result = await work();
        if (!record.state.ended) surface.control([]);
        return result;
      }),
    );
  }

  /** Ends the run in flight without a word, to be resumed at the next start. */
  async close(): Promise<void> {
    const { record } = this.#context;
    this.#closing.abort(new ColloquyError("closing", "The bot is shutting down"));
    this.#run?.stop(this.#closing.signal.reason);
    await this.#pumping?.catch(() => undefined);
    const { inbox, run } = record.state;
    if (!record.outdated && (inbox.length > 0 || run)) await record.commit();
  }

  /** Nothing can be said here for now: lines are kept until it can. */
  get parked(): boolean {
    return this.#context.surface.parked() !== undefined;
  }

  /** Shows people a line; a surface that fails is only logged. */
  async tell(text: string, controls: readonly Control[] = []): Promise<void> {
    if (this.parked) return;
    await this.#context.surface
      .notify(text, controls)
      .catch((error: unknown) => this.#logger.warn("a notice could not be shown", { error }));
  }

  get #isWaiting(): boolean {
    const { run, inbox } = this.#context.record.state;
    if (this.#closing.signal.aborted || this.parked) return false;
    return run !== null || inbox.length > 0;
  }

  async #answerAll(): Promise<boolean> {
    let answered = true;
    try {
      while (this.#isWaiting) {
        if (!(await this.#runs.run(() => this.#answerOnce()))) answered = false;
      }
      // What is in memory only would be lost without a word.
      this.#context.record.checkCurrent();
      return answered;
    } finally {
      // In one go with the last look at what waits: a line that comes later finds no pump to join.
      this.#pumping = undefined;
    }
  }

  async #answerOnce(): Promise<boolean> {
    if (!this.#isWaiting) return true;
    const { run: unfinished, inbox } = this.#context.record.state;
    const logger = this.#logger;
    const run = new ChannelRun(this.#context);
    this.#run = run;
    this.#context.usage.begin();
    try {
      if (unfinished && unfinished.restarts >= MOST_RESTARTS) {
        logger.error("a run is given up", { run: unfinished.id, restarts: unfinished.restarts });
        await this.#retractLeft();
        await this.#endRun(GIVEN_UP);
        return false;
      }
      if (!unfinished) await this.#retractLeft();
      const result = this.#judged(unfinished ? await run.resume() : await run.begin(inbox));
      if (result.reason === "aborted") {
        if (this.#closing.signal.aborted) return true;
        await run.hearUnanswered();
      }
      if (result.reason === "error") {
        const level = result.error instanceof ColloquyError ? "warn" : "error";
        logger[level]("a run ended with an error", { error: result.error });
      }
      await this.#endRun(endOfRunText(result), this.#goingOn(result));
      logger.info("a run ended", { reason: result.reason, rounds: result.rounds });
      return result.reason !== "error" && result.reason !== "budget";
    } catch (error) {
      if (this.#context.record.outdated || outageOf(error)) throw error;
      if (this.#closing.signal.aborted) return true;
      // A surface that is parked now has logged why, once for all runs.
      if (!this.parked) logger.error("a run failed", { error });
      // What people watched of an answer that cannot be posted.
      await this.#retractLeft();
      await this.#endRun(explainError(error));
      return false;
    } finally {
      this.#run = undefined;
    }
  }

  /** Of a run that is not gone on with. */
  async #retractLeft(): Promise<void> {
    const { record, surface } = this.#context;
    await retractLeft(record, surface).catch((error: unknown) => {
      this.#logger.warn("a half answer could not be taken back", { error });
    });
  }

  /** An agent may swallow that it was refused a request; the people are to hear of it. */
  #judged(result: RunResult): RunResult {
    const { refused } = this.#context.usage;
    if (!refused || result.reason === "aborted") return result;
    return { ...result, reason: "budget", error: refused };
  }

  /** What can be gone on with. At the floor: the talk of the agents among themselves. */
  #goingOn(result: RunResult): RunJournal | null {
    const { record, table } = this.#context;
    const { run } = record.state;
    if (!run) return null;
    const { reason } = result;
    // At a limit that comes just when it is the people's turn, going on would end at once.
    const atLimit = reason === "max_round" && table.steering.isFloorBehind(run.last_speaker);
    if (reason === "floor" || atLimit) return mayTalkOn(table) ? behindPeople(run, table) : null;
    return mayGoOn(result) ? run : null;
  }

  /** Closes the journal; what the agents heard and said so far is committed with it. */
  async #endRun(text: string | undefined, goesOn: RunJournal | null = null): Promise<void> {
    const { record, table, surface } = this.#context;
    // What could not be taken back when it was due.
    if (record.state.run?.draft) await this.#retractLeft();
    const ended = goesOn && withDraft({ ...goesOn, answer: null }, record.state.run?.draft ?? []);
    record.update({ run: null, ended });
    table.endOffRecord();
    await record.commit(table.committedAgents);
    await table.forgetOffRecord(record);
    table.trimViews();
    const controls = ended ? [goOnControl(ended)] : [];
    if (text !== undefined && controls.length > 0) return this.tell(text, controls);
    if (text !== undefined) await this.tell(text);
    surface.control(controls);
  }
}
