import { describe, expect, it } from "vitest";
import { PassageRanker } from "../../../src/memgpt/ranking/passage-ranker.ts";
import { foldText } from "../../../src/memgpt/ranking/search-query.ts";

const TEXTS = [
  "The read-only (static) part isn't 3.5 kB; it went to foo_bar, i.e. 2024-01-05.",
  "Remain contexts, says Ada’s brother: the FIFO queue's tail.",
  "İstanbul and the K sign, 東京 tower of glass",
  "the the the of of",
  "A lone word",
  "Broken\n  over lines, \u201Cquoted\u201D with the \uFB01nest ｗｉｄｅ letters",
];

function rankerOf(texts: readonly string[]): PassageRanker {
  const ranker = new PassageRanker();
  for (const [i, text] of texts.entries()) {
    ranker.add({ id: String(i), text, created_at: 0 }, "document");
  }
  return ranker;
}

function exactIds(ranker: PassageRanker, text: string): string[] {
  return ranker
    .search({ text, exact_only: true }, 100)
    .map(({ passage }) => passage.id)
    .sort();
}

describe("PassageRanker", () => {
  it("finds every passage that contains the query, wherever in its words the query begins and ends", () => {
    const ranker = rankerOf(TEXTS);
    for (const text of TEXTS) {
      for (let from = 0; from < text.length; from += 1) {
        for (let length = 1; from + length <= text.length; length += 3) {
          const query = text.slice(from, from + length);
          const needle = foldText(query.trim());
          if (needle === "") continue;
          const containing = TEXTS.flatMap((one, i) =>
            foldText(one).includes(needle) ? [String(i)] : [],
          );
          expect(exactIds(ranker, query), query).toEqual(containing);
        }
      }
    }
  });

  it("finds nothing for a query whose inner words stand nowhere", () => {
    expect(exactIds(rankerOf(TEXTS), "the zeppelin queue")).toEqual([]);
  });
});
