// @ts-check
/**
 * Books: the chapters of an EPUB in the order of its spine, each as Markdown. One chapter is unpacked
 * at a time. Books locked by rights management are told apart from damaged ones.
 */
import { posix } from "node:path";
import { Parser } from "htmlparser2";
import { markdownOf } from "./html-markdown.js";
import { ZipParts } from "./zip.js";

/** Scrambled fonts, which do not matter here. */
const FONT_SCRAMBLING = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];
const MAX_CHAPTERS = 10_000;

/** The book is locked. */
export class LockedError extends Error {
  /** @override */
  name = "LockedError";
}

/**
 * Chapters in order; each is read when its `read` is called. Throws where the archive or its
 * directory is damaged.
 *
 * @param {Uint8Array} bytes
 * @returns {{ read: () => string }[]}
 */
export function epubChapters(bytes) {
  const zip = new ZipParts(bytes);
  const locks = elements(zip.text("META-INF/encryption.xml") ?? "", "encryptionmethod");
  if (locks.some(({ algorithm }) => !FONT_SCRAMBLING.includes(algorithm ?? ""))) {
    throw new LockedError("encrypted");
  }
  const [root] = elements(zip.text("META-INF/container.xml") ?? "", "rootfile");
  const path = root?.["full-path"] ?? "";
  const directory = zip.text(path);
  if (directory === undefined) throw new Error("the book has no table of its parts");
  const hrefs = new Map(
    elements(directory, "item").map((item) => [item.id ?? "", item.href ?? ""]),
  );
  const spine = elements(directory, "itemref").flatMap(({ idref }) => hrefs.get(idref ?? "") ?? []);
  return spine.slice(0, MAX_CHAPTERS).map((href) => ({
    read: () => {
      const html = zip.text(partName(path, href));
      if (html === undefined) throw new Error("the chapter is missing");
      return markdownOf(html, { xml: true });
    },
  }));
}

/**
 * @param {string} from
 * @param {string} href
 */
function partName(from, href) {
  const [file = ""] = href.split("#");
  let name = file;
  try {
    name = decodeURIComponent(file);
  } catch {
    // A stray percent sign: the name is taken as it is.
  }
  return posix.normalize(posix.join(posix.dirname(from), name));
}

/**
 * Attributes of all elements of that name, whatever their namespace's prefix.
 *
 * @param {string} xml
 * @param {string} wanted
 * @returns {Record<string, string>[]}
 */
function elements(xml, wanted) {
  /** @type {Record<string, string>[]} */
  const found = [];
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (name.toLowerCase().replace(/^.*:/, "") !== wanted) return;
        found.push(
          Object.fromEntries(
            Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), value]),
          ),
        );
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(xml);
  parser.end();
  return found;
}
