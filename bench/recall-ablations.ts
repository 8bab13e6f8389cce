/** The mechanisms of ranking, each taken away alone, and what is left when all are gone. */
import type { RankingWeights } from "../src/memgpt/ranking/ranking-weights.ts";

const NO_NEIGHBOURS = { before: 0, before2: 0, before3: 0, after: 0, after2: 0 };

/** BM25 over stems in base form, and nothing else. */
const BM25: Partial<RankingWeights> = {
  ...NO_NEIGHBOURS,
  frame: 1,
  light: 1,
  related: 0,
  cap: 99,
  session: 0,
  name: 0,
  sign: 0,
  answer: 0,
  date: 0,
  time: 0,
  empty: 0,
  feedback_lines: 0,
};

/** Last come the two plain baselines, the former as strong as its weights can make it on our sets. */
export const WITHOUT: readonly (readonly [name: string, change: Partial<RankingWeights>])[] = [
  ["everything", {}],
  ["without-frame-words", { frame: 1 }],
  ["without-light-words", { light: 1 }],
  ["without-related-words", { related: 0 }],
  ["without-neighbours", NO_NEIGHBOURS],
  ["without-cap", { cap: 99 }],
  ["without-session", { session: 0 }],
  ["without-name", { name: 0 }],
  ["without-signs", { sign: 0 }],
  ["without-answers", { answer: 0 }],
  ["without-dates", { date: 0, time: 0 }],
  ["without-empty", { empty: 0 }],
  ["without-feedback", { feedback_lines: 0 }],
  [
    "bm25-neighbours-name",
    { ...BM25, before: 0.7, before2: 0.35, after: 0.2, after2: 0.1, name: 0.4 },
  ],
  ["bm25-only", BM25],
];
