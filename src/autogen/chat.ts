/**
 * A chat from its opening message to its end, between two agents or, where the recipient is a
 * GroupChatManager, in its group (AutoGen's `initiate_chat`).
 */
import { throwIfAborted } from "../shared/abort.ts";
import { abortable } from "./abortable.ts";
import { type Carryover, withCarryover } from "./carryover.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { FLOOR } from "./human-input.ts";
import type { AgentMessage, MessageInput } from "./message.ts";
import type { ChatFlow, Stop, StopReason } from "./reply.ts";
import type { TerminationCondition } from "./stop-conditions.ts";
import { checkSummaryMethod, type SummaryArgs, type SummaryMethod, summarise } from "./summary.ts";
import { type GatheredUsage, gatherUsageSummary, type ModelUsage } from "./usage.ts";
import { usageSince } from "./usage-since.ts";

/** What a message function gets: the chat's `context` and `carryover`. */
export type MessageContext = Readonly<Record<string, unknown>> & { carryover?: Carryover };

/** The opening message; a function says what to make of a carryover, else it is set behind. */
export type OpeningMessage =
  | MessageInput
  | ((
      sender: ConversableAgent,
      recipient: ConversableAgent,
      context: MessageContext,
    ) => MessageInput | Promise<MessageInput>);

export interface InitiateChatOptions extends ChatFlow {
  /** Absent or null: the person behind the sender is asked for it. */
  message?: OpeningMessage | null;
  /** Begins with clean threads (in a group: everybody's, and the log). Default true. */
  clear_history?: boolean;
  silent?: boolean;
  /** Messages of the initiator, the opening one included; in a group: runs. Default: no limit. */
  max_turns?: number;
  /** "last_msg" (default): the last message without the word TERMINATE. */
  summary_method?: SummaryMethod;
  summary_args?: SummaryArgs;
  carryover?: Carryover;
  /** Passed to a message function. */
  context?: Readonly<Record<string, unknown>>;
  /** Reset at the start and asked after each message; ends the chat with its reason. */
  termination_condition?: TerminationCondition;
  /** Given back with the result. */
  chat_id?: number | string;
}

export interface ChatResult {
  chat_id?: number | string;
  /** The initiator's thread with the recipient, as it stands at the end. */
  chat_history: readonly AgentMessage[];
  summary: string;
  /** Over all who took part, members of a group included, since they were made. */
  cost: GatheredUsage;
  /** The same by model, cached answers included. */
  usage: ReadonlyMap<string, ModelUsage>;
  /** What the person behind the initiator typed. */
  human_input: readonly string[];
  /** Why it ended; "max_turns" when the given number of turns was reached first. */
  reason: StopReason | "max_turns";
  detail?: string;
}

/**
 * Rejects with what an agent's reply rejected with; what was said by then stays in the threads. An aborted
 * signal rejects too, but for a group's run, which ends with its reason.
 */
export async function initiateChat(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  options: InitiateChatOptions,
): Promise<ChatResult> {
  const { clear_history = true, max_turns, summary_method = "last_msg" } = options;
  throwIfAborted(options.signal);
  checkSummaryMethod(summary_method, sender, recipient);
  const watch = new StopWatch(sender, recipient, options);
  const { flow } = watch;
  const turns = max_turns ?? 1;
  const endless = (max_turns ?? null) === null;
  // A group in the middle of a run refuses, and then nothing has changed yet.
  recipient.prepareChat(sender, clear_history, endless);
  if (recipient !== sender) sender.prepareChat(recipient, clear_history, endless);
  let next = await opening(sender, recipient, options);
  let done = 0;
  for (; next !== null && done < turns && !watch.ended; done += 1) {
    if (done > 0) {
      next = await sender.generateReply({ sender: recipient, ...flow });
      if (next === null) break;
    }
    await sender.send(next, recipient, {
      ...flow,
      request_reply: true,
      ...(options.silent ? { silent: true } : {}),
    });
  }
  const { stop } = watch;
  const reached = !endless && done >= turns && !watch.ended;
  const nothing = next === null && done === 0 ? "floor" : "null_reply";
  const cost = gatherUsageSummary([sender, recipient]);
  return {
    ...(options.chat_id === undefined ? {} : { chat_id: options.chat_id }),
    chat_history: [...sender.threadWith(recipient).messages],
    summary: await summarise(summary_method, sender, recipient, options.summary_args ?? {}, flow),
    cost,
    usage: cost.usage_including_cached_inference.models,
    human_input: [...sender.humanInputs],
    reason: stop?.reason ?? (reached ? "max_turns" : nothing),
    ...(stop?.detail === undefined ? {} : { detail: stop.detail }),
  };
}

/** Why the chat ended, heard from whoever ended it, and the chat's own condition. */
class StopWatch {
  readonly flow: ChatFlow;
  stop: Stop | undefined;
  /** The condition held, or a group's run was aborted: no further turn. */
  ended = false;

  constructor(sender: ConversableAgent, recipient: ConversableAgent, options: InitiateChatOptions) {
    const { signal, onEvent, onStop, stream, print, silent } = options;
    const { termination_condition: condition } = options;
    condition?.reset();
    const since = usageSince([sender, recipient]);
    this.flow = {
      ...(signal ? { signal } : {}),
      ...(onEvent ? { onEvent } : {}),
      ...(stream ? { stream } : {}),
      ...(print && !silent ? { print } : {}),
      ...(condition
        ? {
            judge: (line) => {
              const stop = condition.check([line], { usage: since() });
              this.ended ||= stop !== undefined;
              return stop;
            },
          }
        : {}),
      onStop: (one) => {
        this.stop = one;
        this.ended ||= one.reason === "aborted";
        onStop?.(one);
      },
    };
  }
}

async function opening(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  options: InitiateChatOptions,
): Promise<MessageInput | null> {
  const { message, carryover, context } = options;
  if (typeof message === "function") {
    const given = { ...context, ...(carryover ? { carryover } : {}) };
    return abortable(message(sender, recipient, given), options.signal);
  }
  if (message !== undefined && message !== null) return withCarryover(message, carryover);
  const typed = await sender.getHumanInput(">", recipient.name, undefined, options);
  return typed === FLOOR ? null : withCarryover(typed, carryover);
}
