/**
 * The barrel for programs outside: AutoGen's agents and group chat, and MemGPT agents among them, with no
 * Discord and no I/O of their own. docs/autogen-api.md describes it.
 */

export type {
  ChatCompletion,
  ChatMessage,
  ChatModel,
  ChatRequest,
  TokenCounter,
  TokenUsage,
  ToolCall,
  ToolSchema,
} from "../memgpt/ports.ts";
export type { AbortSignalLike } from "../shared/abort.ts";
export type { Clock } from "../shared/clock.ts";
export { type FilterDict, filterConfig } from "../shared/entry-filter.ts";
export { ModelError, type ModelErrorCode } from "../shared/errors.ts";
export type { AgentEvent } from "../shared/events.ts";
export type { Logger } from "../shared/logger.ts";
export { applyMessageRules, type MessageRules } from "../shared/message-rules.ts";
export type {
  ConversableAgentOptions,
  GenerateReplyOptions,
  SendOptions,
} from "./agent-options.ts";
export { AssistantAgent, DEFAULT_ASSISTANT_SYSTEM_MESSAGE } from "./assistant-agent.ts";
export { mentionedAgents, type SelectorTemplates } from "./auto-selection.ts";
export type { Carryover } from "./carryover.ts";
export type {
  ChatResult,
  InitiateChatOptions,
  MessageContext,
  OpeningMessage,
} from "./chat.ts";
export { type ChatQueueEntry, initiateChats } from "./chat-queue.ts";
export {
  type ConfigEntry,
  type ConfigListSource,
  configListFromJson,
} from "./config-list.ts";
export {
  type ConfigListDeps,
  configListModel,
  type LlmConfigOptions,
  MemoryResponseCache,
  type ResponseCache,
} from "./config-list-model.ts";
export { formatExecuting, formatMessage, formatNextSpeaker, formatTrace } from "./console-form.ts";
export { ConversableAgent, MAX_CONSECUTIVE_AUTO_REPLY } from "./conversable-agent.ts";
export {
  AutogenError,
  type AutogenErrorCode,
  InterruptError,
  NoEligibleSpeakerError,
  NotImplementedError,
  UndefinedNextAgentError,
} from "./errors.ts";
export { GroupChat } from "./group-chat.ts";
export { GroupChatManager } from "./group-chat-manager.ts";
export type { GroupChatOptions } from "./group-chat-options.ts";
export type { HookName, Hooks } from "./hooks.ts";
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
  type FunctionCall,
  isTerminate,
  type MessageFields,
  type MessageInput,
  type TerminationPredicate,
  type ToolResponse,
} from "./message.ts";
export type { NestedChatEntry, NestedChatOptions } from "./nested-chats.ts";
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
export { messagesFromString, type ResumeOptions } from "./resume.ts";
export type { GroupChatManagerOptions, RoundsOptions, RunStart } from "./run-options.ts";
export type { RoundEvent, RunResult } from "./run-result.ts";
export type { ManualInput, SelectionFunction, SpeakerSelection } from "./speaker-selection.ts";
export {
  ExternalTermination,
  FunctionalTermination,
  FunctionCallTermination,
  HandoffTermination,
  MaxMessageTermination,
  SourceMatchTermination,
  StopMessageTermination,
  TextMentionTermination,
  TimeoutTermination,
  TokenUsageTermination,
} from "./stop-condition-kinds.ts";
export {
  AndTermination,
  OrTermination,
  type RunState,
  TerminationCondition,
} from "./stop-conditions.ts";
export {
  DEFAULT_SUMMARY_PROMPT,
  type SummaryArgs,
  type SummaryFunction,
  type SummaryMethod,
} from "./summary.ts";
export type { AgentFunction } from "./tool-execution.ts";
export { type AgentTool, registerFunction, tool } from "./tools.ts";
export {
  MessageHistoryLimiter,
  MessageTokenLimiter,
  type MessageTransform,
  TextMessageContentName,
  TransformMessages,
} from "./transforms.ts";
export type { TransitionTable } from "./transitions.ts";
export {
  formatUsage,
  type GatheredUsage,
  gatherUsageSummary,
  type ModelUsage,
  metered,
  UsageMeter,
  type UsageMode,
  type UsageSummary,
} from "./usage.ts";
export { UserProxyAgent } from "./user-proxy-agent.ts";
