import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { MAX_REQUEST_BYTES } from "./constants.ts";
import type { Faults } from "./faults.ts";
import type { OpenApiCheck } from "./openapi.ts";
import { type Bucket, RateLimits } from "./rate-limits.ts";
import { readBody } from "./request-body.ts";
import { type Answer, type RestRequest, type Route, RouteContext } from "./route.ts";
import type { World } from "./world.ts";

interface CompiledRoute extends Route {
  segments: string[];
}

/**
 * REST v10: finds the route, checks the token, applies injected faults and buckets, runs the
 * handler, and answers in Discord's words with its rate-limit headers.
 */
export class RestServer {
  readonly requests: RestRequest[] = [];
  readonly #world: World;
  readonly #routes = new Map<string, CompiledRoute[]>();
  readonly #faults: Faults;
  readonly #check: OpenApiCheck;
  readonly #limits: RateLimits;

  constructor(world: World, routes: readonly Route[], faults: Faults, check: OpenApiCheck) {
    this.#world = world;
    this.#faults = faults;
    this.#check = check;
    this.#limits = new RateLimits(world);
    for (const route of routes) {
      const segments = route.template.split("/").slice(1);
      const key = `${route.method} ${segments.length}`;
      const list = this.#routes.get(key) ?? [];
      list.push({ ...route, segments });
      this.#routes.set(key, list);
    }
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.#world.origin);
    const version = /^\/api(?:\/v(\d+))?(?=\/)/.exec(url.pathname);
    const record: RestRequest = {
      method: request.method ?? "GET",
      path: url.pathname.slice(version?.[0].length ?? 0),
      route: "",
      query: url.searchParams,
      body: undefined,
      files: [],
      at: this.#world.now(),
      status: 0,
    };
    if (this.#world.options.recordRequests ?? true) this.requests.push(record);
    const found = this.#find(record);
    record.route = found?.route.template ?? "";
    const fault = this.#faults.take(record);
    if (fault !== undefined) record.fault = fault.name;
    const answer =
      fault !== undefined && !fault.stores
        ? undefined
        : await this.#run(request, record, found, version?.[1]);
    if (fault !== undefined) {
      record.status = fault.strike(response);
      return;
    }
    if (answer === undefined) return;
    record.status = answer.status;
    reply(response, answer);
  }

  async #run(
    request: IncomingMessage,
    record: RestRequest,
    found: { route: CompiledRoute; params: Map<string, string> } | undefined,
    version: string | undefined,
  ): Promise<Answer & { headers?: Record<string, string> }> {
    const world = this.#world;
    const note = (text: string): void => world.violate(`${record.method} ${record.path}: ${text}`);
    let headers: Record<string, string> = {};
    try {
      if (version !== "10") note(`API version ${version ?? "none"}, not 10`);
      if (!/^DiscordBot \(/.test(request.headers["user-agent"] ?? "")) {
        note("no User-Agent of the form `DiscordBot (url, version)`");
      }
      const parts = await readBody(request, MAX_REQUEST_BYTES);
      record.body = parts.body;
      record.files = parts.files;
      if (found === undefined) {
        note("a route that the fake does not know");
        throw new ApiError(0, { expected: true });
      }
      const given = request.headers.authorization;
      if (given !== undefined ? given !== `Bot ${world.token}` : found.route.auth === "bot") {
        this.#refuse(record, 401, 0);
        return { status: 401, body: { message: "401: Unauthorized", code: 0 } };
      }
      const bucket = this.#limits.take(record, found.params);
      headers = bucket.headers;
      if (bucket.refusal !== undefined) {
        this.#refuse(record, 429, 0);
        return this.#limited(bucket, bucket.refusal, note);
      }
      for (const fault of this.#check.request(record, parts.multipart)) note(fault);
      const answer = found.route.handle(new RouteContext(world, record, found.params));
      for (const fault of this.#check.answer(record, answer)) {
        world.violate(`the fake itself, ${record.method} ${record.route}: ${fault}`);
      }
      return { ...answer, headers };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.expected) note(error.describe());
      this.#refuse(record, error.status, error.code);
      const answer = { status: error.status, body: error.body() };
      for (const fault of this.#check.answer(record, answer)) {
        world.violate(`the fake itself, ${record.method} ${record.route}: ${fault}`);
      }
      return { ...answer, headers };
    }
  }

  #refuse(record: RestRequest, status: number, code: number): void {
    const { method, route, path, at } = record;
    this.#world.refusals.push({ method, route, path, status, code, at });
  }

  #limited(
    bucket: Bucket,
    refusal: NonNullable<Bucket["refusal"]>,
    note: (text: string) => void,
  ): Answer & { headers: Record<string, string> } {
    note(`came ${refusal.retryAfter} s before its bucket reset (${refusal.scope})`);
    return {
      status: 429,
      body: {
        message: "You are being rate limited.",
        retry_after: refusal.retryAfter,
        global: refusal.scope === "global",
      },
      headers: bucket.headers,
    };
  }

  #find(record: RestRequest): { route: CompiledRoute; params: Map<string, string> } | undefined {
    const given = record.path.split("/").slice(1).map(decodeURIComponent);
    for (const route of this.#routes.get(`${record.method} ${given.length}`) ?? []) {
      const params = new Map<string, string>();
      const fits = route.segments.every((segment, i) => {
        const value = given[i] ?? "";
        if (!segment.startsWith("{")) return segment === value;
        params.set(segment.slice(1, -1), value);
        return value !== "";
      });
      if (fits) return { route, params };
    }
    return undefined;
  }
}

function reply(
  response: ServerResponse,
  answer: Answer & { headers?: Record<string, string> },
): void {
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.body === undefined) {
    response.writeHead(answer.status).end();
    return;
  }
  const text = JSON.stringify(answer.body);
  response
    .writeHead(answer.status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    })
    .end(text);
}
