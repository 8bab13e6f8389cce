import { afterEach, beforeEach, expect, it } from "vitest";
import type { EmbeddingEntry } from "../../../src/adapters/model-http/model-entry.ts";
import { createRequestLimit } from "../../../src/adapters/model-http/request-limit.ts";
import { createEmbedder } from "../../../src/adapters/openai/embedder.ts";
import type { Embedder } from "../../../src/memgpt/ports.ts";
import { AbortSource } from "../../../src/shared/abort.ts";
import { silentLogger } from "../../../src/shared/logger.ts";
import { CountingIds, FakeClock } from "../../fakes/fake-clock.ts";
import { FakeOpenAiServer } from "../../fakes/openai-server.ts";

class HastyClock extends FakeClock {
  override sleep(): Promise<void> {
    return Promise.resolve();
  }
}

let server: FakeOpenAiServer;

beforeEach(async () => {
  server = await FakeOpenAiServer.start();
  server.dimension = 3;
});

afterEach(() => server.close());

function embedder(fields: Partial<EmbeddingEntry> = {}): Embedder {
  return createEmbedder(
    {
      api_type: "openai",
      model: "text-embedding-3-small",
      base_url: server.base_url,
      api_key: "k",
      dimension: 3,
      ...fields,
    },
    {
      clock: new HastyClock(),
      ids: new CountingIds(),
      logger: silentLogger,
      limit: createRequestLimit(),
      timeout_ms: 2000,
    },
  );
}

it("keeps the order of the texts over many batches, a few at a time", async () => {
  const texts = Array.from({ length: 300 }, (_, i) => "a".repeat(i));
  server.handler = (body) => ({
    vectors: (body.input as string[]).map((text) => [text.length, 1, 0]),
  });
  const vectors = await embedder().embed(texts);
  expect(vectors.slice(1).map((vector) => vector[0])).toEqual(
    texts.slice(1).map((text) => text.length),
  );
  expect(server.requests).toHaveLength(5);
  expect(server.peak).toBeLessThanOrEqual(3);
});

it("asks for floats and names its vector space", async () => {
  await embedder().embed(["one"]);
  expect(server.requests[0]?.body).toEqual({
    model: "text-embedding-3-small",
    input: ["one"],
    encoding_format: "float",
  });
  expect(embedder().name).toBe("text-embedding-3-small-3");
});

it("asks for a shorter vector where the entry says so", async () => {
  await embedder({ send_dimension: true }).embed(["one"]);
  expect(server.requests[0]?.body.dimensions).toBe(3);
});

it("gives nothing for nothing without asking anybody", async () => {
  expect(await embedder().embed([])).toEqual([]);
  expect(server.requests).toHaveLength(0);
});

it("tries again after a 429", async () => {
  server.script({ status: 429, error: "slow" });
  expect(await embedder().embed(["one"])).toHaveLength(1);
  expect(server.requests).toHaveLength(2);
});

it.each([
  ["too few vectors", [[1, 2, 3]]],
  ["text instead of numbers", ["AACAPw==", "AACAPw=="]],
  [
    "a vector that is all zero",
    [
      [1, 2, 3],
      [0, 0, 0],
    ],
  ],
  [
    "null for a number",
    [
      [1, 2, 3],
      [1, null, 3],
    ],
  ],
])("refuses %s", async (_what, vectors) => {
  server.script({ vectors }, { vectors });
  await expect(embedder().embed(["one", "two"])).rejects.toMatchObject({ code: "bad_response" });
});

it("says which dimension to configure when the server's differs", async () => {
  server.script({ vectors: [[1, 2, 3, 4]] });
  await expect(embedder().embed(["one"])).rejects.toMatchObject({
    code: "bad_response",
    next: "Set the embedding's dimension (`embedding_dim`) to 4.",
  });
});

it("stops every batch when it is stopped", async () => {
  server.handler = () => ({ fault: "stall_before_headers" });
  const source = new AbortSource();
  const pending = embedder().embed(Array.from({ length: 200 }, String), source.signal);
  setTimeout(() => source.abort("enough"), 20);
  await expect(pending).rejects.toMatchObject({ code: "aborted" });
});
