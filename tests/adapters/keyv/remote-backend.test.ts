import { expect, it } from "vitest";
import { openRemote, tryOut } from "../../../src/adapters/keyv/remote-backend.ts";
import { storeFailure, withinTime } from "../../../src/adapters/keyv/store-failures.ts";
import { StoreError } from "../../../src/shared/errors.ts";
import { settle } from "../../fakes/fake-clock.ts";

/** A Keyv adapter in a Map; `cut` and `fold` make it lose data as MySQL's defaults do. */
class MapAdapter {
  static made: unknown[][] = [];
  readonly opts = {};
  readonly rows = new Map<string, string>();
  namespace: string | undefined;

  constructor(...args: unknown[]) {
    MapAdapter.made.push(args);
  }

  on(): this {
    return this;
  }

  async get(key: string): Promise<string | undefined> {
    return this.rows.get(this.fold(key));
  }

  async set(key: string, value: string): Promise<boolean> {
    this.rows.set(this.fold(key), value);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    return this.rows.delete(this.fold(key));
  }

  async clear(): Promise<void> {}

  fold(key: string): string {
    return key;
  }
}

class FoldingAdapter extends MapAdapter {
  override fold(key: string): string {
    return key.toLowerCase();
  }
}

class RefusingAdapter extends MapAdapter {
  override async set(): Promise<boolean> {
    return false;
  }
}

it("names the package to install when an adapter is missing", async () => {
  const missing = (): Promise<never> => Promise.reject(new Error("ERR_MODULE_NOT_FOUND"));
  await expect(openRemote("redis://localhost", missing)).rejects.toMatchObject({
    code: "state_adapter_missing",
    next: 'Run "npm install @keyv/redis" and start again.',
  });
});

it("names the schemes it knows when it does not know one, and not the password", async () => {
  const opening = openRemote("ftp://user:password@host/x", async () => ({}));
  await expect(opening).rejects.toMatchObject({
    code: "state_uri_unknown",
    message: 'No state store is known for "ftp://".',
    next: expect.stringContaining("postgres://"),
  });
});

it("makes Redis throw, and gives SQL databases long keys", async () => {
  MapAdapter.made = [];
  const load = async (): Promise<unknown> => ({ default: MapAdapter });
  await openRemote("redis://localhost", load);
  await openRemote("postgres://db/x", load);
  expect(MapAdapter.made).toEqual([
    ["redis://localhost", { throwOnErrors: true, throwOnConnectError: true }],
    [{ uri: "postgres://db/x", keySize: 512 }],
  ]);
});

it("writes, tries out and leaves nothing of the trial behind", async () => {
  const backend = await openRemote("redis://x", async () => ({ default: MapAdapter }));
  await tryOut(backend, "colloquy:");
  expect([...(backend.keyv.store as MapAdapter).rows]).toEqual([]);
  await backend.write([{ key: "colloquy:a", text: '{"value":[1]}' }]);
  expect(await backend.keyv.get("colloquy:a")).toEqual([1]);
});

it("writes the last row of several only when the others are written", async () => {
  const events: string[] = [];
  class Telling extends MapAdapter {
    override async set(key: string, value: string): Promise<boolean> {
      events.push(`begin ${key}`);
      await settle();
      events.push(`end ${key}`);
      return super.set(key, value);
    }
  }
  const backend = await openRemote("redis://x", async () => ({ default: Telling }));
  const text = '{"value":1}';
  await backend.write(["log/1", "log/2", "record"].map((key) => ({ key, text })));
  expect(events.slice(-2)).toEqual(["begin record", "end record"]);
});

it("refuses a database that takes two keys for one", async () => {
  const backend = await openRemote("mysql://x", async () => ({ default: FoldingAdapter }));
  await expect(tryOut(backend, "colloquy:")).rejects.toMatchObject({ code: "store_unavailable" });
});

it("takes a write that an adapter answers with false for a failure", async () => {
  const backend = await openRemote("redis://x", async () => ({ default: RefusingAdapter }));
  await expect(backend.write([{ key: "a", text: '{"value":1}' }])).rejects.toThrow("failed");
});

it("ends a call that hangs at its time limit", async () => {
  const hanging = withinTime(new Promise(() => {}), 5, "The state store could not be read");
  await expect(hanging).rejects.toMatchObject({ code: "store_unavailable", name: "StoreError" });
});

it.each([
  [{ code: "SQLITE_BUSY" }, "store_locked"],
  [{ code: "SQLITE_CORRUPT" }, "store_corrupt"],
  [{ code: "SQLITE_FULL" }, "store_full"],
  [{ code: "ENOSPC" }, "store_full"],
  [{ code: "SQLITE_READONLY" }, "store_unavailable"],
  [{ code: "constructor" }, "store_unavailable"],
  [{}, "store_unavailable"],
])("explains a driver's %j as %s and keeps it as the cause", (fields, code) => {
  const cause = Object.assign(new Error("driver text with a value in it"), fields);
  const failure = storeFailure("The state could not be saved", cause);
  expect(failure).toBeInstanceOf(StoreError);
  expect(failure).toMatchObject({ code, cause, message: "The state could not be saved." });
  expect(`${failure.why} ${failure.next}`).not.toContain("driver text");
});
