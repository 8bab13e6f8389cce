/**
 * Text to words that can be compared: the one place that decides what a word is, for the lexical
 * index and for everything that ranks sentences. Words of any script in NFKC and lower case,
 * English ones stemmed (Porter). Scripts without spaces give pairs of characters; a number, date
 * or identifier of several parts gives its parts and its whole.
 */
import { stemmer } from "stemmer";

// Scripts that write without spaces, or glue particles to words: pairs of characters find more.
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー々";
const LETTER = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])`;
// An apostrophe joins letters; a dot, comma, colon, slash or hyphen joins digits; `_` joins all.
const JOINED = `${LETTER}+(?:(?:['’]|_+|(?<=\\p{N})[.,:/-](?=\\p{N}))${LETTER}+)*`;
const TOKEN = new RegExp(`[${UNSPACED}]+|${JOINED}`, "gu");
const FIRST_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

/** Longer words are cut: nobody searches by the tail of a base64 blob. */
const MAX_WORD = 64;
/** Words whose stems are remembered; stemming is the costly part of reading a text. */
const MAX_MEMO = 20_000;
const memo = new Map<string, string>();

// Stemmed like everything else, so that they are compared as they come.
const STOP_WORDS = new Set(
  (
    "a about am an and any are as at be been being but by can could did do does doing don't for from had has have " +
    "having he her hers him his how i i'm i've if in into is isn't it it's its just let's me my no nor not of off on or " +
    "our ours please shall she should so some such than that the their theirs them then there these they this those to " +
    "too us very was we were what what's when where which while who who's whom whose why will with would yes you " +
    "you're your yours"
  )
    .split(" ")
    .map((word) => stem(word.replaceAll("'", ""))),
);

/** Every word of a text, stemmed, in order, stop words and repetitions included. */
export function allWordsOf(text: string): string[] {
  const words: string[] = [];
  for (const token of text.normalize("NFKC").toLowerCase().match(TOKEN) ?? []) {
    if (token.charCodeAt(0) > 127 && FIRST_UNSPACED.test(token)) addPairs(token, words);
    else addToken(token, words);
  }
  return words;
}

/** The words of a text that carry its meaning: as `allWordsOf`, without English stop words. */
export function wordsOf(text: string): string[] {
  return allWordsOf(text).filter((word) => !STOP_WORDS.has(word));
}

/** Whether a stemmed word is an English stop word. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

function addToken(token: string, words: string[]): void {
  const bare = token.replace(/['’]s?$|['’]s(?=_)/gu, "").replace(/['’]/gu, "");
  const parts = bare.split(/[^\p{L}\p{N}\p{M}]+/u).filter((part) => part !== "");
  for (const part of parts) words.push(stem(part));
  if (parts.length > 1) words.push(bare.slice(0, MAX_WORD));
}

function addPairs(run: string, words: string[]): void {
  const characters = [...run];
  if (characters.length === 1) words.push(run);
  for (let i = 1; i < characters.length; i += 1) {
    words.push(`${characters[i - 1]}${characters[i]}`);
  }
}

/** The Porter stem of one lower-case word. */
export function stemWord(word: string): string {
  return stem(word);
}

function stem(word: string): string {
  const known = memo.get(word);
  if (known !== undefined) return known;
  const stemmed = word.length > MAX_WORD ? word.slice(0, MAX_WORD) : stemmer(word);
  if (memo.size >= MAX_MEMO) memo.clear();
  memo.set(word, stemmed);
  return stemmed;
}
