/**
 * The numbers that ranking works with, in one place, chosen by measuring
 * (docs/decisions/0004-recall-search.md has the table). `npm run bench:recall -- --ablation` takes
 * the mechanisms away one by one.
 */

export interface RankingWeights {
  /** BM25: how soon repetitions stop counting, and how much long lines are marked down. */
  k1: number;
  b: number;
  /** Words that only frame a question, against 1 for its others. */
  frame: number;
  /** Words that are common in all English, against 1 for others. */
  light: number;
  /** Related words (`related-words.ts`), against 1 for the word itself. */
  related: number;
  /** What a line gets of its neighbours' scores: of those one, two and three before it, one and two after. */
  before: number;
  before2: number;
  before3: number;
  after: number;
  after2: number;
  /** What a word can give a line in all, neighbours included, in units of its rarity. */
  cap: number;
  /** What a line gets of its session's score. */
  session: number;
  /** Shares by which a line's score grows: */
  /** when its speaker is named in the query, */
  name: number;
  /** when it has what the question word asks for (a time, a number, a place, a reason), */
  sign: number;
  /** when the line before is somebody else's question, */
  answer: number;
  /** when it was said in the time that the query names. */
  date: number;
  /** What the time that is named adds, where a rare word adds about 5. */
  time: number;
  /** Share by which a line that only asks, or says next to nothing, loses. */
  empty: number;
  /** Pseudo-relevance feedback: lines read, words taken, and the weight of the best of them. */
  feedback_lines: number;
  feedback_words: number;
  feedback: number;
}

/** For what people said, line by line. */
export const CONVERSATION: RankingWeights = {
  k1: 0.9,
  b: 0.3,
  frame: 0.4,
  light: 0.6,
  related: 0.3,
  before: 0.6,
  before2: 0.3,
  before3: 0.15,
  after: 0.15,
  after2: 0.1,
  cap: 1.2,
  session: 0.15,
  name: 0.35,
  sign: 0.5,
  answer: 0.2,
  date: 0.4,
  time: 0.5,
  empty: 0.3,
  feedback_lines: 30,
  feedback_words: 10,
  feedback: 0.1,
};

/** For passages of some hundred words: each stands more on its own, and speaks to nobody. */
export const PASSAGES: RankingWeights = {
  ...CONVERSATION,
  related: 0.15,
  before: 0.1,
  before2: 0,
  before3: 0,
  after: 0.1,
  after2: 0,
  session: 0,
  name: 0,
  sign: 0,
  answer: 0,
  empty: 0,
  feedback_lines: 0,
};
