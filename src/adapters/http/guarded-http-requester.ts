/**
 * The `HttpRequester` port: requests that a model asks for. Exact hosts from the configuration only;
 * every address is checked after it was resolved, and is the one connected to, at each redirect anew;
 * one time limit and a cap on bytes over all of it. Sends no cookies and no credentials.
 */
import type { IncomingMessage } from "node:http";
import type { HttpAnswer, HttpRequester } from "../../memgpt/ports.ts";
import type { AbortSignalLike } from "../../shared/abort.ts";
import { ColloquyError } from "../../shared/errors.ts";
import { collected, withinBounds } from "./bounded-fetch.ts";
import { parsedUrl, pinnedRequest, REDIRECTS } from "./pinned-request.ts";
import { isPublicAddress } from "./public-address.ts";

export interface GuardedHttpOptions {
  /** Host names, reached by https; or origins such as "http://host:8080". Exact, no patterns. */
  hosts: readonly string[];
  /** In capitals. */
  methods: readonly string[];
  /** Bytes of a body that are read. Default 256 KiB. */
  max_bytes?: number;
  /** Milliseconds for everything, redirects included. Default 10,000. */
  timeout_ms?: number;
  /** For tests. Default: what the system resolves. */
  resolve?: (host: string) => Promise<readonly string[]>;
  /** For tests. Default: `isPublicAddress`. */
  isAllowed?: (address: string) => boolean;
}

interface Call {
  method: string;
  url: URL;
  payload?: string;
}

const MAX_REDIRECTS = 3;
const LONGEST_PAYLOAD = 20_000;
const TOLD_HEADERS = ["content-type", "last-modified", "retry-after"];
const TEXT = /^\s*(?:text\/|application\/(?:[\w.+-]*(?:json|xml|yaml)|javascript)\b)/i;

export class GuardedHttpRequester implements HttpRequester {
  readonly #options: GuardedHttpOptions;
  readonly #origins: ReadonlySet<string>;

  constructor(options: GuardedHttpOptions) {
    this.#options = options;
    this.#origins = new Set(options.hosts.map(originOf));
  }

  async request(
    call: { method: string; url: string; payload_json?: string },
    signal?: AbortSignalLike,
  ): Promise<HttpAnswer> {
    const { methods, timeout_ms = 10_000 } = this.#options;
    const { method, payload_json } = call;
    if (!methods.includes(method)) {
      throw refused(`The method must be one of: ${methods.join(", ")}.`);
    }
    if ((payload_json?.length ?? 0) > LONGEST_PAYLOAD) {
      throw refused(`'payload_json' may have at most ${LONGEST_PAYLOAD} characters.`);
    }
    const sent = payload_json === undefined || isBodyless(method) ? {} : { payload: payload_json };
    const first = { method, url: this.#allowed(call.url), ...sent };
    return withinBounds(
      {
        ...{ timeout_ms, signal },
        tooLate: () => failed(`The host did not answer within ${timeout_ms / 1000} seconds.`),
        failed: (cause) =>
          failed("The host could not be reached, or did not answer in HTTP.", cause),
      },
      (within) => this.#follow(first, within),
    );
  }

  async #follow(first: Call, signal: AbortSignal): Promise<HttpAnswer> {
    let call = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.#send(call, signal);
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      if (!REDIRECTS.has(status) || location === undefined) return this.#answer(response, status);
      response.destroy();
      const url = this.#allowed(location, call.url);
      const keeps = status === 307 || status === 308 || isBodyless(call.method);
      call = keeps ? { ...call, url } : { method: "GET", url };
    }
    throw failed(`The address leads on and on; it was followed ${MAX_REDIRECTS} times.`);
  }

  #send({ method, url, payload }: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const { resolve, isAllowed = isPublicAddress } = this.#options;
    return pinnedRequest(url, {
      headers: {
        accept: "application/json, text/*;q=0.9, */*;q=0.1",
        "accept-encoding": "identity",
        "user-agent": "Colloquy (a bot whose agents may ask this host)",
        ...(payload === undefined ? {} : { "content-type": "application/json" }),
      },
      ...{ method, signal, resolve, isAllowed },
      ...(payload === undefined ? {} : { payload }),
      forbidden: () =>
        refused("This host does not lead to the public internet, so it is not asked."),
    });
  }

  #allowed(text: string, base?: URL): URL {
    const url = parsedUrl(text, base);
    const plain = url && url.username === "" && url.password === "";
    if (url && plain && this.#origins.has(url.origin)) return url;
    const from = base ? "The host sent the request on to where it may not go." : undefined;
    throw refused(
      from ?? "This address is not allowed.",
      `Allowed: ${[...this.#origins].join(", ")}.`,
    );
  }

  async #answer(response: IncomingMessage, status_code: number): Promise<HttpAnswer> {
    const headers = Object.fromEntries(
      TOLD_HEADERS.flatMap((name) => {
        const value = response.headers[name];
        return typeof value === "string" ? [[name, value.slice(0, 200)]] : [];
      }),
    );
    const type = response.headers["content-type"] ?? "text/plain";
    const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
    if (!TEXT.test(type) || encoding !== "identity") {
      response.destroy();
      return { status_code, headers, body: "[The body is no text and is left out.]" };
    }
    const limit = this.#options.max_bytes ?? 256 * 1024;
    const tooLarge = (): ColloquyError => failed(`The answer is larger than ${limit} bytes.`);
    const bytes = await collected(response, limit, tooLarge);
    return { status_code, headers, body: new TextDecoder().decode(bytes) };
  }
}

/** "example.org" stands for "https://example.org". */
function originOf(host: string): string {
  return new URL(/^https?:\/\//i.test(host) ? host : `https://${host}`).origin;
}

function isBodyless(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function refused(message: string, why?: string): ColloquyError {
  return new ColloquyError("http_refused", message, why === undefined ? {} : { why });
}

function failed(message: string, cause?: unknown): ColloquyError {
  return new ColloquyError("http_failed", message, cause === undefined ? {} : { cause });
}
