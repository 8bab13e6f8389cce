/**
 * What a chat takes over from chats before it: set behind its opening message under the word "Context"
 * (AutoGen's `_process_carryover`).
 */
import { AutogenError } from "./errors.ts";
import { contentText, type MessageInput } from "./message.ts";

/** A text, or a list of texts and messages. */
export type Carryover = string | readonly unknown[];

export function withCarryover(message: MessageInput, carryover?: Carryover | null): MessageInput {
  const context = carryoverText(carryover ?? []);
  if (context === "") return message;
  const added = `\nContext: \n${context}`;
  return typeof message === "string"
    ? message + added
    : { ...message, content: contentText(message.content) + added };
}

/** Throws `invalid_option` for what is neither. */
export function carryoverText(carryover: Carryover): string {
  if (typeof carryover === "string") return carryover;
  if (Array.isArray(carryover)) return carryover.map(itemText).join("\n");
  throw new AutogenError("invalid_option", `carryover is a ${typeof carryover}`, {
    next: "Carryover should be a text or a list of texts.",
  });
}

function itemText(item: unknown): string {
  if (typeof item === "string") return item;
  if (item !== null && typeof item === "object") {
    const { content } = item as { content?: unknown };
    return typeof content === "string" ? content : JSON.stringify(item);
  }
  return String(item);
}
