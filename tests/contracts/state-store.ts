import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StateStore } from "../../src/memgpt/ports.ts";

export interface OpenStore {
  store: StateStore;
  close(): Promise<void>;
}

/** What every `StateStore` promises; `open` gives an empty one each time. */
export function stateStoreContract(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} as a StateStore`, () => {
    let opened: OpenStore;
    let store: StateStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });

    afterEach(async () => {
      await opened.close();
    });

    it("answers undefined for what was never stored", async () => {
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.getMany(["nothing", "more"])).toEqual([undefined, undefined]);
      expect(await store.getMany([])).toEqual([]);
    });

    it.each([
      ["an object", { a: [1, { b: null }], ключ: "値" }],
      ["null", null],
      ["false", false],
      ["zero", 0],
      ["an empty text", ""],
      ["a text that looks like a row", '{"value":1,"expires":1}'],
      ["a text that starts with a colon", ":base64:abc"],
      ["a lone surrogate and a NUL", "a\ud800b\u0000c"],
      ["an object with expires", { value: 1, expires: 1 }],
    ])("gives back %s as it was", async (_kind, value) => {
      await store.set("key", value);
      expect(await store.get("key")).toEqual(value);
      expect(await store.getMany(["key"])).toEqual([value]);
    });

    it("keeps keys apart that a pattern, a collation or a namespace could take for one", async () => {
      const keys = [
        "g_1",
        "gX1",
        "G_1",
        "g%1",
        "g%",
        "colloquy:g_1",
        "keyv:g_1",
        "a:b",
        "a::b",
        " g_1",
        "g_1 ",
        "é",
        "e\u0301",
        "\ud800",
        "\udfff",
        "a\u0000b",
        "a\u0000c",
        "'; DROP TABLE keyv; --",
        "__proto__",
        "constructor",
        "x".repeat(400),
      ];
      for (const [i, key] of keys.entries()) await store.set(key, i);
      expect(await store.getMany(keys)).toEqual(keys.map((_, i) => i));
      expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(keys.map((_, i) => i));
      await store.delete(["g_1", "a:b", "\ud800"]);
      const gone = new Set(["g_1", "a:b", "\ud800"]);
      expect(await store.getMany(keys)).toEqual(
        keys.map((key, i) => (gone.has(key) ? undefined : i)),
      );
    });

    it("reads many in the order of the keys, repeated and missing ones included", async () => {
      await store.setMany([
        ["a", 1],
        ["b", 2],
      ]);
      expect(await store.getMany(["b", "missing", "a", "b"])).toEqual([2, undefined, 1, 2]);
    });

    it("lets the last of several sets to one key win, however they were called", async () => {
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.set("counter", i)));
      expect(await store.get("counter")).toBe(49);
      await store.setMany([
        ["counter", "first"],
        ["counter", "second"],
      ]);
      expect(await store.get("counter")).toBe("second");
    });

    it("orders sets and deletes of one key as they were called", async () => {
      await Promise.all([store.set("k", 1), store.delete(["k"]), store.set("k", 2)]);
      expect(await store.get("k")).toBe(2);
      await Promise.all([store.set("k", 3), store.delete(["k"])]);
      expect(await store.get("k")).toBeUndefined();
    });

    it("stores a value as it was when set was called", async () => {
      const value = { turn: 1 };
      const saved = store.set("state", value);
      value.turn = 2;
      await saved;
      expect(await store.get("state")).toEqual({ turn: 1 });
    });

    it("takes a value of a megabyte, and 1,200 rows at once", async () => {
      const large = "ü".repeat(1_000_000);
      await store.set("large", large);
      expect((await store.get<string>("large")) === large).toBe(true);
      const rows = Array.from({ length: 1200 }, (_, i) => [`log/${i}`, { i }] as const);
      await store.setMany(rows);
      expect(await store.getMany(rows.map(([key]) => key))).toEqual(rows.map(([, row]) => row));
      await store.delete(rows.map(([key]) => key));
      expect(await store.getMany(["log/0", "log/1199"])).toEqual([undefined, undefined]);
    });

    it("passes over unknown keys when deleting", async () => {
      await store.set("kept", 1);
      await store.delete(["unknown"]);
      await store.delete([]);
      expect(await store.get("kept")).toBe(1);
    });
  });
}
