import { ApiError } from "./api-error.ts";
import { isObject, type JsonObject } from "./json.ts";
import type { ChannelRecord } from "./records.ts";
import type { World } from "./world.ts";

/** A file of a multipart body. */
export interface UploadedFile {
  /** The number in `files[n]`. */
  index: number;
  name: string;
  bytes: Uint8Array;
  contentType: string;
}

export interface RestRequest {
  method: string;
  /** The path below `/api/v10`, with real ids. */
  path: string;
  /** The route's template, as Discord's OpenAPI document writes it; "" where none matches. */
  route: string;
  query: URLSearchParams;
  body: unknown;
  files: UploadedFile[];
  at: number;
  /** 0 until answered, or when the connection was cut instead. */
  status: number;
  /** The fault that a test had injected, where one struck. */
  fault?: string;
}

export interface Answer {
  status: number;
  body?: unknown;
}

/** What a handler is given: the world, the request, and its path parameters by name. */
export class RouteContext {
  readonly world: World;
  readonly request: RestRequest;
  readonly #params: ReadonlyMap<string, string>;

  constructor(world: World, request: RestRequest, params: ReadonlyMap<string, string>) {
    this.world = world;
    this.request = request;
    this.#params = params;
  }

  param(name: string): string {
    return this.#params.get(name) ?? "";
  }

  get query(): URLSearchParams {
    return this.request.query;
  }

  get files(): UploadedFile[] {
    return this.request.files;
  }

  /** The body as an object; anything else is an invalid form. */
  get body(): JsonObject {
    const { body } = this.request;
    if (body === undefined || body === null) return {};
    if (!isObject(body)) throw new ApiError(50035);
    return body;
  }

  /** Notes a broken rule together with the request. */
  violate(text: string): void {
    this.world.violate(`${this.request.method} ${this.request.path}: ${text}`);
  }

  /** The channel named in the path, or 10003 (50001 where the bot has left the guild). */
  channel(id = this.param("channel_id")): ChannelRecord {
    const channel = this.world.channels.get(id);
    if (channel === undefined) throw new ApiError(10003);
    if (channel.deleted || channel.parent?.deleted) throw new ApiError(10003, { expected: true });
    if (channel.guild?.left) throw new ApiError(50001, { expected: true });
    return channel;
  }
}

export interface Route {
  method: string;
  template: string;
  /** `bot` needs the Authorization header; `token` is authorised by the token in its path. */
  auth: "bot" | "token";
  handle: (context: RouteContext) => Answer;
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export const noContent: Answer = { status: 204 };
