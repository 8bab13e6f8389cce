/**
 * Text to sentences, in order, without loss: the units that passages are built from. Knows Latin and
 * CJK full stops, and that initials and a few abbreviations end no sentence.
 */

const FULL_STOP =
  /[.!?\u2026]{1,5}["'\u201D\u2019)\]]{0,3}\s+|[\u3002\uFF01\uFF1F]{1,5}["\u201D\u2019\u300D\u300F\uFF09]{0,3}\s*/gu;
const NO_STOP =
  /(?:^|[\s(.])(?:\p{Lu}|[Ee]\.g|[Ii]\.e|al|cf|vs|etc|resp|approx|Figs?|Eqs?|Secs?|Tabs?|Nos?|pp?|Dr|Mrs?|Ms|Prof|St|Jr|Sr)\.\s+$/u;

/** How far back an abbreviation is looked for. */
const ABBREVIATION_REACH = 12;

/** The sentences of one paragraph, trimmed, none empty. */
export function* sentencesOf(paragraph: string): Generator<string> {
  let start = 0;
  for (const stop of paragraph.matchAll(FULL_STOP)) {
    const end = stop.index + stop[0].length;
    if (/^\p{Ll}/u.test(paragraph.slice(end, end + 2))) continue;
    if (NO_STOP.test(paragraph.slice(Math.max(start, end - ABBREVIATION_REACH), end))) continue;
    const sentence = paragraph.slice(start, end).trim();
    if (sentence) yield sentence;
    start = end;
  }
  const rest = paragraph.slice(start).trim();
  if (rest) yield rest;
}

/** The longest text that is handed to a token counter at once: keeps its cost linear. */
const LONGEST_COUNTED = 1000;

/** A piece of text with its tokens. */
export interface Counted {
  text: string;
  tokens: number;
}

/**
 * Cuts a sentence into pieces of at most `budget` tokens, at spaces where there are any, never
 * within a surrogate pair. A sentence that fits comes back whole, counted once.
 */
export function* fitPieces(
  sentence: string,
  budget: number,
  count: (text: string) => number,
): Generator<Counted> {
  // A stack instead of recursion: the pieces still to be looked at, the next one last.
  const waiting = [sentence];
  for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
    const tokens = text.length <= LONGEST_COUNTED ? count(text) : Number.POSITIVE_INFINITY;
    if (tokens <= budget || text.length < 2) {
      yield { text, tokens };
      continue;
    }
    const limit = Math.min(LONGEST_COUNTED, Math.ceil(text.length / 2));
    const at = cutPoint(text, limit);
    const rest = text.slice(at).trim();
    const head = text.slice(0, at).trim();
    if (rest) waiting.push(rest);
    if (head) waiting.push(head);
  }
}

/** Where to cut, at most `limit`, at least 1: after the last space, else between two characters. */
function cutPoint(text: string, limit: number): number {
  const space = text.lastIndexOf(" ", limit);
  if (space > limit / 2) return space;
  const code = text.charCodeAt(limit - 1);
  const splitsPair = code >= 0xd800 && code <= 0xdbff;
  return splitsPair && limit > 1 ? limit - 1 : limit;
}
