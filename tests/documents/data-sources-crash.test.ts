import { beforeEach, describe, expect, it } from "vitest";
import type { DataSources, DataSourcesParts } from "../../src/documents/data-sources.ts";
import { settle } from "../fakes/fake-clock.ts";
import type { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { LetterEmbedder } from "../fakes/small-fakes.ts";
import {
  book,
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

/** Runs `work` in a process that ends at its n-th store write: everything after it never happens. */
async function crashAt(
  write: number,
  work: (sources: DataSources) => unknown,
  parts: Partial<DataSourcesParts> = {},
): Promise<number> {
  let writes = 0;
  const dead = new Promise<never>(() => {});
  const dying = <A extends unknown[]>(real: (...args: A) => Promise<void>) => {
    return (...args: A): Promise<void> => {
      writes += 1;
      return writes >= write ? dead : real(...args);
    };
  };
  const { store, passages } = world;
  const crashing = Object.assign(Object.create(store) as MemoryStateStore, {
    set: dying(store.set.bind(store)),
    setMany: dying(store.setMany.bind(store)),
    delete: dying(store.delete.bind(store)),
  });
  const crashingPassages = Object.assign(Object.create(passages) as MemoryPassageStore, {
    count: passages.count.bind(passages),
    page: passages.page.bind(passages),
    delete: dying(passages.delete.bind(passages)),
    deleteOwner: dying(passages.deleteOwner.bind(passages)),
    upsert: dying(passages.upsert.bind(passages)),
  });
  void work(service({ ...parts, store: crashing, passages: crashingPassages }));
  for (let i = 0; i < 60; i += 1) await settle();
  return writes;
}

/** Every write of an ingest of eight pages, the last one being the one that would come after it. */
const EVERY_WRITE = Array.from({ length: 26 }, (_, i) => i + 1);
const bytes = book(8);

/** Counts how often each text is embedded. */
function countingEmbedder(): { embedder: LetterEmbedder; counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const embedder = new LetterEmbedder();
  const embed = embedder.embed.bind(embedder);
  embedder.embed = (texts) => {
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return embed(texts);
  };
  return { embedder, counts };
}

describe("after a crash", () => {
  const ingest = (sources: DataSources) => sources.ingest(request("paper.pdf", bytes));

  it("the writes that are tried are all that there are", async () => {
    world.reader.pause = settle;
    expect(await crashAt(1000, ingest)).toBeLessThan(EVERY_WRITE.length);
    expect(await service().list(scope)).toHaveLength(1);
  });

  it.each(EVERY_WRITE)(
    "an ingest cut short at write %i is not seen, and done again without doubles",
    async (write) => {
      world.reader.pause = settle;
      const writes = await crashAt(write, ingest);
      if (writes >= write) expect(await service().list(scope)).toEqual([]);
      const stored = await world.passages.page(ownerOf(bytes), 0, 1000);
      const { embedder, counts } = countingEmbedder();
      const { source } = await service({ embedder }).ingest(request("paper.pdf", bytes));
      expect(source.name).toBe("paper.pdf");
      expect(await world.passages.count(source.owner)).toBe(source.passages);
      expect(await service().list(scope)).toEqual([source]);
      for (const passage of stored) expect(counts.has(passage.text)).toBe(false);
      expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(1);
    },
  );

  it.each(EVERY_WRITE)(
    "at write %i, what was read to its end is finished without the file, the rest is not seen",
    async (write) => {
      await crashAt(write, ingest);
      const fresh = service();
      await fresh.resume();
      const sources = await fresh.list(scope);
      for (const source of sources) {
        expect(source).toMatchObject({ pages: 8, name: "paper.pdf" });
        expect(await world.passages.count(source.owner)).toBe(source.passages);
      }
      expect(world.reader.reads).toBeLessThanOrEqual(1);
      await fresh.ingest(request("paper.pdf", bytes));
      expect(await fresh.list(scope)).toHaveLength(1);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7])("a deletion cut short at write %i is finished", async (write) => {
    const { source } = await service().ingest(request("paper.pdf", bytes));
    await crashAt(write, (sources) => sources.delete(scope, source.id));
    const fresh = service();
    const [left] = await fresh.list(scope);
    if (left) expect(await world.passages.count(left.owner)).toBe(left.passages);
    else await fresh.ingest(request("other.pdf", book(1, "other")));
    for (const one of await fresh.list(scope)) await fresh.delete(scope, one.id);
    expect(await leftovers(world, source.owner)).toEqual({ rows: [], passages: 0 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "a web page's new version cut short at write %i is all there, or the old one is put back",
    async (write) => {
      let text = "Old one.\fOld two.\fOld three.";
      const pages = {
        fetchPage: async () => ({ name: "page", bytes: new TextEncoder().encode(text) }),
      };
      const request = { scope, place: "channel-1", urls: ["https://example.org/"] };
      const { source } = await service({ pages }).loadPages(request);
      text = "New one.\fNew two.";
      await crashAt(write, (sources) => sources.refresh(scope, source.id), { pages });
      const fresh = service();
      await fresh.resume();
      const [now] = await fresh.list(scope);
      const stored = await world.passages.page(source.owner, 0, 10);
      expect(stored).toHaveLength(now?.passages ?? -1);
      const age = now?.sha256 === source.sha256 ? "Old" : "New";
      for (const passage of stored) expect(passage.text.startsWith(age)).toBe(true);
      expect(await fresh.resume()).toBe(0);
      await fresh.delete(scope, source.id);
      expect((await leftovers(world, source.owner)).passages).toBe(0);
      expect((await leftovers(world, source.owner)).rows).toEqual([]);
    },
  );

  it("what an ingest left is removed when another document is loaded", async () => {
    world.reader.pause = settle;
    await crashAt(9, ingest);
    const owner = ownerOf(bytes);
    expect(await world.passages.count(owner)).toBeGreaterThan(0);
    world.reader.pause = async () => {};
    const { source } = await service().ingest(request("other.pdf", book(1, "other")));
    const { rows, passages } = await leftovers(world, owner);
    expect(passages).toBe(0);
    expect(rows.sort()).toEqual(
      [
        "source-scopes",
        `source/${scope}`,
        `source/${scope}/${source.id}`,
        `source/${scope}/${source.sha256}/page/1`,
      ].sort(),
    );
  });

  it("passages of an older splitter do not stay among the new ones", async () => {
    const owner = ownerOf(book(2));
    const old = [{ id: "1-99", text: "old", created_at: 0 }];
    await world.passages.upsert(owner, old, await world.embedder.embed(["old"]));
    const { source } = await service().ingest(request("paper.pdf", book(2)));
    expect(source.owner).toBe(owner);
    expect(await world.passages.count(owner)).toBe(source.passages);
  });
});
