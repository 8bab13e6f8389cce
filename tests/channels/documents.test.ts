import { expect, test } from "vitest";
import { attachText, progressText } from "../../src/channels/channel-documents.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  call,
  endless,
  file,
  gate,
  general,
  line,
  memgptSeat,
  seats,
  start,
  stored,
  until,
  wholeText,
  world,
} from "./channel-world.ts";

const book = Array.from({ length: 3 }, (_, page) =>
  Array.from({ length: 60 }, (_, n) => `On page ${page} sentence ${n} is of memory.`).join(" "),
).join("\f");

test("attaches a file once, however often it is asked to, with counts that are true", async () => {
  const w = world();
  const host = await start(w);
  const progress: string[] = [];
  const first = await call(
    host,
    "attach",
    undefined,
    { file: file("my_book.pdf", book) },
    {
      progress: (text) => progress.push(text),
    },
  );
  const counts = /consisting of (\d+)\. Agent now has (\d+) embeddings in archival memory\.$/.exec(
    first,
  );
  expect(first).toMatch(/^Attached data source my_book\.pdf to agent Mem, consisting of/);
  expect(counts?.[1]).toBe(counts?.[2]);
  expect(Number(counts?.[1])).toBeGreaterThan(2);
  expect(progress[0]).toBe("Reading my_book.pdf: page 1 of 3 …");
  expect(await call(host, "attach", undefined, { file: file("other.pdf", book) })).toBe(first);
  expect(w.reader.reads).toBe(1);
  const later = await start(w);
  expect(await call(later, "sources", "list")).toContain(`${counts?.[1]} passages`);
  expect((await stored(w)).agents.Mem?.snapshot.sources).toHaveLength(1);
});

test("tells the agent what was attached and detached", async () => {
  const memgpt = endless(() => says("I see."));
  const w = world({ memgpt });
  const host = await start(w);
  await call(host, "attach", undefined, { file: file("book.txt", "A book.") });
  await host.receive(general, line("Do you see it?"));
  expect(wholeText(memgpt.requests[0] as never)).toContain("book.txt");
  expect(await call(host, "sources", "detach", { name: "BOOK.TXT" })).toBe(
    "Detached data source book.txt from agent Mem. Agent now has 0 embeddings in archival memory.",
  );
  await host.receive(general, line("And now?"));
  expect(wholeText(memgpt.requests[1] as never)).toContain("was detached");
  expect(await call(await start(w), "sources", "list")).toContain("not attached here");
});

test("attaches between the steps of a run, and the run goes on", async () => {
  const thinking = gate();
  const w = world({
    plain: endless(async () => {
      await thinking.passed;
      return "Manager is done.";
    }),
    memgpt: endless((request) =>
      says(wholeText(request).includes("book.txt") ? "I have it." : "?"),
    ),
  });
  const host = await start(w);
  const run = host.receive(general, line("Hello"));
  await until(() => w.surface.at_work.includes("Manager"));
  const attached = call(host, "attach", undefined, { file: file("book.txt", "A book.") });
  for (let i = 0; i < 500; i += 1) await Promise.resolve();
  thinking.open();
  expect(await attached).toContain("Attached");
  await run;
  expect(w.surface.answers.at(-1)).toMatch(/^Mem: /);
  expect((await stored(w)).agents.Mem?.snapshot.sources).toHaveLength(1);
  await host.receive(general, line("Do you have it?"));
  expect(w.surface.answers.at(-1)).toBe("Mem: I have it.");
});

test("stores nothing of a step that is half made, whoever stores something meanwhile", async () => {
  const thinking = gate();
  const memgpt = endless(async (_, n) => {
    if (n === 2) await thinking.passed;
    return n === 2
      ? says("Done.")
      : {
          content: "First this.",
          calls: [
            {
              name: "core_memory_append",
              args: { name: "human", content: "HALF", request_heartbeat: true },
            },
          ],
        };
  });
  const w = world({ memgpt });
  const host = await start(w);
  const run = host.receive(general, line("Hello"));
  await until(() => memgpt.requests.length === 2);
  const attached = call(host, "attach", undefined, { file: file("book.txt", "A book.") });
  await call(host, "inner-thoughts", "show");
  for (let i = 0; i < 500; i += 1) await Promise.resolve();
  const { agents, settings } = await stored(w);
  expect(settings.show_inner_thoughts).toBe(true);
  expect(agents.Mem?.heard ?? 0).toBe(0);
  expect(JSON.stringify([...w.store.rows])).not.toContain("HALF");
  thinking.open();
  expect(await attached).toContain("Attached");
  await run;
  expect(JSON.stringify([...w.store.rows])).toContain("HALF");
});

test("attaches to the agent that is named, in any case", async () => {
  const base = world();
  const w = { ...base, seats: [...seats(base), memgptSeat("Archivist", base.memgpt)] };
  const host = await start(w);
  const options = { file: file("book.txt", "A book."), agent: "archivist" };
  expect(await call(host, "attach", undefined, options)).toContain("to agent Archivist");
  expect(await call(host, "sources", "list")).toContain("attached to Archivist");
  expect(await call(host, "attach", undefined, { ...options, agent: "Nobody" })).toBe(
    'No MemGPT agent here is called "Nobody". There is: Mem, Archivist.',
  );
  expect(await call(host, "sources", "detach", { name: "book.txt" })).toContain(
    "Mem has no document",
  );
});

test("says what is wrong with a file, and attaches nothing", async () => {
  const w = world();
  const host = await start(w);
  const expired = file("x.pdf", "", {
    read: async () => {
      throw new DocumentError("file_expired", "The link has expired.", { next: "Post it again." });
    },
  });
  expect(await call(host, "attach", undefined, { file: expired })).toBe(
    "The link has expired. Post it again.",
  );
  expect(await call(host, "attach", undefined, { file: file("x.pdf", "") })).toBe(
    "The file is empty.",
  );
  expect(await call(host, "sources", "list")).toContain("no data sources");
});

test("ends an attach that is stopped", async () => {
  const w = world();
  const stop = new AbortSource();
  const page = gate();
  w.reader.pause = () => page.passed;
  const host = await start(w);
  const attached = call(
    host,
    "attach",
    undefined,
    { file: file("book.pdf", book) },
    {
      signal: stop.signal,
    },
  );
  await until(() => w.reader.reads === 1);
  stop.abort(new DocumentError("document_timeout", "Stopped."));
  page.open();
  expect(await attached).toBe("Stopped.");
  expect(await call(host, "sources", "list")).toContain("no data sources");
});

test("offers documents that are posted, and nothing else", async () => {
  const w = world();
  const host = await start(w);
  const files = [file("pa*per*.PDF", book), file("song.mp3", "x"), file("b.docx", "x")];
  await host.receive(general, line("", { files }));
  expect(w.surface.offers).toEqual([
    "Attach **pa\\*per\\*.PDF** to Mem's archival memory?",
    "Attach **b.docx** to Mem's archival memory?",
  ]);
  expect(w.surface.answers).toEqual([]);
});

test("answers the line that comes with a file, also when the file cannot be offered", async () => {
  const w = world();
  w.surface.at = ({ method }) => {
    if (method === "offer") throw new Error("no buttons");
  };
  const host = await start(w);
  await host.receive(general, line("Read this", { files: [file("a.pdf", book)] }));
  expect(w.surface.answers).toHaveLength(2);
});

test("attaches what was offered once it is accepted, telling how far it is", async () => {
  const w = world();
  const host = await start(w);
  await host.acceptOffer(general, ada, file("a_*.pdf", book));
  expect(w.surface.progress_texts[0]).toBe("Reading a\\_\\*.pdf …");
  expect(w.surface.progress_texts).toContain("Reading a\\_\\*.pdf: page 1 of 3 …");
  expect(w.surface.progress_texts.at(-1)).toMatch(
    /^Attached data source a\\_\\\*\.pdf to agent Mem/,
  );
});

test("says why what was offered could not be attached", async () => {
  const w = world();
  w.reader.failsAfter = 1;
  const host = await start(w);
  await host.acceptOffer(general, ada, file("a.pdf", book));
  expect(w.surface.progress_texts.at(-1)).toBe("The file is corrupt.");
  expect(w.logger.lines.some(({ message }) => message.includes("could not be attached"))).toBe(
    true,
  );
});

test("names the pages that could not be read, the first twenty of them", () => {
  const failures = Array.from({ length: 30 }, (_, i) => ({ number: i + 1, reason: "torn" }));
  const source = {
    id: "1",
    scope: "g",
    places: [],
    published: false,
    name: "a.pdf",
    kind: "pdf" as const,
    sha256: "",
    owner: "",
    embedder: "",
    passages: 5,
    pages: 40,
    bytes: 1,
    failures,
    failed_pages: 30,
    created_at: 0,
    description: "",
  };
  const text = attachText({ source, agent: "Mem", total: 9 });
  expect(text).toContain("\n30 of 40 pages could not be read and are left out: 1, 2, 3,");
  expect(text).toMatch(/19, 20 and others\.$/);
});

test("shows a file's name as text, in one short line", () => {
  const name = `../x/<@1>\n# [a](b)${"y".repeat(300)}.pdf`;
  const shown = progressText(name);
  expect(shown.length).toBeLessThan(150);
  expect(shown).toMatch(/^Reading \\<@1> # a \(b\)y+….pdf …$/);
});
