import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import { countTokens } from "gpt-tokenizer/encoding/cl100k_base";
import { afterAll, describe, expect, it } from "vitest";
import { ChildDocumentReader } from "../../src/adapters/reading/child-document-reader.ts";
import { DataSources } from "../../src/documents/data-sources.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { makePdf } from "../fakes/make-pdf.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { LetterEmbedder } from "../fakes/small-fakes.ts";
import { memgptPaper } from "../fixtures/memgpt-paper.ts";

const reader = new ChildDocumentReader({ logger: silentLogger });
const paper = memgptPaper();

afterAll(() => reader.close());

function world() {
  const passages = new MemoryPassageStore();
  const sources = new DataSources({
    ...{ reader, passages, breathe: () => breathe(), logger: silentLogger },
    ...{ store: new MemoryStateStore(), embedder: new LetterEmbedder(), clock: new FakeClock() },
    tokens: { count: (text) => countTokens(text) },
    hash: { sha256: (content) => createHash("sha256").update(content).digest("hex") },
  });
  const ingest = (name: string, bytes: Uint8Array) =>
    sources.ingest({ scope: "guild-1", place: "channel-1", file: { name, bytes } });
  return { passages, ingest };
}

describe("a PDF as a data source", () => {
  it("gives passages that name their pages, with cut words mended", async () => {
    const { passages, ingest } = world();
    const { source } = await ingest(
      "guide.pdf",
      makePdf([["The con-", "text window."], ["Recall and archival storage."]]),
    );
    expect(source).toMatchObject({ kind: "pdf", pages: 2, passages: 2 });
    expect(source.description).toBe("The con-");
    const stored = await passages.page(source.owner, 0, 10);
    expect(stored.map(({ text, page }) => ({ text, page }))).toEqual([
      { text: "The context window.", page: 1 },
      { text: "Recall and archival storage.", page: 2 },
    ]);
  });

  it.skipIf(!paper)("gives 60 to 70 passages of the MemGPT paper, and never more", async () => {
    const { passages, ingest } = world();
    const bytes = paper ?? new Uint8Array(0);
    const { source } = await ingest("memgpt_paper.pdf", bytes);
    expect(source).toMatchObject({ pages: 13, failed_pages: 0 });
    expect(source.passages).toBeGreaterThanOrEqual(60);
    expect(source.passages).toBeLessThanOrEqual(70);
    const stored = await passages.page(source.owner, 0, 1000);
    const longest = stored.map((passage) => countTokens(passage.text));
    expect(Math.max(...longest)).toBeLessThanOrEqual(300);
    const again = await ingest("memgpt_paper.pdf", bytes);
    expect(again).toEqual({ source, created: false });
    expect(await passages.count(source.owner)).toBe(source.passages);
  });
});
