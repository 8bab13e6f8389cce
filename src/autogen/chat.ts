/**
 * A chat from its opening message to its end, between two agents or, where the recipient is a
 * GroupChatManager, in its group (AutoGen's `initiate_chat`).
 */
import type { TokenUsage } from "../memgpt/ports.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import type { AgentMessage, MessageInput } from "./message.ts";
import type { ChatFlow, Stop, StopReason } from "./reply.ts";

export type SummaryFunction = (
  sender: ConversableAgent,
  recipient: ConversableAgent,
) => string | Promise<string>;

export interface InitiateChatOptions extends ChatFlow {
  message: MessageInput | ((sender: ConversableAgent, recipient: ConversableAgent) => MessageInput);
  /** Begins with clean threads (in a group: everybody's, and the log). Default true. */
  clear_history?: boolean;
  silent?: boolean;
  /** Messages of the initiator, the opening one included; in a group: runs. Default: no limit. */
  max_turns?: number;
  /** "last_msg" (default): the last message without the word TERMINATE; a function; null for none. */
  summary_method?: "last_msg" | SummaryFunction | null;
}

export interface ChatResult {
  /** The initiator's thread with the recipient. */
  chat_history: readonly AgentMessage[];
  summary: string;
  /** By model, over all who took part. Counts what agents used since they were made. */
  usage: ReadonlyMap<string, TokenUsage>;
  /** Why it ended; "max_turns" when the given number of turns was reached first. */
  reason: StopReason | "max_turns";
  detail?: string;
}

/** Rejects with what an agent's reply rejected with; what was said by then stays in the threads. */
export async function initiateChat(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  options: InitiateChatOptions,
): Promise<ChatResult> {
  const { message, clear_history = true, silent, max_turns, summary_method = "last_msg" } = options;
  const { signal, onEvent, onStop, stream, print } = options;
  let stop: Stop | undefined;
  const flow = {
    ...(signal ? { signal } : {}),
    ...(onEvent ? { onEvent } : {}),
    ...(stream ? { stream } : {}),
    ...(print && !silent ? { print } : {}),
    onStop: (one: Stop) => {
      stop = one;
      onStop?.(one);
    },
  };
  const turns = max_turns ?? 1;
  const endless = max_turns === undefined;
  sender.prepareChat(recipient, clear_history, endless);
  recipient.prepareChat(sender, clear_history, true);
  let next = typeof message === "function" ? message(sender, recipient) : message;
  let done = 0;
  for (; done < turns; done += 1) {
    if (done > 0) {
      const reply = await sender.generateReply({ sender: recipient, ...flow });
      if (reply === null) break;
      next = reply;
    }
    await sender.send(next, recipient, { ...flow, request_reply: true });
  }
  const reached = !endless && done >= turns;
  const history = sender.threadWith(recipient).messages;
  return {
    chat_history: history,
    summary: await summarise(summary_method, sender, recipient),
    usage: sumUsage([sender, recipient, ...recipient.members]),
    reason: stop?.reason ?? (reached ? "max_turns" : "null_reply"),
    ...(stop?.detail === undefined ? {} : { detail: stop.detail }),
  };
}

async function summarise(
  method: InitiateChatOptions["summary_method"],
  sender: ConversableAgent,
  recipient: ConversableAgent,
): Promise<string> {
  if (method === null) return "";
  if (typeof method === "function") return method(sender, recipient);
  return (sender.lastMessage(recipient)?.content ?? "").replaceAll("TERMINATE", "");
}

function sumUsage(agents: readonly ConversableAgent[]): Map<string, TokenUsage> {
  const sum = new Map<string, TokenUsage>();
  for (const agent of new Set(agents)) {
    for (const [model, usage] of agent.usage) {
      const before = sum.get(model);
      sum.set(model, {
        prompt_tokens: usage.prompt_tokens + (before?.prompt_tokens ?? 0),
        completion_tokens: usage.completion_tokens + (before?.completion_tokens ?? 0),
        total_tokens: usage.total_tokens + (before?.total_tokens ?? 0),
      });
    }
  }
  return sum;
}
