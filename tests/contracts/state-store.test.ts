import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyvSqlite } from "@keyv/sqlite";
import { Keyv } from "keyv";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyvStateStore } from "../../src/adapters/keyv/keyv-state-store.ts";
import { PackedKeyvSqlite } from "../../src/adapters/keyv/packed-rows.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
import { stateStoreContract } from "./state-store.ts";

stateStoreContract("MemoryStateStore", async () => ({
  store: new MemoryStateStore(),
  close: async () => {},
}));

stateStoreContract("KeyvStateStore on SQLite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "colloquy-state-"));
  const store = await KeyvStateStore.open({ uri: `sqlite://${directory}/state.sqlite` });
  return {
    store,
    async close() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe("KeyvStateStore on a SQLite file", () => {
  let directory: string;
  let path: string;
  const opened: KeyvStateStore[] = [];

  const open = async (limit = 10_000): Promise<KeyvStateStore> => {
    const store = await KeyvStateStore.open({ uri: `sqlite://${path}`, time_limit_ms: limit });
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "colloquy-state-"));
    path = join(directory, "data", "state.sqlite");
  });

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close().catch(() => {});
    rmSync(directory, { recursive: true, force: true });
  });

  it("keeps what was stored when it is opened again", async () => {
    const first = await open();
    await first.set("state", { turn: 7 });
    await first.close();
    expect(await (await open()).get("state")).toEqual({ turn: 7 });
  });

  it("makes files that only their owner can read", async () => {
    const store = await open();
    await store.set("a", 1);
    expect(statSync(join(directory, "data")).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(join(directory, "data"))) {
      expect(statSync(join(directory, "data", file)).mode & 0o777).toBe(0o600);
    }
  });

  it("narrows the mode of a file that others could read", async () => {
    await (await open()).close();
    chmodSync(path, 0o644);
    await open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("writes rows that Keyv reads, and reads rows that Keyv wrote", async () => {
    const ours = await open();
    await ours.setMany([
      ["guild/1", { text: "ours ".repeat(100) }],
      ["guild/2", null],
    ]);
    const theirs = new Keyv({
      store: new PackedKeyvSqlite(`sqlite://${path}`),
      namespace: "colloquy",
      serialize: JSON.stringify,
      deserialize: JSON.parse,
      throwOnErrors: true,
    });
    expect(await theirs.get("guild/1")).toEqual({ text: "ours ".repeat(100) });
    await theirs.set("guild/3", { text: "theirs ".repeat(100) });
    expect(await ours.get("guild/3")).toEqual({ text: "theirs ".repeat(100) });
    await theirs.disconnect();
  });

  it("lets two handles on one file write at once", async () => {
    const [a, b] = [await open(), await open()];
    await Promise.all(Array.from({ length: 60 }, (_, i) => (i % 2 ? a : b).set(`key/${i}`, { i })));
    const keys = Array.from({ length: 60 }, (_, i) => `key/${i}`);
    expect(await b.getMany(keys)).toEqual(keys.map((_, i) => ({ i })));
  });

  it("waits for a short lock, and reports a long one as locked, keeping what was stored", async () => {
    const store = await open(1_000);
    await store.set("state", "before");
    const locker = new KeyvSqlite(`sqlite://${path}`);
    await locker.query("BEGIN EXCLUSIVE");
    const waiting = store.set("state", "waited");
    await new Promise((done) => setTimeout(done, 150));
    await locker.query("COMMIT");
    await waiting;
    await locker.query("BEGIN EXCLUSIVE");
    await expect(store.set("state", "lost")).rejects.toMatchObject({ code: "store_locked" });
    await expect(
      KeyvStateStore.open({ uri: `sqlite://${path}`, time_limit_ms: 400 }),
    ).rejects.toMatchObject({ code: "store_locked" });
    await locker.query("COMMIT");
    expect(await store.get("state")).toBe("waited");
    await locker.disconnect();
  });

  it("refuses a file that is no database, and leaves its bytes alone", async () => {
    await (await open()).close();
    writeFileSync(path, "this is somebody's diary, not a database\n".repeat(50));
    const before = readFileSync(path);
    await expect(open()).rejects.toMatchObject({ code: "store_corrupt", name: "StoreError" });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses a file with damaged pages, and leaves its bytes alone", async () => {
    const store = await open();
    for (let i = 0; i < 40; i += 1)
      await store.set(`row/${i}`, randomBytes(3000).toString("base64"));
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096, 4096 * 4);
    writeFileSync(path, bytes);
    await expect(open()).rejects.toMatchObject({ code: "store_corrupt" });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("throws on a row that is not JSON instead of reading it as nothing", async () => {
    const store = await open();
    await store.set("good", 1);
    const raw = new KeyvSqlite(`sqlite://${path}`);
    await raw.set("colloquy:bad", "{half a row");
    await raw.disconnect();
    await expect(store.get("bad")).rejects.toMatchObject({ code: "store_corrupt" });
    await expect(store.getMany(["good", "bad"])).rejects.toMatchObject({ code: "store_corrupt" });
    expect(await store.get("good")).toBe(1);
  });

  it("throws when the table is gone under it, instead of reading every key as nothing", async () => {
    const store = await open();
    await store.set("kept", 1);
    const raw = new KeyvSqlite(`sqlite://${path}`);
    await raw.query("ALTER TABLE keyv RENAME TO elsewhere");
    await raw.disconnect();
    await expect(store.get("kept")).rejects.toMatchObject({ name: "StoreError" });
    await expect(store.getMany(["kept"])).rejects.toMatchObject({ name: "StoreError" });
    await expect(store.delete(["kept"])).rejects.toMatchObject({ name: "StoreError" });
  });

  it("says what is wrong when the directory cannot be made", async () => {
    writeFileSync(join(directory, "file"), "");
    path = join(directory, "file", "state.sqlite");
    await expect(open()).rejects.toMatchObject({
      code: "store_unavailable",
      next: expect.stringContaining("writable"),
    });
  });

  it("fails every call after it was closed, and closes only once", async () => {
    const store = await open();
    await store.close();
    await store.close();
    await expect(store.get("a")).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.set("a", 1)).rejects.toMatchObject({ code: "store_unavailable" });
  });

  it("finishes the writes under way before it closes, and folds the log into the file", async () => {
    const store = await open();
    const writes = Array.from({ length: 20 }, (_, i) => store.set(`late/${i}`, i));
    await store.close();
    await Promise.all(writes);
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(await (await open()).get("late/19")).toBe(19);
  });

  it("leaves no byte of what was deleted once it is closed", async () => {
    const store = await open();
    for (let i = 0; i < 30; i += 1) await store.set(`secret/${i}`, `canary-${i}`.repeat(5));
    await store.set("other", "stays");
    await store.delete(Array.from({ length: 30 }, (_, i) => `secret/${i}`));
    await store.close();
    expect(readFileSync(path).includes("canary-")).toBe(false);
    expect(readFileSync(path).includes("stays")).toBe(true);
  });

  it("refuses keys over 400 characters and values that are not JSON", async () => {
    const store = await open();
    await expect(store.set("k".repeat(401), 1)).rejects.toThrow(RangeError);
    await expect(store.set("k", undefined)).rejects.toThrow(TypeError);
  });

  it("loses no acknowledged write to kill -9, and never tears a setMany", async () => {
    const script = `
      import { KeyvStateStore } from ${JSON.stringify(new URL("../../src/adapters/keyv/keyv-state-store.ts", import.meta.url).href)};
      const store = await KeyvStateStore.open({ uri: "sqlite://" + process.argv[1] });
      for (let i = 1; ; i += 1) {
        await store.setMany([["a", i], ["b", i], ["c", { i, pad: "x".repeat(2000) }]]);
        process.stdout.write(i + "\\n");
      }`;
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "--input-type=module", "-e", script, path],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      let output = "";
      const enough = new Promise<void>((done) => {
        child.stdout.on("data", (bytes) => {
          output += bytes;
          if (output.split("\n").length > 30 + round * 7) done();
        });
      });
      await enough;
      child.kill("SIGKILL");
      await once(child, "close");
      const acknowledged = Number(output.trimEnd().split("\n").at(-1));
      const store = await open();
      const [a, b, c] = await store.getMany<number & { i: number }>(["a", "b", "c"]);
      expect(a).toBe(b);
      expect(c?.i).toBe(a);
      expect(a).toBeGreaterThanOrEqual(acknowledged);
      await store.close();
    }
  });
});

describe("KeyvStateStore on a full disk", () => {
  it("fails closed, and goes on when space is freed", async ({ skip }) => {
    const directory = mkdtempSync(join(tmpdir(), "colloquy-full-"));
    if (!mountTmpfs(directory)) skip("mounting a small disk needs root");
    const filler = join(directory, "filler");
    const store = await KeyvStateStore.open({ uri: `sqlite://${directory}/state.sqlite` });
    try {
      await store.set("state", "before");
      expect(() => writeFileSync(filler, Buffer.alloc(4_000_000))).toThrow();
      let failure: unknown;
      for (let i = 0; i < 50 && !failure; i += 1) {
        failure = await store.set(`pad/${i}`, "x".repeat(50_000)).catch((error) => error);
      }
      expect(failure).toMatchObject({ code: "store_full", next: expect.stringContaining("space") });
      expect(await store.get("state")).toBe("before");
      rmSync(filler);
      await store.set("state", "after");
      expect(await store.get("state")).toBe("after");
    } finally {
      await store.close();
      execFileSync("umount", [directory]);
      rmSync(directory, { recursive: true });
    }
  });
});

function mountTmpfs(directory: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
