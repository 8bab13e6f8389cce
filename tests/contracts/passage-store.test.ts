import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChromaClient } from "chromadb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type ChromaConnection,
  RemoteChroma,
} from "../../src/adapters/chroma/chroma-connection.ts";
import { ChromaPassageStore } from "../../src/adapters/chroma/chroma-passage-store.ts";
import { ChromaProcess } from "../../src/adapters/chroma/chroma-process.ts";
import { ChromaServer } from "../../src/adapters/chroma/chroma-server.ts";
import { collectionName } from "../../src/adapters/chroma/passage-rows.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { MemoryPassageStore } from "../fakes/memory-stores.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { along, DIMENSION, passage, passageStoreContract } from "./passage-store.ts";

const SPACE = { name: "contract", dimension: DIMENSION };

const storeOn = (connection: ChromaConnection, time_limit_ms = 10_000): ChromaPassageStore =>
  new ChromaPassageStore({ connection, space: SPACE, logger: silentLogger, time_limit_ms });

const temporary = (): string => mkdtempSync(join(tmpdir(), "colloquy-chroma-"));

passageStoreContract("MemoryPassageStore", async () => new MemoryPassageStore());

describe("with one Chroma server", () => {
  const directory = temporary();
  let server: ChromaServer;

  beforeAll(async () => {
    server = await ChromaServer.start({ directory, logger: silentLogger });
  });

  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  passageStoreContract("ChromaPassageStore", async () => storeOn(server));

  it("serves the same store as a remote server", async () => {
    await storeOn(server).upsert("shared", [passage("1")], [along(0)]);
    const { host, port } = await server.ready(1_000);
    const remote = storeOn(new RemoteChroma(`http://${host}:${port}`));
    expect(await remote.page("shared", 0, 5)).toEqual([passage("1")]);
  });

  it.each([
    ["NaN", [Number.NaN, 1, 1, 1]],
    ["infinity", [Number.POSITIVE_INFINITY, 1, 1, 1]],
    ["zeros only", [0, 0, 0, 0]],
    ["too few numbers", [1, 1]],
  ])("refuses a vector of %s before anything is stored", async (_kind, vector) => {
    const store = storeOn(server);
    const both = [passage("good"), passage("bad")];
    await expect(store.upsert("strict", both, [along(0), vector])).rejects.toThrow(RangeError);
    await expect(store.search(["strict"], vector, 3)).rejects.toThrow(RangeError);
    await expect(store.upsert("strict", both, [along(0)])).rejects.toThrow(RangeError);
    expect(await store.count("strict")).toBe(0);
  });

  it("takes a passage of 300,000 characters", async () => {
    const large = passage("large", { text: "ü".repeat(300_000) });
    await storeOn(server).upsert("large", [large], [along(0)]);
    expect(await storeOn(server).page("large", 0, 1)).toEqual([large]);
  });

  it("goes on after its collection was deleted and made anew by somebody else", async () => {
    const store = storeOn(server);
    await store.upsert("moved", [passage("1")], [along(0)]);
    const { host, port } = await server.ready(1_000);
    await new ChromaClient({ host, port }).deleteCollection({
      name: collectionName("colloquy", SPACE),
    });
    expect(await store.count("moved")).toBe(0);
    await store.upsert("moved", [passage("2")], [along(0)]);
    expect(await store.page("moved", 0, 5)).toEqual([passage("2")]);
  });

  it("drops and reports a row whose owner is not the one asked for", async () => {
    const lines = new RecordingLogger();
    const foreign = {
      metadatas: [[{ owner: "them", passage: "{}" }]],
      distances: [[0]],
      ids: [["x"]],
    };
    const liar = createServer((request, response) => {
      const body = request.url?.endsWith("/query")
        ? { ...foreign, include: ["metadatas", "distances"] }
        : {
            id: "c",
            name: "c",
            tenant: "t",
            database: "d",
            configuration_json: {},
            metadata: null,
          };
      request.resume();
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    });
    await new Promise<void>((done) => liar.listen(0, "127.0.0.1", done));
    const { port } = liar.address() as AddressInfo;
    const connection = new RemoteChroma(`http://127.0.0.1:${port}`);
    const store = new ChromaPassageStore({ connection, space: SPACE, logger: lines });
    expect(await store.search(["us"], along(0), 5)).toEqual([]);
    expect(lines.lines.map(({ level }) => level)).toEqual(["error"]);
    liar.close();
    liar.closeAllConnections();
  });

  it("writes its files for their owner only", () => {
    expect(statSync(join(directory, "chroma.sqlite3")).mode & 0o777).toBe(0o600);
    for (const name of readdirSync(directory)) {
      expect(statSync(join(directory, name)).mode & 0o077).toBe(0);
    }
  });
});

describe("when Chroma fails", () => {
  const directories: string[] = [];
  const servers: ChromaServer[] = [];

  const start = async (options: Partial<Parameters<typeof ChromaServer.start>[0]> = {}) => {
    const directory = temporary();
    directories.push(directory);
    const server = await ChromaServer.start({ directory, logger: silentLogger, ...options });
    servers.push(server);
    return server;
  };

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  it("finds everything again after the server was killed, five times over", async () => {
    const lines = new RecordingLogger();
    const server = await start({ logger: lines });
    const store = storeOn(server);
    for (let i = 0; i < 5; i += 1) {
      await store.upsert("a", [passage(`p${i}`)], [along(i % DIMENSION)]);
      process.kill(server.pid ?? 0, "SIGKILL");
      expect(await server.ready(10_000)).toMatchObject({ host: "127.0.0.1" });
      expect(await until(() => store.count("a"))).toBe(i + 1);
    }
    const restarts = lines.lines.filter(({ message }) => message.includes("is restarted"));
    expect(restarts.length).toBe(5);
  });

  it("answers a call that comes right after the server's death", async () => {
    const server = await start();
    const store = storeOn(server);
    await store.upsert("a", [passage("1")], [along(0)]);
    process.kill(server.pid ?? 0, "SIGKILL");
    expect(await store.count("a")).toBe(1);
  });

  it("fails within the limit while the server is frozen, then replaces it", async () => {
    const server = await start({ heartbeat_ms: 600 });
    const store = storeOn(server, 1_000);
    await store.upsert("a", [passage("1")], [along(0)]);
    const frozen = server.pid ?? 0;
    process.kill(frozen, "SIGSTOP");
    const before = performance.now();
    await expect(store.search(["a"], along(0), 3)).rejects.toMatchObject({
      name: "StoreError",
      code: "store_unavailable",
    });
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(await until(() => store.count("a"))).toBe(1);
    expect(server.pid).not.toBe(frozen);
    expect(alive(frozen)).toBe(false);
  });

  it("notices a frozen server without being asked", async () => {
    const server = await start({ heartbeat_ms: 300, check_every_ms: 200 });
    const frozen = server.pid ?? 0;
    process.kill(frozen, "SIGSTOP");
    await until(async () => expect(server.pid).not.toBe(frozen));
    expect(alive(frozen)).toBe(false);
  });

  it("reads an outage as an error, never as nothing found", async () => {
    const server = await start();
    const store = storeOn(server);
    await store.upsert("a", [passage("1")], [along(0)]);
    await server.stop();
    const outage = { name: "StoreError", code: "store_unavailable" };
    await expect(store.count("a")).rejects.toMatchObject(outage);
    await expect(store.page("a", 0, 5)).rejects.toMatchObject(outage);
    await expect(store.search(["a"], along(0), 5)).rejects.toMatchObject(outage);
    await expect(store.upsert("a", [passage("2")], [along(0)])).rejects.toMatchObject(outage);
    await expect(store.delete("a", ["1"])).rejects.toMatchObject(outage);
    await expect(store.deleteOwner("a")).rejects.toMatchObject(outage);
  });

  it("reports a remote server that is down or silent within the limit", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as AddressInfo;
    const hanging = storeOn(new RemoteChroma(`http://127.0.0.1:${port}`), 400);
    const before = performance.now();
    await expect(hanging.count("a")).rejects.toMatchObject({
      why: expect.stringContaining("time"),
    });
    expect(performance.now() - before).toBeLessThan(1_500);
    silent.closeAllConnections();
    silent.close();
    await once(silent, "close");
    const down = storeOn(new RemoteChroma(`http://127.0.0.1:${port}`));
    await expect(down.count("a")).rejects.toMatchObject({ why: "Chroma cannot be reached." });
  });

  it("takes another port when the one it wants is in use", async () => {
    const busy = createServer();
    await new Promise<void>((done) => busy.listen(0, "127.0.0.1", done));
    const { port } = busy.address() as AddressInfo;
    const directory = temporary();
    directories.push(directory);
    const run = await ChromaProcess.start({
      directory,
      logger: silentLogger,
      ready_ms: 20_000,
      port,
    });
    expect(run.address.port).not.toBe(port);
    await run.stop();
    busy.close();
  });

  it("says why when the server cannot start", async () => {
    const directory = temporary();
    directories.push(directory);
    mkdirSync(join(directory, "chroma.sqlite3"));
    await expect(ChromaServer.start({ directory, logger: silentLogger })).rejects.toMatchObject({
      code: "store_unavailable",
      why: expect.stringContaining("database"),
      next: expect.stringContaining("CHROMA_URL"),
    });
    writeFileSync(join(directory, "file"), "");
    const impossible = join(directory, "file", "chroma");
    await expect(
      ChromaServer.start({ directory: impossible, logger: silentLogger }),
    ).rejects.toMatchObject({
      code: "store_unavailable",
      next: expect.stringContaining("writable"),
    });
  });

  it("stops without leaving its process", async () => {
    const server = await start();
    const pid = server.pid ?? 0;
    await server.stop();
    await server.stop();
    expect(alive(pid)).toBe(false);
  });

  it("does not outlive a bot that was killed with kill -9", async () => {
    const directory = temporary();
    directories.push(directory);
    const script = `
      import { ChromaServer } from ${JSON.stringify(new URL("../../src/adapters/chroma/chroma-server.ts", import.meta.url).href)};
      import { silentLogger } from ${JSON.stringify(new URL("../../src/shared/logger.ts", import.meta.url).href)};
      const server = await ChromaServer.start({ directory: process.argv[1], logger: silentLogger });
      process.stdout.write(server.pid + "\\n");
      setInterval(() => {}, 1000);`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script, directory];
    const bot = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(bot.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(alive(pid)).toBe(true);
    bot.kill("SIGKILL");
    await until(async () => expect(alive(pid)).toBe(false));
  });
});

/** Repeats until it no longer throws, for ten seconds at most. */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A dead orphan stays a zombie where nobody collects it, as in a container without an init.
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
