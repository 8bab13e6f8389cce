import { createHash } from "node:crypto";

export interface MakePdfOptions {
  /** Asks for a password that nobody knows. */
  encrypted?: boolean;
  /** Asks for this password (Latin-1, at most 32 characters), and opens with it. */
  password?: string;
  /** Further objects, numbered from `firstFree(pages)` on. */
  extra?: readonly (string | Uint8Array)[];
  /** Resources of every page, besides the font: e.g. "/XObject << /F0 9 0 R >>". */
  resources?: string;
}

/** A page: lines of text, or a content stream of its own with its dictionary entries. */
export type PdfPage = readonly string[] | { content: Uint8Array | string; entries?: string };

const FONT = 3;

/** Number of the first object after those of `pages` pages. */
export function firstFree(pages: number): number {
  return FONT + 1 + pages * 2;
}

/** A valid PDF with the given pages, in Helvetica. Text is Latin-1. */
export function makePdf(pages: readonly PdfPage[], options: MakePdfOptions = {}): Uint8Array {
  const kids = pages.map((_, i) => `${FONT + 1 + i * 2} 0 R`).join(" ");
  const objects: Uint8Array[] = [
    latin1("<< /Type /Catalog /Pages 2 0 R >>"),
    latin1(`<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`),
    latin1("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
  ];
  for (const [i, page] of pages.entries()) {
    const contents = FONT + 2 + i * 2;
    const resources = `<< /Font << /F1 ${FONT} 0 R >> ${options.resources ?? ""} >>`;
    objects.push(
      latin1(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources ${resources} /Contents ${contents} 0 R >>`,
      ),
      "content" in page ? stream(page.content, page.entries) : stream(textOperators(page)),
    );
  }
  objects.push(
    ...(options.extra ?? []).map((one) => (typeof one === "string" ? latin1(one) : one)),
  );
  return options.password === undefined
    ? assemble(objects, options.encrypted ?? false)
    : assemble(...locked(objects, options.password));
}

/** A stream object: `<< /Length n entries >> stream … endstream`. */
export function stream(content: Uint8Array | string, entries = ""): Uint8Array {
  const bytes = typeof content === "string" ? latin1(content) : content;
  return join([
    latin1(`<< /Length ${bytes.length} ${entries} >>\nstream\n`),
    bytes,
    latin1("\nendstream"),
  ]);
}

function textOperators(lines: readonly string[]): string {
  const shown = lines.map((line) => `(${line.replace(/[\\()]/g, "\\$&")}) Tj T*`);
  return `BT /F1 11 Tf 14 TL 72 740 Td ${shown.join("\n")} ET`;
}

/** The padding of passwords in the standard security handler (PDF 1.4, algorithm 3.2). */
const PADDING = Buffer.from(
  "28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a",
  "hex",
);

/** Encrypts all streams with RC4 and 40 bits; gives the objects and the entries of the lock. */
function locked(objects: readonly Uint8Array[], password: string): [Uint8Array[], string, string] {
  const id = md5(String(objects.length));
  const padded = Buffer.concat([Buffer.from(password, "latin1"), PADDING]).subarray(0, 32);
  const owner = rc4(md5(padded).subarray(0, 5), padded);
  const flags = Buffer.from([0xfc, 0xff, 0xff, 0xff]);
  const key = md5(Buffer.concat([padded, owner, flags, id])).subarray(0, 5);
  const user = rc4(key, PADDING);
  const cipher = objects.map((object, i) => {
    const text = Buffer.from(object);
    const from = text.indexOf("stream\n");
    if (from < 0) return object;
    const start = from + "stream\n".length;
    const end = text.lastIndexOf("\nendstream");
    const number = Buffer.from([i + 1, 0, 0, 0, 0]);
    const one = md5(Buffer.concat([key, number])).subarray(0, 10);
    return join([text.subarray(0, start), rc4(one, text.subarray(start, end)), text.subarray(end)]);
  });
  const lock = `<< /Filter /Standard /V 1 /R 2 /P -4 /O <${owner.toString("hex")}> /U <${user.toString("hex")}> >>`;
  return [cipher, lock, id.toString("hex")];
}

function md5(data: Buffer | string): Buffer {
  return createHash("md5").update(data).digest();
}

function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Array.from({ length: 256 }, (_, i) => i);
  const at = (i: number): number => state[i & 255] ?? 0;
  const swap = (i: number, j: number): void => {
    [state[i], state[j]] = [at(j), at(i)];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let j = 0;
  return Buffer.from(
    data.map((byte, n) => {
      const i = (n + 1) & 255;
      j = (j + at(i)) & 255;
      swap(i, j);
      return byte ^ at(at(i) + at(j));
    }),
  );
}

const NOBODY_KNOWS = `<< /Filter /Standard /V 1 /R 2 /P -4 /O <${"5a".repeat(32)}> /U <${"a5".repeat(32)}> >>`;

function assemble(
  plain: readonly Uint8Array[],
  lock: string | boolean,
  id = md5(String(plain.length)).toString("hex"),
): Uint8Array {
  const objects = [...plain];
  let trailer = `/Root 1 0 R /ID [<${id}> <${id}>]`;
  if (lock !== false) {
    objects.push(latin1(lock === true ? NOBODY_KNOWS : lock));
    trailer += ` /Encrypt ${objects.length} 0 R`;
  }
  const parts: Uint8Array[] = [latin1("%PDF-1.4\n%\xE2\xE3\xCF\xD3\n")];
  const offsets: number[] = [];
  let offset = parts[0]?.length ?? 0;
  for (const [i, object] of objects.entries()) {
    const part = join([latin1(`${i + 1} 0 obj\n`), object, latin1("\nendobj\n")]);
    offsets.push(offset);
    offset += part.length;
    parts.push(part);
  }
  const rows = offsets.map((one) => `${String(one).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(
    latin1(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} ${trailer} >>\nstartxref\n${offset}\n%%EOF\n`,
    ),
  );
  return join(parts);
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
