/**
 * Lines that wait for their answer stand in the channel's state record, which is written at every
 * step: so there may be only so many.
 */
import type { InboxLine } from "./channel-state.ts";
import type { IncomingMessage } from "./ports.ts";

const MOST_LINES = 100;
const MOST_CHARACTERS = 50_000;

/** Whether another line may wait. One does, however long it is. */
export function hasRoom(inbox: readonly InboxLine[]): boolean {
  const characters = inbox.reduce((sum, line) => sum + line.text.length, 0);
  return inbox.length < MOST_LINES && characters < MOST_CHARACTERS;
}

export function toInboxLine(message: IncomingMessage, text: string): InboxLine {
  const { id: message_id, person, created_at } = message;
  return { message_id, person, text, created_at };
}
