import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Passage, PassageStore } from "../../src/memgpt/ports.ts";

export const DIMENSION = 4;

/** A vector that points mostly along `axis`. */
export function along(axis: number, rest = 0.1): number[] {
  return Array.from({ length: DIMENSION }, (_, i) => (i === axis ? 1 : rest));
}

export function passage(id: string, extra: Partial<Passage> = {}): Passage {
  return { id, text: `text of ${id}`, created_at: 1_767_600_000_000, ...extra };
}

async function everyOf(store: PassageStore, owner: string): Promise<Passage[]> {
  const all: Passage[] = [];
  for await (const portion of store.every(owner)) all.push(...portion);
  return all;
}

/** What every `PassageStore` promises; `open` gives an empty one of dimension 4. */
export function passageStoreContract(name: string, open: () => Promise<PassageStore>): void {
  describe(`${name} as a PassageStore`, () => {
    let store: PassageStore;

    beforeEach(async () => {
      store = await open();
    });

    afterEach(async () => {
      for (const owner of ["a", "b", "A", "a_", "a%", "many"]) await store.deleteOwner(owner);
    });

    it("finds an unknown owner empty", async () => {
      expect(await store.count("nobody")).toBe(0);
      expect(await store.page("nobody", 0, 10)).toEqual([]);
      expect(await store.search(["nobody"], along(0), 5)).toEqual([]);
      expect(await store.search([], along(0), 5)).toEqual([]);
      expect(await everyOf(store, "nobody")).toEqual([]);
      await store.delete("nobody", ["x"]);
      await store.deleteOwner("nobody");
    });

    it("gives passages back whole, in the order they were first written", async () => {
      const passages = [
        passage("z", { source: "paper.pdf", page: 3 }),
        passage("a", { text: "日本語 \ud83d\ude00 \ud800 \u0000 %_'\"" }),
        passage("m", { source: "", text: "" }),
      ];
      await store.upsert("a", passages, [along(0), along(1), along(2)]);
      await store.upsert("a", [passage("later")], [along(3)]);
      expect(await store.page("a", 0, 10)).toEqual([...passages, passage("later")]);
      expect(await store.page("a", 1, 2)).toEqual(passages.slice(1));
      expect(await store.page("a", 4, 2)).toEqual([]);
      expect(await store.page("a", 0, 0)).toEqual([]);
    });

    it("ranks by cosine similarity, the nearest first, whatever the length of a vector", async () => {
      const vectors = [along(0), along(1).map((x) => x * 100), along(2)];
      await store.upsert("a", [passage("0"), passage("1"), passage("2")], vectors);
      const hits = await store.search(["a"], [0, 1, 0.5, 0], 2);
      expect(hits.map((hit) => hit.passage.id)).toEqual(["1", "2"]);
      expect(hits[0]?.owner).toBe("a");
      expect(hits[0]?.score).toBeCloseTo(1.05 / Math.sqrt(1.25 * 1.03), 4);
      const [same] = await store.search(["a"], along(2, 0.1), 1);
      expect(same?.score).toBeCloseTo(1, 4);
    });

    it("replaces by id and keeps the place, and drops what the new passage does not have", async () => {
      await store.upsert(
        "a",
        [passage("1", { source: "old.pdf", page: 9 }), passage("2")],
        [along(0), along(1)],
      );
      await store.upsert("a", [passage("1", { text: "new" })], [along(3)]);
      await store.upsert("a", [passage("1", { text: "new" })], [along(3)]);
      expect(await store.count("a")).toBe(2);
      expect(await store.page("a", 0, 10)).toEqual([passage("1", { text: "new" }), passage("2")]);
      expect((await store.search(["a"], along(3), 1))[0]?.passage.id).toBe("1");
    });

    it("takes the last of two passages with one id in a call", async () => {
      await store.upsert("a", [passage("1"), passage("1", { text: "last" })], [along(0), along(1)]);
      expect(await store.page("a", 0, 10)).toEqual([passage("1", { text: "last" })]);
    });

    it("finds the few passages of one owner among the many of another, and the other way round", async () => {
      const many = Array.from({ length: 650 }, (_, i) => passage(`p${i}`));
      await store.upsert(
        "many",
        many,
        many.map((_, i) => [1, i / 6500, 0, 0]),
      );
      await store.upsert("a", [passage("1"), passage("2")], [along(1), along(2)]);
      const few = await store.search(["a"], [1, 0, 0, 0.1], 2);
      expect(few.map((hit) => [hit.owner, hit.passage.id]).sort()).toEqual([
        ["a", "1"],
        ["a", "2"],
      ]);
      const nearest = await store.search(["many"], [1, 0, 0, 0], 20);
      expect(nearest.map((hit) => hit.passage.id)).toEqual(many.slice(0, 20).map(({ id }) => id));
      expect(nearest.every((hit) => hit.owner === "many")).toBe(true);
      const scores = nearest.map((hit) => hit.score);
      expect(scores).toEqual([...scores].sort((x, y) => y - x));
    });

    it("never mixes owners, however alike their names are", async () => {
      const owners = ["a", "b", "A", "a_", "a%"];
      for (const owner of owners) {
        await store.upsert(owner, [passage("same-id", { text: `of ${owner}` })], [along(0)]);
      }
      for (const owner of owners) {
        const hits = await store.search([owner], along(0), 10);
        expect(hits.map((hit) => [hit.owner, hit.passage.text])).toEqual([[owner, `of ${owner}`]]);
        expect(await store.count(owner)).toBe(1);
      }
      const two = await store.search(["a", "A"], along(0), 10);
      expect(two.map((hit) => hit.owner).sort()).toEqual(["A", "a"]);
      await store.deleteOwner("a");
      await store.delete("b", ["same-id"]);
      const left = await Promise.all(owners.map((owner) => store.count(owner)));
      expect(left).toEqual([0, 0, 1, 1, 1]);
    });

    it("deletes by id and passes over unknown ones", async () => {
      await store.upsert("a", [passage("1"), passage("2")], [along(0), along(1)]);
      await store.delete("a", ["1", "unknown", "1"]);
      await store.delete("a", []);
      expect(await store.page("a", 0, 10)).toEqual([passage("2")]);
    });

    it("takes 650 passages in one call, counts them exactly, and pages through them", async () => {
      const passages = Array.from({ length: 650 }, (_, i) => passage(`p${i}`, { page: i + 1 }));
      const vectors = passages.map((_, i) => [1, i / 650, 0.5, 0.25]);
      await store.upsert("many", passages, vectors);
      await store.upsert("many", passages, vectors);
      expect(await store.count("many")).toBe(650);
      expect(await store.page("many", 640, 100)).toEqual(passages.slice(640));
      expect(await everyOf(store, "many")).toEqual(passages);
      expect(await store.search(["many"], along(0), 20)).toHaveLength(20);
      await store.deleteOwner("many");
      expect(await store.count("many")).toBe(0);
    });
  });
}
