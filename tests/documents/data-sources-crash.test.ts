import { beforeEach, describe, expect, it } from "vitest";
import type { DataSources, DataSourcesParts } from "../../src/documents/data-sources.ts";
import { settle } from "../fakes/fake-clock.ts";
import type { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
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

describe("after a crash", () => {
  /** Ends the first process at its n-th store write: everything after it never happens. */
  async function crashAt(write: number): Promise<void> {
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
    void service({ store: crashing, passages: crashingPassages }).ingest(
      request("paper.pdf", book(30)),
    );
    for (let i = 0; i < 200; i += 1) await settle();
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "an ingest cut short at write %i is not seen, and done again without doubles",
    async (write) => {
      await crashAt(write);
      expect(await service().list(scope)).toEqual([]);
      const { source, created } = await service().ingest(request("paper.pdf", book(30)));
      expect(created).toBe(true);
      expect(source.name).toBe("paper.pdf");
      expect(await world.passages.count(source.owner)).toBe(source.passages);
      expect(await service().list(scope)).toEqual([source]);
    },
  );

  it("what an ingest left is removed when another document is loaded", async () => {
    await crashAt(7);
    const owner = ownerOf(book(30));
    expect(await world.passages.count(owner)).toBeGreaterThan(0);
    const { source } = await service().ingest(request("other.pdf", book(1, "other")));
    expect(await leftovers(world, owner)).toEqual({
      rows: [
        `source/${scope}`,
        `source/${scope}/${source.id}`,
        `source/${scope}/${source.sha256}/page/1`,
      ].sort(),
      passages: 0,
    });
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
