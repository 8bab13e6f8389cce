/**
 * What to search for: the words of a line that carry its meaning, as the person wrote them, and the
 * days that it speaks of.
 */
import { wordsOf } from "../../shared/words.ts";

const MAX_WORDS = 12;
const WORD = /[\p{L}\p{N}\p{M}]+(?:[._'’:/-]+[\p{L}\p{N}\p{M}]+)*/gu;

/** Words that only say what to do where they come first, stemmed. */
const ORDERS = stems(
  "tell explain describe define show give find quote list summarise summarize know mean search look check want actually hey hi hello",
);
/** Words that only say that something was said, stemmed. */
const SAYING = stems(
  "said say says saying told tell mention mentioned talk talked talking discuss discussed discussing decide decided agree agreed " +
    "ask asked wrote write remember recall conversation chat history earlier before previously yesterday today last ago " +
    "week ever again anyone anybody anything somebody someone something everyone memory search check",
);

export function askQuery(text: string): string {
  return contentWords(text, new Set());
}

export function recallQuery(text: string): string {
  return contentWords(text, SAYING);
}

/** Words with a meaning, in order, each once; if only `noise` is left, nothing. */
function contentWords(text: string, noise: ReadonlySet<string>): string {
  const seen = new Set<string>();
  const words: string[] = [];
  for (const [word] of text.matchAll(WORD)) {
    const bare = word.replace(/['’]s$/u, "");
    const stemmed = wordsOf(bare).join(" ");
    const orders = words.length === 0 && ORDERS.has(stemmed);
    if (stemmed === "" || orders || noise.has(stemmed) || seen.has(stemmed)) continue;
    seen.add(stemmed);
    words.push(bare.slice(0, 64));
    if (words.length === MAX_WORDS) break;
  }
  return words.join(" ");
}

/** A span of days, both included, as `YYYY-MM-DD`. */
export interface Days {
  from: string;
  to: string;
}

/** The days that a line names, reckoned from when it was said; undefined when it names none. */
export function daysIn(text: string, time: string | undefined): Days | undefined {
  const written = text.match(/\b\d{4}-\d{2}-\d{2}\b/g) ?? [];
  const [first, last] = [written[0], written.at(-1)];
  if (first !== undefined && last !== undefined) {
    return first <= last ? { from: first, to: last } : { from: last, to: first };
  }
  const today = dayOf(time);
  if (today === undefined) return undefined;
  if (/\byesterday\b/i.test(text)) return { from: shifted(today, -1), to: shifted(today, -1) };
  if (/\b(?:last|this|past) week\b/i.test(text)) return { from: shifted(today, -7), to: today };
  if (/\btoday\b/i.test(text)) return { from: today, to: today };
  return undefined;
}

/** The day of a packaged time. */
export function dayOf(time: string | undefined): string | undefined {
  return /^\d{4}-\d{2}-\d{2}/.exec(time ?? "")?.[0];
}

function shifted(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`).getTime();
  return Number.isNaN(at) ? day : new Date(at + days * 86_400_000).toISOString().slice(0, 10);
}

function stems(words: string): Set<string> {
  return new Set(wordsOf(words));
}
