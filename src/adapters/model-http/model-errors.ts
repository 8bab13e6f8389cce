/**
 * Every way in which a model server fails, as one `ModelError` whose sentences are safe to show:
 * what happened, why, what to do. Keys never reach a message or a cause, whatever the server echoes.
 */
import { ModelError, type ModelErrorCode } from "../../shared/errors.ts";
import {
  ErrorAnswerError,
  MalformedAnswerError,
  RefusalError,
  UnreachableError,
} from "./answer-errors.ts";
import { record } from "./completion.ts";
import { namesOf } from "./entry-names.ts";
import { NO_TOOLS_SIGNS, OVERFLOW_SIGNS, QUOTA_SIGNS } from "./failure-signs.ts";
import { BodyLimitError } from "./http-fetch.ts";
import type { EmbeddingEntry, ModelEntry } from "./model-entry.ts";
import { placeOf, withoutSecrets } from "./safe-text.ts";
import { nodeCode, whatToReach, whyUnreachable } from "./unreachable.ts";

type Entry = ModelEntry | EmbeddingEntry;

/** A failure of one attempt, and how long the server asks to wait. */
export interface AttemptFailure {
  error: ModelError;
  /** Worth the quick retry on the same entry. */
  transient: boolean;
  retry_after_ms?: number;
  /** The server's own words, without secrets, for decisions only. */
  server_text: string;
}

/** @param thrown whatever an attempt threw, timeouts and aborts of our own excepted */
export function classifyFailure(thrown: unknown, entry: Entry): AttemptFailure {
  if (thrown instanceof ModelError) return { error: thrown, transient: false, server_text: "" };
  const error =
    thrown instanceof UnreachableError && thrown.cause instanceof BodyLimitError
      ? thrown.cause
      : thrown;
  const at = `${entry.model} at ${placeOf(entry)}`;
  const cause = safeCause(error, entry);
  const names = namesOf(entry);
  const make = (
    code: ModelErrorCode,
    message: string,
    why: string,
    next: string,
    transient = false,
  ): AttemptFailure => ({
    error: new ModelError(code, message, { why, next, cause }),
    transient,
    server_text: cause.message,
  });
  if (error instanceof ErrorAnswerError || error instanceof RefusalError) {
    const status = error instanceof RefusalError ? error.status : 200;
    const signs = errorWords(error);
    const text = signs.toLowerCase();
    if (OVERFLOW_SIGNS.some((sign) => text.includes(sign))) {
      return make(
        "context_length_exceeded",
        `The conversation no longer fits into the context window of ${at}.`,
        "",
        `Set ${names.window} to what the server really offers.`,
      );
    }
    if (status === 402 || QUOTA_SIGNS.some((sign) => text.includes(sign))) {
      return make(
        "quota_exceeded",
        `The account behind ${at} has no quota left.`,
        "The provider refuses requests until its balance or limit is raised.",
        "Check plan and billing with the provider, or name another model in the list.",
      );
    }
    if (text.includes("content_filter") || text.includes("content management policy")) {
      return make(
        "content_filter",
        `The content filter of ${at} refused the request.`,
        "",
        "Say it in other words.",
      );
    }
    if (NO_TOOLS_SIGNS.some((sign) => text.includes(sign))) {
      return make(
        "bad_request",
        `${at} takes no tool calls.`,
        said(signs, entry),
        `Name ${names.wrapper} (airoboros-l2-70b-2.1 or chatml first), or start the server with tool calls.`,
      );
    }
    // LM Studio says so with status 200.
    if (text.includes("unexpected endpoint")) {
      return make(
        "bad_request",
        `${placeOf(entry)} does not know the path that was asked for.`,
        said(signs, entry),
        `Check ${names.address_and_type}.`,
      );
    }
    if (error instanceof ErrorAnswerError) {
      return make(
        "bad_response",
        `${at} answered with an error instead of a message.`,
        said(signs, entry),
        "Look into the server's log.",
        true,
      );
    }
    return statusFailure(error, entry, make);
  }
  if (error instanceof UnreachableError) {
    return make(
      "unavailable",
      `${at} cannot be reached.`,
      whyUnreachable(error, entry),
      whatToReach(error, entry),
      true,
    );
  }
  if (error instanceof BodyLimitError) {
    const big = error.code === "body_too_large";
    return make(
      big ? "bad_response" : "timeout",
      big ? `The answer of ${at} is too large.` : `${at} fell silent in the middle of an answer.`,
      `The answer was broken off: ${error.message}.`,
      "Try again.",
      !big,
    );
  }
  if (error instanceof MalformedAnswerError) {
    const empty = error.message === "it is empty";
    return make(
      "bad_response",
      empty ? `${at} answered with nothing.` : `${at} did not answer as a chat model does.`,
      empty ? "" : `What it sent cannot be used: ${error.message}.`,
      `Try again; if it stays so, check ${names.address_and_model}.`,
      true,
    );
  }
  return make(
    "unavailable",
    `The connection to ${at} broke.`,
    whyUnreachable(error, entry),
    "Try again.",
    true,
  );
}

type Make = (
  code: ModelErrorCode,
  message: string,
  why: string,
  next: string,
  transient?: boolean,
) => AttemptFailure;

function statusFailure(error: RefusalError, entry: Entry, make: Make): AttemptFailure {
  const { status } = error;
  const at = `${entry.model} at ${placeOf(entry)}`;
  const why = said(errorWords(error), entry);
  const names = namesOf(entry);
  const retry_after_ms = retryAfter(error.headers);
  const wait = retry_after_ms === undefined ? {} : { retry_after_ms };
  if (status === 401 || status === 403) {
    return make(
      "unauthorized",
      `${placeOf(entry)} refused the API key for ${entry.model}.`,
      `It answered with status ${status}: the key is wrong, or may not use this model.`,
      `Check ${names.key}.`,
    );
  }
  if (status === 404 && /\bmodel\b|deployment/i.test(errorWords(error))) {
    return make(
      "bad_request",
      `${placeOf(entry)} knows no model ${entry.model}.`,
      `It answered with status 404: the model's name or the address is wrong. ${why}`.trim(),
      entry.api_type === "azure"
        ? "`model` must be the deployment's name, `base_url` the resource's endpoint."
        : `Check ${names.model} and ${names.address}; the address usually ends in /v1.`,
    );
  }
  if (status === 404 || status === 405) {
    return make(
      "bad_request",
      `${placeOf(entry)} does not know the path that was asked for.`,
      `It answered with status ${status}: the address is wrong, or the server has no chat completions. ${why}`.trim(),
      `Check ${names.address}, which usually ends in /v1; an older local server needs ${names.wrapper}.`,
    );
  }
  if (status === 429) {
    const seconds = Math.ceil((retry_after_ms ?? 0) / 1000);
    return {
      ...make(
        "rate_limited",
        `${at} asks for fewer requests.`,
        seconds > 0 ? `It wants a pause of ${seconds} s.` : "",
        "Try again in a little while.",
        true,
      ),
      ...wait,
    };
  }
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return {
      ...make(
        "unavailable",
        `${at} is out of order.`,
        `It answered with status ${status}. ${why}`.trim(),
        "Try again in a little while.",
        true,
      ),
      ...wait,
    };
  }
  if (status >= 300 && status < 400) {
    return make(
      "unavailable",
      `${at} redirects to another address.`,
      `It answered with status ${status}; redirects are not followed, because they lose the key or the request.`,
      `Put the final address into ${names.address} (https instead of http, perhaps).`,
    );
  }
  return make(
    "bad_request",
    `${at} refused the request.`,
    `It answered with status ${status}. ${why}`.trim(),
    `Check ${names.entry}.`,
  );
}

/** The attempt's time ran out. */
export function timeoutError(entry: Entry, ms: number): ModelError {
  return new ModelError("timeout", `${entry.model} at ${placeOf(entry)} did not answer in time.`, {
    why: `It had ${Math.max(1, Math.round(ms / 1000))} s.`,
    next: "Try again, or raise `limits.model_timeout_ms`.",
  });
}

/** A copy of the error that holds no headers, no body and no key. */
function safeCause(error: unknown, entry: Entry): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const cause = new Error(withoutSecrets(errorWords(error), [entry.api_key]).slice(0, 500));
  cause.name = error.constructor.name;
  const code = nodeCode(error);
  return code === undefined ? cause : Object.assign(cause, { code });
}

function errorWords(error: Error): string {
  if (error instanceof ErrorAnswerError) return serverWords(error.payload);
  if (error instanceof RefusalError) return `${error.status} ${serverWords(error.payload)}`.trim();
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** What an error object says: `message`, `code` and `type`, or the text that it is. */
function serverWords(payload: unknown): string {
  if (typeof payload === "string") return payload;
  const body = record(payload);
  if (!body) return "";
  return [body.code, body.type, body.message, body.detail, record(body.innererror)?.code]
    .filter((part) => typeof part === "string" || typeof part === "number")
    .join(" ");
}

/** The server's reason as a sentence for people: one line, short, without keys. */
function said(words: string, entry: Entry): string {
  const line = withoutSecrets(words, [entry.api_key]).replace(/\s+/g, " ").trim().slice(0, 200);
  // The SDK's words for an answer without any; the status has been told.
  if (/^(?:\d{3} )*(?:\d{3}|status code \(no body\))$/.test(line)) return "";
  return line === "" || /^<|<html/i.test(line) ? "" : `The server says: ${line}`;
}

/** Milliseconds asked for by `retry-after-ms` or `retry-after` (seconds or a date). */
function retryAfter(headers: Headers | undefined): number | undefined {
  const ms = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers?.get("retry-after");
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
