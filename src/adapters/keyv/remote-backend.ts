/**
 * Any other database that Keyv has an adapter for, by the scheme of its URI. Adapters are loaded
 * when they are asked for and are not dependencies: a missing one is named, with the command that
 * installs it. Before use the database is tried out, because some lose data quietly.
 */
import type { KeyvStoreAdapter } from "keyv";
import { ColloquyError, StoreError } from "../../shared/errors.ts";
import { type Backend, createKeyv } from "./backend.ts";
import type { StoredRow } from "./write-queue.ts";

/** Enough for the longest key with its namespace. */
const KEY_SIZE = 512;

interface Adapter {
  package: string;
  /** Arguments of the adapter's constructor. */
  args(uri: string): unknown[];
}

const SQL = (name: string): Adapter => ({
  package: name,
  args: (uri) => [{ uri, keySize: KEY_SIZE }],
});
const BY_URI = (name: string): Adapter => ({ package: name, args: (uri) => [uri] });
const REDIS: Adapter = {
  package: "@keyv/redis",
  // Without these the adapter answers undefined and false when it fails.
  args: (uri) => [uri, { throwOnErrors: true, throwOnConnectError: true }],
};

const ADAPTERS: ReadonlyMap<string, Adapter> = new Map([
  ["redis", REDIS],
  ["rediss", REDIS],
  ["postgres", SQL("@keyv/postgres")],
  ["postgresql", SQL("@keyv/postgres")],
  ["mysql", SQL("@keyv/mysql")],
  ["mongodb", BY_URI("@keyv/mongo")],
  ["mongodb+srv", BY_URI("@keyv/mongo")],
  ["etcd", BY_URI("@keyv/etcd")],
]);

/** How an adapter's package is loaded; tests hand in their own. */
export type LoadPackage = (name: string) => Promise<unknown>;

export async function openRemote(
  uri: string,
  load: LoadPackage = (name) => import(name),
): Promise<Backend> {
  const scheme = schemeOf(uri);
  const adapter = ADAPTERS.get(scheme);
  if (!adapter) throw unknownScheme(scheme);
  const Store = await loadAdapter(adapter.package, scheme, load);
  return new RemoteBackend(new Store(...adapter.args(uri)));
}

export function schemeOf(uri: string): string {
  return /^([a-z][a-z\d+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? "";
}

class RemoteBackend implements Backend {
  readonly atomic = false;
  readonly keyv;

  constructor(store: KeyvStoreAdapter) {
    this.keyv = createKeyv(store);
  }

  /** Adapters write many rows in parallel or in any order, so the last one goes by itself. */
  async write(rows: readonly StoredRow[]): Promise<void> {
    if (rows.length > 1) await this.#set(rows.slice(0, -1));
    await this.#set(rows.slice(-1));
  }

  async close(): Promise<void> {
    await this.keyv.disconnect();
  }

  async #set(rows: readonly StoredRow[]): Promise<void> {
    const entries = rows.map(({ key, text }) => ({ key, value: text }));
    const results: unknown = await this.keyv.setMany(entries);
    if (Array.isArray(results) && results.includes(false)) {
      throw new Error("The adapter reported a write as failed without saying why.");
    }
  }
}

type StoreClass = new (...args: unknown[]) => KeyvStoreAdapter;

async function loadAdapter(name: string, scheme: string, load: LoadPackage): Promise<StoreClass> {
  let module: { default?: unknown };
  try {
    module = (await load(name)) as { default?: unknown };
  } catch (cause) {
    throw new ColloquyError("state_adapter_missing", `${scheme}:// needs the package ${name}.`, {
      why: "It is not installed here, or does not load.",
      next: `Run "npm install ${name}" and start again.`,
      cause,
    });
  }
  if (typeof module.default === "function") return module.default as StoreClass;
  throw new ColloquyError("state_adapter_missing", `The package ${name} exports no Keyv adapter.`, {
    next: `Run "npm install ${name}@latest" and start again.`,
  });
}

function unknownScheme(scheme: string): ColloquyError {
  const known = ["sqlite", ...ADAPTERS.keys()].map((name) => `${name}://`).join(", ");
  return new ColloquyError("state_uri_unknown", `No state store is known for "${scheme}://".`, {
    next: `Use one of ${known}.`,
  });
}

/**
 * Writes two keys that differ in case only, the second with a long value, and reads them back:
 * a MySQL table with its default collation takes them for one, and its TEXT column cuts values at
 * 64 kB. `prefix` keeps the trial apart from real rows.
 */
export async function tryOut(backend: Backend, prefix: string): Promise<void> {
  const rows = [
    { key: `${prefix}trial/a`, text: JSON.stringify({ value: "short" }) },
    { key: `${prefix}trial/A`, text: JSON.stringify({ value: "long".repeat(20_000) }) },
  ];
  const keys = rows.map(({ key }) => key);
  await backend.write(rows);
  const found = await Promise.all(keys.map((key) => backend.keyv.get<string>(key)));
  await backend.keyv.delete(keys);
  if (found[0] === "short" && found[1]?.length === 80_000) return;
  throw new StoreError("store_unavailable", "The state database does not keep what it is given.", {
    why: "Keys that differ in case are taken for one, or long values are cut.",
    next: "Give its table a case-sensitive (binary) key and a long text column for values.",
  });
}
