/**
 * The barrel for programs outside: AutoGen's agents and group chat, and MemGPT agents among them, with no
 * Discord and no I/O of their own. docs/autogen-api.md describes it.
 */
export { AssistantAgent, DEFAULT_ASSISTANT_SYSTEM_MESSAGE } from "./assistant-agent.ts";
export { mentionedAgents, type SelectorTemplates } from "./auto-selection.ts";
export type { ChatResult, InitiateChatOptions, SummaryFunction } from "./chat.ts";
export { formatExecuting, formatMessage, formatNextSpeaker, formatTrace } from "./console-form.ts";
export {
  ConversableAgent,
  type ConversableAgentOptions,
  type GenerateReplyOptions,
  MAX_CONSECUTIVE_AUTO_REPLY,
  type SendOptions,
} from "./conversable-agent.ts";
export {
  AutogenError,
  type AutogenErrorCode,
  InterruptError,
  NoEligibleSpeakerError,
  NotImplementedError,
  UndefinedNextAgentError,
} from "./errors.ts";
export { GroupChat, type GroupChatOptions } from "./group-chat.ts";
export {
  GroupChatManager,
  type GroupChatManagerOptions,
  type RoundsOptions,
  type RunStart,
} from "./group-chat-manager.ts";
export {
  FLOOR,
  type GetHumanInput,
  type HumanInput,
  type HumanInputContext,
  type HumanInputMode,
} from "./human-input.ts";
export {
  type InterfaceKwargs,
  MemgptConversableAgent,
  type MemgptConversableAgentOptions,
} from "./memgpt-conversable-agent.ts";
export {
  type AutogenRuntime,
  type CreateMemgptAgentOptions,
  createMemgptAutogenAgentFromConfig,
  type LoadMemgptAgentOptions,
  loadAutogenMemgptAgent,
  type MemgptPreset,
} from "./memgpt-factory.ts";
export type { LlmConfig } from "./memgpt-record.ts";
export {
  type AgentMessage,
  isTerminate,
  type MessageFields,
  type MessageInput,
  type TerminationPredicate,
} from "./message.ts";
export type {
  ChatFlow,
  RegisterOptions,
  Reply,
  ReplyContext,
  ReplyFunction,
  ReplyResult,
  Stop,
  StopReason,
  Trigger,
} from "./reply.ts";
export { functionCallReply, humanReply, modelReply, toolReply } from "./reply-functions.ts";
export type { RestoreOptions } from "./restore-views.ts";
export type { RoundEvent, RunResult } from "./run-result.ts";
export type { ManualInput, SelectionFunction, SpeakerSelection } from "./speaker-selection.ts";
export type { AgentFunction } from "./tool-execution.ts";
export type { TransitionTable } from "./transitions.ts";
export { UserProxyAgent } from "./user-proxy-agent.ts";
