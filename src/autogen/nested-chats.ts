/**
 * A reply that is thought over in chats of its own: the agent opens them, and answers with what the
 * last one came to (AutoGen's `register_nested_chats`).
 */
import { type ChatQueueEntry, initiateChats } from "./chat-queue.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { AgentMessage, MessageInput } from "./message.ts";
import type { ReplyContext, ReplyFunction, ReplyResult } from "./reply.ts";

/** Without a message, the first chat of a queue opens with what the agent was told. */
export interface NestedChatEntry extends Omit<ChatQueueEntry, "message"> {
  message?:
    | MessageInput
    | ((
        recipient: ConversableAgent,
        messages: readonly AgentMessage[],
        sender: ConversableAgent | undefined,
        config: unknown,
      ) => MessageInput | null | Promise<MessageInput | null>)
    | null;
}

export interface NestedChatOptions {
  /** Place in the reply chain. Default: right behind termination and people. */
  position?: number;
  /** Default "summary_from_nested_chats". */
  reply_func_from_nested_chats?:
    | "summary_from_nested_chats"
    | ((
        chat_queue: readonly NestedChatEntry[],
        recipient: ConversableAgent,
        context: ReplyContext,
      ) => ReplyResult | Promise<ReplyResult>);
  config?: unknown;
}

export function nestedChatReply(
  chat_queue: readonly NestedChatEntry[],
  options: NestedChatOptions,
): ReplyFunction {
  const { reply_func_from_nested_chats: own = "summary_from_nested_chats" } = options;
  if (typeof own !== "function" && own !== "summary_from_nested_chats") {
    throw new AutogenError("invalid_option", "reply_func_from_nested_chats must be a function", {
      next: "Leave it out, or give summary_from_nested_chats or a function.",
    });
  }
  return (agent, context) =>
    typeof own === "function"
      ? own(chat_queue, agent, context)
      : summaryFromNestedChats(chat_queue, agent, context);
}

/** Chats without a message, but for the first, are passed over; none at all is no reply. */
async function summaryFromNestedChats(
  chat_queue: readonly NestedChatEntry[],
  agent: ConversableAgent,
  context: ReplyContext,
): Promise<ReplyResult> {
  const { signal, onEvent, stream, print } = context;
  const entries: ChatQueueEntry[] = [];
  for (const [i, { message: given, ...entry }] of chat_queue.entries()) {
    const message = await messageOf(given, i === 0, agent, context);
    if (!message) continue;
    entries.push({
      ...(signal ? { signal } : {}),
      ...(onEvent ? { onEvent } : {}),
      ...(stream ? { stream } : {}),
      ...(print ? { print } : {}),
      ...entry,
      sender: entry.sender ?? agent,
      message,
    });
  }
  if (entries.length === 0) return [true, null];
  const results = await initiateChats(entries);
  return [true, results.at(-1)?.summary ?? ""];
}

async function messageOf(
  given: NestedChatEntry["message"],
  first: boolean,
  agent: ConversableAgent,
  { messages, sender, config }: ReplyContext,
): Promise<MessageInput | null> {
  if (typeof given === "function") return given(agent, messages, sender, config);
  return given ?? (first ? (messages.at(-1)?.content ?? null) : null);
}
