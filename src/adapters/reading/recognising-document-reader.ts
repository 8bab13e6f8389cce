/**
 * The reader for whatever people post: recognises the format by content, hands PDFs to the PDF
 * reader, decodes text and Markdown itself, and refuses the rest with its name. Limits sizes first.
 */
import {
  DocumentError,
  type DocumentPage,
  type DocumentReader,
  type ReadDocument,
} from "../../documents/ports.ts";
import { throwIfAborted } from "../../shared/abort.ts";
import { isMarkdown, recognise, type TextEncodingName } from "./recognise.ts";

export interface RecognisingDocumentReaderOptions {
  pdf: DocumentReader;
  /** Largest file of any kind, in bytes. Default 50 MB. */
  max_file_bytes?: number;
  /** Largest text file, in bytes; it is decoded in one go. Default 10 MB. */
  max_text_bytes?: number;
}

const MB = 1024 * 1024;
type ReadOptions = NonNullable<Parameters<DocumentReader["read"]>[1]>;

export class RecognisingDocumentReader implements DocumentReader {
  readonly #pdf: DocumentReader;
  readonly #maxBytes: number;
  readonly #maxTextBytes: number;

  constructor(options: RecognisingDocumentReaderOptions) {
    this.#pdf = options.pdf;
    this.#maxBytes = options.max_file_bytes ?? 50 * MB;
    this.#maxTextBytes = options.max_text_bytes ?? 10 * MB;
  }

  async read(
    file: { name: string; bytes: Uint8Array },
    options: ReadOptions = {},
  ): Promise<ReadDocument> {
    throwIfAborted(options.signal);
    const { name, bytes } = file;
    checkSize(bytes, this.#maxBytes);
    const found = recognise(bytes);
    switch (found.kind) {
      case "pdf":
        return this.#pdf.read(file, options);
      case "empty":
        throw emptyError();
      case "unsupported":
        throw new DocumentError("document_unsupported", `This is ${found.what}.`, {
          why: "Only PDF, plain text and Markdown are read, whatever the file's name says.",
          next: "Save it as one of these and post it again.",
        });
      case "text": {
        checkSize(bytes, this.#maxTextBytes);
        const page: DocumentPage = { number: 1, text: decode(bytes, found.encoding) };
        options.onPage?.(page, 1);
        const kind = isMarkdown(name, page.text) ? "markdown" : "text";
        return { kind, pages: [page], page_count: 1, failures: [] };
      }
    }
  }
}

function decode(bytes: Uint8Array, encoding: TextEncodingName): string {
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.trim() === "") throw emptyError();
  return text;
}

function checkSize(bytes: Uint8Array, limit: number): void {
  if (bytes.length <= limit) return;
  const size = (bytes.length / MB).toFixed(1);
  throw new DocumentError("document_too_large", `This file is too large: ${size} MB.`, {
    why: `The limit is ${(limit / MB).toFixed(limit < MB ? 2 : 0)} MB.`,
    next: "Split it into smaller files.",
  });
}

function emptyError(): DocumentError {
  return new DocumentError("document_empty", "This file is empty: there is no text in it.", {
    next: "Check the file on your side, and post it again.",
  });
}
