/**
 * Surface signs of a line that tell what kind of question it could answer: does it speak of a time,
 * does it have a number, does it tell or only ask.
 */

export const SIGNS = {
  time: 1,
  number: 2,
  tells: 4,
  asks: 8,
  place: 16,
  reason: 32,
} as const;

const TIME =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|next|this (?:morning|week|weekend|month|year|summer|spring|fall|autumn|winter)|since|recently|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|(?:in|on|since|this|last|next|of) may|june|july|august|september|october|november|december|(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)|week|month|year|years|summer|winter|spring|autumn)\b/i;
const NUMBER =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|once|twice|dozen|couple|both)\b/i;
const REASON =
  /\b(?:because|since|so that|to help|wanted|made me|that's why|reason|inspired|due)\b/i;
const PLACE = /\b(?:at|in|to|from|near) (?:the |a |my |our )?\p{Lu}/u;

/** The bits of `SIGNS` that a text has. */
export function lineSigns(text: string): number {
  let signs = 0;
  if (TIME.test(text)) signs |= SIGNS.time;
  if (NUMBER.test(text)) signs |= SIGNS.number;
  if (REASON.test(text)) signs |= SIGNS.reason;
  if (PLACE.test(text)) signs |= SIGNS.place;
  const sentences = text.match(/[^.!?。！？]+[.!?。！？]*/gu) ?? [];
  if (sentences.some(tells)) signs |= SIGNS.tells;
  if (/[?？]/u.test(text)) signs |= SIGNS.asks;
  return signs;
}

/** A statement of some words; in scripts without spaces, of some characters. */
function tells(sentence: string): boolean {
  if (/[?？]/u.test(sentence)) return false;
  const trimmed = sentence.trim();
  return trimmed.split(/\s+/).length > 3 || (trimmed.length > 7 && !/[ -~]/.test(trimmed));
}
