/**
 * The machine's clock and random ids behind the `Clock` and `Ids` ports. Waiting is measured on the
 * monotonic clock, so an administrator's or NTP's jump neither stalls nor hurries anything.
 */
import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { type AbortSignalLike, throwIfAborted } from "../../shared/abort.ts";
import type { Clock, Ids } from "../../shared/clock.ts";

/** `setTimeout` fires at once above this, so longer sleeps are slept in pieces. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  async sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    const end = performance.now() + Math.max(0, ms);
    do {
      throwIfAborted(signal);
      await pause(Math.min(Math.max(0, end - performance.now()), LONGEST_TIMER), signal);
    } while (performance.now() < end);
  }
}

function pause(ms: number, signal: AbortSignalLike | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason ?? new Error("aborted"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export class RandomIds implements Ids {
  next(): string {
    return randomUUID();
  }
}
