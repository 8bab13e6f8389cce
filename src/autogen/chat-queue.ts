/**
 * Chats one after the other, each beginning with the summaries of those before it (AutoGen's
 * `initiate_chats`).
 */
import { type Carryover, carryoverText } from "./carryover.ts";
import { type ChatResult, type InitiateChatOptions, initiateChat } from "./chat.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";

export interface ChatQueueEntry extends InitiateChatOptions {
  /** Needed unless an agent opens all of them itself. */
  sender?: ConversableAgent;
  recipient: ConversableAgent;
  /** Places in the queue, from 0, of chats whose summaries are not taken over. */
  finished_chat_indexes_to_exclude_from_carryover?: readonly number[];
  /** Prints message and carryover of each chat before it begins. */
  verbose?: boolean;
}

/** Results in the order of the queue. Rejects as soon as one chat does. */
export async function initiateChats(chat_queue: readonly ChatQueueEntry[]): Promise<ChatResult[]> {
  for (const { sender, recipient } of chat_queue) {
    if (sender && recipient) continue;
    throw new AutogenError(
      "invalid_option",
      `A chat of the queue has no ${sender ? "recipient" : "sender"}`,
      { next: "Name both, or let the sender open its chats with agent.initiateChats." },
    );
  }
  const finished: ChatResult[] = [];
  for (const entry of chat_queue) {
    const { sender, recipient, verbose, ...options } = entry;
    const { finished_chat_indexes_to_exclude_from_carryover: excluded = [], ...chat } = options;
    const own = asList(chat.carryover);
    const taken = finished.filter((_, i) => !excluded.includes(i)).map(({ summary }) => summary);
    const carryover = [...own, ...taken];
    if (!chat.silent) chat.print?.(heading(entry, carryover));
    finished.push(
      await initiateChat(sender as ConversableAgent, recipient, { ...chat, carryover }),
    );
  }
  return finished;
}

function asList(carryover: Carryover | undefined): readonly unknown[] {
  if (carryover === undefined || carryover === "") return [];
  carryoverText(carryover);
  return typeof carryover === "string" ? [carryover] : carryover;
}

function heading({ message, verbose }: ChatQueueEntry, carryover: readonly unknown[]): string {
  const stars = "*".repeat(80);
  const lines = [`\n${stars}`, "Starting a new chat...."];
  if (verbose) {
    const text =
      typeof message === "function"
        ? `Callable: ${message.name}`
        : typeof message === "string"
          ? message
          : message
            ? `Dict: ${JSON.stringify(message)}`
            : "None";
    lines.push(`Message:\n${text}`, `Carryover:\n${carryoverText(carryover)}`);
  }
  return [...lines, `\n${stars}`].join("\n");
}
