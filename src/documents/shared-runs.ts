/**
 * Long work that several callers may ask for at once and that must run once: they share the run, its
 * progress and its outcome. A caller that gives up leaves; when the last one has left, the run is
 * aborted, and who comes then waits for its end and starts a new one.
 */
import { type AbortSignalLike, AbortSource, throwIfAborted } from "../shared/abort.ts";

export interface RunOptions<P> {
  signal?: AbortSignalLike;
  onProgress?: (progress: P) => void;
}

interface Run<T, P> {
  outcome: Promise<T>;
  abort: AbortSource;
  callers: number;
  listeners: Set<(progress: P) => void>;
}

export class SharedRuns<T, P> {
  readonly #runs = new Map<string, Run<T, P>>();

  /** Runs `work`, or follows the run of `key` that is under way. Rejects with the signal's reason. */
  async join(
    key: string,
    work: (signal: AbortSignalLike, tell: (progress: P) => void) => Promise<T>,
    options: RunOptions<P> = {},
  ): Promise<T> {
    throwIfAborted(options.signal);
    await this.#endOfAborted(key);
    throwIfAborted(options.signal);
    return this.#follow(this.#runs.get(key) ?? this.#start(key, work), options);
  }

  /** Aborts the run of `key`, if there is one, and waits for its end. */
  async cancel(key: string, reason: unknown): Promise<void> {
    this.#runs.get(key)?.abort.abort(reason);
    await this.#endOfAborted(key);
  }

  has(key: string): boolean {
    return this.#runs.has(key);
  }

  async #endOfAborted(key: string): Promise<void> {
    for (let run = this.#runs.get(key); run?.abort.signal.aborted; run = this.#runs.get(key)) {
      await run.outcome.catch(() => {});
    }
  }

  #start(
    key: string,
    work: (signal: AbortSignalLike, tell: (progress: P) => void) => Promise<T>,
  ): Run<T, P> {
    const abort = new AbortSource();
    const listeners = new Set<(progress: P) => void>();
    const tell = (progress: P): void => {
      for (const listener of listeners) listener(progress);
    };
    const outcome = Promise.resolve()
      .then(() => work(abort.signal, tell))
      .finally(() => this.#runs.delete(key));
    // Callers follow the outcome; one that has left must not make it an unhandled rejection.
    outcome.catch(() => {});
    const run = { outcome, abort, callers: 0, listeners };
    this.#runs.set(key, run);
    return run;
  }

  async #follow(run: Run<T, P>, options: RunOptions<P>): Promise<T> {
    const { signal, onProgress } = options;
    run.callers += 1;
    if (onProgress) run.listeners.add(onProgress);
    let onAbort = (): void => {};
    const gaveUp = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(signal?.reason ?? new Error("aborted"));
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([run.outcome, gaveUp]);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      if (onProgress) run.listeners.delete(onProgress);
      run.callers -= 1;
      if (run.callers === 0) run.abort.abort(signal?.reason ?? new Error("aborted"));
    }
  }
}
