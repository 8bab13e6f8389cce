import type { ServerResponse } from "node:http";
import type { RestRequest } from "./route.ts";

export type FaultKind =
  | "500"
  | "500-after-store"
  | "hang"
  | "hang-after-store"
  | "drop"
  | "drop-after-store"
  | "html-200"
  | "html-200-after-store"
  | "429"
  | { status: number; code?: number; body?: unknown; headers?: Record<string, string> };

export interface Injection {
  /** Which requests it strikes; `route` is tried on the real path and on the template. */
  match: { method?: string; route?: RegExp };
  kind: FaultKind;
  /** How many requests it strikes; default 1. */
  times?: number;
  /** How many matching requests pass before the first is struck; default 0. */
  skip?: number;
  /** For 429: the seconds to wait (default 0.1), and whether the limit is said to be global. */
  retryAfter?: number;
  global?: boolean;
}

/** What an injection has done so far. */
export interface InjectedFault {
  readonly hits: number;
  /** Ends it before its time. */
  lift(): void;
}

/** A fault about to strike. `stores`: the request is carried out before its answer is spoilt. */
export interface Strike {
  name: string;
  stores: boolean;
  /** Spoils the answer; gives the status sent, 0 for none. */
  strike(response: ServerResponse): number;
}

interface Live extends Injection {
  left: number;
  skipped: number;
  hits: number;
}

/** The list of faults that tests have ordered; each request takes the first that matches. */
export class Faults {
  #live: Live[] = [];
  readonly #hanging = new Set<ServerResponse>();

  inject(injection: Injection): InjectedFault {
    const live: Live = { ...injection, left: injection.times ?? 1, skipped: 0, hits: 0 };
    this.#live.push(live);
    return {
      get hits() {
        return live.hits;
      },
      lift: () => {
        live.left = 0;
      },
    };
  }

  take(request: Pick<RestRequest, "method" | "path" | "route">): Strike | undefined {
    if (this.#live.length === 0) return undefined;
    this.#live = this.#live.filter((live) => live.left > 0);
    for (const live of this.#live) {
      const { method, route } = live.match;
      if (method !== undefined && method.toUpperCase() !== request.method) continue;
      if (route !== undefined && !matches(route, request)) continue;
      if (live.skipped < (live.skip ?? 0)) {
        live.skipped += 1;
        continue;
      }
      live.left -= 1;
      live.hits += 1;
      return this.#strike(live);
    }
    return undefined;
  }

  /** Ends the answers that are being withheld. */
  stop(): void {
    for (const response of this.#hanging) response.destroy();
    this.#hanging.clear();
  }

  #strike(live: Live): Strike {
    const { kind } = live;
    const name = typeof kind === "string" ? kind : String(kind.status);
    return {
      name,
      stores: name.endsWith("-after-store"),
      strike: (response) => {
        const base = name.replace("-after-store", "");
        if (typeof kind !== "string") return custom(response, kind);
        if (base === "hang") {
          this.#hanging.add(response);
          response.on("close", () => this.#hanging.delete(response));
          return 0;
        }
        if (base === "drop") {
          response.destroy();
          return 0;
        }
        if (base === "html-200") {
          response.writeHead(200, { "content-type": "text/html" });
          response.end("<html><body><h1>Sorry, you have been blocked</h1></body></html>");
          return 200;
        }
        if (base === "429") return tooMany(response, live.retryAfter ?? 0.1, live.global ?? false);
        response.writeHead(500, { "content-type": "application/json" });
        response.end(JSON.stringify({ message: "500: Internal Server Error", code: 0 }));
        return 500;
      },
    };
  }
}

function matches(route: RegExp, request: { path: string; route: string }): boolean {
  route.lastIndex = 0;
  if (route.test(request.path)) return true;
  route.lastIndex = 0;
  return request.route !== "" && route.test(request.route);
}

function tooMany(response: ServerResponse, retryAfter: number, global: boolean): number {
  response.writeHead(429, {
    "content-type": "application/json",
    "retry-after": String(retryAfter),
    "x-ratelimit-scope": global ? "global" : "user",
    "x-ratelimit-reset-after": String(retryAfter),
    ...(global
      ? { "x-ratelimit-global": "true" }
      : { "x-ratelimit-limit": "5", "x-ratelimit-remaining": "0" }),
  });
  response.end(
    JSON.stringify({ message: "You are being rate limited.", retry_after: retryAfter, global }),
  );
  return 429;
}

function custom(response: ServerResponse, kind: Exclude<FaultKind, string>): number {
  const body = kind.body ?? { message: "an injected refusal", code: kind.code ?? 0 };
  const text = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  response.writeHead(kind.status, { "content-type": "application/json", ...kind.headers });
  response.end(text);
  return kind.status;
}
