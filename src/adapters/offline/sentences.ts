/**
 * Sentences, and which of them bear most on a query: all the judgement that the offline model has.
 * It compares words, never meanings; what it cannot find by words it does not find.
 */
import { LexicalIndex } from "../../shared/lexical-index.ts";
import { sentencesOf as sentencesIn } from "../../shared/sentences.ts";
import { allWordsOf, wordsOf } from "../../shared/words.ts";

/** The sentences of all lines of a text, their white space single. */
export function sentencesOf(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) => [...sentencesIn(line)])
    .map((sentence) => sentence.replace(/\s+/g, " "));
}

export interface Ranked<T> {
  item: T;
  /** Greater than 0; comparable within one ranking only. */
  score: number;
  /** Share of the query's different words that the text has, 0 to 1. */
  coverage: number;
}

/** The items whose text shares words with the query, best first, ties in the order given. */
export function rank<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): Ranked<T>[] {
  const index = new LexicalIndex();
  for (const [i, item] of items.entries()) index.add(i, textOf(item));
  return index.search(query, items.length).flatMap(({ id, score }) => {
    const item = items[id];
    return item === undefined ? [] : [{ item, score, coverage: coverage(query, textOf(item)) }];
  });
}

/** Share of the query's different words (stop words apart) that the text has, 0 to 1. */
export function coverage(query: string, text: string): number {
  const wanted = new Set(wordsOf(query));
  if (wanted.size === 0) return 0;
  const there = new Set(allWordsOf(text));
  let found = 0;
  for (const word of wanted) if (there.has(word)) found += 1;
  return found / wanted.size;
}

const OPENINGS =
  "From (?:archival memory on “|recall memory:)|I found nothing (?:on|from those days)|I have nothing to add\\.|" +
  "The nearest in core memory: “|Core memory (?:says: “|says:$|says nothing about|has no room|\\([\\w:-]+\\) (?:says|now says|has that already))|" +
  "Saved in (?:core|archival) memory\\b|Taken out of core memory|I changed nothing: core memory|No passage has most|" +
  "Nobody said so here, but|Archival memory has this on it|I could not (?:save “|search \\w+ memory: |change core memory: )|" +
  "(?:Hello, .{1,100}\\. |I cannot [\\w ]+: )?I am the offline model|Heard, .{1,100}: your line is|(?:Heard|Goodbye), [\\w-]{1,64}\\.(?: I am the offline| I could not|$)|You are welcome, |" +
  "Goodbye, .{1,100}\\. What was said|What should I look for\\? Name|I cannot sort what was said|My persona says: “|" +
  "I find passages, not lists: |I open no web page|I have no clock: your line|You wrote that at \\d|I changed nothing: `/forget|" +
  "Nothing said so far bears|My brief says: “|- “|[^:“”\\n]{1,64} said: “";
const ANY_LINE = new RegExp(`^(?:${OPENINGS})`, "m");
const FIRST_LINE = new RegExp(`^(?:${OPENINGS})`);

/** Whether a text is what the offline model says itself: quoting that again would only echo. */
export function isOfflineTalk(text: string): boolean {
  return ANY_LINE.test(text);
}

/** Whether a whole line of talk is the offline model's, and not a person's who quotes it. */
export function opensAsOfflineTalk(text: string): boolean {
  return FIRST_LINE.test(text.trimStart());
}

/** Whether two texts say the same, but for case, spaces and punctuation. */
export function sameWords(a: string, b: string): boolean {
  return allWordsOf(a).join(" ") === allWordsOf(b).join(" ");
}

/** At most `limit` characters, cut at a space, with an ellipsis. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // A cut may leave half of a surrogate pair at its end.
  const cut = text.slice(0, limit - 1).replace(/\p{Cs}/gu, "");
  const space = cut.lastIndexOf(" ");
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
