import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { ChildDocumentReader } from "../../src/adapters/reading/child-document-reader.ts";
import { ReadingChild } from "../../src/adapters/reading/reading-child.ts";
import { READING_LIMITS, type ReadingLimits } from "../../src/adapters/reading/reading-limits.ts";
import { billionLaughs, flateBomb, flatTree } from "../fakes/hostile-pdfs.ts";
import { makePdf } from "../fakes/make-pdf.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";

const run = promisify(execFile);
const shape = { content: "0 0 10 10 re f" };
const MB = 1024 * 1024;

const readers: ChildDocumentReader[] = [];
const logger = new RecordingLogger();

function reader(limits: Partial<ReadingLimits> = {}): ChildDocumentReader {
  const one = new ChildDocumentReader({ logger, limits });
  readers.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(readers.splice(0).map((one) => one.close()));
});

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** A lock that asks for no password, so that none may be asked for. */
function lockedForCertificate(): Uint8Array {
  const bytes = makePdf([["x"]], { encrypted: true });
  return latin1(Buffer.from(bytes).toString("latin1").replace("/Standard", "/AdobePPK"));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilDead(pid: number, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (isAlive(pid) && performance.now() < end) await wait(20);
  expect(isAlive(pid)).toBe(false);
}

describe("PDFs that cannot be read", () => {
  it("each ends with its own reason, and the reader goes on", async () => {
    const one = reader({ max_pages: 100 });
    const good = makePdf([["Hello."], ["Again."]]);
    const files: readonly (readonly [Uint8Array, string])[] = [
      [makePdf([["x"]], { encrypted: true }), "document_encrypted"],
      [lockedForCertificate(), "document_unsupported"],
      [makePdf([shape, shape]), "document_scanned"],
      [makePdf([]), "document_empty"],
      [latin1("%PDF-1.4\nnothing of the kind"), "document_corrupt"],
      [good.slice(0, 400), "document_corrupt"],
      [flatTree(20_000), "document_too_large"],
    ];
    for (const [bytes, code] of files) {
      await expect(one.read({ name: "a.pdf", bytes })).rejects.toMatchObject({ code });
    }
    expect((await one.read({ name: "a.pdf", bytes: good })).page_count).toBe(2);
  });

  it("says that a part is missing where a file has no end", async () => {
    const bytes = makePdf([["Hello."], ["Again."]]).slice(0, 400);
    await expect(reader().read({ name: "a.pdf", bytes })).rejects.toMatchObject({
      why: "It has no end: a part of it was probably lost on the way.",
    });
  });

  it("says how many pages a scanned document has", async () => {
    const failing = reader().read({ name: "a.pdf", bytes: makePdf([shape, shape, shape]) });
    await expect(failing).rejects.toThrow("3 pages, but no text");
  });

  it("keeps a document of which some pages are pictures", async () => {
    const document = await reader().read({ name: "a", bytes: makePdf([shape, ["Words."], shape]) });
    expect(document.pages.map((page) => page.text.trim())).toEqual(["", "Words.", ""]);
  });

  it("survives a page count that is a lie", async () => {
    const honest = Buffer.from(makePdf([["Hello."]])).toString("latin1");
    const bytes = latin1(honest.replace("/Count 1 ", "/Count 1000000000 "));
    expect((await reader().read({ name: "a.pdf", bytes })).page_count).toBe(1);
  });

  it("refuses more text than the limit", async () => {
    const failing = reader({ max_text: 100 }).read({
      name: "a.pdf",
      bytes: makePdf([["x".repeat(80)], ["y".repeat(80)]]),
    });
    await expect(failing).rejects.toMatchObject({ code: "document_too_large" });
  });
});

describe("PDFs that ask too much", () => {
  it("are stopped when a page takes too long, without delaying the bot", async () => {
    const one = reader({ page_ms: 1500 });
    await one.warm();
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const started = performance.now();
    const failing = one.read({ name: "a.pdf", bytes: billionLaughs(9) });
    await expect(failing).rejects.toMatchObject({ code: "document_timeout" });
    lag.disable();
    expect(performance.now() - started).toBeLessThan(1500 + 1100);
    expect(lag.percentile(99) / 1e6).toBeLessThan(200);
  });

  it("are stopped when the whole file takes too long", async () => {
    const one = reader({ file_ms: 300, file_ms_per_page: 0 });
    await one.warm();
    const failing = one.read({ name: "a.pdf", bytes: flatTree(5000) });
    await expect(failing).rejects.toMatchObject({ code: "document_timeout" });
  });

  it("are stopped when they take too much memory, and a new process reads the next", async () => {
    const one = reader({ max_rss: 300 * MB });
    const failing = one.read({ name: "a.pdf", bytes: await flateBomb(1024) });
    await expect(failing).rejects.toMatchObject({ code: "document_too_large" });
    expect((await one.read({ name: "b.pdf", bytes: makePdf([["Hello."]]) })).page_count).toBe(1);
  });

  it("wait in a queue that has an end", async () => {
    const one = reader({ max_waiting: 1, processes: 1 });
    const bytes = makePdf([["Hello."]]);
    const all = await Promise.allSettled([1, 2, 3].map(() => one.read({ name: "a.pdf", bytes })));
    expect(all.map((outcome) => outcome.status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  });

  it("give up at once when nobody wants them any more", async () => {
    const one = reader({ processes: 1 });
    await one.warm();
    const stop = new AbortController();
    const busy = one.read({ name: "a.pdf", bytes: billionLaughs(9) }, { signal: stop.signal });
    const waiting = one.read({ name: "b.pdf", bytes: makePdf([["x"]]) }, { signal: stop.signal });
    const after = one.read({ name: "c.pdf", bytes: makePdf([["After."]]) });
    const outcomes = Promise.allSettled([busy, waiting, after]);
    await wait(200);
    stop.abort("enough");
    expect(await outcomes).toMatchObject([
      { status: "rejected", reason: "enough" },
      { status: "rejected", reason: "enough" },
      { status: "fulfilled", value: { pages: [{ number: 1, text: "After." }] } },
    ]);
  });
});

describe("the reading process", () => {
  const request = { bytes: billionLaughs(9), format: "pdf" as const, ...READING_LIMITS };

  async function started(): Promise<{ child: ReadingChild; pid: number }> {
    const child = await ReadingChild.start(true);
    if (child.pid === undefined) throw new Error("The process has no id.");
    return { child, pid: child.pid };
  }

  it("starts confined", async () => {
    await reader().warm();
    expect(logger.lines.filter((line) => line.level !== "info")).toEqual([]);
  });

  it("is replaced when it was killed from outside", async () => {
    const { child, pid } = await started();
    const outcome = child.read(request, () => {});
    process.kill(pid, "SIGKILL");
    expect(await outcome).toMatchObject({ type: "died" });
    expect(child.alive).toBe(false);
  });

  it("is gone after stop, in the middle of a file too", async () => {
    const { child, pid } = await started();
    const outcome = child.read(request, () => {});
    await wait(100);
    await child.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await outcome).toMatchObject({ type: "died" });
  });

  it("is let go when nothing comes", async () => {
    const one = reader({ idle_ms: 50 });
    await one.read({ name: "a.pdf", bytes: makePdf([["Hello."]]) });
    const { pid } = one;
    expect(pid).toBeDefined();
    await untilDead(pid ?? 0, 2000);
    expect(one.pid).toBeUndefined();
    expect((await one.read({ name: "a.pdf", bytes: makePdf([["Hello."]]) })).page_count).toBe(1);
  });

  const script = (work: string): string[] => {
    const module = new URL("../../dist/src/adapters/reading/reading-child.js", import.meta.url)
      .href;
    return [
      "--input-type=module",
      "-e",
      `import { ReadingChild } from ${JSON.stringify(module)}; ${work}`,
    ];
  };

  it("does not hold the bot open, and ends with it", async () => {
    const { stdout } = await run(
      process.execPath,
      script("const child = await ReadingChild.start(true); console.log(child.pid);"),
      { timeout: 20_000 },
    );
    await untilDead(Number(stdout), 2000);
  });

  it("ends when the bot is killed in the middle of a file", async () => {
    const bot = spawn(
      process.execPath,
      script(`const child = await ReadingChild.start(true);
        const bytes = new Uint8Array(Buffer.from("${Buffer.from(request.bytes).toString("base64")}", "base64"));
        void child.read({ ...${JSON.stringify(READING_LIMITS)}, format: "pdf", bytes }, () => {});
        console.log(child.pid);`),
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = (await once(bot.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    await wait(200);
    expect(isAlive(pid)).toBe(true);
    bot.kill("SIGKILL");
    await untilDead(pid, 2000);
  });
});
