/**
 * One run: from the people's lines to the floor being theirs again. Every answer is journaled and
 * committed before it is posted; after a crash the same answer is posted again, unless it is there
 * already, and the talk goes on behind it. One run at a time is the session's care.
 */
import type { GroupChatManager, MessageFields, RunResult, RunStart } from "../autogen/index.ts";
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { AgentEvent } from "../shared/events.ts";
import type { Logger } from "../shared/logger.ts";
import type { AnswerTimes } from "./answer-times.ts";
import type { ChannelRecord } from "./channel-record.ts";
import {
  type InboxLine,
  type JournaledAnswer,
  type RunJournal,
  removedLine,
} from "./channel-state.ts";
import type { ChannelTable } from "./channel-table.ts";
import type { ChannelUsage } from "./channel-usage.ts";
import { LiveAnswer, postId, retractLeft, withDraft } from "./live-answer.ts";
import type { OptOuts } from "./opt-outs.ts";
import { outageOf } from "./outages.ts";
import type { Post, Surface } from "./ports.ts";
import { controlsBehind, controlsWhenSlow, endsBehind } from "./run-outlook.ts";
import { SpeakerQuestion } from "./speaker-question.ts";
import { addTrace, traceLine } from "./trace-lines.ts";
import type { TurnLock } from "./turn-lock.ts";

export interface RunContext {
  record: ChannelRecord;
  table: ChannelTable;
  surface: Surface;
  /** Held while an agent makes a step; commands that touch agents take it between steps. */
  steps: TurnLock;
  clock: Clock;
  logger: Logger;
  opt_outs: OptOuts;
  times: AnswerTimes;
  /** Whether answers are shown while they are written, where the channel has not chosen. */
  streaming: boolean;
  usage: ChannelUsage;
}

export interface RunStatus {
  round: number;
  /** Who is answering now. */
  speaker: string | undefined;
  /** Among whom people are being asked to choose the next speaker. */
  asked: readonly string[] | undefined;
}

/** How long a surface that is out of reach is left alone before each further try. */
const RETRY_PAUSES_MS = [2_000, 10_000, 30_000];

type Rounds = ReturnType<GroupChatManager["rounds"]>;

export class ChannelRun {
  readonly #context: RunContext;
  readonly #abort = new AbortSource();
  readonly #question: SpeakerQuestion;
  /** Ends what is being done now: the run, when it is stopped, or one agent's turn. */
  #turn = new AbortSource();
  #skipped: string | undefined;
  #speaker: string | undefined;
  #traces: string[] = [];
  /** The answer that people watch being written. */
  #live: LiveAnswer | undefined;
  /** Lines that waited when the run was stopped. */
  #unanswered = 0;

  constructor(context: RunContext) {
    this.#context = context;
    this.#question = new SpeakerQuestion(context.surface, context.clock);
  }

  get status(): RunStatus {
    const round = this.#context.record.state.run?.round ?? 0;
    return { round, speaker: this.#speaker, asked: this.#question.names };
  }

  /** Ends the run before its next answer; an answer that is being posted is finished. */
  stop(reason: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#unanswered = this.#context.record.state.inbox.length;
    this.#abort.abort(reason);
    this.#turn.abort(reason);
  }

  /** Drops what the speaker at work is making, and goes on behind them; undefined if nobody is at work. */
  skip(): string | undefined {
    const { record, table } = this.#context;
    const speaker = this.#speaker;
    if (speaker === undefined || speaker === table.peopleName) return undefined;
    if (this.#skipped !== undefined) return undefined;
    this.#skipped = speaker;
    const run = this.#journal();
    record.update({ run: { ...run, skips: (run.skips ?? 0) + 1 } });
    this.#turn.abort(new ColloquyError("skipped", `${speaker} was passed over`));
    return speaker;
  }

  /** Answers the question who speaks next; false if it is not open. */
  choose(name: string): boolean {
    return this.#question.choose(name);
  }

  /** Begins a run with these lines, oldest first, at least one. Returns why it ended. */
  async begin(lines: readonly InboxLine[]): Promise<RunResult> {
    const { record, table } = this.#context;
    const newest = lines.at(-1);
    const messages = this.#log(lines);
    const message = messages.pop();
    if (!newest || !message) throw new Error("A run begins with at least one line.");
    record.update({
      ended: null,
      run: {
        id: runId(newest.message_id),
        after: newest.message_id,
        round: 1,
        last_speaker: table.peopleName,
        answers: 0,
        answer: null,
        restarts: 0,
        payer: newest.person.id,
      },
    });
    await this.#hear(messages);
    await record.commit();
    return this.#turns({ opening: { message, speaker: table.people } });
  }

  /** Goes on with the run that the record holds: posts its answer if need be, then the next rounds. */
  async resume(): Promise<RunResult> {
    const { record, surface } = this.#context;
    const run = this.#journal();
    await record.commit();
    if (run.answer) await this.#speak(run.answer, true);
    // Behind it: the messages of the answer itself may still be marked as unfinished.
    await retractLeft(record, surface);
    return this.#turns({ resume: { round: run.round, last_speaker: run.last_speaker } });
  }

  /** After `stop` has ended the run: what waited behind it is heard, and will not be answered. */
  async hearUnanswered(): Promise<void> {
    await this.#hear(this.#log(this.#context.record.state.inbox.slice(0, this.#unanswered)));
  }

  /** The rounds, begun again behind whoever is skipped: each time takes somebody's wish. */
  async #turns(begin: RunStart): Promise<RunResult> {
    const { record, table } = this.#context;
    let start = begin;
    for (;;) {
      this.#turn = new AbortSource();
      if (this.#abort.signal.aborted) this.#turn.abort(this.#abort.signal.reason);
      const stream = this.#isWatched;
      const result = await this.#rounds(
        table.manager.rounds({
          ...start,
          stream,
          signal: this.#turn.signal,
          onEvent: (event) => this.#trace(event),
        }),
        stream,
      );
      const last_speaker = this.#skipped;
      this.#skipped = undefined;
      const isOver = result.reason !== "aborted" || this.#abort.signal.aborted;
      if (isOver || last_speaker === undefined) return result;
      this.#traces = [];
      const run = { ...this.#journal(), last_speaker };
      record.update({ run });
      start = { resume: { round: run.round, last_speaker } };
    }
  }

  /** Between two speakers: what people changed counts from now on, and they may choose the next. */
  async #beforeSelection(): Promise<void> {
    const { record, table } = this.#context;
    const { steering } = table;
    steering.apply(record.state.settings.steering);
    const run = this.#journal();
    const { last_speaker } = run;
    const ends = endsBehind(run, table) || this.#turn.signal.aborted;
    if (steering.method !== "manual" || ends) return;
    const names = steering.candidates(last_speaker);
    const chosen = await this.#question.ask(names, run, this.#turn.signal);
    // Somebody may have been removed or muted while people thought.
    steering.apply(record.state.settings.steering);
    if (chosen !== undefined && steering.candidates(last_speaker).includes(chosen)) {
      steering.choose(chosen);
    }
  }

  async #rounds(rounds: Rounds, stream: boolean): Promise<RunResult> {
    const { record, steps, surface, table, times, clock } = this.#context;
    let stopTyping = (): void => {};
    let stopOffering = (): void => {};
    let selects = true;
    let began = 0;
    try {
      for (;;) {
        if (selects) await this.#beforeSelection();
        const next = await steps.run(async () => {
          record.checkCurrent();
          const step = await rounds.next();
          if (!step.done && step.value.type === "message") {
            const { speaker, message, round } = step.value;
            times.note(speaker, clock.monotonic() - began);
            await this.#journalAnswer(speaker, message.content ?? "", round);
          }
          return step;
        });
        stopTyping();
        stopOffering();
        if (next.done) return next.value;
        selects = next.value.type === "message";
        if (next.value.type === "speaker") {
          this.#speaker = next.value.agent;
          if (next.value.agent === table.peopleName) continue;
          await this.#hearInbox();
          const voice = table.voice(next.value.agent);
          stopTyping = surface.typing(voice);
          stopOffering = controlsWhenSlow(this.#context, this.#journal());
          began = clock.monotonic();
          if (stream) {
            this.#live = new LiveAnswer(this.#context, voice, this.#journal(), stopTyping);
          }
        } else {
          this.#speaker = undefined;
          const { answer } = this.#journal();
          if (answer) await this.#speak(answer, false);
        }
      }
    } finally {
      stopTyping();
      stopOffering();
      this.#speaker = undefined;
      await this.#retract();
      // Left half-way, by a failed commit or post, the manager would count as running for ever.
      await rounds.return({ reason: "aborted", rounds: 0 });
    }
  }

  /** Takes back what people saw of an answer that will not come. */
  async #retract(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    await live?.retract().catch((error: unknown) => {
      this.#context.logger.warn("a half answer could not be taken back", { error });
    });
  }

  /** Whether people may see answers while they are written. */
  get #isWatched(): boolean {
    const { record, surface, table, times, streaming } = this.#context;
    if (!surface.live || !(record.state.settings.streaming ?? streaming)) return false;
    return times.mayTakeLong(table.answering);
  }

  /** Lines that came while the last answer was made are heard by the next speaker. */
  async #hearInbox(): Promise<void> {
    const { record } = this.#context;
    const { inbox } = record.state;
    const newest = inbox.at(-1);
    if (!newest) return;
    const messages = this.#log(inbox);
    this.#unanswered = 0;
    record.update({ run: { ...this.#journal(), after: newest.message_id } });
    await this.#hear(messages);
  }

  async #hear(messages: readonly MessageFields[]): Promise<void> {
    const { manager, people } = this.#context.table;
    for (const message of messages) await manager.interject(message, people);
  }

  /**
   * Moves the oldest lines of the inbox to the transcript, and gives them as models see them. In one
   * go: a commit that came between would store a line in both places, or in none.
   */
  #log(lines: readonly InboxLine[]): MessageFields[] {
    const { record, table, opt_outs } = this.#context;
    const agents = table.agents().map((agent) => agent.name);
    record.update({ inbox: record.state.inbox.slice(lines.length) });
    return lines.map(({ person, text, created_at }) => {
      const name = record.aliases.of(person, agents);
      const speaker = table.peopleName;
      const off_record = opt_outs.has(person.id);
      if (off_record) table.goOffRecord();
      const line = { speaker, name, text, created_at, person_id: person.id };
      record.transcript.append(off_record ? removedLine(line) : line);
      return { name, content: text, created_at, person: { id: person.id, off_record } };
    });
  }

  async #journalAnswer(speaker: string, text: string, round: number): Promise<void> {
    const { record, table, clock } = this.#context;
    const line = { speaker, name: speaker, text, created_at: clock.now() };
    const drafted = (await this.#live?.end()) ?? [];
    this.#live = undefined;
    // An answer repeats what it answers; until it is posted, the journal has it.
    record.transcript.append(table.offRecord ? removedLine(line) : line);
    const { draft = [] } = this.#journal();
    const left = draft.filter((message) => !drafted.includes(message));
    const run = withDraft(this.#journal(), left);
    const { notices = [] } = record.state;
    record.update({
      notices: [],
      run: {
        ...run,
        round,
        last_speaker: speaker,
        answers: run.answers + 1,
        answer: {
          ...{ speaker, text, traces: [...notices, ...this.#traces], posted: 0 },
          ...(drafted.length > 0 ? { drafted } : {}),
        },
        restarts: 0,
      },
    });
    this.#traces = [];
    await record.commit(table.committedAgents);
  }

  async #speak(answer: JournaledAnswer, recovering: boolean): Promise<void> {
    const { record, table, surface } = this.#context;
    const { drafted = [] } = answer;
    const run = this.#journal();
    const controls = controlsBehind(run, table);
    if (answer.text.trim() === "" && answer.traces.length === 0) {
      await surface.retract(drafted);
      return surface.control(controls);
    }
    const post: Post = {
      id: postId(run),
      voice: table.voice(answer.speaker),
      text: answer.text,
      traces: answer.traces,
      posted: answer.posted,
      recovering,
      after: run.after,
      drafted,
      controls,
    };
    await this.#post(post, async (posted) => {
      post.posted = posted;
      record.update({ run: { ...this.#journal(), answer: { ...answer, posted } } });
      // The last piece is recorded with the next commit: until then the surface's own comparison
      // keeps it from being posted twice.
      if (posted > 1) await record.commit();
    });
  }

  /** Tries again while the platform is out of reach; it then compares what is there already. */
  async #post(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    for (const pause of [...RETRY_PAUSES_MS, undefined]) {
      try {
        await this.#context.surface.speak(post, onPiece);
        return;
      } catch (error) {
        if (pause === undefined || outageOf(error) !== "unavailable") throw error;
        await this.#context.clock.sleep(pause, this.#abort.signal);
        post.recovering = true;
      }
    }
  }

  #trace(event: AgentEvent): void {
    if (event.type === "text_delta") {
      // Others may be asked on the way to the speaker's answer.
      const { notices = [] } = this.#context.record.state;
      const traces = [...notices, ...this.#traces];
      if (event.agent === this.#speaker) this.#live?.write(event.text, traces);
      return;
    }
    const line = traceLine(event, this.#context.record.state.settings);
    if (line !== undefined) addTrace(this.#traces, line);
  }

  #journal(): RunJournal {
    const { run } = this.#context.record.state;
    if (!run) throw new Error("No run is journaled.");
    return run;
  }
}

/** A message id as the stem of post ids: at most 16 characters of `[a-z0-9]`. */
export function runId(messageId: string): string {
  if (/^\d{1,20}$/.test(messageId)) return BigInt(messageId).toString(36);
  return messageId
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(-16);
}
