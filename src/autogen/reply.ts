/**
 * The reply chain's contract: what a reply function gets, what it returns, for which senders it is
 * asked, and how an agent says that (and why) it does not reply.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { AgentEventListener } from "../shared/events.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import type { AgentMessage, MessageInput } from "./message.ts";

/** Why a run or a chat ended. */
export type StopReason =
  /** The group's limit of messages in one run. */
  | "max_round"
  /** A termination predicate held. */
  | "termination"
  /** It is the people's turn, and they are not waited for. */
  | "floor"
  /** A person typed "exit". */
  | "human_stop"
  | "no_eligible_speaker"
  /** A member had given `max_consecutive_auto_reply` replies. */
  | "auto_reply_limit"
  /** The speaker's reply was null. */
  | "null_reply"
  /** A stop condition: see stop-conditions.ts. */
  | "max_messages"
  | "text_mention"
  | "stop_message"
  | "source_match"
  | "budget"
  | "timeout"
  | "handoff"
  | "external"
  | "function_call"
  | "functional"
  | "aborted"
  | "error";

export interface Stop {
  reason: StopReason;
  /** A sentence for logs: who, which limit. */
  detail?: string;
  error?: unknown;
}

/** What travels along with a chat, whatever its form. */
export interface ChatFlow {
  signal?: AbortSignalLike;
  /** Thoughts and function traces while they arise. */
  onEvent?: AgentEventListener;
  /** Asks models for streaming: `onEvent` is also told a reply's text while it is written. */
  stream?: boolean;
  /** Told why an agent did not reply, before its null reply is returned. */
  onStop?: (stop: Stop) => void;
  /** Asked of each line that is heard; what it returns ends the chat. */
  judge?: (line: AgentMessage) => Stop | undefined;
  /** Takes the console form of the originals, a block at a time, without the last line break. */
  print?: (block: string) => void;
}

export type Reply = MessageInput | null;

/** `final` false goes on to the next function of the chain, whatever `reply` is. */
export type ReplyResult = readonly [final: boolean, reply: Reply];

export interface ReplyContext extends ChatFlow {
  /** The thread with `sender` as hooks show it, oldest first; read only. Never empty. */
  messages: readonly AgentMessage[];
  /** The same before hooks changed it. */
  heard: readonly AgentMessage[];
  sender: ConversableAgent | undefined;
  /** As given at registration. */
  config: unknown;
}

export type ReplyFunction = (
  agent: ConversableAgent,
  context: ReplyContext,
) => ReplyResult | Promise<ReplyResult>;

export type AgentClass = abstract new (options: never) => ConversableAgent;

/**
 * Whom a reply function serves: a class of senders, a sender's name, one sender, a predicate, null
 * for "no sender at all", or a list of which one must match.
 */
export type Trigger =
  | AgentClass
  | string
  | ConversableAgent
  | ((sender: ConversableAgent | undefined) => boolean)
  | null
  | readonly Trigger[];

export interface RegisterOptions {
  /** Place in the chain; 0, the default, is tried first. */
  position?: number;
  /** Handed to the function as a shallow copy, which `reset` makes anew. */
  config?: unknown;
  /** Told the copy at `reset`, instead of making a new one. */
  reset_config?: (config: unknown) => void;
  /** Drops the functions that were registered before. */
  remove_other_reply_funcs?: boolean;
  /** The function ends by itself when `signal` is aborted, so it is waited for. Default false. */
  heeds_signal?: boolean;
}

export interface RegisteredReply {
  trigger: Trigger;
  reply: ReplyFunction;
  config: unknown;
  readonly options: RegisterOptions;
}
