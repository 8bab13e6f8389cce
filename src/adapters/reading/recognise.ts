/**
 * What kind of file some bytes are, by their content: names lie. Decides only; reads nothing.
 */

export type Recognised =
  | { kind: "pdf" | "docx" | "epub" }
  | { kind: "text"; encoding: TextEncodingName }
  | { kind: "empty" }
  /** An Office document with a password. */
  | { kind: "locked" }
  /** `what` completes "This is …". */
  | { kind: "unsupported"; what: string };

export type TextEncodingName = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Bytes looked at. */
const HEAD = 8192;
/** Junk before a PDF's header that readers put up with. */
const PDF_HEADER_WITHIN = 1024;

/** First bytes of well-known formats that are not read, as Latin-1. */
const SIGNATURES: readonly (readonly [start: string, what: string])[] = [
  ["MZ", "a Windows program"],
  ["\x7FELF", "a Linux program"],
  ["\xCF\xFA\xED\xFE", "a macOS program"],
  ["\xCA\xFE\xBA\xBE", "a program"],
  ["PK\x03\x04", "an archive (zip)"],
  ["\xD0\xCF\x11\xE0", "an old Office document"],
  ["{\\rtf", "a Rich Text document"],
  ["\x1F\x8B", "a compressed file (gzip)"],
  ["7z\xBC\xAF", "an archive (7z)"],
  ["Rar!", "an archive (rar)"],
  ["\x89PNG", "a picture (PNG)"],
  ["\xFF\xD8\xFF", "a picture (JPEG)"],
  ["GIF8", "a picture (GIF)"],
  ["RIFF", "a sound, film or picture"],
  ["ID3", "a sound file"],
  ["OggS", "a sound file"],
  ["SQLite format 3", "a database"],
];

/** Parts by which archives that are documents are known. */
const ARCHIVES: readonly (readonly [part: string, found: Recognised])[] = [
  ["mimetypeapplication/epub+zip", { kind: "epub" }],
  ["word/document.xml", { kind: "docx" }],
  ["xl/workbook.xml", { kind: "unsupported", what: "an Excel workbook" }],
  ["ppt/presentation.xml", { kind: "unsupported", what: "a PowerPoint presentation" }],
  ["mimetypeapplication/vnd.oasis", { kind: "unsupported", what: "an OpenDocument file" }],
  ["META-INF/container.xml", { kind: "epub" }],
];
/** In an old Office container, the stream that holds a newer document with a password. */
const LOCKED = Buffer.from("EncryptedPackage", "utf16le");

export function recognise(bytes: Uint8Array): Recognised {
  const head = bytes.subarray(0, HEAD);
  const start = latin1(head.subarray(0, PDF_HEADER_WITHIN));
  if (/^(?:\xEF\xBB\xBF)?\s*%PDF-/.test(start)) return { kind: "pdf" };
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (start.startsWith("PK\x03\x04")) return archive(bytes);
  if (start.startsWith("\xD0\xCF\x11\xE0") && asBuffer(bytes).includes(LOCKED)) {
    return { kind: "locked" };
  }
  // "MZ" and "RIFF" are words too: a signature counts only before what is no text.
  if (known && !isPlainText(head)) return { kind: "unsupported", what: known[1] };
  if (start.startsWith("{\\rtf")) return { kind: "unsupported", what: "a Rich Text document" };
  const encoding = encodingOf(bytes, head);
  if (encoding) {
    return isBlank(head) && isBlank(bytes) ? { kind: "empty" } : { kind: "text", encoding };
  }
  if (start.includes("%PDF-")) return { kind: "pdf" };
  return { kind: "unsupported", what: "a binary file" };
}

function archive(bytes: Uint8Array): Recognised {
  const whole = asBuffer(bytes);
  const known = ARCHIVES.find(([part]) => whole.includes(part, 0, "latin1"));
  return known?.[1] ?? { kind: "unsupported", what: "an archive (zip)" };
}

function encodingOf(bytes: Uint8Array, head: Uint8Array): TextEncodingName | undefined {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  const wide = wideEncoding(head);
  if (wide) return wide;
  if (!isPlainText(head)) return undefined;
  return isUtf8(bytes) ? "utf-8" : "windows-1252";
}

/** UTF-16 without a mark: in Western text, every other byte is zero. */
function wideEncoding(head: Uint8Array): TextEncodingName | undefined {
  if (head.length < 4) return undefined;
  const zeros = [0, 0];
  for (const [i, byte] of head.entries()) {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  const half = head.length / 2;
  if (odd > half * 0.7 && even < half * 0.05) return "utf-16le";
  if (even > half * 0.7 && odd < half * 0.05) return "utf-16be";
  return undefined;
}

/** No NUL, and hardly any other control characters. */
function isPlainText(head: Uint8Array): boolean {
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13) controls += 1;
  }
  return controls <= head.length / 100;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  const blanks = new Set([0, 9, 10, 12, 13, 32, 0xef, 0xbb, 0xbf, 0xff, 0xfe]);
  return bytes.every((byte) => blanks.has(byte));
}

function latin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("latin1");
}

/** The same bytes, not a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
