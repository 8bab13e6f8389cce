import { expect, test } from "vitest";
import { progressText } from "../../src/channels/channel-documents.ts";
import type { Place } from "../../src/channels/ports.ts";
import type { DocumentReader } from "../../src/documents/ports.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  call,
  endless,
  file,
  general,
  line,
  sourcesOn,
  start,
  stored,
  wholeText,
  world,
} from "./channel-world.ts";

const random: Place = { ...general, id: "200", name: "random" };
const book = file("book.txt", "A book about tea.");

test("loads several files as one source under a name, and attaches it without reading", async () => {
  const w = world();
  const host = await start(w);
  const options = { name: "library", file: book, file2: file("b.txt", "Of cups.") };
  const loaded = await call(host, "sources", "load", options);
  expect(loaded).toBe(
    "Loaded 2 passages and 2 documents from library.\nAttach it with `/sources attach name:library`.",
  );
  expect(await call(host, "sources", "list")).toContain(
    "- **library** (2 documents): 2 passages, 2 pages, 25 bytes, embedded with letters, not attached here",
  );
  const reads = w.reader.reads;
  const attached =
    "Attached data source library to agent Mem, consisting of 2. Agent now has 2 embeddings in archival memory.";
  expect(await call(host, "sources", "attach", { name: "LIBRARY" })).toBe(attached);
  expect(await call(host, "sources", "attach", { name: "library" })).toBe(attached);
  expect(w.reader.reads).toBe(reads);
  expect(await call(host, "sources", "load", options)).toContain("It was loaded already.");
});

test("wants files or web pages, and says what is missing", async () => {
  const host = await start(world());
  const nothing = await call(host, "sources", "load");
  expect(nothing).toContain("Give `file`, or `url`.");
  expect(await call(host, "sources", "load", { file: book, url: "https://a.example" })).toBe(
    nothing,
  );
  expect(await call(host, "sources", "load", { url: "https://a.example" })).toContain(
    "not fetched by this bot",
  );
  expect(await call(host, "sources", "attach", { name: "nope" })).toContain("See `/sources list`");
});

test("shows files, what could not be read, and the first passages as text", async () => {
  const w = world();
  const host = await start(w);
  const message = "https://discord.com/channels/1/2/3";
  await call(host, "attach", undefined, {
    file: file("a.txt", "One *bold*.\fTwo.", { link: message }),
  });
  const shown = await call(host, "sources", "show", { name: "a.txt", passages: 1 });
  expect(shown).toContain("**a.txt** (pdf): ");
  expect(shown).toContain(`2 pages, from <${message}>`);
  expect(shown).toContain("One \\*bold\\*.");
});

test("shows which pages could not be read, and why", async () => {
  const w = world();
  w.reader.failing = new Set([2, 4]);
  const host = await start(w);
  await call(host, "attach", undefined, { file: file("a.pdf", "1\f2\f3\f4") });
  const shown = await call(host, "sources", "show", { name: "a.pdf" });
  expect(shown).toContain("- a.pdf (pdf): 4 pages\n  - p. 2, 4: torn out");
});

test("follows a renamed source in every channel that has it, and tells the agents", async () => {
  const memgpt = endless(() => says("I see."));
  const w = world({ memgpt });
  const host = await start(w);
  await call(host, "attach", undefined, { file: book });
  await call(host, "attach", undefined, { file: book }, { place: random });
  expect(await call(host, "sources", "list")).toContain("attached to Mem, and in 1 other channel");
  expect(await call(host, "sources", "rename", { name: "book.txt", to: "tea" })).toBe(
    "Data source book.txt is called tea now.",
  );
  await call(host, "sources", "list", {}, { place: random });
  for (const place of [general, random]) {
    await host.receive(place, line("Do you see it?"));
    expect((await stored(w, place)).agents.Mem?.snapshot.sources[0]?.name).toBe("tea");
    expect(wholeText(memgpt.requests.at(-1) as never)).toContain("tea (text");
  }
});

test("deletes a source only when that is confirmed, and then everywhere", async () => {
  const w = world();
  const host = await start(w);
  await call(host, "attach", undefined, { file: book });
  await call(host, "attach", undefined, { file: book }, { place: random });
  const asked = await call(host, "sources", "delete", { name: "book.txt" });
  expect(asked).toContain("attached to Mem, 1 other channel.");
  expect(asked).toContain("confirm:true");
  expect(await call(host, "sources", "delete", { name: "book.txt", confirm: true })).toBe(
    "Deleted data source book.txt with its 1 passage.",
  );
  expect(await call(host, "sources", "list")).toContain("no data sources");
  for (const place of [general, random]) {
    await host.receive(place, line("And now?"));
    expect((await stored(w, place)).agents.Mem?.snapshot.sources).toEqual([]);
  }
});

test("takes up at the next start what became of a source meanwhile", async () => {
  const w = world();
  await call(await start(w), "attach", undefined, { file: book });
  const [source] = await w.sources.list(general.scope);
  await w.sources.delete(general.scope, source?.id ?? "");
  const host = await start(w);
  await host.receive(general, line("And now?"));
  expect((await stored(w)).agents.Mem?.snapshot.sources).toEqual([]);
});

test("shows others what is published, by those who may manage the server", async () => {
  const host = await start(world());
  await call(host, "sources", "load", { file: book });
  const elsewhere = { place: random };
  const name = "book.txt";
  expect(await call(host, "sources", "attach", { name }, elsewhere)).toContain("no data source");
  const member = { may_manage_server: false };
  expect(await call(host, "sources", "publish", { name }, member)).toContain("Manage Server");
  expect(await call(host, "sources", "publish", { name })).toContain("whole server now");
  expect(await call(host, "sources", "attach", { name }, elsewhere)).toContain("Attached");
  const other = { ...elsewhere, ...member };
  expect(await call(host, "sources", "rename", { name, to: "x" }, other)).toContain(
    "It is published to the whole server.",
  );
  expect(await call(host, "sources", "publish", { name, published: false })).toContain(
    "only where",
  );
  expect(await call(host, "sources", "list", {}, elsewhere)).toContain("no data sources");
});

test("makes a source anew, and completes names", async () => {
  const host = await start(world());
  await call(host, "sources", "load", { file: book });
  expect(await call(host, "sources", "refresh", { name: "book.txt" })).toBe(
    "Refreshed data source book.txt, consisting of 1.",
  );
  const typed = { name: "sources", option: "name", typed: "b" };
  expect(await host.complete(general, { ...typed, subcommand: "attach" })).toEqual(["book.txt"]);
  expect(await host.complete(general, { ...typed, subcommand: "detach" })).toEqual([]);
});

test("asks for a locked file's password, again if it was wrong, and keeps it nowhere", async () => {
  const w = world();
  const locked: DocumentReader = {
    read: (given, options = {}) =>
      options.password === "open-sesame"
        ? w.reader.read(given, options)
        : Promise.reject(new DocumentError("document_encrypted", "The file is locked.")),
  };
  const sources = sourcesOn(w.store, w.passages, locked as never);
  const host = await start({ ...w, sources });
  expect(await call(host, "attach", undefined, { file: book })).toBe("The file is locked.");
  const asked: boolean[] = [];
  const answers = ["wrong", "open-sesame"];
  const askPassword = async (name: string, again: boolean) => {
    expect(name).toBe("book.txt");
    asked.push(again);
    return answers.shift();
  };
  expect(await call(host, "attach", undefined, { file: book }, { askPassword })).toContain(
    "Attached data source",
  );
  expect(asked).toEqual([false, true]);
  expect(JSON.stringify([[...w.store.rows], w.logger.lines])).not.toContain("sesame");
});

test("tells percent and time left once they are more than a guess", () => {
  const now = {
    stage: "reading" as const,
    ...{ pages_done: 10, pages_total: 20, passages_done: 30, passages_total: 60 },
  };
  expect(progressText("a.pdf", now, 10_000)).toBe(
    "Reading a.pdf: page 10 of 20, 30 passages stored, 25 %, about 30 s left …",
  );
  expect(progressText("a.pdf", now, 1_000)).not.toContain("left");
  expect(progressText("a.pdf", now, 100_000)).toContain("about 5 min left");
});

test("attaches what is posted, or leaves it alone, where the channel is set so", async () => {
  const w = world();
  const host = await start(w);
  const files = [file("a.txt", "Of tea."), file("bad.pdf", ""), file("b.txt", "Of cups.")];
  expect(await call(host, "sources", "dropped", { what: "never" })).toContain("left alone");
  await host.receive(general, line("", { files }));
  expect([w.surface.offers, w.surface.progress_texts]).toEqual([[], []]);
  expect(await call(host, "sources", "dropped", { what: "always" })).toContain("at once");
  await (await start(w)).receive(general, line("", { files }));
  expect(w.surface.offers).toEqual([]);
  const lines = w.surface.progress_texts.at(-1)?.split("\n") ?? [];
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain("Attached data source a.txt");
  expect(lines[1]).toBe("bad.pdf: The file is empty.");
  expect(lines[2]).toContain("Attached data source b.txt");
});

test("gives the one who asked for it the means to cancel a reading", async () => {
  const w = world();
  const host = await start(w);
  w.reader.pause = async () => w.surface.cancels.at(-1)?.cancel();
  await host.acceptOffer(general, ada, book);
  expect(w.surface.cancels.map((one) => one.person)).toEqual([ada]);
  expect(w.surface.progress_texts.at(-1)).toBe("Cancelled. Nothing was attached.");
  expect(await call(host, "sources", "list")).toContain("no data sources");
});
