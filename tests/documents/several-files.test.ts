import { beforeEach, describe, expect, it } from "vitest";
import {
  type DataSources,
  documentsOf,
  type IncomingDocument,
  linkTo,
} from "../../src/documents/data-sources.ts";
import type { PageFetcher } from "../../src/documents/ports.ts";
import { ModelError } from "../../src/shared/errors.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { LetterEmbedder } from "../fakes/small-fakes.ts";
import { book, bytesOf, newWorld, scope, serviceOf, type World } from "./source-world.ts";

let world: World;
let sources: DataSources;

beforeEach(() => {
  world = newWorld();
  sources = serviceOf(world);
});

const place = "channel-1";
const file = (name: string, text: string) => ({ name, bytes: bytesOf(text) });

describe("several files as one source", () => {
  const message = "https://discord.com/channels/1/2/3";
  const files: IncomingDocument[] = [
    { ...file("a.pdf", "Words of a.\fMore of a."), link: message },
    file("b.md", "Words of b."),
  ];

  it("are quoted by their own names, pages and links", async () => {
    const { source } = await sources.load({ scope, place, name: "papers", files });
    expect(source).toMatchObject({ name: "papers", passages: 3, pages: 3, bytes: 33 });
    const stored = await world.passages.page(source.owner, 0, 10);
    expect(stored.map(({ id, source: from, page, link }) => [id, from, page, link])).toEqual([
      ["1-0", "a.pdf", 1, message],
      ["2-0", "a.pdf", 2, message],
      ["3-0", "b.md", undefined, undefined],
    ]);
    expect(linkTo(source)).toEqual({
      ...{ id: source.id, name: "papers", owner: source.owner, kind: "2 documents" },
      ...{ passages: 3, description: "Words of a." },
    });
  });

  it("are the same source in whatever order, and once each", async () => {
    const [a, b] = files;
    if (!a || !b) throw new Error("two files");
    const first = await sources.load({ scope, place, name: "papers", files: [a, b, a] });
    expect(documentsOf(first.source)).toHaveLength(2);
    const again = await sources.load({ scope, place, name: "other", files: [b, a] });
    expect(again).toEqual({ source: first.source, created: false });
  });

  it("leave out one that cannot be read, and say so; none at all is a failure", async () => {
    const empty = { name: "empty.pdf", bytes: new Uint8Array(0) };
    const { source } = await sources.load({ scope, place, files: [empty, ...files] });
    expect(
      documentsOf(source).map(({ name, pages, first, error }) => [name, pages, first, error]),
    ).toEqual([
      ["empty.pdf", 0, 1, "The file is empty."],
      ["a.pdf", 2, 1, undefined],
      ["b.md", 1, 3, undefined],
    ]);
    await expect(sources.load({ scope, place, name: "x", files: [empty] })).rejects.toMatchObject({
      code: "document_empty",
    });
    await expect(sources.load({ scope, place, files: [] })).rejects.toMatchObject({
      code: "document_empty",
    });
    expect(await sources.list(scope)).toHaveLength(1);
  });

  it("take a wanted name only where it is free", async () => {
    await sources.load({ scope, place, name: "papers", files });
    const other = sources.load({ scope, place, name: "Papers", files: [file("c", "Of c.")] });
    await expect(other).rejects.toMatchObject({ code: "source_name_taken" });
    const there = await sources.load({ scope: "guild-2", place, name: "papers", files });
    expect(there.created).toBe(true);
  });

  it("are made again from the kept text as they were", async () => {
    const { source } = await sources.load({ scope, place, name: "papers", files });
    const before = await world.passages.page(source.owner, 0, 10);
    await world.passages.deleteOwner(source.owner);
    expect(await sources.refresh(scope, source.id)).toEqual(source);
    expect(await world.passages.page(source.owner, 0, 10)).toEqual(before);
  });
});

describe("a source's life", () => {
  it("can be renamed, but not to a name that is taken", async () => {
    const one = await sources.load({ scope, place, files: [file("one", "Of one.")] });
    const two = await sources.load({ scope, place, files: [file("two", "Of two.")] });
    expect(await sources.rename(scope, one.source.id, " the\u0000 first ")).toMatchObject({
      name: "the first",
    });
    expect((await sources.findByName(scope, "The First"))?.id).toBe(one.source.id);
    await expect(sources.rename(scope, two.source.id, "THE FIRST")).rejects.toMatchObject({
      code: "source_name_taken",
    });
    expect(await sources.rename("guild-2", one.source.id, "x")).toBeUndefined();
  });

  it("shows its documents, failures and first passages, in its own scope only", async () => {
    world.reader.failing = new Set([2]);
    const bytes = book(3);
    const { source } = await sources.load({ scope, place, files: [{ name: "p.pdf", bytes }] });
    const view = await sources.show(scope, source.id, 2);
    expect(view?.documents).toMatchObject([
      { name: "p.pdf", failures: [{ number: 2, reason: "torn out" }], failed_pages: 1 },
    ]);
    expect(view?.first.map((passage) => passage.id)).toEqual(["1-0", "1-1"]);
    expect(view?.stale).toBe(false);
    expect(await sources.show("guild-2", source.id)).toBeUndefined();
    expect(await sources.delete("guild-2", source.id)).toBe(false);
    await expect(sources.refresh("guild-2", source.id)).rejects.toMatchObject({
      code: "source_unknown",
    });
  });

  it("tells when an owner's passages are others than before", async () => {
    const changed: string[] = [];
    const told = serviceOf(world, { onChanged: (owner) => changed.push(owner) });
    const { source } = await told.load({ scope, place, files: [file("a", "Of a.")] });
    await told.load({ scope, place, files: [file("a", "Of a.")] });
    await told.delete(scope, source.id);
    expect(changed).toEqual([source.owner, source.owner]);
  });
});

describe("web pages", () => {
  const url = "https://example.org/guide";

  function web(): { pages: PageFetcher; content: { text: string } } {
    const content = { text: "First words." };
    const fetchPage = async () => ({ name: "example.org › guide", bytes: bytesOf(content.text) });
    return { content, pages: { fetchPage } };
  }

  it("are fetched again when they are refreshed, and keep their identity", async () => {
    const { pages, content } = web();
    const here = serviceOf(world, { pages });
    const { source } = await here.loadPages({ scope, place, name: "guide", urls: [url] });
    expect(documentsOf(source)).toMatchObject([{ name: "example.org › guide", url, link: url }]);
    content.text = "Second words.\fAnd more.";
    const fresh = await here.refresh(scope, source.id);
    expect(fresh).toMatchObject({ id: source.id, owner: source.owner, name: "guide", passages: 2 });
    expect(fresh.sha256).not.toBe(source.sha256);
    const stored = await world.passages.page(source.owner, 0, 10);
    expect(stored.map((passage) => passage.text)).toEqual(["Second words.", "And more."]);
    const rows = [...world.store.rows.keys()].filter((key) => key.includes("/page/"));
    expect(rows.every((key) => key.includes(fresh.sha256))).toBe(true);
    expect(await here.delete(scope, source.id)).toBe(true);
    expect([...world.store.rows.keys()]).toEqual([]);
  });

  it("stay as they were when the new version cannot be read", async () => {
    const { pages, content } = web();
    const here = serviceOf(world, { pages });
    const { source } = await here.loadPages({ scope, place, urls: [url] });
    const before = await world.passages.page(source.owner, 0, 10);
    content.text = "";
    await expect(here.refresh(scope, source.id)).rejects.toMatchObject({ code: "document_empty" });
    expect(await here.get(scope, source.id)).toEqual(source);
    expect(await world.passages.page(source.owner, 0, 10)).toEqual(before);
  });

  it("are not fetched where no fetcher is", async () => {
    await expect(sources.loadPages({ scope, place, urls: [url] })).rejects.toMatchObject({
      code: "file_forbidden",
    });
  });
});

describe("an embedder that is over its rate", () => {
  it("is given time, and asked again", async () => {
    const clock = new FakeClock();
    const embedder = new LetterEmbedder();
    const embed = embedder.embed.bind(embedder);
    let refusals = 3;
    embedder.embed = async (texts) => {
      refusals -= 1;
      if (refusals >= 0) throw new ModelError("rate_limited", "Slow down.");
      return embed(texts);
    };
    const patient = serviceOf(world, { embedder, clock });
    const loading = patient.load({ scope, place, files: [file("a", "Of a.")] });
    let done = false;
    void loading.then(() => {
      done = true;
    });
    while (!done) await clock.advance(1000);
    expect((await loading).source.passages).toBe(1);
    expect(refusals).toBe(-1);
  });

  it("is not asked again when it says no for good", async () => {
    world.embedder.embed = async () => {
      throw new ModelError("unauthorized", "No.");
    };
    const failing = sources.load({ scope, place, files: [file("a", "Of a.")] });
    await expect(failing).rejects.toMatchObject({ code: "unauthorized" });
    expect([...world.store.rows.keys()]).toEqual([]);
  });
});
