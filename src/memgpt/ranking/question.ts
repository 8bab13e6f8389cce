/**
 * A question taken apart for ranking: the words that carry it, who is named in it, and what kind of
 * answer its question word asks for.
 */
import { contentWords } from "../../shared/content-words.ts";
import { isStopWord } from "../../shared/words.ts";
import { SIGNS } from "./line-signs.ts";
import type { RankingWeights } from "./ranking-weights.ts";

export interface Question {
  /** Different words that carry meaning, in the form of `contentWords`, with their weight. */
  words: Map<string, number>;
  /** It is one word, and asks for itself. */
  lone: boolean;
  /** Numbers of the speakers named. */
  speakers: Set<number>;
  /** Bits of `SIGNS` that an answer is likely to have. */
  signs: number;
}

/** Different words of a query that are looked for; the first ones, if it has more. */
const MAX_WORDS = 100;

/** Words that frame a question and seldom stand in its answer. */
const FRAME = new Set(
  contentWords(
    "kind type sort many much long often ever mention describe according share discuss regard say tell said likely consider " +
      "might also various different some feel get thing something someone specific particular use does do conversation question answer",
  ),
);

/** Words so common in English that being rare in one conversation says little. */
const LIGHT = new Set(
  contentWords(
    "go take make come give find want know think look seem become leave put keep let begin start show hear run move " +
      "live believe bring happen write provide sit stand pay meet include continue set lead understand watch follow stop create " +
      "speak read allow add spend open offer appear wait serve expect stay reach remain suggest require decide " +
      "try need ask call work turn help plan talk like love enjoy visit receive choose react respond affect " +
      "good new first last great little own other old right big high small large next early young important few bad same able " +
      "late behind ahead back away down up out over again always never really still even well only away around together " +
      "time year people way day man woman world part place week month case point fact end lot bit moment hour night morning today " +
      "name number favorite main top latest recent current during after before since while until between within without against across along",
  ),
);

/** Words that only say when, in a question that names a time. */
const WHEN = new Set(
  contentWords(
    "january february march april may june july august september october november december spring summer autumn fall winter " +
      "monday tuesday wednesday thursday friday saturday sunday last this past week weekend month year day yesterday today tonight " +
      "night morning ago on in early late mid during since few couple",
  ),
);

/** `speakers`: names in lower case with their numbers. `timed`: the text names a time. */
export function readQuestion(
  text: string,
  speakers: ReadonlyMap<string, number>,
  weights: Pick<RankingWeights, "frame" | "light">,
  timed = false,
): Question {
  const all = contentWords(text);
  const named = namedSpeakers(text, speakers);
  const names = new Set<string>();
  for (const [name, id] of speakers) {
    if (named.has(id)) for (const word of contentWords(name)) names.add(word);
  }
  const meaningful = all.filter((word) => !isStopWord(word) && !names.has(word));
  const words = new Map<string, number>();
  for (const word of meaningful.length > 0 ? meaningful : all) {
    if (words.size === MAX_WORDS) break;
    const light = LIGHT.has(word) || (timed && (WHEN.has(word) || /^\d/.test(word)));
    words.set(word, FRAME.has(word) ? weights.frame : light ? weights.light : 1);
  }
  return {
    words,
    lone: all.length <= 2 && words.size === 1,
    speakers: named,
    signs: signsAskedFor(text),
  };
}

/** Speakers of whose names the text has a word. */
function namedSpeakers(text: string, speakers: ReadonlyMap<string, number>): Set<number> {
  const words = new Set(wordsIn(text));
  const named = new Set<number>();
  for (const [name, id] of speakers) {
    if (wordsIn(name).some((part) => part.length > 1 && words.has(part))) named.add(id);
  }
  return named;
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

const ASKED: readonly (readonly [sign: number, form: RegExp])[] = [
  [
    SIGNS.time,
    /^when\b|^(?:in|on|during|since) (?:which|what)\b|\bwhat (?:day|date|month|year|time)\b|\bhow long\b|\bwhen (?:did|was|were|is|are|will|does|do)\b/,
  ],
  [SIGNS.number, /\bhow (?:many|much|old|often)\b/],
  [SIGNS.reason, /^why\b|\breason\b/],
  [SIGNS.place, /^where\b|\b(?:which|what) (?:city|country|place|state|town)\b/],
];

function signsAskedFor(text: string): number {
  const question = text.trim().toLowerCase();
  return ASKED.find(([, form]) => form.test(question))?.[0] ?? 0;
}
