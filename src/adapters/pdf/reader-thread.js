// @ts-check
/**
 * The thread in which pdf-parse runs, inside the reading process. It blocks for as long as a file
 * pleases; the process's main thread watches and kills. Never handed a URL: pdf-parse would open it.
 * Plain JavaScript, so that it starts without a compiler's help (docs/decisions/0007).
 *
 * @import { PdfMessage, PdfRefusal, PdfRequest } from "./pdf-messages.ts"
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parentPort } from "node:worker_threads";

// pdf.js wants these for drawing only. With them in place its native canvas is not needed, so that
// the process can do without permission for native addons.
for (const name of ["DOMMatrix", "ImageData", "Path2D"]) {
  if (!Reflect.has(globalThis, name)) Reflect.set(globalThis, name, class {});
}
const { PDFParse } = await import("pdf-parse");

/** @param {PdfMessage} message */
function say(message) {
  parentPort?.postMessage(message);
}

/** @param {PdfRefusal} refusal */
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

/** @param {Uint8Array} data */
function open(data) {
  const quiet = { disableFontFace: true, verbosity: 0, isEvalSupported: false };
  return new PDFParse({ data, ...quiet, ...characterMaps() });
}

/**
 * Reads one file; says its pages and failures on the way, and its outcome.
 *
 * @param {PdfRequest} request
 */
async function read(request) {
  const parser = open(request.bytes);
  try {
    // Page 0 exists nowhere: this opens the file and counts its pages.
    const { total } = await parser.getText({ partial: [0] });
    say({ type: "opened", pages: total });
    if (total > request.max_pages) return refuse({ reason: "too_many_pages", pages: total });
    let length = 0;
    for (let number = 1; number <= total; number += 1) {
      try {
        const result = await parser.getText({ partial: [number], pageJoiner: "" });
        const text = result.pages[0]?.text ?? "";
        length += text.length;
        if (length > request.max_text) return refuse({ reason: "too_much_text" });
        say({ type: "page", number, text });
      } catch (error) {
        say({ type: "page_failed", number, reason: detailOf(error) });
      }
    }
    say({ type: "done", pages: total, rss: process.memoryUsage.rss() });
  } catch (error) {
    const encrypted = error instanceof Error && error.name === "PasswordException";
    refuse(encrypted ? { reason: "encrypted" } : { reason: "corrupt", detail: detailOf(error) });
  } finally {
    await parser.destroy().catch(() => {});
  }
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
parentPort?.on("message", (/** @type {PdfRequest} */ request) => void read(request));
say({ type: "ready" });
