/**
 * Fetches attachments over HTTPS with Node's `fetch`: allowed hosts only, no redirects, a cap on the
 * decoded bytes as they stream in, one time limit over headers and body.
 */
import { DocumentError, type FileFetcher } from "../../documents/ports.ts";
import type { AbortSignalLike } from "../../shared/abort.ts";
import { allowedUrl, DISCORD_CDN_HOSTS, hasExpired } from "./attachment-url.ts";
import { collected, limitText, withinBounds } from "./bounded-fetch.ts";

export interface HttpFileFetcherOptions {
  /** Exact host names. Default: Discord's CDN. */
  hosts?: readonly string[];
  /** For tests on loopback: origins that are fetched from besides, e.g. "http://127.0.0.1:8080". */
  extra_origins?: readonly string[];
  /** Default 50 MB. */
  max_bytes?: number;
  /** Milliseconds for the whole file. Default 60,000. */
  timeout_ms?: number;
  /** Milliseconds since the epoch. Default the machine's clock. */
  now?: () => number;
}

const MB = 1024 * 1024;
/** Of an error page, only this much is looked at. */
const ERROR_TEXT_BYTES = 2048;

export class HttpFileFetcher implements FileFetcher {
  readonly #options: HttpFileFetcherOptions;

  constructor(options: HttpFileFetcherOptions = {}) {
    this.#options = options;
  }

  async fetch(
    text: string,
    options: { signal?: AbortSignalLike; maxBytes?: number } = {},
  ): Promise<Uint8Array> {
    const { hosts = DISCORD_CDN_HOSTS, extra_origins = [], now = Date.now } = this.#options;
    const url = allowedUrl(text, { hosts, extra_origins });
    const limit = Math.min(
      options.maxBytes ?? Number.POSITIVE_INFINITY,
      this.#options.max_bytes ?? 50 * MB,
    );
    const { timeout_ms = 60_000 } = this.#options;
    const bounds = { timeout_ms, signal: options.signal };
    return withinBounds(
      { ...bounds, tooLate: timeoutError, failed: unreachableError },
      async (signal) => {
        const response = await fetch(url, { redirect: "error", signal });
        if (!response.ok) throw await statusError(response, hasExpired(url, now()));
        return bodyOf(response, limit);
      },
    );
  }
}

/** The decoded body; its announced length is only a reason to refuse early. */
async function bodyOf(response: Response, limit: number): Promise<Uint8Array> {
  if (Number(response.headers.get("content-length")) > limit) throw tooLargeError(limit);
  return collected(response.body ?? [], limit, tooLargeError);
}

async function statusError(response: Response, expired: boolean): Promise<DocumentError> {
  const gone = response.status === 404 || response.status === 403 || response.status === 410;
  if (gone && (expired || /no longer available/i.test(await beginning(response)))) {
    return new DocumentError("file_expired", "The link to this file has expired.", {
      why: "Discord's links to attachments work for about a day.",
      next: "Post the file again.",
    });
  }
  return new DocumentError("file_unreachable", "The file could not be fetched from Discord.", {
    why: `Its server answered with status ${response.status}.`,
    next: "Try again in a minute, or post the file again.",
  });
}

async function beginning(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length >= ERROR_TEXT_BYTES) break;
  }
  return text;
}

function tooLargeError(limit: number): DocumentError {
  return new DocumentError("file_too_large", "The file is too large to be fetched.", {
    why: limitText(limit),
    next: "Split it into smaller files.",
  });
}

function timeoutError(): DocumentError {
  return new DocumentError("file_unreachable", "Fetching the file took too long.", {
    next: "Try again in a minute, or post the file again.",
  });
}

function unreachableError(cause: unknown): DocumentError {
  return new DocumentError("file_unreachable", "The file could not be fetched from Discord.", {
    why: "The connection failed, or its server sent us elsewhere.",
    next: "Try again in a minute, or post the file again.",
    cause,
  });
}
