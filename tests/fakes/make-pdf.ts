import { createHash } from "node:crypto";

export interface MakePdfOptions {
  /** Asks for a password that nobody knows. */
  encrypted?: boolean;
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
  return assemble(objects, options.encrypted ?? false);
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

function assemble(objects: Uint8Array[], encrypted: boolean): Uint8Array {
  const id = createHash("md5").update(String(objects.length)).digest("hex");
  let trailer = `/Root 1 0 R /ID [<${id}> <${id}>]`;
  if (encrypted) {
    objects.push(
      latin1(
        `<< /Filter /Standard /V 1 /R 2 /P -4 /O <${"5a".repeat(32)}> /U <${"a5".repeat(32)}> >>`,
      ),
    );
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
