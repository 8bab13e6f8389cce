/**
 * A question taken apart for ranking: the words that carry it, who is named in it, and what kind of
 * answer its question word asks for.
 */
import { contentWords } from "../../shared/content-words.ts";
import { isStopWord } from "../../shared/words.ts";
import { SIGNS } from "./line-signs.ts";

export interface Question {
  /** Different words that carry meaning, in the form of `contentWords`, with their weight. */
  words: Map<string, number>;
  /** Numbers of the speakers named. */
  speakers: Set<number>;
  /** Bits of `SIGNS` that an answer is likely to have. */
  signs: number;
  /** Pairs of words that stand next to each other. */
  pairs: (readonly [string, string])[];
}

/** Words that frame a question and seldom stand in its answer. */
const FRAME = new Set(
  contentWords(
    "kind type sort many much long often ever mention describe according share discuss regard say tell said likely consider " +
      "might also various different some feel get thing something someone specific particular use does do conversation question answer",
  ),
);

/** `speakers`: names in lower case with their numbers. */
export function readQuestion(
  text: string,
  speakers: ReadonlyMap<string, number>,
  frameWeight: number,
): Question {
  const all = contentWords(text);
  const named = namedSpeakers(text, speakers);
  const names = new Set<string>();
  for (const [name, id] of speakers) {
    if (named.has(id)) for (const word of contentWords(name)) names.add(word);
  }
  const meaningful = all.filter((word) => !isStopWord(word) && !names.has(word));
  const kept = meaningful.length > 0 ? meaningful : all;
  const words = new Map<string, number>();
  for (const word of kept) words.set(word, FRAME.has(word) ? frameWeight : 1);
  const pairs = meaningful.slice(1).map((word, i) => [meaningful[i] ?? "", word] as const);
  return { words, speakers: named, signs: signsAskedFor(text), pairs };
}

function namedSpeakers(text: string, speakers: ReadonlyMap<string, number>): Set<number> {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const named = new Set<number>();
  for (const [name, id] of speakers) {
    const parts = name.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (parts.length > 0 && parts.some((part) => part.length > 1 && words.has(part))) named.add(id);
  }
  return named;
}

function signsAskedFor(text: string): number {
  const question = text.toLowerCase();
  if (
    /^(?:when\b|(?:in|on|during|since) (?:which|what)|what (?:day|date|month|year|time)\b|how long)|\bwhen did\b/.test(
      question,
    )
  ) {
    return SIGNS.time;
  }
  if (/\bhow (?:many|much|old|often)\b/.test(question)) return SIGNS.number;
  if (/^why\b|\breason\b/.test(question)) return SIGNS.reason;
  if (/^where\b|\bwh(?:ich|at) (?:city|country|place|state|town)\b/.test(question))
    return SIGNS.place;
  return 0;
}
