/**
 * What a MemGPT agent is made of and talks in: its options, the ports it runs on, the lines it
 * hears and the replies it gives. Types only.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Clock, Ids } from "../shared/clock.ts";
import type { AgentEventListener } from "../shared/events.ts";
import type { Logger } from "../shared/logger.ts";
import type { Extras } from "./extra-functions.ts";
import type { PassageIndexes } from "./passage-indexes.ts";
import type { ChatModel, Embedder, PassageStore, StateStore, TokenCounter } from "./ports.ts";

export interface MemgptRuntime {
  model: ChatModel;
  tokens: TokenCounter;
  embedder: Embedder;
  passages: PassageStore;
  store: StateStore;
  clock: Clock;
  ids: Ids;
  logger: Logger;
  /** IANA name; without it, the host's zone. */
  time_zone?: string;
  /** Word indexes of data sources, to be shared by all agents of a process. Own ones otherwise. */
  source_indexes?: PassageIndexes;
  /** What functions beyond the base set reach the world through. Without it, all of them are off. */
  extras?: Extras;
}

export interface MemgptAgentOptions {
  name: string;
  /** Unique: prefix of its rows in the state store and of its owners in the passage store. */
  owner: string;
  /** The preset's prompt. */
  system: string;
  /** Core memory of a new agent; a restored one has its own. */
  persona: string;
  human: string;
  /** Names of the functions it may call; `send_message` must be among them. */
  functions: readonly string[];
  /** True: the first answer may call any function. Default false. */
  skip_verify?: boolean;
  /** First-message verification also wants an inner monologue (MemGPT does for gpt-4). */
  first_message_verify_mono?: boolean;
  /** Model calls in one reply. Default 50. */
  max_chain?: number;
  /** Default "append". */
  layout?: PromptLayout;
}

/**
 * "append": between evictions the prompt only grows at its end, so that providers' prefix caches hit
 * (docs/decisions/0011-prompt-layout.md). "memgpt_0_3": as in MemGPT 0.3.5 the system message is
 * rendered anew, with counts, at each change of core memory.
 */
export type PromptLayout = "append" | "memgpt_0_3";

/** Something that somebody in the groupchat said. */
export interface IncomingLine {
  speaker: string;
  text: string;
  /** Milliseconds since the epoch. */
  created_at: number;
  /** Who spoke, for ever the same; absent for agents, and for callers that do not tell people apart. */
  person?: string;
  /**
   * The person is not to be remembered: this line, and what is said and done from it to `endOffRecord`,
   * is seen by the model now and never stored, found or summarised.
   */
  off_record?: boolean;
}

export interface ReplyOptions {
  signal?: AbortSignalLike;
  /** Thoughts and function traces while they arise. */
  onEvent?: AgentEventListener;
  /** Asks the model for streaming: `onEvent` is also told the reply's text while it is written. */
  stream?: boolean;
}

export interface AgentReply {
  /** The `send_message` texts, in order; empty when the agent chose silence or found no words. */
  messages: string[];
  /** One line each, for people: a limit was reached, or something went differently than asked. */
  notices?: string[];
}

/** A data source that an agent may search. It is linked, never copied. */
export interface AttachedSource {
  id: string;
  name: string;
  /** Owner of its passages in the `PassageStore`. */
  owner: string;
  /** E.g. "pdf". */
  kind: string;
  passages: number;
  /** One line. */
  description?: string;
}

/** A row for the `StateStore`. */
export type Row = readonly [key: string, value: unknown];

/** The usual limit of a reply (Letta's `DEFAULT_MAX_STEPS`; MemGPT 0.3.5 had none). */
export const DEFAULT_MAX_CHAIN = 50;
