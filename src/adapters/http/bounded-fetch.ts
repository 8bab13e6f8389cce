/**
 * What every fetch is bounded by: one time limit over all of it, the caller's signal, and a cap on
 * the bytes of a body. What is fetched, and from where it may be, is each fetcher's own.
 */
import { type AbortSignalLike, throwIfAborted } from "../../shared/abort.ts";
import { ColloquyError } from "../../shared/errors.ts";

const MB = 1024 * 1024;

export interface FetchBounds {
  timeout_ms: number;
  signal: AbortSignalLike | undefined;
  /** What the time limit is told as. */
  tooLate: () => ColloquyError;
  /** What a failure is told as that is no `ColloquyError` itself. */
  failed: (cause: unknown) => ColloquyError;
}

/** Does `work` under a signal that ends it, and whatever connection it leaves open. */
export async function withinBounds<T>(
  bounds: FetchBounds,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeout_ms, signal, tooLate, failed } = bounds;
  throwIfAborted(signal);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(tooLate()), timeout_ms);
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(stop.signal);
  } catch (error) {
    throwIfAborted(signal);
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error instanceof ColloquyError ? error : failed(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    // Drops the connection of a body that was not read to its end.
    stop.abort();
  }
}

/** All bytes of a body, or `tooLarge` as soon as there are more than `limit`. */
export async function collected(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
  tooLarge: (limit: number) => ColloquyError,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > limit) throw tooLarge(limit);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, length));
}

/** A limit in words. */
export function limitText(limit: number): string {
  return `The limit is ${(limit / MB).toFixed(limit < MB ? 2 : 0)} MB.`;
}
