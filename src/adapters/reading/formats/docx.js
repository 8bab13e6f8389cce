// @ts-check
/**
 * Word documents with mammoth, by way of its HTML. It is given a new archive that holds only the
 * parts with text in them, unpacked within limits before: pictures and bombs never reach it.
 */
import { zipSync } from "fflate";
import mammoth from "mammoth";
import { markdownOf } from "./html-markdown.js";
import { ZipParts } from "./zip.js";

const TEXT_PARTS =
  /^(?:\[Content_Types\]\.xml|_rels\/[^/]*\.rels|word\/(?:[^/]+\.xml|_rels\/[^/]+\.rels))$/;

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} Markdown
 */
export async function docxMarkdown(bytes) {
  const parts = new ZipParts(bytes).take((name) => TEXT_PARTS.test(name));
  const safe = Buffer.from(zipSync(Object.fromEntries(parts), { level: 0 }));
  const { value } = await mammoth.convertToHtml(
    { buffer: safe },
    {
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: "" })),
      externalFileAccess: false,
    },
  );
  return markdownOf(value);
}
