/** The mechanisms of ranking, each taken away alone, and what is left when all are gone. */
import type { RankingWeights } from "../src/memgpt/ranking/ranking-weights.ts";

const NO_NEIGHBOURS = { before: 0, before2: 0, after: 0, after2: 0 };

export const WITHOUT: readonly (readonly [name: string, change: Partial<RankingWeights>])[] = [
  ["everything", {}],
  ["without-frame-words", { frame: 1 }],
  ["without-related-words", { related: 0 }],
  ["without-pairs", { pair: 0 }],
  ["without-neighbours", NO_NEIGHBOURS],
  ["without-session", { session: 0 }],
  ["without-name", { name: 0 }],
  ["without-signs", { sign: 0 }],
  ["without-answers", { answer: 0 }],
  ["without-dates", { date: 0 }],
  ["without-empty", { empty: 0 }],
  ["without-feedback", { feedback_lines: 0 }],
  [
    "bm25-only",
    {
      frame: 1,
      related: 0,
      pair: 0,
      ...NO_NEIGHBOURS,
      session: 0,
      name: 0,
      sign: 0,
      answer: 0,
      date: 0,
      empty: 0,
      feedback_lines: 0,
    },
  ],
];
