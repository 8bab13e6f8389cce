import { expect, it } from "vitest";
import { RemoteChroma } from "../../../src/adapters/chroma/chroma-connection.ts";
import {
  batches,
  collectionName,
  fromMetadata,
  rowId,
  toRows,
} from "../../../src/adapters/chroma/passage-rows.ts";

const passage = (id: string, text = "text") => ({ id, text, created_at: 1 });

it.each([
  ["text-embedding-3-small", 1536],
  ["../../BAAI/bge:large?", 1024],
  ["", 4],
  ["日本語", 8],
  ["x".repeat(600), 8],
])("names a collection for the embedder %s as Chroma allows", (name, dimension) => {
  const collection = collectionName("colloquy", { name, dimension });
  expect(collection).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{1,510}[A-Za-z0-9]$/);
  expect(collection).not.toContain("..");
});

it("gives every embedding space its own collection", () => {
  const names = [
    { name: "a/b", dimension: 8 },
    { name: "a-b", dimension: 8 },
    { name: "a-b", dimension: 16 },
    { name: "A-b", dimension: 8 },
  ].map((space) => collectionName("colloquy", space));
  expect(new Set(names).size).toBe(4);
});

it("gives rows of different owners and passages different ids", () => {
  const ids = [
    rowId("a", "b:c"),
    rowId("a:b", "c"),
    rowId("A", "b:c"),
    rowId("a", "\ud800"),
    rowId("a", "\udfff"),
    rowId("\ud800", "x"),
    rowId("\udfff", "x"),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

it("cuts rows into batches of bounded number and size, in order", () => {
  const many = Array.from({ length: 450 }, (_, i) => passage(`p${i}`));
  const rows = toRows(
    "o",
    many,
    many.map(() => [1, 0]),
    2,
  );
  expect(batches(rows).map((batch) => batch.length)).toEqual([200, 200, 50]);
  expect(batches(rows).flat()).toEqual(rows);
  const large = ["a", "b", "c"].map((id) => passage(id, "x".repeat(5_000_000)));
  const largeRows = toRows(
    "o",
    large,
    large.map(() => [1, 0]),
    2,
  );
  expect(batches(largeRows).map((batch) => batch.length)).toEqual([1, 1, 1]);
  expect(batches([])).toEqual([]);
});

it("reads a row that holds no passage as corrupt", () => {
  for (const metadata of [null, {}, { passage: "{" }, { passage: "null" }, { passage: "{}" }]) {
    expect(() => fromMetadata(metadata)).toThrow(
      expect.objectContaining({ code: "store_corrupt" }),
    );
  }
});

it.each([
  ["http://localhost:8000", { host: "localhost", port: 8000, ssl: false }],
  ["http://chroma", { host: "chroma", port: 8000, ssl: false }],
  ["https://chroma.example/", { host: "chroma.example", port: 443, ssl: true }],
  [
    "https://bot:s%40f@chroma.example:8443",
    {
      host: "chroma.example",
      port: 8443,
      ssl: true,
      headers: { authorization: `Basic ${Buffer.from("bot:s@f").toString("base64")}` },
    },
  ],
])("understands %s", (url, address) => {
  expect(new RemoteChroma(url).address).toEqual(address);
});

it.each(["localhost:8000", "ftp://host", "http://host/path", "", "http://"])(
  "refuses %j as a server's address without repeating it",
  (url) => {
    expect(() => new RemoteChroma(url)).toThrow(
      expect.objectContaining({ code: "chroma_url_invalid" }),
    );
  },
);
