import type { RestRequest } from "./route.ts";
import type { World } from "./world.ts";

const GLOBAL_PER_SECOND = 50;

export interface Bucket {
  headers: Record<string, string>;
  refusal?: { retryAfter: number; scope: "user" | "global" };
}

interface Window {
  used: number;
  resetAt: number;
}

/**
 * Buckets as Discord shows them in headers. Only with `rateLimits: true` are they enforced: then a
 * request before the reset gets 429. Otherwise the headers always leave room.
 */
export class RateLimits {
  readonly #world: World;
  readonly #windows = new Map<string, Window>();
  #global: Window = { used: 0, resetAt: 0 };

  constructor(world: World) {
    this.#world = world;
  }

  take(request: RestRequest, params: ReadonlyMap<string, string>): Bucket {
    const name = `${request.method} ${request.route}`;
    const hash = bucketHash(name);
    const limit = limitOf(name);
    if (this.#world.options.rateLimits !== true || limit === undefined) {
      return { headers: headers(hash, 1000, 999, 1) };
    }
    const now = performance.now();
    const exempt = request.route.startsWith("/interactions/");
    if (!exempt) {
      if (now >= this.#global.resetAt) this.#global = { used: 0, resetAt: now + 1000 };
      this.#global.used += 1;
      if (this.#global.used > GLOBAL_PER_SECOND) {
        const retryAfter = seconds(this.#global.resetAt - now);
        return {
          headers: {
            "retry-after": String(retryAfter),
            "x-ratelimit-global": "true",
            "x-ratelimit-scope": "global",
          },
          refusal: { retryAfter, scope: "global" },
        };
      }
    }
    const major =
      params.get("channel_id") ?? `${params.get("webhook_id")}/${params.get("webhook_token")}`;
    const key = `${name} ${major}`;
    let window = this.#windows.get(key);
    if (window === undefined || now >= window.resetAt) {
      window = { used: 0, resetAt: now + limit.perMs };
      this.#windows.set(key, window);
    }
    window.used += 1;
    const left = seconds(window.resetAt - now);
    const remaining = Math.max(0, limit.requests - window.used);
    const shown = headers(hash, limit.requests, remaining, left);
    if (window.used <= limit.requests) return { headers: shown };
    return {
      headers: { ...shown, "retry-after": String(left), "x-ratelimit-scope": "user" },
      refusal: { retryAfter: left, scope: "user" },
    };
  }
}

/** The enforced buckets; other routes leave room. */
function limitOf(name: string): { requests: number; perMs: number } | undefined {
  switch (name) {
    case "POST /channels/{channel_id}/messages":
    case "PATCH /channels/{channel_id}/messages/{message_id}":
    case "POST /channels/{channel_id}/typing":
    case "POST /webhooks/{webhook_id}/{webhook_token}":
    case "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}":
      return { requests: 5, perMs: 5000 };
    case "GET /channels/{channel_id}/messages":
      return { requests: 5, perMs: 5000 };
    default:
      return undefined;
  }
}

function headers(
  hash: string,
  limit: number,
  remaining: number,
  resetAfter: number,
): Record<string, string> {
  return {
    "x-ratelimit-bucket": hash,
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": (Date.now() / 1000 + resetAfter).toFixed(3),
    "x-ratelimit-reset-after": resetAfter.toFixed(3),
  };
}

function seconds(ms: number): number {
  return Math.max(0.001, Math.ceil(ms) / 1000);
}

/** A stable name of 32 hex digits for the bucket. */
function bucketHash(name: string): string {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0").repeat(4);
}
