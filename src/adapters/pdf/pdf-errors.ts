/**
 * Why a PDF could not be read, in a sentence for the person who sent it.
 */
import { DocumentError } from "../../documents/ports.ts";
import type { PdfLimits } from "./pdf-limits.ts";
import type { PdfOutcome } from "./pdf-messages.ts";

const SPLIT = "Split it into smaller files, or export it again from the program that made it.";

/** The error for an outcome other than `done`. */
export function pdfError(
  outcome: Exclude<PdfOutcome, { type: "done" }>,
  limits: PdfLimits,
): DocumentError {
  if (outcome.type === "died") {
    return new DocumentError("document_corrupt", "Reading this PDF crashed the reader.", {
      why: "The bot itself was not touched; the file is probably damaged.",
      next: "Export it again from the program that made it.",
      cause: new Error(outcome.detail),
    });
  }
  switch (outcome.reason) {
    case "encrypted":
      return new DocumentError("document_encrypted", "This PDF is locked with a password.", {
        next: "Post a copy without the password.",
      });
    case "corrupt":
      return new DocumentError("document_corrupt", "This PDF is damaged and cannot be opened.", {
        next: "Check that it opens on your side, and post it again.",
        cause: new Error(outcome.detail),
      });
    case "too_many_pages":
      return new DocumentError(
        "document_too_large",
        `This PDF has ${outcome.pages} pages, more than the ${limits.max_pages} that are read.`,
        { next: "Split it into smaller files." },
      );
    case "too_much_text":
      return new DocumentError("document_too_large", "This PDF holds more text than is read.", {
        why: `The limit is ${limits.max_text} characters.`,
        next: "Split it into smaller files.",
      });
    case "memory":
      return new DocumentError("document_too_large", "Reading this PDF took too much memory.", {
        why: `It was stopped at ${Math.round(limits.max_rss / 1024 / 1024)} MB.`,
        next: SPLIT,
      });
    case "page_time": {
      const what = outcome.page > 0 ? `Page ${outcome.page} of this PDF` : "Opening this PDF";
      return new DocumentError("document_timeout", `${what} took too long to read.`, {
        why: `It was stopped after ${Math.round(limits.page_ms / 1000)} seconds.`,
        next: SPLIT,
      });
    }
    case "file_time":
      return new DocumentError("document_timeout", "This PDF took too long to read.", {
        why: `Its ${outcome.pages} pages are read more slowly than the time limit allows.`,
        next: SPLIT,
      });
  }
}

export function scannedError(pages: number): DocumentError {
  const count = pages === 1 ? "one page, but no text on it" : `${pages} pages, but no text on them`;
  return new DocumentError("document_scanned", `This PDF has ${count}.`, {
    why: "It is probably scanned: pictures of pages.",
    next: "Run it through text recognition (OCR) and post the result.",
  });
}

export function allPagesFailedError(pages: number, reason: string): DocumentError {
  const count = pages === 1 ? "The only page" : `None of the ${pages} pages`;
  return new DocumentError(
    "document_corrupt",
    `${count} of this PDF could ${pages === 1 ? "not " : ""}be read.`,
    {
      next: "Check that it opens on your side, and post it again.",
      cause: new Error(reason),
    },
  );
}

/** `how` completes "This PDF is empty: …". */
export function emptyError(how: string): DocumentError {
  return new DocumentError("document_empty", `This PDF is empty: ${how}.`, {
    next: "Check the file on your side, and post it again.",
  });
}

export function tooLargeError(limits: PdfLimits): DocumentError {
  return new DocumentError("document_too_large", "This PDF is too large.", {
    why: `The limit is ${Math.round(limits.max_bytes / 1024 / 1024)} MB.`,
    next: "Split it into smaller files.",
  });
}

export function queueFullError(): DocumentError {
  return new DocumentError("document_timeout", "Too many PDFs are waiting to be read.", {
    next: "Try again in a minute.",
  });
}

export function noReaderError(cause: unknown): DocumentError {
  return new DocumentError("document_unsupported", "PDFs cannot be read at the moment.", {
    why: "The process that reads them did not start; the log has the cause.",
    next: "Post the document as plain text, or tell whoever runs the bot.",
    cause,
  });
}
