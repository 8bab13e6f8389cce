/**
 * The `HttpRequester` port: requests that a model asks for. Exact hosts from the configuration only;
 * every address is checked after it was resolved, and is the one connected to, at each redirect anew;
 * one time limit and a cap on bytes over all of it. Sends no cookies and no credentials.
 */
import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { HttpAnswer, HttpRequester } from "../../memgpt/ports.ts";
import { type AbortSignalLike, throwIfAborted } from "../../shared/abort.ts";
import { ColloquyError } from "../../shared/errors.ts";
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
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LONGEST_URL = 2000;
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
    throwIfAborted(signal);
    const { methods, timeout_ms = 10_000 } = this.#options;
    if (!methods.includes(call.method)) {
      throw refused(`The method must be one of: ${methods.join(", ")}.`);
    }
    if ((call.payload_json?.length ?? 0) > LONGEST_PAYLOAD) {
      throw refused(`'payload_json' may have at most ${LONGEST_PAYLOAD} characters.`);
    }
    const stop = new AbortController();
    const timer = setTimeout(
      () => stop.abort(failed(`The host did not answer within ${timeout_ms / 1000} seconds.`)),
      timeout_ms,
    );
    const onAbort = (): void => stop.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const payload = call.payload_json;
    const sent = payload !== undefined && !isBodyless(call.method) ? { payload } : {};
    try {
      const first = { method: call.method, url: this.#allowed(call.url), ...sent };
      return await this.#follow(first, stop.signal);
    } catch (error) {
      throwIfAborted(signal);
      if (stop.signal.aborted) throw stop.signal.reason;
      if (error instanceof ColloquyError) throw error;
      throw failed("The host could not be reached, or did not answer in HTTP.", error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      // Drops the connection of a body that was not read to its end.
      stop.abort();
    }
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

  /** Resolves, checks, and connects to what was checked. */
  async #send({ method, url, payload }: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const { resolve = resolveAll, isAllowed = isPublicAddress } = this.#options;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(host) ? [host] : await orAborted(resolve(host), signal);
    const [address] = addresses;
    if (address === undefined) throw failed("The host's name has no address.");
    // One that leads inside makes the whole name suspect.
    if (!addresses.every((one) => isAllowed(one))) {
      throw refused("This host does not lead to the public internet, so it is not asked.");
    }
    signal.throwIfAborted();
    const pinned: LookupFunction = (_host, options, done) => {
      const family = isIP(address);
      if (options.all) done(null, [{ address, family }]);
      else done(null, address, family);
    };
    return new Promise((done, fail) => {
      const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
        ...{ method, agent: false, lookup: pinned, signal, maxHeaderSize: 32 * 1024 },
        headers: {
          accept: "application/json, text/*;q=0.9, */*;q=0.1",
          "accept-encoding": "identity",
          "user-agent": "Colloquy (a bot whose agents may ask this host)",
          ...(payload === undefined ? {} : { "content-type": "application/json" }),
        },
      });
      request.once("response", done);
      request.on("error", fail);
      request.end(payload);
    });
  }

  #allowed(text: string, base?: URL): URL {
    const url =
      text.length <= LONGEST_URL && URL.canParse(text, base?.href)
        ? new URL(text, base?.href)
        : undefined;
    const plain = url && url.username === "" && url.password === "";
    if (url && plain && this.#origins.has(url.origin)) {
      url.hash = "";
      return url;
    }
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
    return { status_code, headers, body: await this.#text(response) };
  }

  async #text(response: IncomingMessage): Promise<string> {
    const limit = this.#options.max_bytes ?? 256 * 1024;
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > limit) throw failed(`The answer is larger than ${limit} bytes.`);
      parts.push(part);
    }
    return Buffer.concat(parts, length).toString("utf8");
  }
}

/** "example.org" stands for "https://example.org". */
function originOf(host: string): string {
  return new URL(/^https?:\/\//i.test(host) ? host : `https://${host}`).origin;
}

function isBodyless(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

async function resolveAll(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true, order: "ipv4first" });
  return found.map(({ address }) => address);
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function refused(message: string, why?: string): ColloquyError {
  return new ColloquyError("http_refused", message, why === undefined ? {} : { why });
}

function failed(message: string, cause?: unknown): ColloquyError {
  return new ColloquyError("http_failed", message, cause === undefined ? {} : { cause });
}
