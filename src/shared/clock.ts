/**
 * Time as a port: pure code never reads the machine's clock, so tests own it.
 */
import type { AbortSignalLike } from "./abort.ts";

export interface Clock {
  /** Milliseconds since the epoch, for stamps that people and models see. May jump. */
  now(): number;
  /** Milliseconds that only grow, for measuring and deadlines. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignalLike): Promise<void>;
}

/** Unique ids as a port. */
export interface Ids {
  /** A new id, unique for ever, in `[A-Za-z0-9_-]`, at most 36 characters. */
  next(): string;
}
