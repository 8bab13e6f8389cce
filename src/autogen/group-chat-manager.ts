/**
 * AutoGen's GroupChatManager: runs a group round by round. Every line goes to the log and silently
 * into every member's thread with the manager; every line is tested for termination; every run
 * says why it ended. The caller sees each round before the next one begins.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { abortable } from "./abortable.ts";
import { obeyClearHistory } from "./clear-history.ts";
import { formatNextSpeaker } from "./console-form.ts";
import { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError, InterruptError } from "./errors.ts";
import { GroupBroadcast } from "./group-broadcast.ts";
import type { GroupChat } from "./group-chat.ts";
import { type AgentMessage, type MessageFields, type MessageInput, ownLine } from "./message.ts";
import type { ChatFlow, Reply, ReplyContext, ReplyResult, Stop } from "./reply.ts";
import { type RestoreOptions, rebuildViews } from "./restore-views.ts";
import { messagesFromString, type ResumeOptions, resumeGroup } from "./resume.ts";
import { RunJudge } from "./run-judge.ts";
import type { GroupChatManagerOptions, RoundsOptions } from "./run-options.ts";
import {
  aborted,
  drain,
  failed,
  flowOf,
  limitReached,
  noReply,
  type RoundEvent,
  type RunResult,
} from "./run-result.ts";
import type { TerminationCondition } from "./stop-conditions.ts";

export class GroupChatManager extends ConversableAgent {
  readonly groupchat: GroupChat;
  /** Ends every run of this group, beside what a run brings itself. May be changed between runs. */
  termination_condition: TerminationCondition | undefined;
  readonly #broadcast: GroupBroadcast;
  #running = false;
  #judge: RunJudge | undefined;
  #lastSpeaker: ConversableAgent | undefined;

  constructor(options: GroupChatManagerOptions) {
    const { groupchat, termination_condition, ...agent } = options;
    if (options.tools?.length) {
      throw new AutogenError(
        "invalid_option",
        "A GroupChatManager makes no function or tool calls",
        {
          next: "Take `tools` out; give them to a member.",
        },
      );
    }
    super({
      ...agent,
      name: options.name ?? "chat_manager",
      system_message: agent.system_message ?? "You manage a group conversation.",
      max_consecutive_auto_reply: agent.max_consecutive_auto_reply ?? Number.POSITIVE_INFINITY,
      human_input_mode: agent.human_input_mode ?? "NEVER",
    });
    this.groupchat = groupchat;
    this.termination_condition = termination_condition;
    this.#broadcast = new GroupBroadcast(this, groupchat);
    this.registerReply(ConversableAgent, (_manager, context) => this.#replyByRunning(context), {
      heeds_signal: true,
    });
  }

  override get members(): readonly ConversableAgent[] {
    return this.groupchat.agents;
  }

  /** Who said the newest line of the log, the opening included; the manager before any was said. */
  get last_speaker(): ConversableAgent {
    return this.#lastSpeaker ?? this;
  }

  /** `last_speaker` under an earlier name. */
  get lastSpeaker(): ConversableAgent {
    return this.last_speaker;
  }

  /** True from the first step of a run to its end. */
  get running(): boolean {
    return this.#running;
  }

  /**
   * Runs the group. What an event tells has been logged and heard; the next step is taken when the next
   * event is asked for, so a caller can store and post in between. Leaving the loop ends the run.
   * Failures of agents and models do not throw: the result has `reason: "error"` and the error, and
   * the log keeps what was said. Throws `run_in_progress` when a run is on.
   */
  async *rounds(options: RoundsOptions): AsyncGenerator<RoundEvent, RunResult, void> {
    return yield* this.#run(options, false);
  }

  /** `rounds`, drained. */
  async runChat(options: RoundsOptions): Promise<RunResult> {
    return drain(this.rounds(options));
  }

  /**
   * A line from outside the rotation, in mid-run or between runs: it joins the log and all views, the
   * next speaker hears it, no round is counted. Resolves to the line as logged.
   */
  async interject(
    message: MessageInput,
    speaker: ConversableAgent | string | undefined = this.#broadcast.people,
  ): Promise<AgentMessage> {
    const line = this.#broadcast.line(message, speaker);
    const agent = this.#broadcast.agent(speaker);
    const delivered = this.#broadcast.deliver(line, agent, () => {
      agent?.threadWith(this).append(ownLine(line));
    });
    this.#judge?.line(line, agent);
    await delivered;
    return line;
  }

  /**
   * Rebuilds the log and every member's thread from saved lines: own lines as assistant, all others as
   * user with their name. A name that no member has is a person's, so the user proxy's own line.
   */
  restore(messages: readonly AgentMessage[], options: RestoreOptions = {}): void {
    rebuildViews(this, this.#broadcast.people, messages, options);
    this.#broadcast.rebuilt();
  }

  /**
   * Takes up a saved conversation, messages or their JSON (AutoGen's `resume`): all but the last are
   * replayed after everything is cleared; the last comes back with its speaker, who opens the next run
   * with it and `clear_history: false`. Rejects with `invalid_option` or `unknown_agent`.
   */
  async resume(
    messages: string | readonly MessageFields[],
    options: ResumeOptions = {},
  ): Promise<[last_agent: ConversableAgent, last_message: MessageFields]> {
    const { lastAgent, lastMessage } = resumeGroup(this, messages, options);
    this.#lastSpeaker = lastAgent;
    return [lastAgent, lastMessage];
  }

  /** The log, or these messages, as JSON for `resume`. */
  messagesToString(messages = this.groupchat.messages): string {
    return JSON.stringify(messages);
  }

  /** The messages that `messagesToString` gave. Throws `invalid_option` for anything else. */
  messagesFromString(text: string): MessageFields[] {
    return messagesFromString(text);
  }

  /** With or without a partner, the whole log. */
  override chatMessagesForSummary(): readonly AgentMessage[] {
    return this.groupchat.messages;
  }

  /** Drops the oldest lines of the log and of every view; returns how many the log lost. */
  trim(keep: number): number {
    for (const member of this.members) member.threadWith(this, this.groupchat.log.end).trim(keep);
    for (const partner of this.partners) this.threadWith(partner).trim(keep);
    return this.groupchat.log.trim(keep);
  }

  /** Everybody forgets the talk; positions (and so saved cursors) go on counting. */
  clearTalk(): void {
    this.trim(0);
  }

  override prepareChat(partner: ConversableAgent, clearHistory: boolean, reply: boolean): void {
    if (this.#running) throw this.#inProgress();
    super.prepareChat(partner, clearHistory, reply);
    if (clearHistory) this.groupchat.reset();
    for (const member of this.members) {
      if (member !== partner) member.prepareChat(this, clearHistory, reply);
    }
  }

  async *#run(
    { print, ...rest }: RoundsOptions,
    heardAlready: boolean,
  ): AsyncGenerator<RoundEvent, RunResult, void> {
    const options: RoundsOptions = print && !this.silent ? { ...rest, print } : rest;
    if (this.#running) throw this.#inProgress();
    this.#running = true;
    let round = options.resume?.round ?? 0;
    try {
      this.groupchat.checkNames();
      if (!heardAlready) {
        for (const member of this.members) member.resetConsecutiveAutoReplyCounter(this);
      }
      if (options.opening && this.groupchat.max_round < 1)
        return limitReached(this.groupchat.max_round, 0);
      const conditions = [this.termination_condition, options.termination_condition];
      const judge = new RunJudge(this, conditions, options.judge);
      this.#judge = judge;
      let last = await this.#begin(options, judge, heardAlready);
      if (options.opening) round = 1;
      // Bounded by max_round: each turn of the loop logs a message or returns.
      for (;;) {
        const end = this.#end(judge, round, options.signal);
        if (end) return end;
        let speaker = await this.#next(last, judge, options);
        yield { type: "speaker", agent: speaker.name, round: round + 1 };
        const stopped = this.#end(judge, round, options.signal);
        if (stopped) return stopped;
        let stop: Stop | undefined;
        const flow = { ...flowOf(options), onStop: (one: Stop) => (stop = one) };
        let reply: Reply;
        try {
          reply = await speaker.generateReply({ sender: this, ...flow });
        } catch (error) {
          speaker = this.#admin(error);
          reply = await speaker.generateReply({ sender: this, ...flow });
        }
        if (options.signal?.aborted) return aborted(round, options.signal);
        if (reply === null) return { ...(stop ?? noReply(speaker)), rounds: round };
        const message = await this.#say(speaker, reply, judge, options);
        round += 1;
        yield { type: "message", speaker: speaker.name, message, round };
        last = speaker;
      }
    } catch (error) {
      return failed(error, round, options.signal);
    } finally {
      this.#running = false;
      this.#judge = undefined;
    }
  }

  /** Logs the opening line, or judges the last logged one again; returns who spoke last. */
  async #begin(
    options: RoundsOptions,
    judge: RunJudge,
    heardAlready: boolean,
  ): Promise<ConversableAgent | undefined> {
    if (!options.opening) {
      const last = this.groupchat.agentByName(options.resume.last_speaker);
      const line = this.groupchat.messages.at(-1);
      if (line) judge.line(line, last);
      return last;
    }
    const { message, speaker } = options.opening;
    const agent = this.#broadcast.agent(speaker);
    if (this.groupchat.send_introductions) await this.#broadcast.introduce();
    const line = this.#broadcast.line(message, speaker);
    if (heardAlready) await this.#broadcast.deliver(line, agent, () => {});
    else await this.#broadcast.record(line, agent ?? speaker, options);
    this.#lastSpeaker = agent;
    judge.line(line, agent);
    return agent;
  }

  async #say(
    speaker: ConversableAgent,
    reply: MessageInput,
    judge: RunJudge,
    flow: ChatFlow,
  ): Promise<AgentMessage> {
    const said = await speaker.beforeSend(reply, this, {});
    const obeyed = obeyClearHistory(said, this.groupchat, this, flow.print);
    const line = this.#broadcast.line(obeyed, speaker);
    await this.#broadcast.record(line, speaker, flow);
    this.#lastSpeaker = speaker;
    judge.line(line, speaker);
    return line;
  }

  #end(judge: RunJudge, round: number, signal: AbortSignalLike | undefined): RunResult | undefined {
    if (signal?.aborted) return aborted(round, signal);
    const ending = judge.ending();
    if (ending) return { ...ending, rounds: round };
    // What is no number is no licence to go on for ever.
    return round < this.groupchat.max_round
      ? undefined
      : limitReached(this.groupchat.max_round, round);
  }

  /** A message that ends things for a user proxy gives it the word at once, whoever's turn it is. */
  async #next(last: ConversableAgent | undefined, judge: RunJudge, options: RoundsOptions) {
    const people = judge.takeYield();
    const flow = flowOf(options);
    try {
      const speaker =
        people ?? (await abortable(this.groupchat.selectSpeaker(last, this, flow), flow.signal));
      options.print?.(formatNextSpeaker(speaker.name));
      return speaker;
    } catch (error) {
      return this.#admin(error);
    }
  }

  /** Who speaks after an interruption at the keyboard; any other error is thrown on. */
  #admin(error: unknown): ConversableAgent {
    const admin = this.groupchat.agentByName(this.groupchat.admin_name);
    if (error instanceof InterruptError && admin) return admin;
    throw error;
  }

  #inProgress(): AutogenError {
    return new AutogenError("run_in_progress", `${this.name} is in the middle of a run`, {
      next: "Wait for its end, abort it, or let the line join it with interject.",
    });
  }

  /** The manager's own reply to whoever sends it something: a run of its group. */
  async #replyByRunning(context: ReplyContext): Promise<ReplyResult> {
    const { messages, sender } = context;
    const message = messages.at(-1);
    if (!message || !sender) return [false, null];
    const opening = { message, speaker: sender };
    const judging = context.judge ? { judge: context.judge } : {};
    const result = await drain(this.#run({ opening, ...flowOf(context), ...judging }, true));
    if (result.reason === "error") throw result.error;
    const nested = sender instanceof GroupChatManager && sender !== this && result.rounds > 1;
    const ended = !["floor", "aborted", "human_stop"].includes(result.reason);
    const last = this.groupchat.messages.at(-1);
    // A group inside a group answers with its last word instead of ending the outer run.
    if (nested && ended && last) return [true, { content: last.content ?? "" }];
    const { reason, detail } = result;
    context.onStop?.({ reason, ...(detail === undefined ? {} : { detail }) });
    return [true, null];
  }
}
