/**
 * Tokens of a text for models whose encoding is not known: an estimate on the safe side, without
 * tables, from the kinds of characters. Calibrated to stay above cl100k and o200k, the encodings at
 * hand, on prose in sixteen languages, code, JSON, tables and base64: by some 20 to 65 % on English,
 * because the vocabularies of local models are smaller. Only made-up words can exceed it.
 */

/** Tokens per character, by script. Small vocabularies fall back to one token per UTF-8 byte. */
const OTHER_LATIN = 1.6;
const CYRILLIC = 0.8;
const ALPHABETS = 1.3;
const INDIC_AND_NEAR = 2.3;
const SYMBOLS = 2;
const EAST_ASIAN = 2;
const SURROGATE = 2;
const CONTROL = 2;

/** Characters per token in a run of small letters, and of capitals, which are known less well. */
const LETTERS_PER_TOKEN = 5;
const CAPITALS_PER_TOKEN = 2.5;
/** A run longer than this is no word: its letters are spelt out in pairs. */
const LONGEST_WORD = 24;
/** Runs of one repeated mark (`-----`) or of blanks have tokens of their own. */
const REPEATS_PER_TOKEN = 3;

const NEWLINE = 10;
const SPACE = 32;

/** At least 1 for every text but the empty one. Linear in the text's length. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let small = 0;
  let capitals = 0;
  let previous = 0;
  let repeats = 0;
  const endWord = (): void => {
    if (small > LONGEST_WORD) tokens += small / 1.7;
    else if (small > 0) tokens += 1 + Math.floor((small - 1) / LETTERS_PER_TOKEN);
    tokens += Math.ceil(capitals / CAPITALS_PER_TOKEN);
    small = 0;
    capitals = 0;
  };
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code >= 97 && code <= 122) {
      // "Word" is one run: a single capital belongs to the letters after it.
      if (capitals === 1 && small === 0) small = 1;
      else if (capitals > 0) endWord();
      capitals = 0;
      small += 1;
    } else if (code >= 65 && code <= 90) {
      // A capital inside a word, as in base64, seldom falls where the vocabulary would cut.
      if (small > 0) tokens += 0.6;
      if (small > 0) endWord();
      capitals += 1;
    } else {
      endWord();
      if (code < 128) {
        repeats = code === previous ? repeats + 1 : 0;
        if (code >= 48 && code <= 57) tokens += 1;
        else if (repeats > 0) tokens += repeats % REPEATS_PER_TOKEN === 0 ? 1 : 0;
        else if (code < SPACE && code !== NEWLINE) tokens += CONTROL;
        // One blank before a word is part of the word's token; one at a line's start is not.
        else if (code !== SPACE || previous === NEWLINE) tokens += 1;
      } else if (code < 0x0370) tokens += OTHER_LATIN;
      else if (code >= 0x0400 && code < 0x0530) tokens += CYRILLIC;
      else if (code < 0x0900) tokens += ALPHABETS;
      else if (code < 0x1e00) tokens += INDIC_AND_NEAR;
      else if (code < 0x2e80) tokens += SYMBOLS;
      else if (code >= 0xd800 && code <= 0xdfff) tokens += SURROGATE;
      else tokens += EAST_ASIAN;
    }
    previous = code;
  }
  endWord();
  return text === "" ? 0 : Math.max(1, Math.ceil(tokens));
}
