/**
 * Surface signs of a line that tell what kind of question it could answer: does it speak of a time,
 * does it have a number, does it tell or only ask.
 */

export const SIGNS = {
  time: 1,
  number: 2,
  tells: 4,
  asks: 8,
  self: 16,
  place: 32,
  reason: 64,
} as const;

const TIME =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|next|this (?:morning|week|weekend|month|year|summer|spring|fall|autumn|winter)|since|recently|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december|(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)|week|month|year|years|summer|winter|spring|autumn)\b/i;
const NUMBER =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|once|twice|dozen|couple|both)\b/i;
const SELF = /\b(?:i|i'm|i've|i'd|i'll|my|we|we're|we've|our|me|mine)\b/i;
const REASON =
  /\b(?:because|since|so that|to help|wanted|made me|that's why|reason|inspired|due)\b/i;
const PLACE = /\b(?:at|in|to|from|near) (?:the |a |my |our )?\p{Lu}/u;

/** The bits of `SIGNS` that a text has. */
export function lineSigns(text: string): number {
  let signs = 0;
  if (TIME.test(text)) signs |= SIGNS.time;
  if (NUMBER.test(text)) signs |= SIGNS.number;
  if (SELF.test(text)) signs |= SIGNS.self;
  if (REASON.test(text)) signs |= SIGNS.reason;
  if (PLACE.test(text)) signs |= SIGNS.place;
  const sentences = text.match(/[^.!?]+[.!?]*/g) ?? [];
  if (sentences.some((s) => !s.includes("?") && s.trim().split(/\s+/).length > 3))
    signs |= SIGNS.tells;
  if (text.includes("?")) signs |= SIGNS.asks;
  return signs;
}
