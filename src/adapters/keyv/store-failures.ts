/**
 * What went wrong in a state store, as a `StoreError` that says whether waiting, freeing space or a
 * backup helps. Drivers' own texts stay in `cause`: they may name hosts and hold values.
 */
import { StoreError, type StoreErrorCode } from "../../shared/errors.ts";

interface Explanation {
  code: StoreErrorCode;
  why: string;
  next: string;
}

const LOCKED: Explanation = {
  code: "store_locked",
  why: "Another program holds the database locked.",
  next: "Close what has the file open (a second bot, a database browser), then try again.",
};
const CORRUPT: Explanation = {
  code: "store_corrupt",
  why: "The stored data is damaged, or is no database of this kind.",
  next: "Restore the file from a backup; nothing was overwritten.",
};
const FULL: Explanation = {
  code: "store_full",
  why: "The disk is full.",
  next: "Free some space; what is stored is intact.",
};
const READ_ONLY: Explanation = {
  code: "store_unavailable",
  why: "The file or its directory cannot be written.",
  next: "Make the data directory writable for this user.",
};
const UNAVAILABLE: Explanation = {
  code: "store_unavailable",
  why: "The database did not carry the call out.",
  next: "See the log for the cause, and check that the database is running.",
};

const BY_CODE: ReadonlyMap<string, Explanation> = new Map([
  ["SQLITE_BUSY", LOCKED],
  ["SQLITE_LOCKED", LOCKED],
  ["SQLITE_CORRUPT", CORRUPT],
  ["SQLITE_NOTADB", CORRUPT],
  ["Z_DATA_ERROR", CORRUPT],
  ["Z_BUF_ERROR", CORRUPT],
  ["SQLITE_FULL", FULL],
  ["ENOSPC", FULL],
  ["EDQUOT", FULL],
  ["SQLITE_READONLY", READ_ONLY],
  ["SQLITE_CANTOPEN", READ_ONLY],
  ["SQLITE_PERM", READ_ONLY],
  ["EACCES", READ_ONLY],
  ["EROFS", READ_ONLY],
  ["EPERM", READ_ONLY],
  ["ENOTDIR", READ_ONLY],
  ["EEXIST", READ_ONLY],
]);

/** `what` names the failed act and its object: "The state store could not be read". */
export function storeFailure(what: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { code, why, next } = explanationOf(cause);
  return new StoreError(code, `${what}.`, { why, next, cause });
}

function explanationOf(cause: unknown): Explanation {
  // A row that is not JSON was damaged, or written by something else.
  if (cause instanceof SyntaxError) return CORRUPT;
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return BY_CODE.get(String(code)) ?? UNAVAILABLE;
}

/** Rejects with `store_unavailable` when `work` has not settled after `ms`; the work itself goes on. */
export async function withinTime<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const why = `The database has not answered for ${ms / 1000} seconds.`;
      const next = "Check that it is running and can be reached.";
      reject(new StoreError("store_unavailable", `${what}.`, { why, next }));
    }, ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
