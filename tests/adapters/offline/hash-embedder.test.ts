import { describe, expect, it } from "vitest";
import { HashEmbedder } from "../../../src/adapters/offline/hash-embedder.ts";
import { AbortSource } from "../../../src/shared/abort.ts";

const embedder = new HashEmbedder();

async function vectorOf(text: string): Promise<number[]> {
  const [vector] = await embedder.embed([text]);
  if (!vector) throw new Error("no vector");
  return vector;
}

async function similarity(a: string, b: string): Promise<number> {
  const [x, y] = [await vectorOf(a), await vectorOf(b)];
  return x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
}

describe("hash embedder", () => {
  it("names its space and says that it knows no meaning", () => {
    expect(embedder.name).toBe("offline-hash-1024");
    expect(embedder.dimension).toBe(1024);
    expect(embedder.semantic).toBe(false);
  });

  it("gives vectors of length one, in the order of the texts", async () => {
    const texts = ["one two three", "four five", "six"];
    const vectors = await embedder.embed(texts);
    expect(vectors).toHaveLength(3);
    for (const [i, vector] of vectors.entries()) {
      expect(vector).toHaveLength(1024);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
      expect(vector).toEqual(await vectorOf(texts[i] ?? ""));
    }
  });

  it.each([[""], [" \n"], ["?!"], ["\ud800"], ["👍"], ["the and of"], ["x".repeat(100_000)]])(
    "never gives a vector of zeros, nor one that is not finite (%#)",
    async (text) => {
      const vector = await vectorOf(text);
      expect(vector.every(Number.isFinite)).toBe(true);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
    },
  );

  it("puts texts that share words, word forms or typing errors nearer than others", async () => {
    const text = "The queue manager evicts messages under memory pressure";
    const other = "Bananas grow in warm countries near the sea";
    for (const near of [
      "queue managers evicting a message",
      "memroy pressure and the queue manger",
    ]) {
      expect(await similarity(text, near)).toBeGreaterThan((await similarity(text, other)) + 0.2);
    }
  });

  it("takes a lone surrogate for no part of the text", async () => {
    expect(await similarity("virtual context \ud83d", "virtual context")).toBeCloseTo(1, 10);
  });

  it("stops with a typed error when it is aborted", async () => {
    const source = new AbortSource();
    source.abort(new Error("enough"));
    await expect(embedder.embed(["text"], source.signal)).rejects.toMatchObject({
      code: "aborted",
    });
  });

  it("embeds passages of 300 tokens fast enough to be read along", async () => {
    const words = Array.from({ length: 230 }, (_, i) => `word${i % 90}ing`).join(" ");
    await embedder.embed([words]);
    const started = performance.now();
    await embedder.embed(Array.from({ length: 100 }, (_, i) => `${words} ${i}`));
    // Some 0.3 ms each on an idle machine; the bound only catches what has gone quadratic.
    expect((performance.now() - started) / 100).toBeLessThan(10);
  });
});
