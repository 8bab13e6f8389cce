/**
 * Where a Chroma server is to be found, and how to ask whether it lives. `ChromaServer` is the one
 * that the bot starts itself; `RemoteChroma` is somebody else's, named by CHROMA_URL.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ColloquyError } from "../../shared/errors.ts";

export interface ChromaAddress {
  host: string;
  port: number;
  ssl: boolean;
  /** Sent with every request; a proxy in front of the server may want them. */
  headers?: Record<string, string>;
}

export interface ChromaConnection {
  /** The address once the server answers; rejects with `StoreError` after `limitMs`. */
  ready(limitMs: number): Promise<ChromaAddress>;
  /**
   * Told when a call failed or hung. Resolves when the server's health has been looked into: then
   * `ready` tells the truth again. Never rejects.
   */
  suspect(): Promise<void>;
}

/** True when the server answers within `limitMs`. */
export async function heartbeat(address: ChromaAddress, limitMs: number): Promise<boolean> {
  const { host, port, ssl, headers } = address;
  try {
    const response = await fetch(`${ssl ? "https" : "http"}://${host}:${port}/api/v2/heartbeat`, {
      signal: AbortSignal.timeout(limitMs),
      ...(headers ? { headers } : {}),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** A server that others run: taken at its word, and given a moment after a failure. */
export class RemoteChroma implements ChromaConnection {
  readonly address: ChromaAddress;

  /** `url`: http(s)://[user:password@]host[:port]; the port defaults to 8000, or 443 with https. */
  constructor(url: string) {
    this.address = parseChromaUrl(url);
  }

  async ready(): Promise<ChromaAddress> {
    return this.address;
  }

  async suspect(): Promise<void> {
    await sleep(250);
  }
}

function parseChromaUrl(text: string): ChromaAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const ssl = url?.protocol === "https:";
  if (!url || !(ssl || url.protocol === "http:") || !url.hostname || url.pathname !== "/") {
    throw new ColloquyError("chroma_url_invalid", "CHROMA_URL is not the address of a server.", {
      next: 'Write it like "http://localhost:8000", with no path behind the port.',
    });
  }
  const port = url.port ? Number(url.port) : ssl ? 443 : 8000;
  const address = { host: url.hostname, port, ssl };
  if (!url.username) return address;
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = `Basic ${Buffer.from(user).toString("base64")}`;
  return { ...address, headers: { authorization } };
}
