import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  WebPageFetcher,
  type WebPageFetcherOptions,
} from "../../src/adapters/http/web-page-fetcher.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** To this fetcher, 127.0.0.1 is public, and so is what ends in "public.test". */
function fetcher(options: WebPageFetcherOptions = {}): WebPageFetcher {
  const names = new Map([
    ["public.test", ["127.0.0.1"]],
    ["inside.test", ["127.0.0.2"]],
    ["both.test", ["127.0.0.1", "127.0.0.2"]],
  ]);
  return new WebPageFetcher({
    resolve: async (host) => names.get(host) ?? [],
    isAllowed: (address) => address === "127.0.0.1",
    ...options,
  });
}

describe("fetching a web page", () => {
  it("gives its bytes, and a name that says where it stands", async () => {
    const port = await serve((request, response) => {
      expect(request.headers.cookie).toBeUndefined();
      response.end(`<p>You asked for ${request.url}, ${request.headers.host}.</p>`);
    });
    const page = await fetcher().fetchPage(`http://public.test:${port}/guide/in%20tro?x=1#part`);
    expect(page.name).toBe("public.test › guide › in tro");
    expect(new TextDecoder().decode(page.bytes)).toBe(
      `<p>You asked for /guide/in%20tro?x=1, public.test:${port}.</p>`,
    );
    expect((await fetcher().fetchPage(`http://public.test:${port}/a/b.pdf`)).name).toBe("b.pdf");
  });

  it("unpacks gzip, within the limit", async () => {
    const port = await serve((_request, response) => {
      response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(5_000_000)));
    });
    const url = `http://public.test:${port}/`;
    expect((await fetcher().fetchPage(url)).bytes.length).toBe(5_000_000);
    await expect(fetcher({ max_bytes: 1_000_000 }).fetchPage(url)).rejects.toMatchObject({
      code: "file_too_large",
    });
  });

  it.each([
    ["another scheme", "file:///etc/passwd"],
    ["no address", "hello"],
    ["a password", "http://me:secret@public.test/"],
    ["a private name", "http://inside.test/"],
    ["a name that is public and private", "http://both.test/"],
  ])("refuses %s", async (_what, url) => {
    await expect(fetcher().fetchPage(url)).rejects.toMatchObject({ code: "file_forbidden" });
  });

  it.each([
    ...["http://127.0.0.1/", "http://0x7f.1/", "http://2130706433/", "http://[::1]/"],
    ...["http://[::ffff:169.254.169.254]/", "http://169.254.169.254/latest/meta-data/"],
    ...["http://localhost/", "http://8.8.8.8:22/"],
  ])("refuses %s whatever the resolver says", async (url) => {
    const failing = new WebPageFetcher().fetchPage(url);
    await expect(failing).rejects.toMatchObject({ code: "file_forbidden" });
  });

  it.each(["http://inside.test/", "http://127.0.0.2/", "http://both.test/", "ftp://public.test/"])(
    "follows a redirect, but not to %s",
    async (location) => {
      let asked = 0;
      const port = await serve((request, response) => {
        asked += 1;
        if (request.url === "/start") response.writeHead(302, { location: "/next" }).end();
        else response.writeHead(301, { location }).end();
      });
      await expect(fetcher().fetchPage(`http://public.test:${port}/start`)).rejects.toMatchObject({
        code: "file_forbidden",
      });
      expect(asked).toBe(2);
    },
  );

  it("resolves anew at every redirect, and connects to what it has checked", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: "/again" }).end();
      else response.end("inside");
    });
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    const one = fetcher({ resolve: async () => answers.shift() ?? [] });
    await expect(one.fetchPage(`http://public.test:${port}/`)).rejects.toMatchObject({
      code: "file_forbidden",
    });
    expect(answers).toEqual([]);
  });

  it("ends: after redirects in a ring, after the time limit, and when it is given up", async () => {
    const ring = await serve((_request, response) => {
      response.writeHead(302, { location: "/" }).end();
    });
    await expect(fetcher().fetchPage(`http://public.test:${ring}/`)).rejects.toThrow(
      "one to another",
    );
    const silent = await serve((_request, response) => {
      response.write("and then ");
    });
    const url = `http://public.test:${silent}/`;
    await expect(fetcher({ timeout_ms: 100 }).fetchPage(url)).rejects.toThrow("too long");
    const stop = new AbortController();
    setTimeout(() => stop.abort("enough"), 50);
    await expect(fetcher().fetchPage(url, { signal: stop.signal })).rejects.toBe("enough");
    const slow = fetcher({ timeout_ms: 100, resolve: () => new Promise(() => {}) });
    await expect(slow.fetchPage(url)).rejects.toThrow("too long");
  });

  it("tells a missing page and an unknown name", async () => {
    const port = await serve((_request, response) => {
      response.writeHead(404).end();
    });
    await expect(fetcher().fetchPage(`http://public.test:${port}/`)).rejects.toThrow(
      "no such page",
    );
    await expect(fetcher().fetchPage("http://nowhere.test/")).rejects.toMatchObject({
      code: "file_unreachable",
    });
  });
});
