/**
 * The `fetch` of all model requests: keep-alive HTTP over `node:http`, at half the CPU of
 * the built-in one, and with what that one lacks: a cap on the body, a limit on silence once a body
 * has begun, and an abort that ends headers and body alike. No redirects, no compression (a small
 * gzip body can unpack to gigabytes).
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export interface HttpFetchOptions {
  /** Bytes of one answer; a longer one is refused. */
  max_body_bytes: number;
  /** Milliseconds of silence allowed between two pieces of a body. */
  stall_ms: number;
}

export interface HttpLimits extends HttpFetchOptions {
  /** Milliseconds for one request; kept by the caller's signal. */
  timeout_ms: number;
}

export type HttpFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The answer's body broke a limit. */
export class BodyLimitError extends Error {
  override readonly name = "BodyLimitError";
  readonly code: "body_too_large" | "body_stalled";

  constructor(code: "body_too_large" | "body_stalled", message: string) {
    super(message);
    this.code = code;
  }
}

/** A stream whose body is read piece by piece; every other body is whole when `fetch` resolves. */
export class StreamedResponse extends Response {
  readonly kind: "events" | "lines";
  readonly chunks: AsyncIterable<Uint8Array>;

  constructor(kind: "events" | "lines", chunks: AsyncIterable<Uint8Array>, init: ResponseInit) {
    super(null, init);
    this.kind = kind;
    this.chunks = chunks;
  }
}

/** A body that is all here: given as it is, not through the web stream that a `Response` makes of it. */
class WholeResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json: () => Promise<unknown>;

  constructor(text: string, init: ResponseInit) {
    super(null, init);
    this.text = async () => text;
    this.json = async () => JSON.parse(text);
  }
}

/** Errors say what is wrong in their first lines; more is not read. */
const MAX_ERROR_BYTES = 64 * 1024;

export function createHttpFetch(options: HttpFetchOptions): HttpFetch {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });

  const send = (url: URL, init: RequestInit, fresh: boolean): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { signal } = init;
      if (signal?.aborted) {
        reject(abortError());
        return;
      }
      const body = typeof init.body === "string" ? wellFormed(init.body) : "";
      const headers: Record<string, string> = {};
      const given = init.headers instanceof Headers ? init.headers : new Headers(init.headers);
      for (const [name, value] of given) headers[name] = value;
      headers["accept-encoding"] = "identity";
      headers["content-length"] = String(Buffer.byteLength(body));
      const secure = url.protocol === "https:";
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: init.method ?? "GET",
        headers,
        // Without an agent the socket is new and closed afterwards.
        agent: fresh ? false : secure ? https : http,
      });
      const onAbort = (): void => {
        request.destroy();
        reject(abortError());
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      request.once("response", (message) => {
        message.once("close", () => signal?.removeEventListener("abort", onAbort));
        resolve(message);
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        signal?.removeEventListener("abort", onAbort);
        // The server closed an idle kept-alive socket just as it was taken again: not a failure.
        if (!fresh && request.reusedSocket && error.code === "ECONNRESET" && !signal?.aborted) {
          send(url, init, true).then(resolve, reject);
        } else reject(error);
      });
      request.end(body);
    });

  return async (input, init = {}) => {
    const message = await send(new URL(input instanceof Request ? input.url : input), init, false);
    const code = message.statusCode ?? 502;
    const status = code >= 200 && code <= 599 ? code : 502;
    const responseInit = { status, headers: plainHeaders(message) };
    const type = message.headers["content-type"] ?? "";
    const kind = streamKind(type);
    if (status < 300 && kind) {
      return new StreamedResponse(kind, readBody(message, options), responseInit);
    }
    const limits =
      status < 300 ? options : { ...options, max_body_bytes: MAX_ERROR_BYTES, cut: true };
    const parts: Uint8Array[] = [];
    for await (const part of readBody(message, limits)) parts.push(part);
    return new WholeResponse(Buffer.concat(parts).toString("utf8"), responseInit);
  };
}

function streamKind(type: string): "events" | "lines" | undefined {
  if (type.includes("text/event-stream")) return "events";
  return type.includes("application/x-ndjson") ? "lines" : undefined;
}

/** The body's pieces, within the limits. `cut` ends an overlong body quietly instead of failing. */
async function* readBody(
  message: IncomingMessage,
  limits: HttpFetchOptions & { cut?: boolean },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let stalled = false;
  let failed = false;
  // Armed by the first piece: many servers send headers long before they have an answer.
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const part of message.iterator({ destroyOnReturn: false })) {
      bytes += part.length;
      if (bytes > limits.max_body_bytes) {
        failed = true;
        if (limits.cut) return;
        throw new BodyLimitError("body_too_large", `more than ${limits.max_body_bytes} bytes`);
      }
      timer?.refresh();
      timer ??= setTimeout(() => {
        stalled = true;
        message.destroy();
      }, limits.stall_ms);
      yield part;
    }
    if (!message.complete) throw new Error("the connection was cut before the answer was complete");
  } catch (error) {
    failed = true;
    if (stalled) throw new BodyLimitError("body_stalled", `silent for ${limits.stall_ms} ms`);
    throw error;
  } finally {
    clearTimeout(timer);
    if (failed) message.destroy();
    else if (!message.complete) drain(message);
  }
}

/** Reads an answer to its end behind the reader's back, so that its socket can be used again. */
function drain(message: IncomingMessage): void {
  message.on("error", () => {});
  message.resume();
  setTimeout(() => {
    if (!message.complete) message.destroy();
  }, 1000).unref();
}

/**
 * JSON text without lone surrogates, which `JSON.stringify` writes as `\\udXXX` and servers refuse:
 * half an emoji, cut apart somewhere, must not cost the answer.
 */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/gs, (mark) =>
    mark.startsWith("\\ud") ? "\\ufffd" : mark,
  );
}

function plainHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

function abortError(): Error {
  return new DOMException("The request was aborted.", "AbortError");
}
