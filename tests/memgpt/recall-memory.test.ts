import { describe, expect, it } from "vitest";
import { createTokenCounter } from "../../src/adapters/tokens/token-counter.ts";
import {
  packageFunctionResult,
  packageHeartbeat,
  packageUserMessage,
} from "../../src/memgpt/packaging.ts";
import type { ChatMessage, Embedder, PassageStore } from "../../src/memgpt/ports.ts";
import { BOOT_ROWS, RecallMemory } from "../../src/memgpt/recall-memory.ts";
import { TimeFormat } from "../../src/memgpt/time-format.ts";
import { StoreError } from "../../src/shared/errors.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { LetterEmbedder, RecordingLogger } from "../fakes/small-fakes.ts";

const STAMP = "2026-01-05 09:00:00 AM UTC+0000";
const day = (n: number, hour = 9): number => Date.UTC(2026, 0, n, hour);

function memory(
  changes: { embedder?: Embedder; passages?: PassageStore; store?: MemoryStateStore } = {},
): RecallMemory {
  const recall = new RecallMemory({
    owner: "agent/x",
    agent: "Sam",
    store: changes.store ?? new MemoryStateStore(),
    passages: changes.passages ?? new MemoryPassageStore(),
    embedder: changes.embedder ?? new LetterEmbedder({ semantic: false }),
    logger: new RecordingLogger(),
    time: new TimeFormat("UTC"),
  });
  for (let i = 0; i < BOOT_ROWS; i += 1) add(recall, "boot", "Nobody", day(1));
  return recall;
}

function add(recall: RecallMemory, text: string, speaker = "Ada", created_at = day(5)): void {
  recall.append({ created_at, message: packageUserMessage(speaker, text, "now") });
}

function answer(recall: RecallMemory, text: string): void {
  const call = { name: "send_message", arguments: JSON.stringify({ message: text }) };
  const message: ChatMessage = {
    role: "assistant",
    content: "A secret thought about tea.",
    tool_calls: [{ id: "c", type: "function", function: call }],
  };
  recall.append({ created_at: day(5), message });
}

describe("conversation_search", () => {
  it("shows five to a page with the true total, oldest first, in MemGPT's form", async () => {
    const recall = memory();
    for (let i = 1; i <= 7; i += 1) add(recall, `Tea number ${i}`);
    expect(await recall.searchText("TEA")).toMatch(
      /^Showing 5 of 7 results \(page 0\/1\): \["timestamp: 2026-01-05 09:00:00 AM UTC\+0000, user - Ada: Tea number 1", /,
    );
    expect(await recall.searchText("tea", 1)).toBe(
      'Showing 2 of 7 results (page 1/1): ["timestamp: 2026-01-05 09:00:00 AM UTC+0000, user - Ada: Tea number 6", "timestamp: 2026-01-05 09:00:00 AM UTC+0000, user - Ada: Tea number 7"]',
    );
  });

  it("finds nothing on a page past the last, as MemGPT says it", async () => {
    const recall = memory();
    add(recall, "Tea");
    expect(await recall.searchText("tea", 1)).toBe("No results found.");
    expect(await recall.searchDateText("2026-01-05", "2026-01-05", 1)).toBe("No results found.");
  });

  it("finds what people and the agent said, not events, thoughts or the boot", async () => {
    const recall = memory();
    add(recall, "I like tea");
    answer(recall, "Tea it is");
    recall.append({ created_at: day(5), message: packageHeartbeat("tea", "now") });
    const { lines } = await recall.search("tea");
    expect(lines.map((l) => [l.role, l.speaker, l.text])).toEqual([
      ["user", "Ada", "I like tea"],
      ["assistant", "Sam", "Tea it is"],
    ]);
    expect(await recall.searchText("boot")).toBe("No results found.");
    expect(recall.count()).toBe(2);
  });

  it("answers a question whose words never stood together", async () => {
    const recall = memory();
    add(recall, "My dog is called Rex");
    add(recall, "The weather is fine", "Bob");
    add(recall, "I moved to Oslo in May", "Bob");
    const { lines } = await recall.search("What is the name of the dog that Ada has?");
    expect(lines[0]?.text).toBe("My dog is called Rex");
    expect((await recall.search("where did Bob move to?")).lines[0]?.text).toContain("Oslo");
  });

  it("puts exact hits before better ranked ones", async () => {
    const recall = memory();
    add(recall, "green green green tea tea tea");
    add(recall, "a cup of green tea");
    const { lines } = await recall.search("green tea");
    expect(lines[0]?.text).toBe("green green green tea tea tea");
    expect((await recall.search("of green tea")).lines[0]?.text).toBe("a cup of green tea");
  });

  it("takes a query in double quotes for exactly this text", async () => {
    const recall = memory();
    add(recall, "tea that is green");
    add(recall, "A cup of Green Tea");
    expect((await recall.search("green tea")).lines).toHaveLength(2);
    expect((await recall.search('"green tea"')).lines.map((l) => l.text)).toEqual([
      "A cup of Green Tea",
    ]);
    expect(await recall.searchText('"green teapot"')).toBe("No results found.");
  });

  it("finds quoted text whatever the shape of its quotes", async () => {
    const recall = memory();
    add(recall, "I don’t mind the rain");
    expect((await recall.search('"don\'t mind"')).lines).toHaveLength(1);
  });

  it("finds an answer by the question that it follows", async () => {
    const recall = memory();
    add(recall, "The weather is fine", "Bob", day(2));
    add(recall, "Where did you put the spare key?", "Bob", day(5));
    add(recall, "Under the third flower pot", "Ada", day(5));
    add(recall, "Nothing new here", "Bob", day(8));
    const { lines } = await recall.search("Where does Ada keep her spare key?");
    expect(lines.slice(0, 2).map((l) => l.text)).toContain("Under the third flower pot");
    expect(lines.map((l) => l.text)).not.toContain("Nothing new here");
  });

  it("counts last week from the newest line", async () => {
    const recall = memory();
    add(recall, "The boat leaks", "Ada", day(5));
    add(recall, "The boat leaks!", "Ada", day(14));
    add(recall, "Good morning", "Bob", day(20));
    const { lines } = await recall.search("What did Ada say last week?");
    expect(lines[0]?.created_at).toBe(day(14));
    expect((await recall.search("What about the boat last week?")).lines[0]?.text).toBe(
      "The boat leaks!",
    );
  });

  it.each([
    ["English", "So we walked the old dog along the river until the rain came down on us again. "],
    ["shouting", "NO WAY!!! That is SO great!!! I can't even... :-) Really?! "],
    ["quotations", 'She said "no" and he said "yes" and they said "let us see". '],
    ["numbers", "Call 0151 234 567, code 9918-22, at 12:45 on 3/4 for 1,299.50. "],
    ["emoji", "🎉🐶🚀 "],
    ["Russian", "Доброе утро, как твои дела сегодня, мой друг. "],
    ["Czech", "Příliš žluťoučký kůň úpěl ďábelské ódy. "],
    ["Arabic", "صباح الخير كيف حالك اليوم يا صديقي "],
    ["Chinese", "你好朋友今天过得怎么样我们去吃饭吧"],
  ])(
    "keeps ten packaged results within 600 tokens, however long the lines: %s",
    async (_, piece) => {
      const tokens = createTokenCounter(["gpt-4"]);
      const recall = memory();
      for (let i = 0; i < 12; i += 1) {
        add(recall, `${piece.repeat(1 + i * 5)} kettle ${piece.repeat(50)}`, "Ada Marie Lovelace");
      }
      const pages = [await recall.searchText("kettle"), await recall.searchText("kettle", 1)];
      const packaged = pages.map((page) => packageFunctionResult("c", true, page, STAMP).content);
      expect(tokens.count(packaged.join(""))).toBeLessThanOrEqual(600);
      expect(pages.join("").match(/kettle/g)).toHaveLength(10);
    },
  );

  it("keeps up with what is said after the first search", async () => {
    const recall = memory();
    add(recall, "first");
    await recall.search("x");
    add(recall, "second thoughts");
    const both = await Promise.all([recall.search("second"), recall.search("second")]);
    expect(both.map((r) => r.lines.length)).toEqual([1, 1]);
  });

  it("shows a very long line around what was looked for", async () => {
    const recall = memory();
    add(recall, `${"a ".repeat(3000)}needle${" b".repeat(3000)}`);
    const text = await recall.searchText("needle");
    expect(text).toContain("needle");
    expect(text.length).toBeLessThan(1800);
  });

  it("rejects when the log cannot be read, instead of finding nothing", async () => {
    const store = new MemoryStateStore();
    const recall = memory({ store });
    add(recall, "tea");
    const pending = recall.log.pendingRows();
    recall.log.flushed(pending.length);
    await expect(recall.search("tea")).rejects.toMatchObject({ code: "store_corrupt" });
    await store.setMany(pending);
    expect((await recall.search("tea")).lines).toHaveLength(1);
  });
});

describe("conversation_search_date", () => {
  it("includes both days, to their last second", async () => {
    const recall = memory();
    for (const [n, hour] of [
      [4, 23],
      [5, 0],
      [6, 12],
      [7, 23],
      [8, 0],
    ] as const) {
      add(recall, `day ${n} hour ${hour}`, "Ada", day(n, hour));
    }
    const text = await recall.searchDateText("2026-01-05", "2026-01-07");
    expect(text).toMatch(/^Showing 3 of 3 results \(page 0\/0\)/);
    expect(text).toContain("day 5 hour 0");
    expect(text).toContain("day 7 hour 23");
    expect(await recall.searchDateText("2025-01-05", "2025-01-07")).toBe("No results found.");
  });

  it("shows five to a page, oldest first, with the true total", async () => {
    const recall = memory();
    for (let i = 1; i <= 7; i += 1) add(recall, `Tea number ${i}`);
    expect(await recall.searchDateText("2026-01-05", "2026-01-05")).toMatch(
      /^Showing 5 of 7 results \(page 0\/1\): .*number 1", .*number 5"\]$/,
    );
    expect(await recall.searchDateText("2026-01-05", "2026-01-05", 1)).toMatch(
      /^Showing 2 of 7 results \(page 1\/1\): .*number 6", .*number 7"\]$/,
    );
  });

  it("says what is no date", async () => {
    await expect(memory().searchDateText("May 5", "2026-01-07")).rejects.toThrow(
      `'start_date' argument must be a date as YYYY-MM-DD, not "May 5"`,
    );
  });
});

describe("recall's vectors", () => {
  it("are not written when the embedder carries no meaning", async () => {
    const passages = new MemoryPassageStore();
    const embedder = new LetterEmbedder({ semantic: false });
    const recall = memory({ passages, embedder });
    for (let i = 0; i < 200; i += 1) add(recall, `line ${i}`);
    recall.indexBehind();
    await recall.search("line");
    expect(await passages.count(recall.passageOwner)).toBe(0);
    expect(embedder.calls).toBe(0);
  });

  it("follow the log in batches from a cursor, and a search catches up", async () => {
    const passages = new MemoryPassageStore();
    const embedder = new LetterEmbedder();
    const recall = memory({ passages, embedder });
    for (let i = 0; i < 100; i += 1) add(recall, `line ${i}`);
    await recall.search("line");
    expect(await passages.count(recall.passageOwner)).toBe(100);
    expect(recall.state().index).toEqual({ embedder: "letters", done: 103 });
    // Two batches and the query.
    expect(embedder.calls).toBe(3);
  });

  it("find by meaning what shares no word", async () => {
    const recall = memory({ embedder: new LetterEmbedder() });
    add(recall, "zzzz qqqq");
    add(recall, "silent");
    const { lines } = await recall.search("listen");
    expect(lines[0]?.text).toBe("silent");
  });

  it("are written anew from the text when the embedder has changed", async () => {
    const passages = new MemoryPassageStore();
    const recall = new RecallMemory({
      owner: "agent/x",
      agent: "Sam",
      store: new MemoryStateStore(),
      passages,
      embedder: new LetterEmbedder(),
      logger: new RecordingLogger(),
      time: new TimeFormat("UTC"),
      state: { length: 0, said: 0, index: { embedder: "another", done: 99 } },
    });
    for (let i = 0; i < 5; i += 1) add(recall, "tea");
    await recall.search("tea");
    expect(await passages.count(recall.passageOwner)).toBe(5 - BOOT_ROWS);
  });

  it("do not break the search when their store is down: it goes by words and says so", async () => {
    class BrokenStore extends MemoryPassageStore {
      override async upsert(): Promise<void> {
        throw new StoreError("store_unavailable", "down");
      }
    }
    const recall = memory({ embedder: new LetterEmbedder(), passages: new BrokenStore() });
    add(recall, "tea");
    expect(await recall.searchText("tea")).toMatch(
      /^Showing 1 of 1 results .* \[NOTE: Search by meaning is not available/,
    );
  });
});
