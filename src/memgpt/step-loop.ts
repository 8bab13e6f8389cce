/**
 * The step loop: one reply of the agent. A step is a model call, the functions it asks for, and the
 * decision what comes next: a memory-pressure warning before a failed function before a requested
 * heartbeat before stopping (MemGPT 0.3.5). Every way through it is bounded.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { throwIfAborted } from "../shared/abort.ts";
import { ModelError } from "../shared/errors.ts";
import type { AgentEvent, AgentEventListener } from "../shared/events.ts";
import type { Logger } from "../shared/logger.ts";
import type { FunctionContext } from "./agent-function.ts";
import { checkWindow } from "./check-window.ts";
import { FIRST_MESSAGE_TRIES, gradeFirstMessage } from "./first-message.ts";
import { type FunctionTable, type ParsedCall, parseCall } from "./function-call.ts";
import type { MainContext } from "./main-context.ts";
import {
  HEARTBEAT_REASONS,
  PRESSURE_WARNING,
  packageAlert,
  packageFunctionResult,
  packageHeartbeat,
} from "./packaging.ts";
import type { ChatCompletion, ChatMessage, ChatModel, ToolCall } from "./ports.ts";
import type { AgentReply, ReplyOptions } from "./runtime.ts";
import { SpeechStream } from "./speech-stream.ts";
import { readWrittenCall } from "./written-call.ts";

/** What the loop needs of its agent. */
export interface StepLoopAgent {
  readonly name: string;
  readonly model: ChatModel;
  readonly context: MainContext;
  readonly functions: FunctionTable;
  readonly logger: Logger;
  readonly max_chain: number;
  /** Whether the next answer is the agent's first and must be verified. */
  verifyFirst(): { monologue: boolean } | undefined;
  firstMessageDone(): void;
  /** Row that the next message will have in the log. */
  nextRow(): number;
  append(message: ChatMessage): void;
  /** Takes in alerts that came while a step was running. */
  takeHeldAlerts(): void;
  formatNow(): string;
  functionContext(
    outlets: Pick<FunctionContext, "say" | "receipt">,
    signal: AbortSignalLike | undefined,
  ): FunctionContext;
}

/** What one step led to. */
interface StepOutcome {
  token_warning: boolean;
  function_failed: boolean;
  heartbeat_request: boolean;
  /** The arguments could not be read as JSON. */
  unreadable: boolean;
  /** The model called nothing. */
  prose: string | undefined;
  /** The last call was `pause_heartbeats`: silence is what the model wants. */
  paused: boolean;
}

/** Requests that overflow or end at the length limit, before giving in. */
const MAX_OVERFLOWS = 3;
/** Heartbeats in one reply that the model did not ask for. */
const MAX_CORRECTIONS = 5;
/** Answers in a row whose arguments are no JSON. */
const MAX_UNREADABLE = 3;
/** Calls of one answer that are run. */
const MAX_CALLS = 32;

export class StepLoop {
  readonly #agent: StepLoopAgent;
  readonly #signal: AbortSignalLike | undefined;
  readonly #onEvent: AgentEventListener | undefined;
  readonly #messages: string[] = [];
  readonly #notices: string[] = [];
  /** Only where it was asked for: streaming costs the model's client some CPU. */
  readonly #speech: SpeechStream | undefined;
  #proseCorrections = 0;
  #corrections = 0;
  #unreadable = 0;
  /** Once a reply: a window that each answer fills anew would wake the model again and again. */
  #warned = false;
  /** The model chose to say nothing. */
  #silent = false;

  constructor(agent: StepLoopAgent, options: ReplyOptions) {
    this.#agent = agent;
    this.#signal = options.signal;
    this.#onEvent = options.onEvent;
    if (!options.onEvent || !options.stream) return;
    this.#speech = new SpeechStream((text) =>
      this.#emit({ type: "text_delta", agent: agent.name, text }),
    );
  }

  /**
   * Steps until the model yields. Rejects with the model's error, or the signal's reason, when
   * nothing has been said; otherwise what was said is the reply, with a notice.
   */
  async run(): Promise<AgentReply> {
    try {
      await this.#chain();
    } catch (error) {
      if (this.#messages.length === 0) throw error;
      this.#agent.logger.warn("a reply was cut short after something was said", { error });
      const why = this.#signal?.aborted ? "was stopped" : "could not go on";
      this.#notice(`${this.#agent.name} ${why} before the answer was complete.`);
    }
    return {
      messages: this.#messages,
      ...(this.#notices.length > 0 ? { notices: this.#notices } : {}),
    };
  }

  async #chain(): Promise<void> {
    const { name, max_chain } = this.#agent;
    for (let steps = 1; ; steps += 1) {
      throwIfAborted(this.#signal);
      this.#agent.takeHeldAlerts();
      const outcome = await this.#step();
      const next = this.#nextEvent(outcome);
      if (!next) break;
      if (steps >= max_chain) {
        this.#notice(`${name} stopped after ${max_chain} steps, the limit for one reply.`);
        return;
      }
      this.#agent.append(next);
    }
    if (this.#messages.length === 0 && this.#notices.length === 0 && !this.#silent) {
      this.#notice(`${name} found no answer.`);
    }
  }

  /** The event that continues the chain; undefined ends it. */
  #nextEvent(outcome: StepOutcome): ChatMessage | undefined {
    const time = this.#agent.formatNow();
    this.#unreadable = outcome.unreadable ? this.#unreadable + 1 : 0;
    if (this.#unreadable >= MAX_UNREADABLE) {
      this.#notice(
        `${this.#agent.name} called functions in a way that cannot be read, and stopped.`,
      );
      return undefined;
    }
    if (outcome.token_warning) return packageAlert(PRESSURE_WARNING, time);
    if (outcome.function_failed) return packageHeartbeat(HEARTBEAT_REASONS.failed, time);
    if (outcome.heartbeat_request) return packageHeartbeat(HEARTBEAT_REASONS.requested, time);
    this.#silent = outcome.paused;
    if (this.#messages.length > 0 || outcome.paused) return undefined;
    if (outcome.prose !== undefined) {
      this.#proseCorrections += 1;
      return this.#proseCorrections > 1
        ? undefined
        : packageHeartbeat(HEARTBEAT_REASONS.prose, time);
    }
    this.#corrections += 1;
    return this.#corrections > MAX_CORRECTIONS
      ? undefined
      : packageHeartbeat(HEARTBEAT_REASONS.unanswered, time);
  }

  async #step(): Promise<StepOutcome> {
    const { context, model } = this.#agent;
    const answer = await this.#answer();
    const outcome =
      answer.tool_calls.length > 0
        ? await this.#runCalls(answer.content, answer.tool_calls)
        : await this.#prose(answer.content?.trim() ?? "");
    // The offline model does not think about its memory, so it is not asked to.
    outcome.token_warning =
      !model.offline &&
      !this.#warned &&
      context.pressure(answer.usage?.total_tokens ?? context.promptTokens);
    this.#warned ||= outcome.token_warning;
    return outcome;
  }

  /** The model's answer; the first one of a new agent is verified. */
  async #answer(): Promise<ChatCompletion> {
    const verify = this.#agent.verifyFirst();
    if (!verify) return this.#request(this.#speech);
    let best: { answer: ChatCompletion; grade: number } | undefined;
    for (let tries = 0; tries < FIRST_MESSAGE_TRIES; tries += 1) {
      const answer = await this.#request();
      const grade = gradeFirstMessage(answer, verify.monologue);
      if (!best || grade > best.grade) best = { answer, grade };
      if (grade === 2) break;
    }
    const { answer, grade } = best ?? { answer: await this.#request(), grade: 0 };
    if (grade < 2) {
      this.#notice(
        `${this.#agent.name} did not begin as it should in ${FIRST_MESSAGE_TRIES} tries; its best answer was taken.`,
      );
      this.#agent.logger.warn("the first answer was not verified; taking the best one", {
        tries: FIRST_MESSAGE_TRIES,
        grade,
      });
    }
    this.#agent.firstMessageDone();
    return answer;
  }

  /** One completion, with room made for it before, and again if the provider says it overflowed. */
  async #request(speech?: SpeechStream): Promise<ChatCompletion> {
    const { context, model, functions, logger } = this.#agent;
    checkWindow(this.#agent.name, model, context.fixedTokens);
    await context.makeRoom();
    for (let overflows = 0; ; overflows += 1) {
      const mayShrink = overflows < MAX_OVERFLOWS;
      try {
        const answer = await model.complete({
          messages: context.prompt(),
          tools: functions.schemas,
          ...(this.#signal ? { signal: this.#signal } : {}),
          ...(speech ? { onToolCall: speech.listen(this.#messages) } : {}),
        });
        const completion = readWrittenCall(answer, functions.schemas);
        if (!mayShrink || !this.#cutByWindow(completion) || !(await context.evict())) {
          return completion;
        }
        logger.info("an answer was cut off by the window; asking again after an eviction");
      } catch (error) {
        const overflow = error instanceof ModelError && error.code === "context_length_exceeded";
        if (!overflow || !mayShrink || !(await context.shrink())) throw error;
        logger.info("the prompt overflowed; asking again after an eviction");
      }
    }
  }

  /** An answer may also end at a limit of the provider's own; evicting would not lengthen it. */
  #cutByWindow(completion: ChatCompletion): boolean {
    const used = completion.usage?.total_tokens ?? Number.POSITIVE_INFINITY;
    return completion.finish_reason === "length" && used > 0.75 * this.#agent.model.context_window;
  }

  async #runCalls(content: string | null, raw: readonly ToolCall[]): Promise<StepOutcome> {
    const agent = this.#agent;
    const row = agent.nextRow();
    if (raw.length > MAX_CALLS) {
      this.#notice(`${agent.name} asked for ${raw.length} calls at once; ${MAX_CALLS} were made.`);
      agent.logger.warn("too many calls in one answer; the rest is left out", {
        calls: raw.length,
        limit: MAX_CALLS,
      });
    }
    // Ids from the log's row: unique in this conversation, and the same in every run of it.
    const calls = raw
      .slice(0, MAX_CALLS)
      .map((call, i) => ({ parsed: parseCall(call, `call_${row}_${i}`), raw: call }));
    if (content?.trim()) this.#emit({ type: "inner_thoughts", agent: agent.name, text: content });
    agent.append({
      role: "assistant",
      content: content?.trim() ? content : null,
      tool_calls: calls.map(({ parsed }) => parsed.call),
    });
    const outcome = emptyOutcome();
    for (const { parsed, raw: call } of calls) {
      const ok = await this.#runCall(parsed, call.function.arguments);
      outcome.function_failed ||= !ok;
      outcome.unreadable ||= !parsed.args;
      // A failed call asks for nothing (MemGPT: function_failed, heartbeat false).
      outcome.heartbeat_request ||= ok && parsed.request_heartbeat;
      outcome.paused = ok && parsed.name === "pause_heartbeats";
    }
    return outcome;
  }

  /** Runs a call and appends its result; every call gets one, also after an abort. */
  async #runCall(parsed: ParsedCall, raw: string): Promise<boolean> {
    const { name, functions } = this.#agent;
    const shown = { agent: name, name: parsed.name };
    const speaks = parsed.name === "send_message";
    if (!speaks) {
      this.#emit({ type: "function_call", ...shown, arguments: parsed.args ?? {} });
    }
    const receipts: string[] = [];
    const context = this.#agent.functionContext(
      {
        say: (message) => this.#messages.push(message),
        receipt: (text) => receipts.push(text),
      },
      this.#signal,
    );
    const { ok, text } = this.#signal?.aborted
      ? { ok: false, text: `Error calling function ${parsed.name}: it was stopped` }
      : await functions.execute(parsed, raw, context);
    const time = this.#agent.formatNow();
    this.#agent.append(packageFunctionResult(parsed.call.id, ok, text, time));
    // What was said is shown as such; only a failure to say it is a trace.
    if (!speaks || !ok) this.#emit({ type: "function_result", ...shown, ok, text });
    for (const receipt of receipts) {
      this.#emit({ type: "memory_receipt", agent: name, text: receipt });
    }
    return ok;
  }

  /**
   * An answer without a call is inner monologue, and nobody hears it. When the model has been told
   * so already and nobody has had an answer yet, it is taken for the message it surely is: as a
   * `send_message` call, so that the history shows the model how it is done.
   */
  async #prose(text: string): Promise<StepOutcome> {
    const agent = this.#agent;
    if (text !== "" && this.#proseCorrections > 0 && this.#messages.length === 0) {
      agent.logger.warn("the model answered in prose again; taking it as the message");
      const call: ToolCall = {
        id: "prose",
        type: "function",
        function: { name: "send_message", arguments: JSON.stringify({ message: text }) },
      };
      return this.#runCalls(null, [call]);
    }
    if (text !== "") {
      this.#emit({ type: "inner_thoughts", agent: agent.name, text });
      agent.append({ role: "assistant", content: text });
    }
    return { ...emptyOutcome(), prose: text };
  }

  #notice(text: string): void {
    this.#notices.push(text);
    this.#emit({ type: "notice", agent: this.#agent.name, text });
  }

  #emit(event: AgentEvent): void {
    this.#onEvent?.(event);
  }
}

function emptyOutcome(): StepOutcome {
  return {
    token_warning: false,
    function_failed: false,
    heartbeat_request: false,
    unreadable: false,
    prose: undefined,
    paused: false,
  };
}
