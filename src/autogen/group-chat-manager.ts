/**
 * AutoGen's GroupChatManager: runs a group round by round. Every line goes to the log and silently
 * into every member's thread with the manager; every line is tested for termination; every run
 * says why it ended. The caller sees each round before the next one begins.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { rolesText } from "./auto-selection.ts";
import { obeyClearHistory } from "./clear-history.ts";
import { formatMessage, formatNextSpeaker } from "./console-form.ts";
import { ConversableAgent, type ConversableAgentOptions } from "./conversable-agent.ts";
import { AutogenError, InterruptError } from "./errors.ts";
import type { GroupChat } from "./group-chat.ts";
import {
  type AgentMessage,
  heardLine,
  type MessageFields,
  type MessageInput,
  ownLine,
} from "./message.ts";
import type { ChatFlow, Reply, ReplyContext, ReplyResult, Stop } from "./reply.ts";
import { type RestoreOptions, rebuildViews } from "./restore-views.ts";
import {
  aborted,
  drain,
  failed,
  flowOf,
  noReply,
  type RoundEvent,
  type RunResult,
} from "./run-result.ts";
import { UserProxyAgent } from "./user-proxy-agent.ts";

export interface GroupChatManagerOptions extends Omit<ConversableAgentOptions, "name"> {
  groupchat: GroupChat;
  /** Default "chat_manager". */
  name?: string;
}

/** An opening line, or the place where an earlier process stopped; log and views are then `restore`d. */
export type RunStart =
  | { opening: { message: MessageInput; speaker: ConversableAgent | string }; resume?: never }
  | { resume: { round: number; last_speaker: string }; opening?: never };

export type RoundsOptions = RunStart & ChatFlow;

export class GroupChatManager extends ConversableAgent {
  readonly groupchat: GroupChat;
  #running = false;
  #ending: Stop | undefined;
  #yieldTo: ConversableAgent | undefined;

  constructor(options: GroupChatManagerOptions) {
    const { groupchat, ...agent } = options;
    super({
      system_message: "You manage a group conversation.",
      max_consecutive_auto_reply: Number.POSITIVE_INFINITY,
      human_input_mode: "NEVER",
      ...agent,
      name: options.name ?? "chat_manager",
    });
    this.groupchat = groupchat;
    this.registerReply(ConversableAgent, (_manager, context) => this.#replyByRunning(context));
  }

  override get members(): readonly ConversableAgent[] {
    return this.groupchat.agents;
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
    speaker: ConversableAgent | string | undefined = this.#people(),
  ): Promise<AgentMessage> {
    const line = this.#line(message, speaker);
    const agent = this.#agent(speaker);
    const delivered = this.#deliver(line, agent, () => {
      agent?.threadWith(this).append(ownLine(line));
    });
    if (this.#running) this.#judge(line, agent);
    await delivered;
    return line;
  }

  /**
   * Rebuilds the log and every member's thread from saved lines: own lines as assistant, all others as
   * user with their name. A name that no member has is a person's, so the user proxy's own line.
   */
  restore(messages: readonly AgentMessage[], options: RestoreOptions = {}): void {
    rebuildViews(this, this.#people(), messages, options);
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
    super.prepareChat(partner, clearHistory, reply);
    if (!clearHistory) return;
    this.groupchat.reset();
    for (const member of this.members) member.prepareChat(this, true, reply);
  }

  async *#run(
    options: RoundsOptions,
    heardAlready: boolean,
  ): AsyncGenerator<RoundEvent, RunResult, void> {
    if (this.#running) {
      throw new AutogenError("run_in_progress", `${this.name} is in the middle of a run`, {
        next: "Wait for its end, abort it, or let the line join it with interject.",
      });
    }
    this.#running = true;
    this.#ending = undefined;
    this.#yieldTo = undefined;
    let round = options.resume?.round ?? 0;
    try {
      this.groupchat.checkNames();
      if (!heardAlready) {
        for (const member of this.members) member.resetConsecutiveAutoReplyCounter(this);
      }
      if (options.opening && this.groupchat.max_round < 1) return this.#limit(0);
      let last = await this.#begin(options, heardAlready);
      if (options.opening) round = 1;
      // Bounded by max_round: each turn of the loop logs a message or returns.
      for (;;) {
        const end = this.#end(round, options.signal);
        if (end) return end;
        let speaker = await this.#next(last, options);
        yield { type: "speaker", agent: speaker.name, round: round + 1 };
        const stopped = this.#end(round, options.signal);
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
        const message = await this.#say(speaker, reply, options);
        round += 1;
        yield { type: "message", speaker: speaker.name, message, round };
        last = speaker;
      }
    } catch (error) {
      return failed(error, round, options.signal);
    } finally {
      this.#running = false;
    }
  }

  /** Logs the opening line, or judges the last logged one again; returns who spoke last. */
  async #begin(
    options: RoundsOptions,
    heardAlready: boolean,
  ): Promise<ConversableAgent | undefined> {
    if (!options.opening) {
      const last = this.groupchat.agentByName(options.resume.last_speaker);
      const line = this.groupchat.messages.at(-1);
      if (line) this.#judge(line, last);
      return last;
    }
    const { message, speaker } = options.opening;
    const agent = this.#agent(speaker);
    if (this.groupchat.send_introductions) await this.#introduce();
    const line = this.#line(message, speaker);
    if (heardAlready) await this.#deliver(line, agent, () => {});
    else await this.#record(line, agent ?? speaker, options);
    this.#judge(line, agent);
    return agent;
  }

  async #say(
    speaker: ConversableAgent,
    reply: MessageInput,
    flow: ChatFlow,
  ): Promise<AgentMessage> {
    const line = this.#line(obeyClearHistory(reply, this.groupchat, this), speaker);
    await this.#record(line, speaker, flow);
    this.#judge(line, speaker);
    return line;
  }

  /** The speaker says it to the manager, who passes it on; all of it in one synchronous go. */
  #record(
    line: AgentMessage,
    speaker: ConversableAgent | string,
    flow: ChatFlow,
  ): Promise<unknown> {
    if (typeof speaker === "string") {
      flow.print?.(formatMessage(speaker, this.name, line));
      return this.#deliver(line, undefined, () => {});
    }
    const print = flow.print ? { print: flow.print } : {};
    return this.#deliver(line, speaker, () =>
      speaker.send(line, this, { request_reply: false, ...print }),
    );
  }

  /**
   * Threads begin where the log stands, so that their positions are the log's. All appends happen before
   * the first await: a line that comes meanwhile has one place in every view.
   */
  #deliver(
    line: AgentMessage,
    speaker: ConversableAgent | undefined,
    own: () => Promise<void> | void,
  ): Promise<unknown> {
    for (const member of this.members) member.threadWith(this, this.groupchat.log.end);
    const said = own();
    this.groupchat.log.append(line);
    const heard = this.members
      .filter((member) => member !== speaker)
      .map((member) => member.receive(line, this, { request_reply: false, silent: true }));
    return Promise.all([said, ...heard]);
  }

  async #introduce(): Promise<void> {
    const content = `Hello everyone. This is who takes part in this conversation:\n\n${rolesText(this.members)}`;
    for (const member of this.members) {
      await member.receive(content, this, { request_reply: false, silent: true });
    }
  }

  /** The line under its speaker's true name; only people may go by a name of their own. */
  #line(message: MessageInput, speaker: ConversableAgent | string | undefined): AgentMessage {
    const fields: MessageFields = typeof message === "string" ? { content: message } : message;
    const agent = this.#agent(speaker);
    const name = agent?.name ?? (typeof speaker === "string" ? speaker : this.name);
    const free = agent === undefined || agent instanceof UserProxyAgent;
    const taken =
      fields.name !== undefined && this.groupchat.agentByName(fields.name) !== undefined;
    const keeps = fields.role === "function" || (free && !taken);
    return heardLine({ ...fields, name: (keeps && fields.name) || name }, name);
  }

  #judge(line: AgentMessage, speaker: ConversableAgent | undefined): void {
    if (this.isTerminationMsg(line)) {
      const detail = `${line.name ?? "Somebody"} said the termination message`;
      this.#ending ??= { reason: "termination", detail };
      return;
    }
    this.#yieldTo ??= this.members.find(
      (member) =>
        member instanceof UserProxyAgent && member !== speaker && member.isTerminationMsg(line),
    );
  }

  #end(round: number, signal: AbortSignalLike | undefined): RunResult | undefined {
    if (signal?.aborted) return aborted(round, signal);
    if (this.#ending) return { ...this.#ending, rounds: round };
    return round >= this.groupchat.max_round ? this.#limit(round) : undefined;
  }

  #limit(round: number): RunResult {
    const detail = `The limit of ${this.groupchat.max_round} messages in one run is reached`;
    return { reason: "max_round", rounds: round, detail };
  }

  /** A message that ends things for a user proxy gives it the word at once, whoever's turn it is. */
  async #next(last: ConversableAgent | undefined, options: RoundsOptions) {
    const people = this.#yieldTo;
    this.#yieldTo = undefined;
    const flow = flowOf(options);
    try {
      const speaker = people ?? (await this.groupchat.selectSpeaker(last, this, flow));
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

  #agent(speaker: ConversableAgent | string | undefined): ConversableAgent | undefined {
    return typeof speaker === "string" ? this.groupchat.agentByName(speaker) : speaker;
  }

  #people(): ConversableAgent | undefined {
    return this.members.find((member) => member instanceof UserProxyAgent);
  }

  /** The manager's own reply to whoever sends it something: a run of its group. */
  async #replyByRunning(context: ReplyContext): Promise<ReplyResult> {
    const { messages, sender } = context;
    const message = messages.at(-1);
    if (!message || !sender) return [false, null];
    const opening = { message, speaker: sender };
    const result = await drain(this.#run({ opening, ...flowOf(context) }, true));
    if (result.reason === "error") throw result.error;
    const nested = sender instanceof GroupChatManager && result.rounds > 1;
    const ended =
      result.reason !== "floor" && result.reason !== "aborted" && result.reason !== "human_stop";
    const last = this.groupchat.messages.at(-1);
    // A group inside a group answers with its last word instead of ending the outer run.
    if (nested && ended && last) return [true, { content: last.content ?? "" }];
    const { reason, detail } = result;
    context.onStop?.({ reason, ...(detail === undefined ? {} : { detail }) });
    return [true, null];
  }
}
