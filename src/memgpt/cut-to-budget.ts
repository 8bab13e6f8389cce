/**
 * Several texts into one budget: short ones stay whole and leave their share to the long ones,
 * which are cut around the words that were looked for.
 */
import { contentWords } from "../shared/content-words.ts";
import { isStopWord } from "../shared/words.ts";
import { sliceText } from "./clip-text.ts";

/** No text is cut shorter than this. */
const LEAST = 60;

/**
 * The texts, cut where they must be, with ` …` at the cuts. The budget counts as `sizeOf` does.
 */
export function cutToBudget(texts: readonly string[], budget: number, query: string): string[] {
  const sizes = texts.map(sizeOf);
  let left = budget;
  let open = texts.length;
  let share = 0;
  // Fair shares: those who need less than theirs give the rest to the others.
  for (const size of [...sizes].sort((a, b) => a - b)) {
    share = Math.max(LEAST, left / open);
    if (size > share) break;
    left -= size;
    open -= 1;
  }
  const wanted = new Set(contentWords(query).filter((word) => !isStopWord(word)));
  return texts.map((text, i) => {
    const size = sizes[i] ?? 0;
    if (size <= share) return text;
    const length = Math.max(1, Math.floor((text.length * share) / size));
    return cutAround(text, length, query, wanted);
  });
}

/** Four to a token, from measuring OpenAI's tokenizers; the older ones take more for other scripts. */
export function sizeOf(text: string): number {
  let size = 0;
  for (const character of text) size += sizeOfCharacter(character.codePointAt(0) ?? 0);
  return size;
}

function sizeOfCharacter(code: number): number {
  if (code === 32 || (code > 64 && code < 91) || (code > 96 && code < 123)) return 1;
  // Quotes, backslashes and line ends are escaped twice on their way into a prompt.
  if (code === 34 || code === 92 || code < 32) return 8;
  if (code < 128) return code > 47 && code < 58 ? 3 : 2;
  // Cyrillic is the cheapest of what is not ASCII, emoji the dearest.
  if (code >= 0x0400 && code < 0x0530) return 2.5;
  return code < 0x10000 ? 4 : 8;
}

/** The piece of `length` characters that has most of the wanted words, the earliest of the best. */
function cutAround(
  text: string,
  length: number,
  query: string,
  wanted: ReadonlySet<string>,
): string {
  const start = startOfPiece(text, length, query, wanted);
  const end = Math.min(text.length, start + length);
  const cut = sliceText(text, start, end).trim();
  return `${start > 0 ? "… " : ""}${cut}${end < text.length ? " …" : ""}`;
}

function startOfPiece(
  text: string,
  length: number,
  query: string,
  wanted: ReadonlySet<string>,
): number {
  const latest = text.length - length;
  const exact = query === "" ? -1 : text.toLowerCase().indexOf(query.toLowerCase());
  if (exact >= 0) return Math.max(0, Math.min(exact - Math.floor(length / 4), latest));
  const hits: { at: number; word: string }[] = [];
  for (const match of text.slice(0, MAX_SCAN).matchAll(/[\p{L}\p{N}'’]+/gu)) {
    for (const word of contentWords(match[0]))
      if (wanted.has(word)) hits.push({ at: match.index, word });
  }
  let best = 0;
  let most = 0;
  for (const [i, { at }] of hits.entries()) {
    const within = new Set<string>();
    for (let j = i; j < hits.length && j < i + 50; j += 1) {
      const hit = hits[j];
      if (!hit || hit.at - at > length * 0.7) break;
      within.add(hit.word);
    }
    if (within.size > most) {
      most = within.size;
      best = at;
    }
  }
  const start = Math.max(0, Math.min(best - Math.floor(length / 4), latest));
  // Not in the middle of a word.
  const space = text.indexOf(" ", start);
  return start > 0 && space >= 0 && space - start < 15 ? space + 1 : start;
}

/** Characters of a text that are searched for the best piece. */
const MAX_SCAN = 20_000;
