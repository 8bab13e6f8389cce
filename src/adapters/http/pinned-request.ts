/**
 * One HTTP request to an address that was checked: the name is resolved first, all its addresses must
 * be allowed, and the connection goes to one of them, so that no second resolution can lead elsewhere.
 * Follows no redirect, keeps no connection, sends no cookies.
 */
import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";

export interface PinnedRequest {
  method?: string;
  headers: Readonly<Record<string, string>>;
  payload?: string;
  signal: AbortSignal;
  /** Default: what the system resolves. */
  resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
  isAllowed(address: string): boolean;
  /** Thrown when the name leads to an address that is not allowed. */
  forbidden(): Error;
}

export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const LONGEST_URL = 2000;

/** Rejects with `forbidden()`, the signal's reason, or what went wrong on the way. */
export async function pinnedRequest(url: URL, options: PinnedRequest): Promise<IncomingMessage> {
  const { method = "GET", headers, payload, signal, resolve = resolveAll } = options;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) ? [host] : await orAborted(resolve(host), signal);
  const [address] = addresses;
  if (address === undefined) throw new Error("the name has no address");
  // One that leads inside makes the whole name suspect.
  if (!addresses.every((one) => options.isAllowed(one))) throw options.forbidden();
  signal.throwIfAborted();
  const pinned: LookupFunction = (_host, { all }, done) => {
    const family = isIP(address);
    if (all) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  return new Promise((done, fail) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      ...{ method, headers, signal, agent: false, lookup: pinned, maxHeaderSize: 32 * 1024 },
    });
    request.once("response", done);
    request.on("error", fail);
    request.end(payload);
  });
}

/** The URL that a text names, without its fragment; undefined where it is none, or very long. */
export function parsedUrl(text: string, base?: URL): URL | undefined {
  if (text.length > LONGEST_URL || !URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base?.href);
  url.hash = "";
  return url;
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
