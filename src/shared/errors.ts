/**
 * The errors that cross module boundaries. Each carries a `code` for programs, and, for people,
 * what happened (`message`), why, and what to do next. `explainError` is the only place that
 * turns a failure into a sentence for a channel; it never shows an unknown error's own text,
 * which may hold keys, tokens or what somebody wrote.
 */

export interface ErrorDetails {
  /** The reason in words for people. No secrets, no stack. */
  why?: string;
  /** What the reader can do about it. */
  next?: string;
  cause?: unknown;
}

export class ColloquyError extends Error {
  override readonly name: string = "ColloquyError";
  readonly code: string;
  readonly why: string | undefined;
  readonly next: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.why = details.why;
    this.next = details.next;
  }
}

/** A fault in the configuration: one entry per fault, all found in one reading. */
export interface ConfigFault {
  file: string;
  key: string;
  /** Empty where `wanted` says it all. */
  got: string;
  wanted: string;
}

export class ConfigError extends ColloquyError {
  override readonly name = "ConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(({ file, key, got, wanted }) =>
      got === ""
        ? `  ${file}: ${key}: ${wanted}`
        : `  ${file}: ${key}: got ${got}, wanted ${wanted}`,
    );
    const count = faults.length === 1 ? "one fault" : `${faults.length} faults`;
    super("config_invalid", `The configuration has ${count}:\n${lines.join("\n")}`, {
      next: "Correct the lines above and start again.",
    });
    this.faults = faults;
  }
}

export type ModelErrorCode =
  | "context_length_exceeded"
  | "rate_limited"
  | "quota_exceeded"
  | "unauthorized"
  | "bad_request"
  | "content_filter"
  | "bad_response"
  | "timeout"
  | "unavailable"
  | "aborted";

/** A chat model or embedder did not give an answer. */
export class ModelError extends ColloquyError {
  override readonly name = "ModelError";
  declare readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

export type StoreErrorCode = "store_unavailable" | "store_corrupt" | "store_full" | "store_locked";

/** A store could not be read or written. A failed read is never an empty result. */
export class StoreError extends ColloquyError {
  override readonly name = "StoreError";
  declare readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/** A failure as one safe text for people: what happened, why, what to do next. */
export function explainError(error: unknown): string {
  if (!(error instanceof ColloquyError)) {
    return "Something went wrong inside the bot. The log has the cause; nothing was lost.";
  }
  return [error.message, error.why, error.next]
    .filter((part): part is string => Boolean(part))
    .map((part) => (/[.!?:)\]`]$/.test(part) ? part : `${part}.`))
    .join(" ");
}

/** The program's name for a failure, for logs and tests: a `code`, an errno, or the error's name. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as { code?: unknown };
    return typeof code === "string" ? code : error.name;
  }
  return typeof error;
}
