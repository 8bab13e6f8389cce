/**
 * Text to sentences, in order, without loss. Knows Latin and CJK full stops, and that initials and a
 * few abbreviations end no sentence.
 */

const FULL_STOP =
  /[.!?\u2026]{1,5}["'\u201D\u2019)\]]{0,3}\s+|[\u3002\uFF01\uFF1F]{1,5}["\u201D\u2019\u300D\u300F\uFF09]{0,3}\s*/gu;
const NO_STOP =
  /(?:^|[\s(.])(?:\p{Lu}|[Ee]\.g|[Ii]\.e|al|cf|vs|etc|resp|approx|Figs?|Eqs?|Secs?|Tabs?|Nos?|pp?|Dr|Mrs?|Ms|Prof|St|Jr|Sr)\.\s+$/u;

/** How far back an abbreviation is looked for. */
const ABBREVIATION_REACH = 12;

/** The sentences of one paragraph, trimmed, none empty. */
export function* sentencesOf(paragraph: string): Generator<string> {
  let start = 0;
  for (const stop of paragraph.matchAll(FULL_STOP)) {
    const end = stop.index + stop[0].length;
    if (/^\p{Ll}/u.test(paragraph.slice(end, end + 2))) continue;
    if (NO_STOP.test(paragraph.slice(Math.max(start, end - ABBREVIATION_REACH), end))) continue;
    const sentence = paragraph.slice(start, end).trim();
    if (sentence) yield sentence;
    start = end;
  }
  const rest = paragraph.slice(start).trim();
  if (rest) yield rest;
}
