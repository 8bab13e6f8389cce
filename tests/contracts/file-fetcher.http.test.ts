import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HttpFileFetcher } from "../../src/adapters/http/http-file-fetcher.ts";

/** Answers of the loopback server by file name. */
const answers = new Map<string, (response: ServerResponse) => void>([
  ["paper.pdf", (response) => response.end("the paper")],
  ["packed.txt", (response) => send(response, gzipSync("packed"))],
  ["bomb.txt", (response) => send(response, gzipSync(Buffer.alloc(20 * 1024 * 1024)))],
  ["large.pdf", (response) => response.end(Buffer.alloc(2000))],
  [
    "liar.pdf",
    (response) => {
      response.writeHead(200, { "content-length": "999999999" });
      response.write("x");
    },
  ],
  [
    "endless.pdf",
    (response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
        response.once("drain", more);
      };
      more();
    },
  ],
  [
    "trickle.pdf",
    (response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    },
  ],
  ["silent.pdf", () => {}],
  [
    "moved.pdf",
    (response) => {
      response.writeHead(302, { location: "/attachments/1/2/paper.pdf" });
      response.end();
    },
  ],
  [
    "gone.pdf",
    (response) => {
      response.writeHead(404);
      response.end("This content is no longer available.");
    },
  ],
  ["forbidden.pdf", (response) => response.writeHead(403).end("no")],
  ["broken.pdf", (response) => response.writeHead(500).end("oops")],
  [
    "cut.pdf",
    (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    },
  ],
]);

function send(response: ServerResponse, packed: Buffer): void {
  response.writeHead(200, { "content-encoding": "gzip" });
  response.end(packed);
}

let server: Server;
let origin: string;
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const name = new URL(request.url ?? "/", "http://localhost").pathname.split("/").at(-1) ?? "";
    const answer = answers.get(name);
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  requests = [];
});

function fetcher(options: { timeout_ms?: number; max_bytes?: number } = {}): HttpFileFetcher {
  return new HttpFileFetcher({
    ...{ extra_origins: [origin], max_bytes: 1000, now: () => 2_000_000_000_000 },
    ...options,
  });
}

function url(name: string, query = ""): string {
  return `${origin}/attachments/1/2/${name}${query}`;
}

describe("HttpFileFetcher", () => {
  it("fetches the bytes", async () => {
    const bytes = await fetcher().fetch(url("paper.pdf"));
    expect(new TextDecoder().decode(bytes)).toBe("the paper");
  });

  it("decodes what is packed", async () => {
    const bytes = await fetcher().fetch(url("packed.txt"));
    expect(new TextDecoder().decode(bytes)).toBe("packed");
  });

  it.each([
    ["large.pdf", "file_too_large"],
    ["liar.pdf", "file_too_large"],
    ["endless.pdf", "file_too_large"],
    ["bomb.txt", "file_too_large"],
    ["moved.pdf", "file_unreachable"],
    ["gone.pdf", "file_expired"],
    ["forbidden.pdf", "file_unreachable"],
    ["broken.pdf", "file_unreachable"],
    ["cut.pdf", "file_unreachable"],
  ])("ends %s with %s", async (name, code) => {
    await expect(fetcher().fetch(url(name))).rejects.toMatchObject({ code });
    expect(requests).toHaveLength(1);
  });

  it("takes the smaller of its own limit and the caller's", async () => {
    const failing = fetcher().fetch(url("paper.pdf"), { maxBytes: 5 });
    await expect(failing).rejects.toMatchObject({ code: "file_too_large" });
  });

  it("says that a refused link has expired when its own date says so", async () => {
    const expired = fetcher().fetch(url("forbidden.pdf", "?ex=6531a2b3"));
    await expect(expired).rejects.toMatchObject({
      code: "file_expired",
      next: "Post the file again.",
    });
    const valid = fetcher().fetch(url("forbidden.pdf", "?ex=7fffffff"));
    await expect(valid).rejects.toMatchObject({ code: "file_unreachable" });
  });

  it.each(["silent.pdf", "trickle.pdf"])("gives up on %s when its time is over", async (name) => {
    await expect(fetcher({ timeout_ms: 200 }).fetch(url(name))).rejects.toMatchObject({
      code: "file_unreachable",
      message: "Fetching the file took too long.",
    });
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    const running = fetcher().fetch(url("trickle.pdf"), { signal: stop.signal });
    stop.abort("enough");
    await expect(running).rejects.toBe("enough");
  });

  it("says that a server cannot be reached", async () => {
    const nowhere = new HttpFileFetcher({ extra_origins: ["http://127.0.0.1:1"] });
    await expect(nowhere.fetch("http://127.0.0.1:1/attachments/1/2/a.pdf")).rejects.toMatchObject({
      code: "file_unreachable",
    });
  });

  it("asks no host that is not allowed", async () => {
    const strict = new HttpFileFetcher();
    await expect(strict.fetch(url("paper.pdf"))).rejects.toMatchObject({ code: "file_forbidden" });
    expect(requests).toEqual([]);
  });
});
