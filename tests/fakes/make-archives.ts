import { strToU8, zipSync } from "fflate";

/** A paragraph of a Word document; with a level, a heading. */
export type DocxParagraph = string | { heading: number; text: string };

/** A small valid Word document. */
export function makeDocx(paragraphs: readonly DocxParagraph[]): Uint8Array {
  const body = paragraphs.map((one) => {
    const style =
      typeof one === "string" ? "" : `<w:pPr><w:pStyle w:val="Heading${one.heading}"/></w:pPr>`;
    const text = typeof one === "string" ? one : one.text;
    return `<w:p>${style}<w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
  });
  const styles = [1, 2, 3].map(
    (n) =>
      `<w:style w:type="paragraph" w:styleId="Heading${n}"><w:name w:val="heading ${n}"/></w:style>`,
  );
  const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const types = "application/vnd.openxmlformats-officedocument.wordprocessingml";
  return zip({
    "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${types}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="${types}.styles+xml"/></Types>`,
    "_rels/.rels": relations(`${office}/officeDocument`, "word/document.xml"),
    "word/_rels/document.xml.rels": relations(`${office}/styles`, "styles.xml"),
    "word/document.xml": `<w:document ${w}><w:body>${body.join("")}</w:body></w:document>`,
    "word/styles.xml": `<w:styles ${w}>${styles.join("")}</w:styles>`,
  });
}

export interface MakeEpubOptions {
  /** Names an encryption of the content, as rights management does. */
  locked?: boolean;
  /** Numbers (from 1) of chapters that are listed and not there. */
  missing?: readonly number[];
}

/** A small valid book; each chapter is the inside of an XHTML body. */
export function makeEpub(chapters: readonly string[], options: MakeEpubOptions = {}): Uint8Array {
  const numbers = chapters.map((_, i) => i + 1);
  const item = (n: number): string =>
    `<item id="c${n}" href="text/chapter%20${n}.xhtml" media-type="application/xhtml+xml"/>`;
  const parts: Record<string, string> = {
    mimetype: "application/epub+zip",
    "META-INF/container.xml":
      '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    "OEBPS/book.opf": `<opf:package xmlns:opf="http://www.idpf.org/2007/opf"><opf:manifest>${numbers.map(item).join("").replaceAll("<item", "<opf:item")}</opf:manifest><opf:spine>${numbers.map((n) => `<opf:itemref idref="c${n}"/>`).join("")}</opf:spine></opf:package>`,
  };
  for (const [i, chapter] of chapters.entries()) {
    if (options.missing?.includes(i + 1)) continue;
    parts[`OEBPS/text/chapter ${i + 1}.xhtml`] =
      `<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script/></head><body>${chapter}</body></html>`;
  }
  if (options.locked) {
    parts["META-INF/encryption.xml"] =
      '<encryption><enc:EncryptedData xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></enc:EncryptedData></encryption>';
  }
  return zip(parts);
}

/** An archive with one part of so many zero bytes, a thousandth of it when packed. */
export function zipBomb(part: string, bytes: number): Uint8Array {
  const name = part.endsWith(".xhtml") ? "META-INF/container.xml" : "[Content_Types].xml";
  return zipSync({ [name]: strToU8("<a/>"), [part]: new Uint8Array(bytes) }, { level: 9 });
}

function zip(parts: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(parts).map(([name, text]) => [
        name,
        [strToU8(text), { level: name === "mimetype" ? 0 : 6 }],
      ]),
    ),
  );
}

function relations(type: string, target: string): string {
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${type}" Target="${target}"/></Relationships>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
