// @ts-check
/**
 * The thread in which files are parsed, inside the reading process. It blocks for as long as a file
 * pleases; the process's main thread watches and kills. Never handed a URL: pdf-parse would open it.
 * Plain JavaScript, so that it starts without a compiler's help (docs/decisions/0007).
 *
 * @import { ReadingFormat, ReadingMessage, ReadingRefusal, ReadingRequest } from "./reading-messages.ts"
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parentPort } from "node:worker_threads";

// pdf.js wants these for drawing only. With them in place its native canvas is not needed, so that
// the process can do without permission for native addons.
for (const name of ["DOMMatrix", "ImageData", "Path2D"]) {
  if (!Reflect.has(globalThis, name)) Reflect.set(globalThis, name, class {});
}
const { push } = Array.prototype;
const { PDFParse } = await import("pdf-parse");
// pdf.js replaces it on Node 20, for arrays of more than 2^32 entries, by one that is far slower.
Object.defineProperty(Array.prototype, "push", { value: push, writable: true, configurable: true });
const { cutPages } = await import("./formats/cut-pages.js");

/** @param {ReadingMessage} message */
function say(message) {
  parentPort?.postMessage(message);
}

/** @param {ReadingRefusal} refusal */
function refuse(refusal) {
  say({ type: "refused", ...refusal });
}

/** Character maps of CJK fonts that are not embedded; read from the package's folder when needed. */
function characterMaps() {
  try {
    const parser = createRequire(import.meta.url).resolve("pdf-parse");
    const pdfjs = createRequire(parser).resolve("pdfjs-dist/package.json");
    return { cMapUrl: `${join(dirname(pdfjs), "cmaps")}/`, cMapPacked: true };
  } catch {
    return {};
  }
}

/**
 * @param {Uint8Array} data
 * @param {string} [password]
 */
function open(data, password) {
  const quiet = { disableFontFace: true, verbosity: 0, isEvalSupported: false };
  return new PDFParse({ data, ...(password ? { password } : {}), ...quiet, ...characterMaps() });
}

/** A limit was passed, and that was said. */
class StoppedError extends Error {}

/** Says pages and failures, within the limits of a request. */
class Teller {
  #length = 0;
  /** @type {ReadingRequest} */
  #request;

  /** @param {ReadingRequest} request */
  constructor(request) {
    this.#request = request;
  }

  /** @param {number} pages */
  opened(pages) {
    say({ type: "opened", pages });
    if (pages <= this.#request.max_pages) return;
    refuse({ reason: "too_many_pages", pages });
    throw new StoppedError();
  }

  /**
   * @param {number} number
   * @param {string} text
   */
  page(number, text) {
    this.#length += text.length;
    if (this.#length > this.#request.max_text) {
      refuse({ reason: "too_much_text" });
      throw new StoppedError();
    }
    say({ type: "page", number, text });
  }

  /**
   * @param {number} number
   * @param {unknown} error
   */
  failed(number, error) {
    if (error instanceof StoppedError) throw error;
    // People read it: the name that pdf.js gave the error tells them nothing.
    const reason = detailOf(error).replace(/^\w+(?:Error|Exception): (?=\S)/, "");
    say({ type: "page_failed", number, reason });
  }
}

/**
 * Reads one file; says its pages and failures on the way, and its outcome.
 *
 * @param {ReadingRequest} request
 */
async function read(request) {
  try {
    const tell = new Teller(request);
    const { pages, format } = await READERS[request.format](request, tell);
    say({ type: "done", pages, rss: process.memoryUsage.rss(), format });
  } catch (error) {
    if (!(error instanceof StoppedError)) refuse(refusalOf(error, request));
  }
}

/**
 * @typedef {{ pages: number, format: ReadingFormat | "text" }} Read
 * @type {Record<ReadingFormat, (request: ReadingRequest, tell: Teller) => Promise<Read>>}
 */
const READERS = {
  pdf: readPdf,
  epub: readEpub,
  docx: async (request, tell) => {
    const { docxMarkdown } = await import("./formats/docx.js");
    return tellText(await docxMarkdown(request.bytes), "docx", tell);
  },
  html: async (request, tell) => {
    const { markdownOf } = await import("./formats/html-markdown.js");
    return tellText(markdownOf(textOf(request)), "html", tell);
  },
  json: async (request, tell) => {
    const { jsonLines } = await import("./formats/json-lines.js");
    const text = textOf(request);
    const lines = jsonLines(text);
    return lines === undefined ? tellText(text, "text", tell) : tellText(lines, "json", tell);
  },
  csv: async (request, tell) => {
    const { tablePages } = await import("./formats/tables.js");
    return tellPages(tablePages(textOf(request), request.delimiter ?? ","), "csv", tell);
  },
};

/**
 * @param {ReadingRequest} request
 * @param {Teller} tell
 * @returns {Promise<Read>}
 */
async function readPdf(request, tell) {
  const parser = open(request.bytes, request.password);
  try {
    // Page 0 exists nowhere: this opens the file and counts its pages.
    const { total } = await parser.getText({ partial: [0] });
    tell.opened(total);
    for (let number = request.from ?? 1; number <= total; number += 1) {
      try {
        const result = await parser.getText({ partial: [number], pageJoiner: "" });
        tell.page(number, result.pages[0]?.text ?? "");
      } catch (error) {
        tell.failed(number, error);
      }
    }
    return { pages: total, format: "pdf" };
  } finally {
    await parser.destroy().catch(() => {});
  }
}

/**
 * @param {ReadingRequest} request
 * @param {Teller} tell
 * @returns {Promise<Read>}
 */
async function readEpub(request, tell) {
  const { epubChapters } = await import("./formats/epub.js");
  const chapters = epubChapters(request.bytes);
  tell.opened(chapters.length);
  for (const [i, chapter] of chapters.entries()) {
    if (i + 1 < (request.from ?? 1)) continue;
    try {
      tell.page(i + 1, chapter.read());
    } catch (error) {
      if (error instanceof Error && error.name === "BombError") throw error;
      tell.failed(i + 1, error);
    }
    // Lets what was said leave the thread before the next chapter.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { pages: chapters.length, format: "epub" };
}

/**
 * @param {string} text
 * @param {ReadingFormat | "text"} format
 * @param {Teller} tell
 */
function tellText(text, format, tell) {
  return tellPages(text.trim() === "" ? [] : cutPages(text), format, tell);
}

/**
 * @param {string[]} pages
 * @param {ReadingFormat | "text"} format
 * @param {Teller} tell
 * @returns {Read}
 */
function tellPages(pages, format, tell) {
  tell.opened(pages.length);
  for (const [i, page] of pages.entries()) tell.page(i + 1, page);
  return { pages: pages.length, format };
}

/** @param {ReadingRequest} request */
function textOf({ bytes, encoding }) {
  return new TextDecoder(encoding ?? "utf-8").decode(bytes);
}

/** What pdf.js says of security handlers other than the one for passwords. */
const OTHER_LOCK = /unknown encryption method|unsupported encryption algorithm/i;

/**
 * @param {unknown} error
 * @param {ReadingRequest} request
 * @returns {ReadingRefusal}
 */
function refusalOf(error, request) {
  const name = error instanceof Error ? error.name : "";
  if (name === "PasswordException" || name === "LockedError") {
    return { reason: "encrypted", asked: request.password !== undefined };
  }
  const detail = detailOf(error);
  if (OTHER_LOCK.test(detail)) return { reason: "locked_otherwise" };
  return name === "BombError" ? { reason: "bomb", detail } : { reason: "corrupt", detail };
}

/**
 * Short and printable: the text may quote the file.
 *
 * @param {unknown} error
 */
function detailOf(error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/[^ -~]/g, " ").slice(0, 160);
}

/** One page, "warm": reading it loads what pdf.js loads late. */
const WARM_UP = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 23>>stream
BT /F 9 Tf (warm) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>`;

const warmUp = open(new TextEncoder().encode(WARM_UP));
await warmUp.getText().catch(() => {});
await warmUp.destroy().catch(() => {});
parentPort?.on("message", (/** @type {ReadingRequest} */ request) => void read(request));
say({ type: "ready" });
