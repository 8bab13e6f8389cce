/**
 * Fetches web pages from the public internet: http and https on their own ports, a few redirects, a
 * cap on bytes and time. Every address is checked after it was resolved and is the one connected to,
 * so that no name can lead inside, at whichever redirect.
 */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DocumentError, type PageFetcher } from "../../documents/ports.ts";
import type { AbortSignalLike } from "../../shared/abort.ts";
import { collected, limitText, withinBounds } from "./bounded-fetch.ts";
import { parsedUrl, pinnedRequest, REDIRECTS } from "./pinned-request.ts";
import { isPublicAddress } from "./public-address.ts";

export interface WebPageFetcherOptions {
  /** Default 10 MB, unpacked. */
  max_bytes?: number;
  /** Milliseconds for everything, redirects included. Default 20,000. */
  timeout_ms?: number;
  /** For tests. Default: what the system resolves. */
  resolve?: (host: string) => Promise<readonly string[]>;
  /** For tests. Default: `isPublicAddress`, on ports 80 and 443. */
  isAllowed?: (address: string, port: number) => boolean;
}

const MB = 1024 * 1024;
const MAX_REDIRECTS = 5;

export class WebPageFetcher implements PageFetcher {
  readonly #options: WebPageFetcherOptions;

  constructor(options: WebPageFetcherOptions = {}) {
    this.#options = options;
  }

  async fetchPage(
    text: string,
    options: { signal?: AbortSignalLike } = {},
  ): Promise<{ bytes: Uint8Array; name: string }> {
    const { timeout_ms = 20_000 } = this.#options;
    const bounds = { timeout_ms, signal: options.signal };
    return withinBounds(
      { ...bounds, tooLate: timeoutError, failed: unreachableError },
      async (signal) => this.#follow(webUrl(text), signal),
    );
  }

  async #follow(first: URL, signal: AbortSignal): Promise<{ bytes: Uint8Array; name: string }> {
    let url = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.#request(url, signal);
      const status = response.statusCode ?? 0;
      if (REDIRECTS.has(status) && response.headers.location !== undefined) {
        response.destroy();
        url = webUrl(response.headers.location, url);
        continue;
      }
      if (status < 200 || status > 299) {
        response.destroy();
        throw statusError(status);
      }
      const bytes = await bodyOf(response, this.#options.max_bytes ?? 10 * MB);
      return { bytes, name: nameOf(url) };
    }
    throw new DocumentError("file_unreachable", "This address leads from one to another.", {
      why: `It was followed ${MAX_REDIRECTS} times.`,
      next: "Open it in a browser, and use the address where it ends.",
    });
  }

  #request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const { resolve, isAllowed = onWebPort } = this.#options;
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
    return pinnedRequest(url, {
      headers: {
        accept: "text/html,application/xhtml+xml,application/pdf,text/*;q=0.9,*/*;q=0.5",
        "accept-encoding": "gzip",
        "user-agent": "Colloquy (a bot that reads pages people ask it to)",
      },
      ...{ signal, resolve, isAllowed: (address) => isAllowed(address, port) },
      forbidden: forbiddenError,
    });
  }
}

function onWebPort(address: string, port: number): boolean {
  return (port === 80 || port === 443) && isPublicAddress(address);
}

function webUrl(text: string, base?: URL): URL {
  const url = parsedUrl(text, base);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new DocumentError("file_forbidden", "This is not the address of a web page.", {
      next: "Give one that begins with https://.",
    });
  }
  if (url.username !== "" || url.password !== "") throw forbiddenError();
  return url;
}

async function bodyOf(response: IncomingMessage, limit: number): Promise<Uint8Array> {
  if (Number(response.headers["content-length"]) > limit) {
    response.destroy();
    throw tooLargeError(limit);
  }
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    response.destroy();
    throw unreachableError(new Error(`the answer is packed as ${encoding.slice(0, 40)}`));
  }
  let body: Readable = response;
  if (encoding === "gzip") {
    const unpacked = createGunzip();
    response.on("error", (error) => unpacked.destroy(error));
    body = response.pipe(unpacked);
  }
  try {
    return await collected(body, limit, tooLargeError);
  } finally {
    response.destroy();
  }
}

/** A file's own name, or where a page stands: `example.org › guide › intro`. */
function nameOf(url: URL): string {
  const parts = url.pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  const last = parts.at(-1) ?? "";
  if (/\.(?!html?$|php$|aspx?$)[a-z0-9]{2,5}$/i.test(last)) return last;
  return [url.hostname, ...parts].join(" › ");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll("/", " ");
  } catch {
    return part;
  }
}

function forbiddenError(): DocumentError {
  return new DocumentError("file_forbidden", "This address is not fetched.", {
    why: "Only pages on the public internet are, on their usual ports and without passwords.",
    next: "Save the page, and attach the file.",
  });
}

function statusError(status: number): DocumentError {
  const gone = status === 404 || status === 410;
  return new DocumentError(
    "file_unreachable",
    gone ? "There is no such page." : `The page's server refused with status ${status}.`,
    {
      next: gone ? "Check the address." : "Try again later, or save the page and attach the file.",
    },
  );
}

function tooLargeError(limit: number): DocumentError {
  return new DocumentError("file_too_large", "The page is too large to be fetched.", {
    why: limitText(limit),
    next: "Save the part that matters, and attach the file.",
  });
}

function timeoutError(): DocumentError {
  return new DocumentError("file_unreachable", "Fetching the page took too long.", {
    next: "Try again later, or save the page and attach the file.",
  });
}

function unreachableError(cause: unknown): DocumentError {
  return new DocumentError("file_unreachable", "The page could not be fetched.", {
    why: "Its name is unknown, or its server did not answer as a web server does.",
    next: "Check the address, or save the page and attach the file.",
    cause,
  });
}
