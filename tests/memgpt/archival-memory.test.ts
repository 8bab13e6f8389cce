import { describe, expect, it } from "vitest";
import { ArchivalMemory } from "../../src/memgpt/archival-memory.ts";
import type { Embedder, PassageStore } from "../../src/memgpt/ports.ts";
import type { AttachedSource } from "../../src/memgpt/runtime.ts";
import { TimeFormat } from "../../src/memgpt/time-format.ts";
import { StoreError } from "../../src/shared/errors.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { LetterEmbedder, quarterTokens, RecordingLogger } from "../fakes/small-fakes.ts";

const NOW = Date.UTC(2026, 0, 5, 9);
const paper: AttachedSource = {
  id: "s1",
  name: "paper.pdf",
  owner: "source/1",
  kind: "pdf",
  passages: 12,
};

function memory(
  changes: { passages?: PassageStore; embedder?: Embedder; store?: MemoryStateStore } = {},
): ArchivalMemory {
  return new ArchivalMemory({
    owner: "agent/x",
    store: changes.store ?? new MemoryStateStore(),
    passages: changes.passages ?? new MemoryPassageStore(),
    embedder: changes.embedder ?? new LetterEmbedder({ semantic: false }),
    tokens: quarterTokens,
    logger: new RecordingLogger(),
    time: new TimeFormat("UTC"),
  });
}

async function fill(
  passages: PassageStore,
  owner: string,
  texts: readonly string[],
): Promise<void> {
  const rows = texts.map((text, i) => ({
    id: `p${i}`,
    text,
    created_at: NOW,
    source: "paper.pdf",
    page: i + 1,
  }));
  await passages.upsert(owner, rows, await new LetterEmbedder().embed(texts));
}

/** A store that is down until it is switched on. */
class SwitchedStore extends MemoryPassageStore {
  down = true;

  override upsert(...args: Parameters<MemoryPassageStore["upsert"]>): Promise<void> {
    return this.down ? this.#fail() : super.upsert(...args);
  }

  override page(
    ...args: Parameters<MemoryPassageStore["page"]>
  ): ReturnType<MemoryPassageStore["page"]> {
    return this.down ? this.#fail() : super.page(...args);
  }

  override search(
    ...args: Parameters<MemoryPassageStore["search"]>
  ): ReturnType<MemoryPassageStore["search"]> {
    return this.down ? this.#fail() : super.search(...args);
  }

  #fail(): Promise<never> {
    return Promise.reject(new StoreError("store_unavailable", "Chroma is down."));
  }
}

describe("archival_memory_search", () => {
  it("pages with the true total and the time of the insert, not of the search", async () => {
    const archival = memory();
    for (let i = 0; i < 12; i += 1) await archival.insert(`Fact ${i} about tea`, NOW + i * 60_000);
    expect(await archival.searchText("tea", 1)).toMatch(
      /^Showing 5 of 12 results \(page 1\/2\): \["timestamp: 2026-01-05 09:05:00 AM UTC\+0000, memory: Fact 5 about tea", /,
    );
    expect(await archival.searchText("tea", 3)).toBe("No results found.");
  });

  it("finds what was inserted a moment before, page by page anew", async () => {
    const archival = memory();
    await archival.insert("Tea with Ada", NOW);
    expect(await archival.searchText("tea")).toContain("of 1 results");
    await archival.insert("More tea", NOW);
    expect(await archival.searchText("tea")).toContain("of 2 results");
  });

  it("names source and page of what comes from a document, and cannot be fooled by its name", async () => {
    const passages = new MemoryPassageStore();
    const archival = memory({ passages });
    await passages.upsert(
      "source/1",
      [{ id: "p", text: "Virtual context.", created_at: NOW, source: "a] [b\n.pdf", page: 3 }],
      [[1]],
    );
    archival.attach({ ...paper, passages: 1 });
    expect(await archival.searchText("virtual context")).toContain(
      "memory: [a) (b .pdf, p. 3] Virtual context.",
    );
  });

  it.each([true, false])(
    "looks in one source only when it is named, semantic: %s",
    async (semantic) => {
      const passages = new MemoryPassageStore();
      const archival = memory({ passages, embedder: new LetterEmbedder({ semantic }) });
      await fill(passages, "source/1", ["Green tea leaves"]);
      await fill(passages, "source/2", ["Black tea leaves"]);
      archival.attach({ ...paper, passages: 1 });
      archival.attach({ ...paper, id: "s2", name: "Other.pdf", owner: "source/2", passages: 1 });
      await archival.insert("Tea of my own", NOW);
      const found = await archival.search("tea", { source: " other.PDF " });
      expect(found.passages.map((passage) => passage.text)).toEqual(["Black tea leaves"]);
      expect((await archival.search("tea")).passages).toHaveLength(3);
    },
  );

  it("names what is attached when it is asked for another source", async () => {
    const archival = memory();
    await expect(archival.search("tea", { source: "x" })).rejects.toThrow(
      "No attached source is called 'x'",
    );
    archival.attach(paper);
    await expect(archival.search("tea", { source: "toString" })).rejects.toMatchObject({
      code: "source_unknown",
      next: "Attached are: paper.pdf.",
    });
  });

  it("puts passages that contain the query first, and quoted shows only those", async () => {
    const archival = memory();
    await archival.insert("tea, tea, green tea leaves, green cups, green", NOW);
    await archival.insert("tea of green leaves", NOW);
    await archival.insert("Of Green Tea and other drinks that people have had in the past", NOW);
    const texts = async (query: string): Promise<string[]> =>
      (await archival.search(query)).passages.map((passage) => passage.text.slice(0, 8));
    expect((await texts("of green tea"))[0]).toBe("Of Green");
    expect(await texts("of green tea")).toHaveLength(3);
    expect(await texts('"of green tea"')).toEqual(["Of Green"]);
    expect(await archival.searchText('"of black tea"')).toBe("No results found.");
  });

  it("finds quoted text over the end of a line, and with curly quotes", async () => {
    const archival = memory();
    await archival.insert("As they say, attention\nis all you don’t need.", NOW);
    expect(await archival.searchText('"attention is all you don\'t"')).toContain("of 1 results");
  });

  it("puts passages that contain the query before those that are nearer by meaning", async () => {
    const archival = memory({ embedder: new LetterEmbedder() });
    await archival.insert("silent", NOW);
    await archival.insert("zzzz listen zzzz zzzz zzzz zzzz", NOW);
    const { passages } = await archival.search("listen");
    expect(passages.map((passage) => passage.text.slice(0, 4))).toEqual(["zzzz", "sile"]);
    expect((await archival.search('"listen"')).passages).toHaveLength(1);
  });

  it("goes by words and says so when the embedder is down, and loses nothing", async () => {
    const embedder = new LetterEmbedder();
    const archival = memory({ embedder });
    await archival.insert("green tea", NOW);
    embedder.embed = () => Promise.reject(new StoreError("store_unavailable", "Down."));
    await archival.insert("black tea", NOW);
    const { passages, note } = await archival.search("tea");
    expect(passages).toHaveLength(2);
    expect(note).toContain("match by words");
  });

  it("lists every passage that contains the query, also more than a hundred", async () => {
    const archival = memory();
    for (let i = 0; i < 120; i += 1) await archival.insert(`Fact ${i} about green tea`, NOW);
    expect(await archival.searchText("green tea", 23)).toMatch(
      /^Showing 5 of 120 results \(page 23\/23\)/,
    );
  });

  it("finds nothing when no word matches and vectors carry no meaning", async () => {
    const archival = memory();
    await archival.insert("silent", NOW);
    expect(await archival.searchText("listen")).toBe("No results found.");
  });

  it("finds by meaning with a semantic embedder", async () => {
    const archival = memory({ embedder: new LetterEmbedder() });
    await archival.insert("zzzz", NOW);
    await archival.insert("silent", NOW);
    expect((await archival.search("listen")).passages[0]?.text).toBe("silent");
  });

  it("searches attached sources only while they are attached", async () => {
    const passages = new MemoryPassageStore();
    await fill(passages, "source/1", ["About tea"]);
    await fill(passages, "source/2", ["Other tea"]);
    const archival = memory({ passages, embedder: new LetterEmbedder() });
    archival.attach(paper);
    expect((await archival.search("tea")).passages.map((p) => p.text)).toEqual(["About tea"]);
    archival.detach("s1");
    expect((await archival.search("tea")).passages).toEqual([]);
  });

  it("leaves out rows that a crashed process left in the passage store", async () => {
    const passages = new MemoryPassageStore();
    await passages.upsert(
      "agent/x/archival",
      [{ id: "a7-0", text: "ghost", created_at: NOW }],
      [[1]],
    );
    const archival = memory({ passages, embedder: new LetterEmbedder() });
    expect((await archival.search("ghost")).passages).toEqual([]);
  });
});

describe("archival_memory_insert", () => {
  it("splits what is longer than 300 tokens and counts its passages", async () => {
    const archival = memory();
    const text = "This sentence has forty characters in it. ".repeat(100);
    const parts = await archival.insert(text, NOW);
    expect(parts).toBeGreaterThan(3);
    expect(archival.count()).toBe(parts);
    const stored = await archival.page(0, 100);
    expect(stored.map((p) => p.id)).toContain("a0-1");
    for (const passage of stored)
      expect(quarterTokens.count(passage.text)).toBeLessThanOrEqual(300);
    expect(stored.map((p) => p.text).join(" ")).toBe(text.trim());
  });

  it("puts the passage into the store under an id of its row", async () => {
    const passages = new MemoryPassageStore();
    const archival = memory({ passages });
    await archival.insert("Tea", NOW);
    expect(await passages.page("agent/x/archival", 0, 9)).toEqual([
      { id: "a0-0", text: "Tea", created_at: NOW },
    ]);
  });

  it("keeps the text while the store is down, and the vectors follow when it is back", async () => {
    const passages = new SwitchedStore();
    const archival = memory({ passages });
    await archival.insert("Tea", NOW);
    expect((await archival.search("tea")).passages).toHaveLength(1);
    expect(archival.state().index.done).toBe(0);
    passages.down = false;
    await archival.insert("Coffee", NOW);
    expect(await passages.count("agent/x/archival")).toBe(2);
  });

  it("refuses an empty text", async () => {
    await expect(memory().insert("  \n ", NOW)).rejects.toThrow("content is empty");
  });
});

describe("attached sources", () => {
  it("are not taken for empty while their passages are being stored again", async () => {
    const passages = new MemoryPassageStore();
    const archival = memory({ passages });
    archival.attach({ ...paper, passages: 2 });
    await expect(archival.search("memory")).rejects.toMatchObject({ code: "store_unavailable" });
    await fill(passages, "source/1", ["virtual memory"]);
    const partly = await archival.search("memory");
    expect(partly.passages).toHaveLength(1);
    expect(partly.note).toContain("still being prepared");
    await fill(passages, "source/1", ["virtual memory", "paged memory"]);
    const whole = await archival.search("memory");
    expect(whole.passages).toHaveLength(2);
    expect(whole.note).toBeUndefined();
  });

  it("counts a source once, however often it is attached", () => {
    const archival = memory();
    archival.attach({ ...paper, passages: 65 });
    archival.attach({ ...paper, passages: 65 });
    expect([archival.count(), archival.sources.length]).toEqual([65, 1]);
  });

  it("reads a grown source anew", async () => {
    const passages = new MemoryPassageStore();
    await fill(passages, "source/1", ["tea one"]);
    const archival = memory({ passages });
    archival.attach({ ...paper, passages: 1 });
    expect((await archival.search("tea")).passages).toHaveLength(1);
    await fill(passages, "source/1", ["tea one", "tea two"]);
    archival.attach({ ...paper, passages: 2 });
    expect((await archival.search("tea")).passages).toHaveLength(2);
  });

  it("never read as nothing found when the store is down", async () => {
    const passages = new SwitchedStore();
    await passages.deleteOwner("none");
    const archival = memory({ passages });
    archival.attach(paper);
    await expect(archival.search("tea")).rejects.toMatchObject({ code: "store_unavailable" });
    passages.down = false;
    await fill(passages, "source/1", ["tea"]);
    expect((await archival.search("tea")).passages).toHaveLength(1);
  });
});
