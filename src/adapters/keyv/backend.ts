/**
 * A database behind Keyv, as `KeyvStateStore` uses it. Reading and removing go through Keyv; only
 * writing differs: SQLite takes many rows in one statement, others have Keyv's own `setMany`.
 */
import { Keyv, type KeyvStoreAdapter } from "keyv";
import type { StoredRow } from "./write-queue.ts";

export interface Backend {
  readonly keyv: Keyv;
  /** Whether `write` is all or nothing. */
  readonly atomic: boolean;
  /** Durable when it resolves, the last row only after all others. Rows have distinct keys. */
  write(rows: readonly StoredRow[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A Keyv that throws instead of answering "nothing stored" (its default), takes keys as they are
 * (its own prefixing differs between `get` and `getMany`), and stores text that is serialised
 * already: rows read `{"value":…}`, as Keyv writes them with `JSON.stringify`.
 */
export function createKeyv(store: KeyvStoreAdapter): Keyv {
  const keyv = new Keyv(store, {
    throwOnErrors: true,
    useKeyPrefix: false,
    serialize: ({ value }) => value as string,
    deserialize: JSON.parse,
  });
  keyv.namespace = undefined;
  // Failures reach callers as rejections; without a listener some adapters' events would throw.
  keyv.on("error", () => {});
  return keyv;
}
