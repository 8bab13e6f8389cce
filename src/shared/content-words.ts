/**
 * Words as ranking compares them: those of `words.ts`, with irregular English forms led back to
 * their base (went, bought, children), number words to digits and months to their full name.
 */

import { baseForm } from "./word-forms.ts";
import { allWordsOf } from "./words.ts";

/** Every word of a text, stemmed and in base form, in order, stop words included. */
export function contentWords(text: string): string[] {
  return allWordsOf(text).map(baseForm);
}
