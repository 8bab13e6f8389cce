/**
 * Cuts what is longer than a budget of tokens allows into pieces that fit, at spaces where there are
 * any: for the words and sentences that no passage could hold.
 */

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
