/**
 * AutoGen's ConversableAgent: keeps a thread per partner and answers through a chain of reply
 * functions, the one registered last first; the built-in ones are termination and people, function
 * calls, tool calls, the model; `default_auto_reply` stands at the end. It never executes code.
 */
import { throwIfAborted } from "../shared/abort.ts";
import { abortable } from "./abortable.ts";
import type {
  ConversableAgentOptions,
  GenerateReplyOptions,
  SendOptions,
} from "./agent-options.ts";
import { AutoReplyLimits } from "./auto-reply-limits.ts";
import { type ChatResult, type InitiateChatOptions, initiateChat } from "./chat.ts";
import { type ChatQueueEntry, initiateChats } from "./chat-queue.ts";
import { formatMessage } from "./console-form.ts";
import { EquippedAgent } from "./equipped-agent.ts";
import { AutogenError } from "./errors.ts";
import { HistoryWindow } from "./history-window.ts";
import { HookLists, type HookName, type Hooks } from "./hooks.ts";
import {
  checkedMode,
  FLOOR,
  type GetHumanInput,
  type HumanInput,
  type HumanInputMode,
} from "./human-input.ts";
import {
  type AgentMessage,
  heardLine,
  isTerminate,
  type MessageInput,
  ownLine,
  type TerminationPredicate,
} from "./message.ts";
import { MessageThread } from "./message-thread.ts";
import { type NestedChatEntry, type NestedChatOptions, nestedChatReply } from "./nested-chats.ts";
import type { ChatFlow, RegisterOptions, Reply, ReplyFunction, Trigger } from "./reply.ts";
import { ReplyChain } from "./reply-chain.ts";
import { functionCallReply, humanReply, modelReply, toolReply } from "./reply-functions.ts";

/** How many automatic replies in a row are given unless told otherwise. */
export const MAX_CONSECUTIVE_AUTO_REPLY = 100;

export class ConversableAgent extends EquippedAgent {
  description: string;
  system_message: string;
  human_input_mode: HumanInputMode;
  default_auto_reply: MessageInput;
  /** True: what this agent says is not printed. */
  silent: boolean;
  readonly window: HistoryWindow;
  readonly #isTermination: TerminationPredicate;
  readonly #askHuman: GetHumanInput;
  readonly #autoReplies: AutoReplyLimits<ConversableAgent>;
  readonly #threads = new Map<ConversableAgent, MessageThread>();
  readonly #replyAtReceive = new Map<ConversableAgent, boolean>();
  readonly #chain = new ReplyChain();
  readonly #hooks = new HookLists();
  #humanInputs: string[] = [];

  constructor(options: ConversableAgentOptions) {
    super(options);
    if (options.name.trim() === "") {
      throw new AutogenError("invalid_option", "An agent needs a name", {
        next: "Give `name` a text that tells it apart in its group.",
      });
    }
    if (options.llm_config) {
      throw new AutogenError("invalid_option", `${options.name} was given llm_config`, {
        why: "Models are passed in",
        next: "Give `llm` a ChatModel, for example configListModel(llm_config, { modelFor }).",
      });
    }
    if (options.code_execution_config) {
      throw new AutogenError("invalid_option", `${options.name} was given code_execution_config`, {
        why: "Agents here never execute code",
        next: "Leave it out, or set it to false; register functions instead.",
      });
    }
    this.system_message = options.system_message ?? "You are a helpful AI Assistant.";
    this.description = options.description ?? this.system_message;
    this.human_input_mode = checkedMode(options.human_input_mode ?? "TERMINATE");
    this.default_auto_reply = options.default_auto_reply ?? "";
    this.silent = options.silent ?? false;
    this.window = new HistoryWindow(options.tokens);
    this.#isTermination = options.is_termination_msg ?? isTerminate;
    this.#askHuman = options.get_human_input ?? (() => FLOOR);
    this.#autoReplies = new AutoReplyLimits(
      options.max_consecutive_auto_reply ?? MAX_CONSECUTIVE_AUTO_REPLY,
    );
    for (const reply of [modelReply, toolReply, functionCallReply, humanReply]) {
      this.registerReply([ConversableAgent, null], reply);
    }
    for (const [partner, messages] of options.chat_messages ?? []) {
      for (const message of messages) this.threadWith(partner).append(message);
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

  /**
   * Empties the thread with `partner`, or all of them, but for the newest `nr_messages_to_preserve`
   * lines, and one more where the oldest of these answers a call.
   */
  clearHistory(partner?: ConversableAgent | null, nr_messages_to_preserve = 0): void {
    for (const one of partner ? [partner] : this.partners) {
      const thread = this.#threads.get(one);
      const oldest = thread?.at(thread.end - nr_messages_to_preserve);
      thread?.trim(nr_messages_to_preserve + (oldest?.tool_responses ? 1 : 0));
    }
  }

  /** A call's missing text is empty to the predicate, so that none fails over it. */
  isTerminationMsg(message: AgentMessage): boolean {
    return this.#isTermination(message.content === null ? { ...message, content: "" } : message);
  }

  /** Automatic replies given in a row to `sender`. */
  consecutiveAutoReplyCounter(sender?: ConversableAgent): number {
    return this.#autoReplies.given(sender);
  }

  setAutoReplyCounter(sender: ConversableAgent | undefined, replies: number): void {
    this.#autoReplies.setGiven(replies, sender);
  }

  resetConsecutiveAutoReplyCounter(sender?: ConversableAgent): void {
    this.#autoReplies.reset(sender);
  }

  maxConsecutiveAutoReply(sender?: ConversableAgent): number {
    return this.#autoReplies.limit(sender);
  }

  updateMaxConsecutiveAutoReply(limit: number, sender?: ConversableAgent): void {
    this.#autoReplies.setLimit(limit, sender);
  }

  updateSystemMessage(text: string): void {
    this.system_message = text;
  }

  /** Puts a reply function before those registered earlier (or at `position`). */
  registerReply(trigger: Trigger, reply: ReplyFunction, options: RegisterOptions = {}): void {
    this.#chain.register(trigger, reply, options);
  }

  /** Exchanges a registered reply function, keeping its place and trigger; unknown ones are ignored. */
  replaceReplyFunc(old: ReplyFunction, replacement: ReplyFunction): void {
    this.#chain.replace(old, replacement);
  }

  /** `replaceReplyFunc` under an earlier name. */
  replaceReplyFunction(old: ReplyFunction, replacement: ReplyFunction): void {
    this.replaceReplyFunc(old, replacement);
  }

  /**
   * Replies to the senders of `trigger` with the summary of the last of these chats, which this agent
   * opens one after the other; by default right behind termination and people in the chain.
   */
  registerNestedChats(
    chat_queue: readonly NestedChatEntry[],
    trigger: Trigger,
    options: NestedChatOptions = {},
  ): void {
    const { position = this.#chain.placeAfter(humanReply), config } = options;
    const reply = nestedChatReply(chat_queue, options);
    this.registerReply(trigger, reply, { position, config, heeds_signal: true });
  }

  /** Changes what is heard or said on its way; see `Hooks`. */
  registerHook<K extends HookName>(hookable_method: K, hook: Hooks[K]): void {
    this.#hooks.add(hookable_method, hook);
  }

  /** What people typed for this agent since a chat of it began with a clean history. */
  get humanInputs(): readonly string[] {
    return this.#humanInputs;
  }

  /** Asks the person behind the agent, and keeps what was typed. */
  async getHumanInput(
    prompt: string,
    sender = "the sender",
    message: AgentMessage = { role: "user", content: "" },
    { signal }: ChatFlow = {},
  ): Promise<HumanInput> {
    const context = { agent: this.name, sender, message, ...(signal ? { signal } : {}) };
    const input = await abortable(this.#askHuman(prompt, context), signal);
    if (typeof input === "string") this.#humanInputs.push(input);
    return input;
  }

  /** Says something to `recipient`. Throws `invalid_message` and keeps nothing if it says nothing. */
  async send(
    input: MessageInput,
    recipient: ConversableAgent,
    options: SendOptions = {},
  ): Promise<void> {
    const heard = heardLine(await this.beforeSend(input, recipient, options), this.name);
    this.threadWith(recipient).append(ownLine(heard));
    await recipient.receive(heard, this, options);
  }

  /** What this agent's hooks make of something it is about to say. */
  async beforeSend(
    input: MessageInput,
    recipient: ConversableAgent,
    { silent = false }: SendOptions,
  ): Promise<MessageInput> {
    return this.#hooks.beforeSend(this, input, recipient, this.silent || silent) ?? input;
  }

  /** Hears something from `sender`, and replies if that is asked for. */
  async receive(
    input: MessageInput,
    sender: ConversableAgent,
    options: SendOptions = {},
  ): Promise<void> {
    const heard = heardLine(input, sender.name);
    this.threadWith(sender).append(heard);
    const { request_reply, silent, print, ...rest } = options;
    const flow: ChatFlow = silent || !print ? rest : { ...rest, print };
    if (!sender.silent) flow.print?.(formatMessage(sender.name, this.name, heard));
    const asked = request_reply ?? this.#replyAtReceive.get(sender) ?? false;
    // A group judges each line in its run.
    const stop = this.members.length === 0 ? flow.judge?.(heard) : undefined;
    if (stop) flow.onStop?.(stop);
    if (stop || !asked) return;
    const reply = await this.generateReply({ sender, ...flow });
    if (reply === null) return;
    throwIfAborted(flow.signal);
    await this.send(reply, sender, flow);
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
    const seen = await this.#hooks.beforeReply(thread);
    for (const { reply, config, options: how } of this.#chain.serving(sender, exclude)) {
      throwIfAborted(flow.signal);
      const context = { ...flow, messages: seen, heard: thread, sender, config };
      const result = reply(this, context);
      const [final, answer] = await (how.heeds_signal ? result : abortable(result, flow.signal));
      if (final) return answer;
    }
    return this.default_auto_reply;
  }

  /** Opens a chat and waits for its end; see `InitiateChatOptions`. */
  initiateChat(recipient: ConversableAgent, options: InitiateChatOptions): Promise<ChatResult> {
    return initiateChat(this, recipient, options);
  }

  /** Opens these chats one after the other; each begins with the summaries of those before. */
  initiateChats(chat_queue: readonly ChatQueueEntry[]): Promise<ChatResult[]> {
    return initiateChats(chat_queue.map((entry) => ({ ...entry, sender: this })));
  }

  /** What a reflection on the chat with `partner` reads; a group gives its log. */
  chatMessagesForSummary(partner: ConversableAgent): readonly AgentMessage[] {
    return this.threadWith(partner).messages;
  }

  /** Makes ready for a chat with `partner`: counter at 0, and a clean thread if asked. */
  prepareChat(partner: ConversableAgent, clearHistory: boolean, replyAtReceive: boolean): void {
    this.resetConsecutiveAutoReplyCounter(partner);
    this.#replyAtReceive.set(partner, replyAtReceive);
    if (!clearHistory) return;
    this.#humanInputs = [];
    this.clearHistory(partner);
  }

  /** From now on replies to `sender`, or to anybody, only when that is asked for. */
  stopReplyAtReceive(sender?: ConversableAgent): void {
    for (const one of sender ? [sender] : this.partners) this.#replyAtReceive.set(one, false);
  }

  /** Forgets threads and counters. */
  forgetChats(): void {
    this.clearHistory();
    this.resetConsecutiveAutoReplyCounter();
    this.stopReplyAtReceive();
  }

  /** Forgets threads, counters and usage, and resets the configs of reply functions. */
  reset(): void {
    this.forgetChats();
    this.usage.clear();
    this.#chain.resetConfigs();
  }
}
