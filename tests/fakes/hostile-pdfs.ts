import { constants, createDeflate } from "node:zlib";
import { firstFree, makePdf, type PdfPage, stream } from "./make-pdf.ts";

/** A page whose content is `megabytes` of spaces, packed into a few kilobytes. */
export async function flateBomb(megabytes: number): Promise<Uint8Array> {
  const inner = await deflated(Buffer.alloc(1024 * 1024, " "), megabytes);
  const outer = await deflated(inner, 1);
  return makePdf([{ content: outer, entries: "/Filter [/FlateDecode /FlateDecode]" }]);
}

/** Forms that draw forms that draw forms: ten to the power of `levels` texts on one page. */
export function billionLaughs(levels: number): Uint8Array {
  return laughing([{ content: "/Laugh Do" }], levels);
}

/** Pages of a few words; those with the given numbers are billion-laughs pages. */
export function nestedPages(pages: number, hostile: readonly number[]): Uint8Array {
  return laughing(
    Array.from({ length: pages }, (_, i) =>
      hostile.includes(i + 1) ? { content: "/Laugh Do" } : [`Words of page ${i + 1}.`],
    ),
    9,
  );
}

function laughing(pages: readonly PdfPage[], levels: number): Uint8Array {
  const first = firstFree(pages.length);
  const forms = Array.from({ length: levels }, (_, level) => {
    const last = level === levels - 1;
    const inside = last
      ? "BT /F1 11 Tf (ha) Tj ET"
      : Array.from({ length: 10 }, () => "/Deeper Do").join(" ");
    const resources = last
      ? "/Font << /F1 3 0 R >>"
      : `/XObject << /Deeper ${first + level + 1} 0 R >>`;
    return stream(
      inside,
      `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${resources} >>`,
    );
  });
  return makePdf(pages, {
    resources: `/XObject << /Laugh ${first} 0 R >>`,
    extra: forms,
  });
}

/** So many pages under one node that reading them all takes minutes. */
export function flatTree(pages: number): Uint8Array {
  return makePdf(Array.from({ length: pages }, (_, i) => [`Page ${i + 1}.`]));
}

async function deflated(chunk: Uint8Array, times: number): Promise<Uint8Array> {
  const deflate = createDeflate({ level: constants.Z_BEST_SPEED });
  const parts: Buffer[] = [];
  deflate.on("data", (part: Buffer) => parts.push(part));
  const done = new Promise((resolve, reject) => {
    deflate.on("end", resolve);
    deflate.on("error", reject);
  });
  for (let i = 0; i < times; i += 1) {
    if (!deflate.write(chunk)) await new Promise((resolve) => deflate.once("drain", resolve));
  }
  deflate.end();
  await done;
  return new Uint8Array(Buffer.concat(parts));
}
