/**
 * The `StateStore` port on Keyv. Adds what Keyv leaves open: reads that fail, throw; writes to one
 * key keep their order; a call ends within a time limit; every failure is a `StoreError`. Keyv's
 * `clear` and `iterator` are never used: they match keys by a pattern and reach other namespaces.
 */
import type { StateStore } from "../../memgpt/ports.ts";
import { ColloquyError } from "../../shared/errors.ts";
import type { Backend } from "./backend.ts";
import { openRemote, schemeOf, tryOut } from "./remote-backend.ts";
import { openSqlite } from "./sqlite-backend.ts";
import { storeFailure, withinTime } from "./store-failures.ts";
import { WriteQueue } from "./write-queue.ts";

export interface StateStoreOptions {
  /** `sqlite://<path>` is built in; other schemes load their Keyv adapter. */
  uri: string;
  /** Put before every key, with a colon, as Keyv does. Default "colloquy". */
  namespace?: string;
  /** A call that takes longer fails; the write may still take effect. Default 10 s. */
  time_limit_ms?: number;
}

const KEYS_PER_READ = 500;
const LONGEST_KEY = 400;

export class KeyvStateStore implements StateStore {
  readonly #backend: Backend;
  readonly #prefix: string;
  readonly #limit: number;
  readonly #writes: WriteQueue;
  #closed: Promise<void> | undefined;

  private constructor(backend: Backend, prefix: string, limit: number) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#limit = limit;
    this.#writes = new WriteQueue({
      atomic: backend.atomic,
      write: (rows) => backend.write(rows),
      remove: async (keys) => {
        await backend.keyv.delete([...keys]);
      },
    });
  }

  /** Opens the database and makes sure that it can be read and written. */
  static async open(options: StateStoreOptions): Promise<KeyvStateStore> {
    const { uri, namespace = "colloquy", time_limit_ms = 10_000 } = options;
    const prefix = `${namespace}:`;
    if (schemeOf(uri) === "sqlite") {
      const path = uri.replace(/^sqlite:(\/\/)?/i, "");
      const backend = await openSqlite({ path, busy_ms: Math.ceil(time_limit_ms / 2) });
      return new KeyvStateStore(backend, prefix, time_limit_ms);
    }
    const what = `The state store ${schemeOf(uri)}:// could not be opened`;
    let backend: Backend | undefined;
    try {
      backend = await openRemote(uri);
      await withinTime(tryOut(backend, prefix), time_limit_ms, what);
    } catch (cause) {
      // Not waited for: a database that hangs would hang here as well.
      backend?.close().catch(() => {});
      throw cause instanceof ColloquyError ? cause : storeFailure(what, cause);
    }
    return new KeyvStateStore(backend, prefix, time_limit_ms);
  }

  async get<T>(key: string): Promise<T | undefined> {
    const stored = this.#key(key);
    return this.#call("The state store could not be read", () => this.#backend.keyv.get<T>(stored));
  }

  async getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    const stored = keys.map((key) => this.#key(key));
    const values: (T | undefined)[] = [];
    for (let start = 0; start < stored.length; start += KEYS_PER_READ) {
      const part = stored.slice(start, start + KEYS_PER_READ);
      values.push(
        ...(await this.#call("The state store could not be read", () => this.#read<T>(part))),
      );
    }
    return values;
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.setMany([[key, value]]);
  }

  /** Serialised at once: later changes to a value do not reach the store. */
  async setMany(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void> {
    const rows = entries.map(([key, value]) => ({
      key: this.#key(key),
      text: rowText(key, value),
    }));
    await this.#call("The state could not be saved", () => this.#writes.write(rows));
  }

  async delete(keys: readonly string[]): Promise<void> {
    const stored = keys.map((key) => this.#key(key));
    await this.#call("Stored state could not be deleted", () => this.#writes.remove(stored));
  }

  /** Waits for the writes under way, then closes. May be called often; later calls fail. */
  close(): Promise<void> {
    const what = "The state store could not be closed";
    this.#closed ??= withinTime(
      this.#writes.idle().then(() => this.#backend.close()),
      this.#limit,
      what,
    ).catch((cause) => {
      throw storeFailure(what, cause);
    });
    return this.#closed;
  }

  #read<T>(keys: string[]): Promise<(T | undefined)[]> {
    const { keyv } = this.#backend;
    // Where the adapter has no getMany, Keyv's own turns failed reads into "nothing stored".
    if (keyv.store.getMany === undefined) return Promise.all(keys.map((key) => keyv.get<T>(key)));
    return keyv.getMany<T>(keys);
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      if (this.#closed) throw new Error("The state store is closed.");
      return await withinTime(work(), this.#limit, what);
    } catch (cause) {
      throw storeFailure(what, cause);
    }
  }

  /** JSON's escapes keep keys with lone surrogates and NULs apart, which databases would merge. */
  #key(key: string): string {
    if (key.length > LONGEST_KEY) throw new RangeError(`A key is longer than ${LONGEST_KEY}.`);
    return this.#prefix + JSON.stringify(key).slice(1, -1);
  }
}

function rowText(key: string, value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`The value of ${key} is not JSON.`);
  return `{"value":${text}}`;
}
