/**
 * What a ConversableAgent is made of, and what can be said along with a message or a request for a
 * reply. The keys are AutoGen's.
 */
import type { ChatModel, TokenCounter, ToolSchema } from "../memgpt/ports.ts";
import type { Logger } from "../shared/logger.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import type { GetHumanInput, HumanInputMode } from "./human-input.ts";
import type { AgentMessage, MessageInput, TerminationPredicate } from "./message.ts";
import type { ChatFlow, ReplyFunction } from "./reply.ts";
import type { AgentFunction } from "./tool-execution.ts";
import type { UsageMeter } from "./usage.ts";

export interface ConversableAgentOptions {
  name: string;
  system_message?: string;
  /** What others are told about this agent; default: its system message. */
  description?: string;
  /** Default: the content equals "TERMINATE". */
  is_termination_msg?: TerminationPredicate;
  /** Per sender; 0 never replies automatically. Default 100. */
  max_consecutive_auto_reply?: number;
  human_input_mode?: HumanInputMode;
  /** Said where no other link of the chain has a reply. Default "". */
  default_auto_reply?: MessageInput;
  /** True: what this agent says is not printed. Default false. */
  silent?: boolean;
  /** Threads to begin with, by partner; the agent keeps copies. */
  chat_messages?: ReadonlyMap<ConversableAgent, readonly AgentMessage[]>;
  /** false or absent: no model. */
  llm?: ChatModel | false;
  /** Asked where the mode wants a person; default: the floor is theirs. */
  get_human_input?: GetHumanInput;
  /** Functions that this agent runs when somebody calls them. */
  function_map?: Readonly<Record<string, AgentFunction>> | ReadonlyMap<string, AgentFunction>;
  /** Functions that this agent's model may call. */
  tools?: readonly ToolSchema[];
  /** Counts what fits the model's window; default: an estimate on the safe side. */
  tokens?: TokenCounter;
  /** Where this agent's completions are counted; default: a meter of its own. */
  usage?: UsageMeter;
  /** Told of models without a price and of overridden functions. */
  logger?: Logger;
  /** Refused but for false: models are passed in as `llm`, e.g. by `configListModel`. */
  llm_config?: false;
  /** Refused but for false: code execution is left out on purpose. */
  code_execution_config?: false;
}

export interface SendOptions extends ChatFlow {
  /** true asks the recipient for a reply, false does not; default: what the chat was set up for. */
  request_reply?: boolean;
  /** Prints nothing, neither this message nor what it leads to. */
  silent?: boolean;
}

export interface GenerateReplyOptions extends ChatFlow {
  /** Default: the thread with `sender`. One of the two is needed. */
  messages?: readonly AgentMessage[];
  sender?: ConversableAgent;
  /** Reply functions to pass over. */
  exclude?: readonly ReplyFunction[];
}
