/**
 * A local model server on loopback that speaks one backend's own protocol and nothing else: what the
 * backend would refuse is refused, in its own words. Answers from a script; records what it was
 * asked.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Body,
  PROTOCOLS,
  type Protocol,
  type Said,
  type ServerKind,
} from "./completion-protocols.ts";

export type CompletionAnswer =
  | string
  | { text: string; finish?: Said["finish"] }
  | { status: number; body: unknown };

export interface CompletionRequest {
  path: string;
  headers: IncomingMessage["headers"];
  body: Body;
}

export class FakeCompletionServer {
  readonly requests: CompletionRequest[] = [];
  readonly #protocol: Protocol;
  readonly #script: CompletionAnswer[] = [];
  readonly #server: Server;
  #port = 0;

  private constructor(protocol: Protocol) {
    this.#protocol = protocol;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** `changes` make another version of that server. */
  static async start(
    kind: ServerKind,
    changes: Partial<Protocol> = {},
  ): Promise<FakeCompletionServer> {
    const fake = new FakeCompletionServer({ ...PROTOCOLS[kind], ...changes });
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    fake.#port = (fake.#server.address() as AddressInfo).port;
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  script(...answers: CompletionAnswer[]): this {
    this.#script.push(...answers);
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const path = new URL(request.url ?? "/", "http://fake").pathname;
    const protocol = this.#protocol;
    if (request.method === "GET") {
      const about = protocol.about?.[path];
      if (about === undefined) send(response, 404, "not here");
      else send(response, 200, about);
      return;
    }
    const body = (text === "" ? {} : JSON.parse(text)) as Body;
    this.requests.push({ path, headers: request.headers, body });
    if (path !== protocol.path && path !== protocol.stream_path) {
      const { status, body: words } = protocol.not_found(path);
      send(response, status, words);
      return;
    }
    const fault = protocol.refuses(body);
    if (fault !== undefined) {
      send(response, 422, { detail: `field is missing or wrong: ${fault}` });
      return;
    }
    const answer = this.#script.shift() ?? { status: 500, body: "the script is empty" };
    if (typeof answer !== "string" && "status" in answer)
      send(response, answer.status, answer.body);
    else this.#say(typeof answer === "string" ? { text: answer } : answer, body, path, response);
  }

  #say(
    answer: { text: string; finish?: Said["finish"] },
    body: Body,
    path: string,
    response: ServerResponse,
  ): void {
    const protocol = this.#protocol;
    const text = stopped(answer.text, protocol.stop(body), protocol.keeps_stop ?? false);
    const said: Said = { text, finish: answer.finish ?? "stop" };
    if (!protocol.streams?.(body, path) || !protocol.stream) {
      send(response, 200, protocol.whole(said));
      return;
    }
    response.writeHead(200, { "content-type": protocol.content_type ?? "text/event-stream" });
    for (const line of protocol.stream(text.match(/[\s\S]{1,7}/g) ?? [], said))
      response.write(line);
    response.end();
  }
}

/** Cut at the first stop sequence, as servers do while they generate. */
function stopped(text: string, stop: unknown, keep: boolean): string {
  const marks = Array.isArray(stop) ? stop.map(String) : [];
  const ends = marks.flatMap((mark) => {
    const at = text.indexOf(mark);
    return at < 0 ? [] : [at + (keep ? mark.length : 0)];
  });
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain" : "application/json";
  response.writeHead(status, { "content-type": type }).end(text);
}
