/**
 * How many model requests may be under way at once in this process, so that a hundred channels do
 * not stampede a provider. Waiters are served in the order they came.
 */
import type { AbortSignalLike } from "../../shared/abort.ts";
import { ModelError } from "../../shared/errors.ts";

export interface RequestLimit {
  /**
   * Runs `task` as soon as a place is free. A wait that is aborted rejects at once with a
   * `ModelError` of code `aborted`, and `task` is never called.
   */
  run<T>(signal: AbortSignalLike | undefined, task: () => Promise<T>): Promise<T>;
}

/** @param max places; at least 1 */
export function createRequestLimit(max = 8): RequestLimit {
  let free = Math.max(1, Math.floor(max));
  // A Set keeps insertion order, and an aborted waiter leaves it in constant time.
  const waiting = new Set<() => void>();

  const release = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    // The place is handed over, never freed in between: nobody can jump the queue.
    waiting.delete(next);
    next();
  };

  const place = (signal: AbortSignalLike | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(enter);
        reject(abortedError(signal?.reason));
      };
      const enter = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      waiting.add(enter);
    });

  return {
    async run(signal, task) {
      if (signal?.aborted) throw abortedError(signal.reason);
      if (free > 0) free -= 1;
      else await place(signal);
      try {
        return await task();
      } finally {
        release();
      }
    },
  };
}

/** The error of a request that its caller gave up. */
export function abortedError(reason: unknown): ModelError {
  return new ModelError("aborted", "The model request was stopped.", { cause: reason });
}
