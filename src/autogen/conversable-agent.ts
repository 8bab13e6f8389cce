/**
 * AutoGen's ConversableAgent: keeps a thread per partner and answers through a chain of reply
 * functions, the one registered last first; the built-in ones are termination and people, function
 * calls, tool calls, the model; `default_auto_reply` stands at the end. It never executes code.
 */
import type { ChatModel, TokenCounter, TokenUsage, ToolSchema } from "../memgpt/ports.ts";
import { throwIfAborted } from "../shared/abort.ts";
import { type ChatResult, type InitiateChatOptions, initiateChat } from "./chat.ts";
import { formatMessage } from "./console-form.ts";
import { AutogenError } from "./errors.ts";
import { HistoryWindow } from "./history-window.ts";
import { FLOOR, type GetHumanInput, type HumanInput, type HumanInputMode } from "./human-input.ts";
import {
  type AgentMessage,
  heardLine,
  isTerminate,
  type MessageInput,
  ownLine,
  type TerminationPredicate,
} from "./message.ts";
import { MessageThread } from "./message-thread.ts";
import type {
  ChatFlow,
  RegisteredReply,
  RegisterOptions,
  Reply,
  ReplyFunction,
  Trigger,
} from "./reply.ts";
import { functionCallReply, humanReply, modelReply, toolReply } from "./reply-functions.ts";
import type { AgentFunction } from "./tool-execution.ts";
import { matchesTrigger } from "./trigger.ts";

/** How many automatic replies in a row are given unless told otherwise. */
export const MAX_CONSECUTIVE_AUTO_REPLY = 100;

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
  /** Refused: code execution is left out on purpose. */
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

export class ConversableAgent {
  readonly name: string;
  description: string;
  system_message: string;
  human_input_mode: HumanInputMode;
  default_auto_reply: MessageInput;
  llm: ChatModel | undefined;
  readonly function_map: Map<string, AgentFunction>;
  readonly tools: ToolSchema[];
  /** Tokens that this agent's models reported, by the name of the model that answered. */
  readonly usage = new Map<string, TokenUsage>();
  readonly window: HistoryWindow;
  readonly #isTermination: TerminationPredicate;
  readonly #askHuman: GetHumanInput;
  #limit: number;
  readonly #limits = new Map<ConversableAgent, number>();
  readonly #counters = new Map<ConversableAgent | undefined, number>();
  readonly #threads = new Map<ConversableAgent, MessageThread>();
  readonly #replyAtReceive = new Map<ConversableAgent, boolean>();
  readonly #replies: RegisteredReply[] = [];

  constructor(options: ConversableAgentOptions) {
    if (options.name.trim() === "") {
      throw new AutogenError("invalid_option", "An agent needs a name", {
        next: "Give `name` a text that tells it apart in its group.",
      });
    }
    if (options.code_execution_config) {
      throw new AutogenError("invalid_option", `${options.name} was given code_execution_config`, {
        why: "Agents here never execute code",
        next: "Leave it out, or set it to false; register functions instead.",
      });
    }
    this.name = options.name;
    this.system_message = options.system_message ?? "You are a helpful AI Assistant.";
    this.description = options.description ?? this.system_message;
    this.human_input_mode = checkedMode(options.human_input_mode ?? "TERMINATE");
    this.default_auto_reply = options.default_auto_reply ?? "";
    this.llm = options.llm || undefined;
    this.function_map = toMap(options.function_map);
    this.tools = [...(options.tools ?? [])];
    this.window = new HistoryWindow(options.tokens);
    this.#isTermination = options.is_termination_msg ?? isTerminate;
    this.#askHuman = options.get_human_input ?? (() => FLOOR);
    this.#limit = options.max_consecutive_auto_reply ?? MAX_CONSECUTIVE_AUTO_REPLY;
    for (const reply of [modelReply, toolReply, functionCallReply, humanReply]) {
      this.registerReply([ConversableAgent, null], reply);
    }
  }

  /** Partner to thread, oldest line first; read only. */
  get chat_messages(): ReadonlyMap<ConversableAgent, readonly AgentMessage[]> {
    return new Map([...this.#threads].map(([partner, thread]) => [partner, thread.messages]));
  }

  /** The thread with a partner, made at `offset` if there is none. */
  threadWith(partner: ConversableAgent, offset = 0): MessageThread {
    let thread = this.#threads.get(partner);
    if (!thread) {
      thread = new MessageThread(offset);
      this.#threads.set(partner, thread);
    }
    return thread;
  }

  /** The partners that this agent has a thread with. */
  get partners(): readonly ConversableAgent[] {
    return [...this.#threads.keys()];
  }

  /** Who takes part behind this agent: a group's members, nobody behind a plain agent. */
  get members(): readonly ConversableAgent[] {
    return [];
  }

  /** The newest message with `partner`, or with the only partner there is. */
  lastMessage(partner?: ConversableAgent): AgentMessage | undefined {
    if (partner) return this.#threads.get(partner)?.messages.at(-1);
    if (this.#threads.size > 1) {
      throw new AutogenError("invalid_option", `${this.name} talks with several partners`, {
        next: "Say whose last message is meant.",
      });
    }
    return this.partners[0] && this.lastMessage(this.partners[0]);
  }

  /** Empties the thread with `partner`, or all of them, but for the newest `keep` lines. */
  clearHistory(partner?: ConversableAgent, keep = 0): void {
    for (const one of partner ? [partner] : this.partners) this.#threads.get(one)?.trim(keep);
  }

  isTerminationMsg(message: AgentMessage): boolean {
    return this.#isTermination(message);
  }

  /** Automatic replies given in a row to `sender`. */
  consecutiveAutoReplyCounter(sender?: ConversableAgent): number {
    return this.#counters.get(sender) ?? 0;
  }

  setAutoReplyCounter(sender: ConversableAgent | undefined, replies: number): void {
    this.#counters.set(sender, replies);
  }

  resetConsecutiveAutoReplyCounter(sender?: ConversableAgent): void {
    if (sender) this.#counters.set(sender, 0);
    else this.#counters.clear();
  }

  maxConsecutiveAutoReply(sender?: ConversableAgent): number {
    return (sender && this.#limits.get(sender)) ?? this.#limit;
  }

  updateMaxConsecutiveAutoReply(limit: number, sender?: ConversableAgent): void {
    if (sender) this.#limits.set(sender, limit);
    else {
      this.#limit = limit;
      this.#limits.clear();
    }
  }

  updateSystemMessage(text: string): void {
    this.system_message = text;
  }

  /** Puts a reply function before those registered earlier (or at `position`). */
  registerReply(trigger: Trigger, reply: ReplyFunction, options: RegisterOptions = {}): void {
    if (options.remove_other_reply_funcs) this.#replies.length = 0;
    const { position = 0, config } = options;
    this.#replies.splice(position, 0, { trigger, reply, config });
  }

  /** Exchanges a registered reply function, keeping its place and trigger; unknown ones are ignored. */
  replaceReplyFunction(old: ReplyFunction, replacement: ReplyFunction): void {
    for (const entry of this.#replies) if (entry.reply === old) entry.reply = replacement;
  }

  /** Adds, or with null removes, functions that this agent runs. */
  registerFunctions(functions: Readonly<Record<string, AgentFunction | null>>): void {
    for (const [name, run] of Object.entries(functions)) {
      if (run === null) this.function_map.delete(name);
      else this.function_map.set(name, run);
    }
  }

  /** Whether this agent runs all of these functions. */
  canExecuteFunction(names: string | readonly string[]): boolean {
    return (typeof names === "string" ? [names] : names).every((name) =>
      this.function_map.has(name),
    );
  }

  getHumanInput(
    prompt: string,
    sender: string,
    message: AgentMessage,
    flow: ChatFlow,
  ): Promise<HumanInput> {
    const { signal } = flow;
    const context = { agent: this.name, sender, message, ...(signal ? { signal } : {}) };
    return Promise.resolve(this.#askHuman(prompt, context));
  }

  /** Says something to `recipient`. Throws `invalid_message` and keeps nothing if it says nothing. */
  async send(
    input: MessageInput,
    recipient: ConversableAgent,
    options: SendOptions = {},
  ): Promise<void> {
    const heard = heardLine(input, this.name);
    this.threadWith(recipient).append(ownLine(heard));
    await recipient.receive(heard, this, options);
  }

  /** Hears something from `sender`, and replies if that is asked for. */
  async receive(
    input: MessageInput,
    sender: ConversableAgent,
    options: SendOptions = {},
  ): Promise<void> {
    const heard = heardLine(input, sender.name);
    this.hear(heard, sender);
    const { request_reply, silent, print, ...rest } = options;
    const flow: ChatFlow = silent || !print ? rest : { ...rest, print };
    flow.print?.(formatMessage(sender.name, this.name, heard));
    const asked = request_reply ?? this.#replyAtReceive.get(sender) ?? true;
    if (!asked) return;
    const reply = await this.generateReply({ sender, ...flow });
    if (reply === null) return;
    throwIfAborted(flow.signal);
    await this.send(reply, sender, flow);
  }

  /** Puts a heard line into the thread, nothing else. */
  hear(heard: AgentMessage, sender: ConversableAgent): void {
    this.threadWith(sender).append(heard);
  }

  /** The first final reply of the chain; null where the agent does not reply (see `onStop`). */
  async generateReply(options: GenerateReplyOptions): Promise<Reply> {
    const { sender, messages, exclude, ...flow } = options;
    const thread = messages ?? (sender && this.threadWith(sender).messages);
    if (!thread) {
      throw new AutogenError("invalid_option", `${this.name} was asked for a reply to nothing`, {
        next: "Pass `messages`, or the `sender` whose thread is meant.",
      });
    }
    for (const { trigger, reply, config } of [...this.#replies]) {
      if (exclude?.includes(reply) || !matchesTrigger(trigger, sender)) continue;
      throwIfAborted(flow.signal);
      const [final, answer] = await reply(this, { ...flow, messages: thread, sender, config });
      if (final) return answer;
    }
    return this.default_auto_reply;
  }

  /** Opens a chat and waits for its end; see `InitiateChatOptions`. */
  initiateChat(recipient: ConversableAgent, options: InitiateChatOptions): Promise<ChatResult> {
    return initiateChat(this, recipient, options);
  }

  /** Makes ready for a chat with `partner`: counter at 0, and a clean thread if asked. */
  prepareChat(partner: ConversableAgent, clearHistory: boolean, replyAtReceive: boolean): void {
    this.resetConsecutiveAutoReplyCounter(partner);
    this.#replyAtReceive.set(partner, replyAtReceive);
    if (clearHistory) this.clearHistory(partner);
  }

  /** Forgets threads and counters. */
  reset(): void {
    this.clearHistory();
    this.resetConsecutiveAutoReplyCounter();
    this.#replyAtReceive.clear();
  }
}

function checkedMode(mode: HumanInputMode): HumanInputMode {
  if (mode === "ALWAYS" || mode === "TERMINATE" || mode === "NEVER") return mode;
  throw new AutogenError("invalid_option", `human_input_mode is ${JSON.stringify(mode)}`, {
    next: "Use ALWAYS, TERMINATE or NEVER.",
  });
}

function toMap(functions: ConversableAgentOptions["function_map"]): Map<string, AgentFunction> {
  if (!functions) return new Map();
  return functions instanceof Map ? new Map(functions) : new Map(Object.entries(functions));
}
