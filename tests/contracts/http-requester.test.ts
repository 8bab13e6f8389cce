import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type GuardedHttpOptions,
  GuardedHttpRequester,
} from "../../src/adapters/http/guarded-http-requester.ts";
import { AbortSource } from "../../src/shared/abort.ts";

let server: Server;
let port: number;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
const seen: string[] = [];

beforeEach(async () => {
  seen.length = 0;
  handle = (_, response) => response.end("hello");
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url}`);
    handle(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** `api.test` is allowed and is this server. */
function requester(changes: Partial<GuardedHttpOptions> = {}): GuardedHttpRequester {
  return new GuardedHttpRequester({
    hosts: [`http://api.test:${port}`, "secure.test"],
    methods: ["GET", "POST"],
    resolve: async () => ["127.0.0.1"],
    isAllowed: (address) => address === "127.0.0.1",
    ...changes,
  });
}

const get = (path = "/"): { method: string; url: string } => ({
  method: "GET",
  url: `http://api.test:${port}${path}`,
});

describe("GuardedHttpRequester", () => {
  it("gives status, telling headers and text", async () => {
    handle = (_, response) => {
      response.writeHead(418, { "content-type": "application/json", "set-cookie": "s=1" });
      response.end('{"ü":1}');
    };
    expect(await requester().request(get("/a?b=c#d"))).toEqual({
      status_code: 418,
      headers: { "content-type": "application/json" },
      body: '{"ü":1}',
    });
    expect(seen).toEqual([`GET api.test:${port} /a?b=c`]);
  });

  it("sends a payload with methods that have one", async () => {
    let body = "";
    handle = async (request, response) => {
      body = "";
      for await (const part of request) body += part;
      response.end(request.headers["content-type"]);
    };
    const call = { ...get(), payload_json: '{"a":1}' };
    expect((await requester().request({ ...call, method: "POST" })).body).toBe("application/json");
    expect(body).toBe('{"a":1}');
    await requester().request(call);
    expect(body).toBe("");
  });

  it("asks no other host, scheme, port, user or method", async () => {
    const urls = [
      "http://other.test/",
      `https://api.test:${port}/`,
      "http://api.test/",
      `http://api.test.evil.test:${port}/`,
      `http://evil@api.test:${port}/`,
      `http://127.0.0.1:${port}/`,
      "http://secure.test/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "nonsense",
      `http://api.test:${port}/${"x".repeat(2000)}`,
    ];
    for (const url of urls) {
      await expect(requester().request({ method: "GET", url }), url).rejects.toThrow(
        "This address is not allowed.",
      );
    }
    for (const method of ["DELETE", "CONNECT", "get", "__proto__"]) {
      await expect(requester().request({ ...get(), method })).rejects.toThrow("GET, POST");
    }
    expect(seen).toEqual([]);
  });

  it("connects to no address that is not public, however it came about", async () => {
    for (const addresses of [
      ["127.0.0.1"],
      ["10.0.0.1"],
      ["8.8.8.8", "169.254.169.254"],
      ["::1"],
    ]) {
      const guarded = new GuardedHttpRequester({
        hosts: [`http://api.test:${port}`],
        methods: ["GET"],
        resolve: async () => addresses,
      });
      await expect(guarded.request(get())).rejects.toThrow("does not lead to the public internet");
    }
    const literal = new GuardedHttpRequester({
      hosts: [`http://127.0.0.1:${port}`],
      methods: ["GET"],
    });
    const url = `http://127.0.0.1:${port}/`;
    await expect(literal.request({ method: "GET", url })).rejects.toThrow("public internet");
    expect(seen).toEqual([]);
  });

  it("checks the address again after a redirect", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    handle = (_, response) => response.writeHead(302, { location: "/next" }).end();
    const guarded = requester({ resolve: async () => answers.shift() ?? [] });
    await expect(guarded.request(get())).rejects.toThrow("public internet");
    expect(seen).toHaveLength(1);
  });

  it("follows a redirect to an allowed host only, and not for ever", async () => {
    handle = (request, response) =>
      request.url === "/"
        ? response.writeHead(301, { location: "/b" }).end()
        : response.end("there");
    expect((await requester().request({ ...get(), method: "POST", payload_json: "1" })).body).toBe(
      "there",
    );
    expect(seen.map((one) => one.split(" ")[0])).toEqual(["POST", "GET"]);
    for (const location of ["http://evil.test/", "//evil.test/", `https://api.test:${port}/`]) {
      handle = (_, response) => response.writeHead(307, { location }).end();
      await expect(requester().request(get())).rejects.toThrow("where it may not go");
    }
    seen.length = 0;
    handle = (_, response) => response.writeHead(302, { location: "/" }).end();
    await expect(requester().request(get())).rejects.toThrow("on and on");
    expect(seen).toHaveLength(4);
  });

  it("reads no more than its limit, and no bodies that are no text", async () => {
    handle = (_, response) => response.end("x".repeat(2000));
    const small = requester({ max_bytes: 1000 });
    await expect(small.request(get())).rejects.toThrow("larger than 1000 bytes");
    handle = (_, response) => response.writeHead(200, { "content-type": "image/png" }).end("\x89P");
    expect((await small.request(get())).body).toBe("[The body is no text and is left out.]");
    handle = (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("zz");
    expect((await small.request(get())).body).toContain("left out");
  });

  it("waits no longer than its limit, for headers and for a body", async () => {
    const impatient = requester({ timeout_ms: 150 });
    handle = () => {};
    await expect(impatient.request(get())).rejects.toThrow("did not answer within 0.15 seconds");
    handle = (_, response) => void response.write("x");
    await expect(impatient.request(get())).rejects.toThrow("did not answer within");
    const lost = requester({ timeout_ms: 150, resolve: () => new Promise(() => {}) });
    await expect(lost.request(get())).rejects.toThrow("did not answer within");
  });

  it("is stopped by the signal, and tells a lost connection", async () => {
    const stop = new AbortSource();
    handle = () => stop.abort(new Error("stopped"));
    await expect(requester().request(get(), stop.signal)).rejects.toThrow("stopped");
    handle = (_, response) => void response.destroy();
    await expect(requester().request(get())).rejects.toThrow("could not be reached");
  });
});
