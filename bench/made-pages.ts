/** A PDF of many pages of made prose, some three passages each, no two alike. */
import { makePdf } from "../tests/fakes/make-pdf.ts";
import { type Words, wordsFrom } from "./made-words.ts";

const LINES = 54;
const WORDS_PER_LINE = 12;

export function madePages(pages: number): Uint8Array {
  const words = wordsFrom(1);
  return makePdf(Array.from({ length: pages }, (_, i) => [`Page ${i + 1}.`, ...lines(words)]));
}

function lines(words: Words): string[] {
  return Array.from({ length: LINES }, () => sentence(words));
}

function sentence(words: Words): string {
  const text = Array.from({ length: WORDS_PER_LINE }, () => words()).join(" ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
