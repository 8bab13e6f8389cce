/**
 * The default database: one SQLite file, private to its owner, checked before it is used. WAL with
 * full syncs makes every write durable; deleted rows are overwritten with zeros.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { KeyvSqlite } from "@keyv/sqlite";
import { StoreError } from "../../shared/errors.ts";
import { type Backend, createKeyv } from "./backend.ts";
import { PackedKeyvSqlite, packRow } from "./packed-rows.ts";
import { storeFailure } from "./store-failures.ts";
import type { StoredRow } from "./write-queue.ts";

const HEADER = "SQLite format 3\0";
/** Two variables a row; SQLite allows 32,766. */
const ROWS_PER_STATEMENT = 16_000;
/** Keys that are remembered as written. */
const RECENT_KEYS = 1_000;
/** Pages of 4 kB that the log grows by before it is folded into the file and cut to nothing again. */
const CHECKPOINT_PAGES = 128;

export interface SqliteOptions {
  /** A path, or ":memory:". */
  path: string;
  /** How long a call waits for another process's lock. */
  busy_ms: number;
}

/** Opens, or creates, the file. Fails with a `StoreError` that leaves the file as it was. */
export async function openSqlite(options: SqliteOptions): Promise<Backend> {
  const path = options.path === ":memory:" ? options.path : resolve(options.path);
  const what = `The state store ${path} could not be opened`;
  let store: KeyvSqlite | undefined;
  try {
    if (path !== ":memory:") prepareFile(path);
    store = new PackedKeyvSqlite({ uri: `sqlite://${path}`, busyTimeout: options.busy_ms });
    // Asked for at once: the adapter connects in its constructor, and a failure that nobody waits
    // for would end the process.
    await configure(store);
  } catch (cause) {
    await store?.disconnect().catch(() => {});
    throw storeFailure(what, cause);
  }
  return new SqliteBackend(store);
}

class SqliteBackend implements Backend {
  readonly atomic = true;
  readonly keyv;
  readonly #store: KeyvSqlite;
  /** Keys written of late, the newest last. */
  readonly #recent = new Set<string>();

  constructor(store: KeyvSqlite) {
    this.#store = store;
    this.keyv = createKeyv(store);
  }

  /** One statement, so one sync and all or nothing; a third of the CPU of single sets. */
  async write(rows: readonly StoredRow[]): Promise<void> {
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const part = rows.slice(start, start + ROWS_PER_STATEMENT);
      const values = part.flatMap(({ key, text }) => [
        key,
        this.#isWrittenAgain(key) ? text : packRow(text),
      ]);
      await this.#store.query(upsert(part.length), values);
    }
  }

  /** A row that is written with every turn takes the same room on disk each time, so it is not packed. */
  #isWrittenAgain(key: string): boolean {
    const again = this.#recent.delete(key);
    this.#recent.add(key);
    const [oldest] = this.#recent;
    if (oldest !== undefined && this.#recent.size > RECENT_KEYS) this.#recent.delete(oldest);
    return again;
  }

  async close(): Promise<void> {
    // Folds the log into the file, so that nothing deleted stays readable in it.
    await this.#store.query("PRAGMA wal_checkpoint(TRUNCATE)").catch(() => {});
    await this.#store.disconnect();
  }
}

function upsert(rows: number): string {
  const places = new Array(rows).fill("(?,?)").join(",");
  return `INSERT INTO keyv (key, value) VALUES ${places} ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
}

/** The file exists with mode 0600 before SQLite opens it; its `-wal` and `-shm` inherit the mode. */
function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path)) checkHeader(path);
  else closeSync(openSync(path, "a", 0o600));
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

function checkHeader(path: string): void {
  const bytes = Buffer.alloc(HEADER.length);
  const file = openSync(path, "r");
  const read = readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  if (read === 0 || bytes.toString("latin1") === HEADER) return;
  throw new StoreError("store_corrupt", `The file ${path} is not a SQLite database.`, {
    why: "Its first bytes are something else.",
    next: "Restore it from a backup or move it away; nothing was overwritten.",
  });
}

async function configure(store: KeyvSqlite): Promise<void> {
  await store.query("PRAGMA journal_mode = WAL");
  await store.query("PRAGMA synchronous = FULL");
  await store.query("PRAGMA secure_delete = ON");
  await store.query(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  // Else the log's file keeps the size that it had at the busiest moment.
  await store.query("PRAGMA journal_size_limit = 0");
  const rows: Record<string, unknown>[] = await store.query("PRAGMA quick_check(1)");
  const verdict = Object.values(rows[0] ?? {})[0];
  if (verdict !== "ok") {
    throw Object.assign(new Error(String(verdict)), { code: "SQLITE_CORRUPT" });
  }
  // A file that can be read but not written opens without complaint: ask for the write lock once.
  await store.query("BEGIN IMMEDIATE");
  await store.query("COMMIT");
}
