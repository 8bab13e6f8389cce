/**
 * Cancellation for code that knows no platform. `AbortSignalLike` is the part of the web's
 * `AbortSignal` that the pure folders use, so a native signal can be passed in as it is;
 * `AbortSource` makes one where no `AbortController` exists. Adapters turn it native.
 */

export interface AbortSignalLike {
  readonly aborted: boolean;
  /** Why it was aborted; meaningful once `aborted` is true. */
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Owner's end of a signal. `abort` may be called often; the first reason stands. */
export class AbortSource {
  readonly signal: AbortSignalLike;
  #aborted = false;
  #reason: unknown;
  readonly #listeners = new Set<() => void>();

  constructor() {
    const source = this;
    this.signal = {
      get aborted() {
        return source.#aborted;
      },
      get reason() {
        return source.#reason;
      },
      addEventListener(_type, listener) {
        source.#listeners.add(listener);
      },
      removeEventListener(_type, listener) {
        source.#listeners.delete(listener);
      },
    };
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}

/** Throws the signal's reason if it is aborted. */
export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new Error("aborted");
}
