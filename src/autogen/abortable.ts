/**
 * Waiting that ends when a signal is aborted, also where whoever is waited for does not listen to it.
 */
import type { AbortSignalLike } from "../shared/abort.ts";

/** Settles as `work` does, or rejects with the signal's reason if that is first; `work` is then left to itself. */
export async function abortable<T>(
  work: T | Promise<T>,
  signal: AbortSignalLike | undefined,
): Promise<T> {
  if (!signal) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason ?? new Error("aborted"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
