/**
 * An OpenAI-compatible server on loopback that answers from a script or from a function of the
 * request: chat completions (whole or streamed), embeddings, Azure's paths, and every fault that
 * real servers show. Records what it was asked. Runs in the test's process or as a child.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type FakeAnswer, streamAnswer } from "./openai-answers.ts";
import { type Fault, misbehave, pause } from "./openai-faults.ts";

export interface RecordedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** The client's end of the connection: equal ports, one kept-alive socket. */
  port: number | undefined;
  body: ChatBody;
}

/** The part of a request's body that scripts look at; other fields are kept as they came. */
export interface ChatBody {
  model?: string;
  messages?: {
    role: string;
    content: string | null;
    name?: string;
    tool_calls?: { id: string; function: { name: string; arguments: string } }[];
    tool_call_id?: string;
  }[];
  tools?: { type: string; function: { name: string } }[];
  stream?: boolean;
  input?: string | string[];
  [field: string]: unknown;
}

export type Answer =
  | string
  | FakeAnswer
  | { fault: Fault }
  /** Status 200 with `{"error": …}`; in a stream as an `event: error`. */
  | { error_200: unknown }
  /** Any status with an `{"error": …}` body or a text. */
  | { status: number; error?: unknown; text?: string; headers?: Record<string, string> }
  /** The vectors of an embeddings request. */
  | { vectors: readonly unknown[] };

export type AnswerFunction = (body: ChatBody, request: RecordedRequest) => Answer | Promise<Answer>;

export class FakeOpenAiServer {
  readonly requests: RecordedRequest[] = [];
  /** Answers whatever the script does not. */
  handler: AnswerFunction | undefined;
  /** Requests that found neither script nor handler. */
  unexpected = 0;
  /** Dimension of the vectors that embeddings requests get. */
  dimension = 8;
  /** Most requests that were under way at once. */
  peak = 0;
  readonly #script: Answer[] = [];
  readonly #server: Server;
  #port = 0;
  #open = 0;
  #serial = 0;

  private constructor(handler: AnswerFunction | undefined) {
    this.handler = handler;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  /** Listens on a free loopback port. */
  static async start(handler?: AnswerFunction, port = 0): Promise<FakeOpenAiServer> {
    const fake = new FakeOpenAiServer(handler);
    await new Promise<void>((resolve, reject) => {
      fake.#server.once("error", reject);
      fake.#server.listen(port, "127.0.0.1", resolve);
    });
    fake.#port = (fake.#server.address() as AddressInfo).port;
    return fake;
  }

  /** `http://127.0.0.1:<port>`: Azure's endpoint. */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get base_url(): string {
    return `${this.origin}/v1`;
  }

  /** Adds answers to the script; they are used up in order, before the handler is asked. */
  script(...answers: Answer[]): this {
    this.#script.push(...answers);
    return this;
  }

  /** Answers of the script that nobody asked for. */
  get unused(): number {
    return this.#script.length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open += 1;
    this.peak = Math.max(this.peak, this.#open);
    response.once("close", () => {
      this.#open -= 1;
    });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? "/", "http://fake");
    const text = Buffer.concat(parts).toString("utf8");
    const recorded: RecordedRequest = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      port: request.socket.remotePort,
      body: text === "" ? {} : (JSON.parse(text) as ChatBody),
    };
    this.requests.push(recorded);
    const embeddings = url.pathname.endsWith("/embeddings");
    if (!embeddings && !url.pathname.endsWith("/chat/completions")) {
      sendJson(response, 404, { error: { message: `Unknown path ${url.pathname}`, code: "404" } });
      return;
    }
    const scripted = this.#script.shift();
    const answer = scripted ?? (await this.handler?.(recorded.body, recorded));
    if (answer === undefined && embeddings) {
      sendVectors(response, this.#vectors(recorded.body.input));
      return;
    }
    if (answer === undefined) {
      this.unexpected += 1;
      sendJson(response, 500, { error: { message: "The script has no answer for this request." } });
      return;
    }
    await this.#answer(answer, recorded, response);
  }

  async #answer(answer: Answer, request: RecordedRequest, response: ServerResponse): Promise<void> {
    const stream = request.body.stream === true;
    if (typeof answer === "string") {
      await this.#complete({ content: answer }, request, response);
    } else if ("fault" in answer) {
      await misbehave(answer.fault, stream, response);
    } else if ("error_200" in answer) {
      if (!stream) sendJson(response, 200, { error: answer.error_200 });
      else {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(`event: error\ndata: ${JSON.stringify({ error: answer.error_200 })}\n\n`);
      }
    } else if ("vectors" in answer) {
      sendVectors(response, answer.vectors);
    } else if ("status" in answer) {
      const { status, error, text, headers = {} } = answer;
      if (text === undefined) sendJson(response, status, { error }, headers);
      else response.writeHead(status, headers).end(text);
    } else {
      await this.#complete(answer, request, response);
    }
  }

  async #complete(
    answer: FakeAnswer,
    request: RecordedRequest,
    response: ServerResponse,
  ): Promise<void> {
    if (answer.delay_ms) await pause(answer.delay_ms);
    this.#serial += 1;
    const serial = this.#serial;
    const calls = (answer.calls ?? []).map((call, index) => ({
      index,
      id: call.id ?? `call_${serial}_${index}`,
      type: "function",
      function: {
        name: call.name,
        arguments:
          typeof call.args === "string" || answer.object_arguments
            ? call.args
            : JSON.stringify(call.args),
      },
    }));
    const finish_reason =
      answer.finish_reason === undefined
        ? calls.length > 0
          ? "tool_calls"
          : "stop"
        : answer.finish_reason;
    const head = { id: `chatcmpl-${serial}`, created: 1, model: request.body.model ?? "fake" };
    if (request.body.stream === true && !answer.whole) {
      await streamAnswer(answer, calls, finish_reason, head, response);
      return;
    }
    sendJson(response, 200, {
      ...head,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: answer.content ?? null,
            ...(calls.length > 0 ? { tool_calls: calls } : {}),
          },
          finish_reason,
        },
      ],
      ...(answer.usage ? { usage: answer.usage } : {}),
    });
  }

  /** Letter counts: near texts are near. */
  #vectors(input: string | string[] | undefined): number[][] {
    const texts = typeof input === "string" ? [input] : (input ?? []);
    return texts.map((text) => {
      const vector = new Array<number>(this.dimension).fill(0.1);
      for (const letter of text.toLowerCase()) {
        const i = letter.charCodeAt(0) % this.dimension;
        vector[i] = (vector[i] ?? 0) + 1;
      }
      return vector;
    });
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function sendVectors(response: ServerResponse, vectors: readonly unknown[]): void {
  sendJson(response, 200, {
    object: "list",
    data: vectors.map((embedding, index) => ({ object: "embedding", index, embedding })),
    model: "fake-embedding",
    usage: { prompt_tokens: 1, total_tokens: 1 },
  });
}
