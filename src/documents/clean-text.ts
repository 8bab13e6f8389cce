/**
 * Mends the text of a page before it is kept and split: characters that stores and models choke on
 * are dropped, white space is evened out, words that a line end cut in two are joined. Leaves words,
 * order and paragraphs alone.
 */

/**
 * Drops control characters (NUL among them), lone surrogates and invisible marks; evens out spaces;
 * keeps line ends, with at most one blank line between paragraphs. Idempotent.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\f\v]/g, "\n")
    .replace(/\p{Surrogate}|\p{Cc}|[\u00AD\u200B\u2060\uFEFF]/gu, (mark) =>
      mark === "\n" || mark === "\t" ? mark : "",
    )
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Like `cleanText`, for source code: indents and inner spaces stay. Idempotent. */
export function cleanCode(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\f\v]/g, "\n")
    .replace(/\p{Surrogate}|\p{Cc}|[\u00AD\u200B\u2060\uFEFF]/gu, (mark) =>
      mark === "\n" || mark === "\t" ? mark : "",
    )
    .replace(/(?<=\S|^)[^\S\n]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\n+$/g, "");
}

/** How many letters around a broken word are looked at; longer words are joined unseen. */
const WORD_REACH = 30;
/** Within a compound no word is cut behind these: "state-of-the-\nart", "judge-as-a-\nservice". */
const LINKING = /-(?:a|an|and|as|at|by|for|in|of|on|or|the|to|with)$/i;

/**
 * Joins words that were hyphenated at a line end. The hyphen stays where the same page writes the
 * compound with it elsewhere ("long-\nterm" beside "long-term"); before a capital, both stand as they
 * are unless the page writes them in one elsewhere ("Trace-\nMonkey"). Expects cleaned text.
 */
export function joinHyphenated(text: string): string {
  let written: ReadonlySet<string> | undefined;
  return text.replace(/(?<=\p{L}\p{L}|-a)[-\u2010]\n(?=\p{L})/gu, (cut, at: number) => {
    written ??= writtenInOne(text);
    const before = text.slice(Math.max(0, at - WORD_REACH), at);
    const left = /\p{L}+$/u.exec(before)?.[0] ?? "";
    const right = /^\p{L}+/u.exec(text.slice(at + 2, at + 2 + WORD_REACH))?.[0] ?? "";
    if (LINKING.test(before) || written.has(`${left}-${right}`.toLowerCase())) return "-";
    return /^\p{Ll}/u.test(right) || written.has(`${left}${right}`) ? "" : cut;
  });
}

/** Compounds with a hyphen, in lower case, and words with a capital inside, as they are. */
function writtenInOne(text: string): ReadonlySet<string> {
  // Bounded on both sides: an unbounded run of letters would be scanned once per letter.
  const compounds = text.match(/(?<!\p{L})\p{L}{1,30}-\p{L}{1,30}(?!\p{L})/gu) ?? [];
  const joined = text.match(/(?<!\p{L})\p{L}{2,60}(?!\p{L})/gu) ?? [];
  return new Set([
    ...compounds.map((word) => word.toLowerCase()),
    ...joined.filter((word) => /\p{Ll}\p{Lu}/u.test(word)),
  ]);
}
