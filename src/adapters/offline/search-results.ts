/**
 * What the search functions returned, read back into items (MemGPT 0.2.11's result form), and the
 * sentences in them that bear on a query.
 */
import { allWordsOf, wordsOf } from "../../shared/words.ts";
import {
  clip,
  coverage,
  isOfflineTalk,
  opensAsOfflineTalk,
  rank,
  sameWords,
  sentencesOf,
} from "./sentences.ts";
import type { Line } from "./transcript.ts";

export interface ArchivalItem {
  /** As the result names it, e.g. `paper.pdf, p. 3`; absent for what the agent inserted itself. */
  source?: string;
  text: string;
}

export interface RecallItem {
  role: string;
  /** Empty for what the agent said itself. */
  speaker: string;
  time: string;
  text: string;
}

export interface Quote {
  text: string;
  source?: string;
}

/** A passage that has more than this share of the query's words bears on it. */
const BEARING = 0.5;
const MAX_QUOTES = 3;
/** Characters of a quoted sentence, and of one with the sentence that leans on it. */
const MAX_QUOTE = 420;
const MAX_PAIR = 640;

export function archivalItems(result: string): ArchivalItem[] {
  return itemsIn(result).flatMap((item) => {
    const [, text = ""] = /^timestamp: .*?, memory: ([\s\S]*)$/.exec(item) ?? [];
    const bracket = /^\[([^\]\n]{1,300})\]\s*/.exec(text);
    if (!bracket) return text === "" ? [] : [{ text }];
    return [{ source: bracket[1] ?? "", text: text.slice(bracket[0].length) }];
  });
}

export function recallItems(result: string): RecallItem[] {
  return itemsIn(result).flatMap((item) => {
    const [, time, role, text] =
      /^timestamp: (.*?), (user|assistant) - ([\s\S]*)$/.exec(item) ?? [];
    if (time === undefined || role === undefined || text === undefined) return [];
    const named = role === "user" ? /^(.{1,100}?): ([\s\S]*)$/.exec(text) : undefined;
    return [{ time, role, speaker: named?.[1] ?? "", text: named?.[2] ?? text }];
  });
}

/** The texts in `Showing 5 of 7 results (page 0/1): ["…", …]`, with or without a note behind it. */
function itemsIn(result: string): string[] {
  const start = result.indexOf("[");
  if (!result.startsWith("Showing ") || start < 0) return [];
  const list = result.slice(start);
  const note = list.lastIndexOf(" [NOTE: ");
  return parsedTexts(list) ?? parsedTexts(list.slice(0, Math.max(0, note))) ?? [];
}

function parsedTexts(json: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : undefined;
  } catch {
    return undefined;
  }
}

/** What the archive holds on a query. `near` stands in when no passage has most of its words. */
export function archivalQuotes(
  query: string,
  items: readonly ArchivalItem[],
  options: { define: boolean },
): { bearing: Quote[]; near: Quote[] } {
  const bearing = items.filter((item) => coverage(query, item.text) > BEARING);
  return {
    bearing: quotesFrom(query, bearing, options.define),
    near: bearing.length > 0 ? [] : quotesFrom(query, items, options.define),
  };
}

const DEFINES =
  /\b(?:is|are|means?|refers? to|called|defined|propose[sd]?|introduces?d?|a (?:technique|method|system|kind|way|form) )\b/i;

interface Candidate {
  text: string;
  source: string | undefined;
  /** The sentence after it in the same passage. */
  next: string | undefined;
}

function quotesFrom(query: string, items: readonly ArchivalItem[], define: boolean): Quote[] {
  const candidates = new Map<string, Candidate>();
  for (const { text, source } of items) {
    const sentences = sentencesOf(text);
    for (const [i, sentence] of sentences.entries()) {
      // Passages overlap: the first of two equal sentences stands.
      const known = candidates.get(sentence);
      if (known) known.next ??= sentences[i + 1];
      else candidates.set(sentence, { text: sentence, source, next: sentences[i + 1] });
    }
  }
  const words = wordsOf(query);
  const ranked = rank(query, [...candidates.values()], (candidate) => candidate.text)
    .map(({ item, score }) => ({ item, score: score * merit(item.text, words, define) }))
    .sort((a, b) => b.score - a.score);
  const best = ranked[0]?.score ?? 0;
  const quotes: Quote[] = [];
  for (const { item, score } of ranked) {
    if (quotes.length === MAX_QUOTES || score < best / 3) break;
    const text = withNext(item);
    if (quotes.some((quote) => quote.text.includes(item.text) || text.includes(quote.text)))
      continue;
    quotes.push({ text, ...(item.source === undefined ? {} : { source: item.source }) });
  }
  return quotes;
}

/** What makes a sentence worth quoting, beside its words: a phrase kept together, prose, a definition. */
function merit(text: string, query: readonly string[], define: boolean): number {
  const words = allWordsOf(text);
  const together = query.some(
    (word, i) => i > 0 && words.some((w, at) => w === word && words[at - 1] === query[i - 1]),
  );
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const capitals = text.match(/(?<!\p{L})\p{Lu}/gu)?.length ?? 0;
  const even = letters / text.length > 0.7 && capitals < words.length / 2;
  const prose = even && words.length >= 5 && text.length < 450;
  const whole = /^["“‘([]?[\p{Lu}\p{Lo}\p{N}]/u.test(text);
  return (
    (together ? 1.4 : 1) *
    (define && DEFINES.test(text) ? 1.3 : 1) *
    (prose ? 1 : 0.5) *
    (whole ? 1 : 0.8)
  );
}

/** A sentence with the one that leans on it ("Using this technique, …"), where both are short. */
function withNext({ text, next }: Candidate): string {
  const leans = next !== undefined && /^(?:using |with )?(?:this|these|such|it|they)\b/i.test(next);
  const fits = leans && text.length + next.length < MAX_PAIR;
  return fits ? `${text} ${next}` : clip(text, MAX_QUOTE);
}

/**
 * The lines that bear on a recall query, best first: never the question itself, people's lines
 * before the agent's own, statements before questions.
 */
export function recallQuotes(
  query: string,
  items: readonly RecallItem[],
  options: {
    asked: readonly Line[];
    speaker?: string;
    only_speaker?: boolean;
    statements?: boolean;
  },
): RecallItem[] {
  const answers = items.filter(
    (item, i) =>
      !(item.role === "assistant" && isOfflineTalk(item.text)) &&
      !opensAsOfflineTalk(item.text) &&
      // A cut piece of other agents' quotations.
      !/^…[\s\S]*\bsaid: “/.test(item.text) &&
      !(options.statements === true && /[?？]\s*$/.test(item.text)) &&
      items.findIndex((other) => sameWords(other.text, item.text)) === i &&
      !options.asked.some((line) => sameWords(line.text, item.text)) &&
      (options.only_speaker !== true || item.speaker === options.speaker),
  );
  const bearing =
    query === ""
      ? answers
      : answers.filter((item) => coverage(query, `${item.speaker} ${item.text}`) >= BEARING);
  const preferred = [
    (item: RecallItem) => item.role === "user",
    (item: RecallItem) => options.speaker === undefined || item.speaker === options.speaker,
    (item: RecallItem) => !/[?？]\s*$/.test(item.text),
  ].reduce((left, wish) => (left.some(wish) ? left.filter(wish) : left), bearing);
  return preferred.slice(0, MAX_QUOTES);
}
