/**
 * What an agent without functions answers offline: the sentences of the talk and of its own brief
 * that bear most on the last line, named as such; and summaries made of the talk's own sentences.
 */
import type { ChatMessage } from "../../memgpt/ports.ts";
import { allWordsOf, wordsOf } from "../../shared/words.ts";
import { isRequest } from "./intents.ts";
import { recallQuery } from "./queries.ts";
import {
  clip,
  isOfflineTalk,
  opensAsOfflineTalk,
  rank,
  sameWords,
  sentencesOf,
} from "./sentences.ts";

const NOTHING = "Nothing said so far bears on that";
const NO_MODEL = "I have no model behind me to think with";
const MAX_QUOTES = 2;
/** Share of the last line's words that a sentence must have: one of many is chance. */
const BEARING = 0.25;
const MAX_QUOTE = 240;
/** Of the last line, and of all that was said, that much is compared. */
const MAX_QUERY = 2000;
const MAX_CANDIDATES = 400;
const SUMMARY_WORDS = 100;

interface Candidate {
  /** Empty for the agent's own brief. */
  speaker: string;
  text: string;
}

export function plainReply(messages: readonly ChatMessage[]): string {
  const heard = (message: ChatMessage): boolean =>
    message.role === "user" && !isOfflineTalk(message.content ?? "");
  const lastAt = messages.findLastIndex(heard);
  const last = messages[lastAt]?.content?.slice(0, MAX_QUERY) ?? "";
  const brief = messages
    .filter((message) => message.role === "system")
    .flatMap((message) => candidatesIn(message, ""));
  const talk = messages
    .slice(0, Math.max(0, lastAt))
    .filter(heard)
    .flatMap((message) => candidatesIn(message, message.name ?? "Somebody"));
  // Who asks nothing does not want to hear their own words.
  const own = /[?？]\s*$/.test(last) ? undefined : messages[lastAt]?.name;
  const others = talk.filter(({ speaker }) => speaker !== own);
  const quotes = bearing(last, [...brief, ...others.slice(-MAX_CANDIDATES)]);
  if (quotes.length > 0) return quotes.map(quoteLine).join("\n");
  const told = messages.some((m) => m.role === "assistant" && m.content?.includes(NO_MODEL));
  return told ? `${NOTHING}.` : `${NOTHING}; ${NO_MODEL}.`;
}

/** Whether a request without functions asks for a summary of what it carries. */
export function isSummaryRequest(messages: readonly ChatMessage[]): boolean {
  const [first, second] = messages;
  const asks = /\bsummar(?:y|i[sz]e)/i;
  // A person's "Summarize the paper." is a line of the talk, AutoGen's reflection is none.
  const orders = messages.at(-1)?.name
    ? /^\s*(?:please )?summari[sz]e (?:(?:the|our|this) (?:conversation|chat|talk|discussion)|what (?:we|was))\b/i
    : /^\s*(?:please )?summari[sz]e/i;
  const instructed =
    messages.length === 2 && first?.role === "system" && second?.role === "user" && !second.name;
  return instructed ? asks.test(first.content ?? "") : orders.test(messages.at(-1)?.content ?? "");
}

/** The sentences that have most of the words that come up most, in their order. */
export function extractiveSummary(messages: readonly ChatMessage[]): string {
  const material = messages.length === 2 ? messages.slice(1) : messages.slice(0, -1);
  const talk = material.filter(({ role }) => role === "user" || role === "assistant");
  const told = talk.filter((message) => !opensAsOfflineTalk(message.content ?? ""));
  const sentences = (told.length > 0 ? told : talk)
    .flatMap((message) => sentencesOf(message.content ?? ""))
    .slice(-MAX_CANDIDATES);
  const counts = new Map<string, number>();
  for (const word of sentences.flatMap(wordsOf)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const themes = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 20);
  const ranked = rank(
    themes.map(([word]) => word).join(" "),
    [...sentences.keys()],
    (i) => sentences[i] ?? "",
  );
  const kept = new Set<number>();
  let words = 0;
  for (const { item } of ranked) {
    const count = (sentences[item] ?? "").split(" ").length;
    if (words + count > SUMMARY_WORDS) continue;
    words += count;
    kept.add(item);
  }
  return sentences.filter((_, i) => kept.has(i)).join(" ");
}

function candidatesIn(message: ChatMessage, speaker: string): Candidate[] {
  return sentencesOf(message.content ?? "")
    .filter((text) => isQuotable(text))
    .map((text) => ({ speaker, text }));
}

/** Not a quotation of this kind again, no question nor order, nothing that would end the run by being said. */
function isQuotable(text: string): boolean {
  return (
    !/\bTERMINATE\b|^\([^()]*\)$/.test(text) &&
    !isRequest(text) &&
    !isOfflineTalk(text) &&
    !text.includes(NO_MODEL) &&
    allWordsOf(text).length > 2
  );
}

function bearing(last: string, candidates: readonly Candidate[]): Candidate[] {
  // Without a word that means something, everything would bear on it.
  const query = recallQuery(last);
  if (query === "") return [];
  const ranked = rank(query, candidates, (candidate) => candidate.text).filter(
    ({ item, coverage }) =>
      coverage >= BEARING && !sentencesOf(last).some((sentence) => sameWords(sentence, item.text)),
  );
  const best = ranked[0]?.score ?? 0;
  const quotes: Candidate[] = [];
  for (const { item, score } of ranked) {
    if (quotes.length === MAX_QUOTES || score < best / 2) break;
    if (!quotes.some((quote) => sameWords(quote.text, item.text))) quotes.push(item);
  }
  return quotes;
}

function quoteLine({ speaker, text }: Candidate): string {
  const quote = `“${clip(text, MAX_QUOTE).replace(/[“”]/g, '"')}”`;
  return speaker === "" ? `My brief says: ${quote}` : `${speaker} said: ${quote}`;
}
