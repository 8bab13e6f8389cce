import { join } from "node:path";
import { expect, it } from "vitest";
import { WITHOUT } from "../../bench/recall-ablations.ts";
import { readConversation } from "../../bench/recall-conversation.ts";
import { openRecall } from "../../bench/recall-store.ts";
import { CONVERSATION, type RankingWeights } from "../../src/memgpt/ranking/ranking-weights.ts";

const FILE = join(import.meta.dirname, "../../bench/recall-data/fresh-keisha-leon.json");
const conversation = readConversation(FILE);

/** Share of the evidence among the first ten, averaged over questions. */
async function recallAtTen(change: Partial<RankingWeights>): Promise<number> {
  const recall = await openRecall(conversation, { ...CONVERSATION, ...change });
  try {
    let sum = 0;
    for (const { text, evidence } of conversation.questions) {
      const found = new Set((await recall.ask(text)).ids.slice(0, 10));
      sum += evidence.filter((id) => found.has(id)).length / evidence.length;
    }
    return sum / conversation.questions.length;
  } finally {
    await recall.close();
  }
}

it("recall memory on the real store finds a tenth more of the evidence than plain BM25 with neighbours", async () => {
  const plain = WITHOUT.find(([name]) => name === "bm25-neighbours-name")?.[1] ?? {};
  const ours = await recallAtTen({});
  expect(ours - (await recallAtTen(plain))).toBeGreaterThan(0.1);
  expect(ours).toBeGreaterThan(0.57);
});
