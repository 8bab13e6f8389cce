/**
 * One request over a list of entries: one quick retry on the same entry, then the next, all under
 * one deadline (AutoGen's `config_list` order: every request begins at the first entry). Knows
 * nothing of what is requested.
 */
import type { AbortSignalLike } from "../../shared/abort.ts";
import type { Clock, Ids } from "../../shared/clock.ts";
import { ModelError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import type { RateLimit } from "../../shared/rate-limit.ts";
import type { HttpLimits } from "./http-fetch.ts";
import type { EmbeddingEntry, ModelEntry } from "./model-entry.ts";
import { type AttemptFailure, classifyFailure, timeoutError } from "./model-errors.ts";
import { abortedError, type RequestLimit } from "./request-limit.ts";
import { placeOf } from "./safe-text.ts";

export interface ModelDeps {
  clock: Clock;
  ids: Ids;
  logger: Logger;
  /** Shared by every model and embedder of the process. */
  limit: RequestLimit;
  /** Of entries that several models share; each model has its own where it is absent. */
  rates?: WeakMap<ModelEntry, RateLimit>;
  /** One deadline over all attempts of a request, in milliseconds. Default 120,000. */
  timeout_ms?: number;
  /** Silence allowed in the middle of an answer, in milliseconds. Default 30,000. */
  stall_ms?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_STALL_MS = 30_000;

/** The transport's limits for these deps. */
export function limitsOf(deps: ModelDeps, max_body_bytes: number): HttpLimits {
  return {
    timeout_ms: deps.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    stall_ms: deps.stall_ms ?? DEFAULT_STALL_MS,
    max_body_bytes,
  };
}

/** The pause before the quick retry where the server asks for none. */
const RETRY_PAUSE_MS = 400;
/** A longer `Retry-After` is not waited for. */
const MAX_RETRY_PAUSE_MS = 5000;
const TRIES_PER_ENTRY = 2;

/** Failures that another entry would not cure, or that the caller must hear of. */
const FINAL: ReadonlySet<string> = new Set([
  "aborted",
  "context_length_exceeded",
  "content_filter",
]);

export interface FailoverOptions<E, T> {
  entries: readonly E[];
  deps: ModelDeps;
  signal: AbortSignalLike | undefined;
  /** One try. Its signal ends headers and body alike. */
  attempt: (entry: E, signal: AbortSignal) => Promise<T>;
  /** May make a refusal retryable, having learned something about the entry. */
  learn?: (entry: E, failure: AttemptFailure) => boolean;
}

/** The first answer that an attempt gives; otherwise a `ModelError` that names every entry's failure. */
export function withFailover<E extends ModelEntry | EmbeddingEntry, T>(
  options: FailoverOptions<E, T>,
): Promise<T> {
  const { deps, signal } = options;
  return deps.limit.run(signal, () => runEntries(options));
}

async function runEntries<E extends ModelEntry | EmbeddingEntry, T>(
  options: FailoverOptions<E, T>,
): Promise<T> {
  const { entries, deps, signal, attempt } = options;
  const { clock } = deps;
  const deadline = clock.monotonic() + (deps.timeout_ms ?? DEFAULT_TIMEOUT_MS);
  const failures: ModelError[] = [];

  for (const [i, entry] of entries.entries()) {
    for (let tries = 1; tries <= TRIES_PER_ENTRY; tries += 1) {
      // What is left is shared by the entries that are left, so a hung one cannot eat it all.
      const budget = (deadline - clock.monotonic()) / (entries.length - i);
      if (budget <= 0) break;
      const outcome = await runAttempt(budget, entry, signal, attempt);
      if ("value" in outcome) return outcome.value;
      const { failure } = outcome;
      if (FINAL.has(failure.error.code)) throw failure.error;
      const learned = options.learn?.(entry, failure) ?? false;
      deps.logger.warn("A model request failed.", {
        model: entry.model,
        place: placeOf(entry),
        code: failure.error.code,
        attempt: tries,
        cause: failure.error.cause,
      });
      const pause = learned ? 0 : (failure.retry_after_ms ?? RETRY_PAUSE_MS);
      const again =
        tries < TRIES_PER_ENTRY &&
        (failure.transient || learned) &&
        pause <= MAX_RETRY_PAUSE_MS &&
        clock.monotonic() + pause < deadline;
      if (!again) {
        failures.push(failure.error);
        break;
      }
      await clock.sleep(pause, signal).catch(() => {
        throw abortedError(signal?.reason);
      });
    }
  }
  throw summary(failures);
}

type Outcome<T> = { value: T } | { failure: AttemptFailure };

/** One try under its own time limit; never leaves a timer, a listener or a request behind. */
async function runAttempt<E extends ModelEntry | EmbeddingEntry, T>(
  ms: number,
  entry: E,
  caller: AbortSignalLike | undefined,
  attempt: (entry: E, signal: AbortSignal) => Promise<T>,
): Promise<Outcome<T>> {
  const controller = new AbortController();
  let ended: "timeout" | "aborted" | undefined;
  const stop = (why: "timeout" | "aborted"): void => {
    ended ??= why;
    controller.abort();
  };
  const onAbort = (): void => stop("aborted");
  const timer = setTimeout(stop, ms, "timeout");
  caller?.addEventListener("abort", onAbort, { once: true });
  if (caller?.aborted) stop("aborted");
  try {
    return { value: await attempt(entry, controller.signal) };
  } catch (error) {
    if (ended === "aborted") throw abortedError(caller?.reason);
    if (ended === "timeout") {
      return {
        failure: { error: timeoutError(entry, ms), transient: false, server_text: "" },
      };
    }
    return { failure: classifyFailure(error, entry) };
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", onAbort);
  }
}

/** The last failure speaks for all; the others are told as its reason. */
function summary(failures: readonly ModelError[]): ModelError {
  const last = failures.at(-1);
  if (!last) return new ModelError("timeout", "The model request ran out of time.");
  if (failures.length === 1) return last;
  const told = failures.map((error) => [error.message, error.why].filter(Boolean).join(" "));
  return new ModelError(last.code, `None of the ${failures.length} configured models answered.`, {
    why: [...new Set(told)].join(" "),
    ...(last.next === undefined ? {} : { next: last.next }),
    cause: new AggregateError(failures),
  });
}
