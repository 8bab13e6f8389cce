import { beforeEach, describe, expect, it } from "vitest";
import type { IngestProgress } from "../../src/documents/data-source.ts";
import type { DataSources, DataSourcesParts } from "../../src/documents/data-sources.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { StoreError } from "../../src/shared/errors.ts";
import { settle } from "../fakes/fake-clock.ts";
import { MemoryPassageStore } from "../fakes/memory-stores.ts";
import { LetterEmbedder } from "../fakes/small-fakes.ts";
import {
  book,
  bytesOf,
  leftovers,
  newWorld,
  ownerOf,
  request,
  scope,
  serviceOf,
  type World,
} from "./source-world.ts";

let world: World;

beforeEach(() => {
  world = newWorld();
});

function service(parts: Partial<DataSourcesParts> = {}): DataSources {
  return serviceOf(world, parts);
}

describe("ingesting", () => {
  it("makes passages searchable, with source and page, and a record with true counts", async () => {
    const { source, created } = await service().ingest(request("paper.pdf", book(3)));
    expect(created).toBe(true);
    expect(source).toMatchObject({
      ...{ scope, places: ["channel-1"], published: false, name: "paper.pdf", kind: "pdf" },
      ...{ embedder: "letters", pages: 3, failures: [], failed_pages: 0 },
      description: expect.stringMatching(/^On page 1 sentence 0 is of memory\..*…$/),
    });
    expect(source.owner).toBe(`source/${scope}/${source.sha256}/letters`);
    const stored = await world.passages.page(source.owner, 0, 1000);
    expect(stored).toHaveLength(source.passages);
    expect(new Set(stored.map((passage) => passage.page))).toEqual(new Set([1, 2, 3]));
    expect(stored[0]).toMatchObject({ id: "1-0", source: "paper.pdf", page: 1 });
    expect(stored.map((passage) => passage.page)).toEqual(
      stored.map((passage) => passage.page ?? 0).sort((a, b) => a - b),
    );
  });

  it("does nothing again for the same bytes, whatever they are called", async () => {
    const sources = service();
    const first = await sources.ingest(request("paper.pdf", book(3)));
    const calls = world.embedder.calls;
    const again = await sources.ingest(request("copy.pdf", book(3), "channel-2"));
    expect(again.created).toBe(false);
    expect(again.source).toEqual({ ...first.source, places: ["channel-1", "channel-2"] });
    expect(world.embedder.calls).toBe(calls);
    expect(world.reader.reads).toBe(1);
  });

  it("keeps the same bytes of two scopes apart", async () => {
    const sources = service();
    const here = await sources.ingest(request("paper.pdf", book(1)));
    const there = await sources.ingest({ ...request("paper.pdf", book(1)), scope: "guild-2" });
    expect(there.created).toBe(true);
    expect(there.source.owner).not.toBe(here.source.owner);
    expect(await sources.list(scope)).toHaveLength(1);
    expect(await sources.get("guild-2", here.source.id)).toEqual(there.source);
  });

  it("shares one run among ingests of the same bytes at the same time", async () => {
    const sources = service();
    const all = await Promise.all([
      sources.ingest(request("a.pdf", book(2), "channel-1")),
      sources.ingest(request("b.pdf", book(2), "channel-2")),
    ]);
    expect(all.map((one) => one.created)).toEqual([true, false]);
    expect(world.reader.reads).toBe(1);
    const [source] = await sources.list(scope);
    expect(source?.places).toEqual(["channel-1", "channel-2"]);
  });

  it("gives different files of one name different names", async () => {
    const sources = service();
    const names = await Promise.all(
      ["one", "two", "three"].map(async (word) => {
        const { source } = await sources.ingest(request("../paper.pdf", book(1, word)));
        return source.name;
      }),
    );
    expect(names.sort()).toEqual(["paper (2).pdf", "paper (3).pdf", "paper.pdf"]);
  });

  it("tells progress that grows up to the true totals", async () => {
    const told: IngestProgress[] = [];
    const { source } = await service().ingest(request("paper.pdf", book(4)), {
      onProgress: (progress) => told.push(progress),
    });
    expect(told[0]).toMatchObject({ stage: "reading", pages_done: 1, pages_total: 4 });
    expect(told.at(-1)).toEqual({
      ...{ stage: "storing", pages_done: 4, pages_total: 4 },
      ...{ passages_done: source.passages, passages_total: source.passages },
    });
    const done = told.map((progress) => progress.passages_done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it("embeds early pages while later ones are still being read", async () => {
    world.reader.pause = settle;
    const seen: number[] = [];
    await service().ingest(request("paper.pdf", book(6)), {
      onProgress: ({ stage, passages_done }) => {
        if (stage === "reading") seen.push(passages_done);
      },
    });
    expect(Math.max(...seen)).toBeGreaterThan(0);
  });

  it("lets other work run while a long page is cut into passages", async () => {
    let pauses = 0;
    const breathe = async (): Promise<void> => {
      pauses += 1;
    };
    const { source } = await serviceOf(world, { breathe }).ingest(
      request("long.txt", bytesOf(new TextDecoder().decode(book(60)).replaceAll("\f", " "))),
    );
    expect(source.pages).toBe(1);
    expect(pauses).toBeGreaterThan(source.passages / 20);
  });

  it("keeps what could be read, and which pages could not", async () => {
    world.reader.failing = new Set([2]);
    const { source } = await service().ingest(request("paper.pdf", book(3)));
    expect(source.failures).toEqual([{ number: 2, reason: "torn out" }]);
    expect(source.failed_pages).toBe(1);
    const stored = await world.passages.page(source.owner, 0, 1000);
    expect(new Set(stored.map((passage) => passage.page))).toEqual(new Set([1, 3]));
  });

  it("names no page for a text of one piece, and keeps its lines", async () => {
    const { source } = await service().ingest(request("notes.txt", bytesOf("- one\n- two")));
    expect(source.kind).toBe("text");
    const [passage] = await world.passages.page(source.owner, 0, 10);
    expect(passage?.text).toBe("- one\n- two");
    expect(passage).not.toHaveProperty("page");
  });

  it("refuses a document whose text comes to nothing", async () => {
    const failing = service().ingest(request("blank.txt", bytesOf("\u0000 \u200B")));
    await expect(failing).rejects.toMatchObject({ code: "document_empty" });
    expect([...world.store.rows.keys()]).toEqual([]);
  });
});

describe("failing", () => {
  it("leaves nothing behind when the document cannot be read", async () => {
    world.reader.failsAfter = 2;
    const sources = service();
    await expect(sources.ingest(request("paper.pdf", book(4)))).rejects.toBeInstanceOf(
      DocumentError,
    );
    expect(await sources.list(scope)).toEqual([]);
    const owner = ownerOf(book(4));
    expect(await leftovers(world, owner)).toEqual({ rows: [], passages: 0 });
  });

  it("stops reading, and leaves nothing behind, when embedding fails", async () => {
    world.reader.pause = settle;
    const failure = new Error("the embedder is down");
    world.embedder.embed = async () => {
      throw failure;
    };
    await expect(service().ingest(request("paper.pdf", book(200)))).rejects.toBe(failure);
    expect(world.reader.pagesRead).toBeLessThan(200);
    expect([...world.store.rows.keys()]).toEqual([]);
  });

  it("ends with the signal's reason, and leaves nothing behind, when it is cancelled", async () => {
    world.reader.pause = settle;
    const cancel = new AbortSource();
    const sources = service();
    const running = sources.ingest(request("paper.pdf", book(200)), {
      signal: cancel.signal,
      onProgress: ({ passages_done }) => {
        if (passages_done > 0) cancel.abort("cancelled by Ada");
      },
    });
    await expect(running).rejects.toBe("cancelled by Ada");
    // The run winds up behind the caller's back; the next ingest waits for that.
    world.reader.pause = async () => {};
    const { source } = await sources.ingest(request("paper.pdf", book(200)));
    expect(await world.passages.count(source.owner)).toBe(source.passages);
  });

  it("does not take a read error for an unknown source", async () => {
    const sources = service();
    await sources.ingest(request("paper.pdf", book(1)));
    world.store.get = async () => {
      throw new StoreError("store_unavailable", "down");
    };
    await expect(sources.ingest(request("paper.pdf", book(1)))).rejects.toBeInstanceOf(StoreError);
    expect(world.reader.reads).toBe(1);
  });
});

describe("rebuilding", () => {
  it("makes the passages again from the kept text, without the file", async () => {
    const sources = service();
    const { source } = await sources.ingest(request("paper.pdf", book(3)));
    const before = await world.passages.page(source.owner, 0, 1000);
    await world.passages.deleteOwner(source.owner);
    expect(await sources.refresh(scope, source.id)).toEqual(source);
    expect(await world.passages.page(source.owner, 0, 1000)).toEqual(before);
    expect(world.reader.reads).toBe(1);
  });

  it("happens by itself when a source is loaded again and its passages are gone", async () => {
    const sources = service();
    const { source } = await sources.ingest(request("paper.pdf", book(3)));
    await world.passages.delete(source.owner, ["2-0"]);
    expect(await sources.ingest(request("paper.pdf", book(3)))).toEqual({
      source,
      created: false,
    });
    expect(await world.passages.count(source.owner)).toBe(source.passages);
    expect(world.reader.reads).toBe(1);
  });

  it("re-embeds by itself when the embedder has changed, and links stay valid", async () => {
    const { source: old } = await service().ingest(request("paper.pdf", book(2)));
    const embedder = Object.assign(new LetterEmbedder(), { name: "other" });
    const passages = new MemoryPassageStore();
    const sources = service({ embedder, passages });
    expect((await sources.show(scope, old.id))?.stale).toBe(true);
    expect(await sources.resume()).toBe(1);
    expect(await sources.get(scope, old.id)).toEqual({ ...old, embedder: "other" });
    expect(await passages.count(old.owner)).toBe(old.passages);
    expect(world.reader.reads).toBe(1);
    expect(await sources.resume()).toBe(0);
  });

  it("stores its passages again by itself when the index was lost", async () => {
    const { source } = await service().ingest(request("paper.pdf", book(2)));
    const empty = new MemoryPassageStore();
    expect(await service({ passages: empty }).resume()).toBe(1);
    expect(await empty.count(source.owner)).toBe(source.passages);
    expect(world.reader.reads).toBe(1);
  });

  it("embeds nothing when the embedder of before comes back", async () => {
    const { source: old } = await service().ingest(request("paper.pdf", book(2)));
    const other = Object.assign(new LetterEmbedder(), { name: "other" });
    await service({ embedder: other, passages: new MemoryPassageStore() }).resume();
    const { calls } = world.embedder;
    expect(await service().resume()).toBe(1);
    expect(world.embedder.calls).toBe(calls);
    expect(await service().get(scope, old.id)).toEqual(old);
  });

  it("deletes what an embedder of before has of it when that one comes back", async () => {
    const { source: old } = await service().ingest(request("paper.pdf", book(2)));
    const other = Object.assign(new LetterEmbedder(), { name: "other" });
    const sources = service({ embedder: other, passages: new MemoryPassageStore() });
    await sources.resume();
    expect(await sources.delete(scope, old.id)).toBe(true);
    expect(await world.passages.count(old.owner)).toBe(old.passages);
    const again = await sources.ingest(request("paper.pdf", book(1, "new")));
    expect(again.source.name).toBe("paper.pdf");
    await sources.delete(scope, again.source.id);
    const { source } = await service().ingest(request("other.pdf", book(1, "other")));
    expect(await world.passages.count(old.owner)).toBe(0);
    expect(await service().list(scope)).toEqual([source]);
  });

  it("fails with a sentence when there is no such source", async () => {
    await expect(service().refresh(scope, "nothing")).rejects.toBeInstanceOf(DocumentError);
  });
});

describe("seeing and deleting", () => {
  it("shows a source where it was loaded, and everywhere once it is published", async () => {
    const sources = service();
    const { source } = await sources.ingest(request("paper.pdf", book(1)));
    expect(await sources.list(scope, "channel-1")).toHaveLength(1);
    expect(await sources.list(scope, "channel-2")).toEqual([]);
    expect(await sources.findByName(scope, "PAPER.pdf", "channel-2")).toBeUndefined();
    await sources.publish(scope, source.id, true);
    expect((await sources.findByName(scope, "PAPER.pdf", "channel-2"))?.id).toBe(source.id);
    await sources.publish(scope, source.id, false);
    expect(await sources.list(scope, "channel-2")).toEqual([]);
  });

  it("lists sources in the order they were loaded, after a restart too", async () => {
    const sources = service();
    for (const word of ["one", "two", "three"]) {
      await sources.ingest(request(`${word}.pdf`, book(1, word)));
    }
    const names = (await service().list(scope)).map((source) => source.name);
    expect(names).toEqual(["one.pdf", "two.pdf", "three.pdf"]);
  });

  it("deletes passages, text and record, and nothing of other sources", async () => {
    const sources = service();
    const { source: other } = await sources.ingest(request("other.pdf", book(1, "other")));
    const before = new Map(world.store.rows);
    const { source } = await sources.ingest(request("paper.pdf", book(3)));
    expect(await sources.delete(scope, source.id)).toBe(true);
    expect(world.store.rows).toEqual(before);
    expect(await world.passages.count(source.owner)).toBe(0);
    expect(await world.passages.count(other.owner)).toBe(other.passages);
    expect(await sources.delete(scope, source.id)).toBe(false);
  });

  it("hides a source whose deletion failed half-way, and finishes it later", async () => {
    const { source } = await service().ingest(request("paper.pdf", book(1)));
    const broken = Object.assign(Object.create(world.passages) as MemoryPassageStore, {
      deleteOwner: async () => {
        throw new StoreError("store_unavailable", "down");
      },
    });
    await expect(service({ passages: broken }).delete(scope, source.id)).rejects.toBeInstanceOf(
      StoreError,
    );
    expect(await service().list(scope)).toEqual([]);
    await service().ingest(request("other.pdf", book(1, "other")));
    expect(await world.passages.count(source.owner)).toBe(0);
  });

  it("stops an ingest whose source is being deleted", async () => {
    world.reader.pause = settle;
    const sources = service();
    const running = sources.ingest(request("paper.pdf", book(200)));
    const outcome = running.then(
      () => "finished",
      (error: unknown) => error,
    );
    while (!world.store.rows.has(`source/${scope}`)) await settle();
    const id = (await world.store.get<{ ids: string[] }>(`source/${scope}`))?.ids[0] ?? "";
    expect(await sources.delete(scope, id)).toBe(false);
    expect(await outcome).toMatchObject({ code: "file_unreachable" });
    expect([...world.store.rows.keys()]).toEqual([]);
  });
});
