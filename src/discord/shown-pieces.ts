/**
 * After a crash, or a failure that leaves it open whether a message was posted: how much of an
 * answer the channel shows already. Pure. Webhook posts carry no nonce, so author and text decide.
 */
import type { Handle } from "./agent-voice.ts";
import type { ApiMessage } from "./discord-api.ts";
import { isUnfinished, type Piece, piecesUnderBotName } from "./post-plan.ts";
import { webhookName } from "./voice-name.ts";

export interface OwnIds {
  bot: string;
  application: string;
  /** The channel's webhook, where there is one. */
  webhook?: string;
}

/**
 * How many of `pieces` are there: the longest start of the answer that is the end of what our agents
 * said in `history` (oldest first), and at least `posted`. Only the end counts, because an answer in
 * flight is the last thing said: the same words said before by the same agent are not this answer.
 */
export function countShown(
  history: readonly ApiMessage[],
  voice: string,
  pieces: readonly Piece[],
  posted: number,
  own: OwnIds,
): number {
  const said = history.filter((message) => isAgentsVoice(message, own));
  const whole = longestEnd(said, voice, pieces, own);
  if (whole > 0) return Math.max(posted, whole);
  // The first pieces may have been deleted by a moderator since.
  return posted + longestEnd(said, voice, pieces.slice(posted), own);
}

/** The messages of our agents that say of themselves that they are still being written. */
export function unfinishedIn(history: readonly ApiMessage[], own: OwnIds): Handle[] {
  return history
    .filter((message) => isAgentsVoice(message, own) && isUnfinished(message.content))
    .map(({ id, webhook_id }) => ({
      message: id,
      ...(webhook_id === undefined ? {} : { webhook: webhook_id }),
    }));
}

/** A webhook of ours, or the bot's own message that begins with a name in bold. */
function isAgentsVoice(message: ApiMessage, own: OwnIds): boolean {
  if (message.webhook_id !== undefined) {
    const isOurs = message.webhook_id === own.webhook || message.application_id === own.application;
    // Answers to commands are webhook messages of the application too, under its own id.
    return isOurs && message.webhook_id !== own.application;
  }
  return message.author?.id === own.bot && /^\*\*[^\n]+\*\*\n/.test(message.content);
}

function longestEnd(
  said: readonly ApiMessage[],
  voice: string,
  pieces: readonly Piece[],
  own: OwnIds,
): number {
  for (let count = pieces.length; count > 0; count -= 1) {
    if (endsWith(said, voice, pieces.slice(0, count), own)) return count;
  }
  return 0;
}

function endsWith(
  said: readonly ApiMessage[],
  voice: string,
  pieces: readonly Piece[],
  own: OwnIds,
): boolean {
  let left = said.length;
  for (const piece of [...pieces].reverse()) {
    const newest = said[left - 1];
    if (!newest) return false;
    if (newest.webhook_id !== undefined) {
      if (!isSame(newest, webhookName(voice), piece.content)) return false;
      left -= 1;
      continue;
    }
    for (const part of piecesUnderBotName(voice, piece).reverse()) {
      const message = said[left - 1];
      if (message?.author?.id !== own.bot || !isSameText(message.content, part.content))
        return false;
      left -= 1;
    }
  }
  return true;
}

function isSame(message: ApiMessage, username: string, content: string): boolean {
  return message.author?.username === username && isSameText(message.content, content);
}

/** Discord trims what it is sent. */
function isSameText(shown: string, sent: string): boolean {
  return shown.trim() === sent.trim();
}
