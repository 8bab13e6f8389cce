/**
 * The ways in which model servers misbehave on the wire, for `openai-server.ts`.
 */
import type { ServerResponse } from "node:http";

export type Fault =
  /** Takes the request and never answers. */
  | "stall_before_headers"
  /** Headers and half the body, then silence. */
  | "stall_mid_body"
  /** A byte now and then, without end. */
  | "trickle"
  /** Half the body, then the socket is closed. */
  | "cut"
  /** The socket is closed before any answer. */
  | "drop"
  /** Status 200 with a web page. */
  | "html"
  /** Status 200 with text that is not JSON. */
  | "broken_json"
  /** Status 200 with nothing. */
  | "no_body"
  /** Status 200, a completion without choices. */
  | "no_choices"
  /** An endless body. */
  | "flood";

/** Resolves when the client is gone or the answer is out. */
export async function misbehave(
  fault: Fault,
  stream: boolean,
  response: ServerResponse,
): Promise<void> {
  const type = stream ? "text/event-stream" : "application/json";
  const half = stream
    ? `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "Half an " } }] })}\n\n`
    : '{"choices":[{"index":0,"message":{"role":"assistant","content":"Half an ';
  const ended = new Promise((resolve) => response.once("close", resolve));
  switch (fault) {
    case "stall_before_headers":
      break;
    case "stall_mid_body":
      response.writeHead(200, { "content-type": type }).write(half);
      break;
    case "trickle":
      response.writeHead(200, { "content-type": type }).write(half);
      while (!response.destroyed) {
        response.write(stream ? ": still here\n\n" : " ");
        await pause(10);
      }
      break;
    case "cut":
      response.writeHead(200, { "content-type": type }).write(half, () => response.destroy());
      break;
    case "drop":
      response.destroy();
      break;
    case "html":
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!DOCTYPE html><html><body>Please log in.</body></html>");
      break;
    case "broken_json":
      response.writeHead(200, { "content-type": type });
      response.end(stream ? 'data: {"choices": [\n\n' : '{"choices": [');
      break;
    case "no_body":
      response.writeHead(200, { "content-type": type }).end();
      break;
    case "no_choices":
      response.writeHead(200, { "content-type": "application/json" }).end('{"id":"x"}');
      break;
    case "flood": {
      const mebibyte = " ".repeat(1024 * 1024);
      response.writeHead(200, { "content-type": type });
      while (!response.destroyed) {
        if (!response.write(mebibyte)) {
          await Promise.race([new Promise((drained) => response.once("drain", drained)), ended]);
        }
      }
      break;
    }
  }
  await ended;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
