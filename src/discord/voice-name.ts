/**
 * Names as Discord takes them: for a webhook (80 characters, no reserved words; the rules that
 * PluralKit learnt) and for the bold line that stands in for one.
 */
import { escapeMarkdown } from "../channels/markdown.ts";

const LONGEST_NAME = 80;
const HAIR_SPACE = "\u200a";
/** Invisible, and not trimmed by Discord as white space is. */
const PADDING = "\u17b5";

/** A webhook's username: 2 to 80 characters, and deterministic, so that history can be compared. */
export function webhookName(name: string): string {
  const plain = name
    .replace(/\p{Surrogate}/gu, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const safe = plain
    .replace(/(c)(lyde)|(d)(iscord)/gi, (word) => breakUp(word))
    .replace(/\b(?:everyone|here)\b/gi, (word) => breakUp(word))
    .replace(/`{3,}/g, (run) => [...run].join(HAIR_SPACE));
  const cut = cutGraphemes(safe === "" ? "Agent" : safe, LONGEST_NAME);
  return [...cut].length === 1 ? cut + PADDING : cut;
}

function breakUp(word: string): string {
  return `${word.slice(0, 1)}${HAIR_SPACE}${word.slice(1)}`;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The longest start of `text` with at most `most` UTF-16 units that ends with a whole grapheme. */
export function cutGraphemes(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = 0;
  for (const { index } of graphemes.segment(text.slice(0, most + 64))) {
    if (index > most) break;
    end = index;
  }
  return text.slice(0, end).trimEnd();
}

/** The line that names the speaker where no webhook can. At most 100 characters. */
export function boldName(name: string): string {
  let shown = cutGraphemes(webhookName(name), LONGEST_NAME);
  while (escapeMarkdown(shown).length > 94) shown = cutGraphemes(shown, shown.length - 8);
  return `**${escapeMarkdown(shown)}**`;
}
