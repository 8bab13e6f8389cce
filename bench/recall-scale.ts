/**
 * `npm run bench:recall -- --scale`: times of recall search over long histories, made by repeating
 * the conversations with a rare word in each line, and the prompt tokens of ten results, packaged.
 */
import { createTokenCounter } from "../src/adapters/tokens/token-counter.ts";
import { packageFunctionResult } from "../src/memgpt/packaging.ts";
import { CONVERSATION } from "../src/memgpt/ranking/ranking-weights.ts";
import type { Conversation, Turn } from "./recall-conversation.ts";
import { openRecall } from "./recall-store.ts";

const SIZES = [1_000, 10_000, 100_000];
const ASKED = 100;
const SESSION = 20;
const DAY = 86_400_000;
const MINUTE = 60_000;
const STAMP = "2026-01-05 09:00:00 AM UTC+0000";

/** One line per size. */
export async function measureScale(conversations: readonly Conversation[]): Promise<string[]> {
  const turns = conversations.flatMap((conversation) => conversation.turns);
  const texts = conversations.flatMap(({ questions }) => questions.map(({ text }) => text));
  const questions = texts.slice(0, ASKED);
  const tokens = createTokenCounter(["gpt-4"]);
  const report: string[] = [];
  for (const size of SIZES) {
    const recall = await openRecall({ turns: repeated(turns, size) }, CONVERSATION);
    try {
      const times: number[] = [];
      const counts: number[] = [];
      for (const text of questions) {
        times.push((await recall.ask(text)).ms);
        const pages = [await recall.page(text, 0), await recall.page(text, 1)];
        const results = pages.map((page) => packageFunctionResult("c", true, page, STAMP).content);
        counts.push(tokens.count(results.join("")));
      }
      report.push(
        `${size} lines median ${middle(times).toFixed(2)} ms first search ${recall.first_search_ms.toFixed(0)} ms ` +
          `ten results ${middle(counts)} tokens, at most ${Math.max(...counts)}`,
      );
    } finally {
      await recall.close();
    }
  }
  return report;
}

function repeated(turns: readonly Turn[], size: number): Turn[] {
  let at = 0;
  return Array.from({ length: size }, (_, i) => {
    at += i % SESSION === 0 ? DAY : MINUTE;
    const turn = turns[i % turns.length] ?? { speaker: "Nobody", text: "" };
    // Words grow with the history: a new one in every second line.
    const text = `${turn.text} w${Math.floor(i / 2)}`;
    return { id: String(i), speaker: turn.speaker, text, created_at: at };
  });
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
