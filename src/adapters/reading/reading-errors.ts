/**
 * Why a file could not be read, in a sentence for the person who sent it.
 */
import { DocumentError } from "../../documents/ports.ts";
import type { ReadingLimits } from "./reading-limits.ts";
import type { ReadingFormat, ReadingOutcome, ReadingTask } from "./reading-messages.ts";

const SPLIT = "Split it into smaller files, or export it again from the program that made it.";

/** What a file of each format is called; completes "This …". */
const NAMES: Readonly<Record<ReadingFormat, string>> = {
  pdf: "PDF",
  docx: "Word document",
  epub: "book",
  html: "web page",
  csv: "table",
  json: "JSON file",
};

/** The error for an outcome other than `done`. */
export function refusedError(
  outcome: Exclude<ReadingOutcome, { type: "done" }>,
  limits: ReadingLimits,
  { format, bytes }: Pick<ReadingTask, "format" | "bytes">,
): DocumentError {
  const what = NAMES[format];
  if (outcome.type === "died") {
    return new DocumentError("document_corrupt", `Reading this ${what} crashed the reader.`, {
      why: "The bot itself was not touched; the file is probably damaged.",
      next: "Export it again from the program that made it.",
      cause: new Error(outcome.detail),
    });
  }
  switch (outcome.reason) {
    case "encrypted":
      return lockedError(format, outcome.asked);
    case "locked_otherwise":
      return new DocumentError("document_unsupported", `This ${what} is locked.`, {
        why: "The lock is one that no password opens here, such as a certificate.",
        next: "Post a copy without the lock.",
      });
    case "corrupt":
      return new DocumentError(
        "document_corrupt",
        `This ${what} is damaged and cannot be opened.`,
        {
          ...(format === "pdf" && isCutShort(bytes)
            ? { why: "It has no end: a part of it was probably lost on the way." }
            : {}),
          next: "Check that it opens on your side, and post it again.",
          cause: new Error(outcome.detail),
        },
      );
    case "too_many_pages":
      return new DocumentError(
        "document_too_large",
        `This ${what} has ${outcome.pages} pages, more than the ${limits.max_pages} that are read.`,
        { next: "Split it into smaller files." },
      );
    case "too_much_text":
      return new DocumentError("document_too_large", `This ${what} holds more text than is read.`, {
        why: `The limit is ${limits.max_text} characters.`,
        next: "Split it into smaller files.",
      });
    case "bomb":
      return new DocumentError("document_too_large", `This ${what} unpacks to more than is read.`, {
        next: "Split it into smaller files.",
        cause: new Error(outcome.detail),
      });
    case "memory":
      return new DocumentError("document_too_large", `Reading this ${what} took too much memory.`, {
        why: `It was stopped at ${Math.round(limits.max_rss / 1024 / 1024)} MB.`,
        next: SPLIT,
      });
    case "page_time": {
      const part =
        outcome.page > 0 ? `Page ${outcome.page} of this ${what}` : `Opening this ${what}`;
      return new DocumentError("document_timeout", `${part} took too long to read.`, {
        why: `It was stopped after ${Math.round(limits.page_ms / 1000)} seconds.`,
        next: SPLIT,
      });
    }
    case "file_time":
      return new DocumentError("document_timeout", `This ${what} took too long to read.`, {
        why: `Its ${outcome.pages} pages are read more slowly than the time limit allows.`,
        next: SPLIT,
      });
  }
}

/** Whether a PDF lacks the mark that stands at its end, give or take what others append. */
function isCutShort(bytes: Uint8Array): boolean {
  return !Buffer.from(bytes.slice(-1024)).toString("latin1").includes("%%EOF");
}

function lockedError(format: ReadingFormat, asked: boolean): DocumentError {
  if (format !== "pdf") {
    return new DocumentError("document_encrypted", `This ${NAMES[format]} is locked.`, {
      why: "It can only be opened by the program it was sold for.",
      next: "Post a copy without the lock.",
    });
  }
  return asked
    ? new DocumentError("document_encrypted", "This password does not open the PDF.", {
        next: "Try again, or post a copy without the password.",
      })
    : new DocumentError("document_encrypted", "This PDF is locked with a password.", {
        next: "Post a copy without the password.",
      });
}

/** A page that was left out because it would have taken the reader along; for the list of failures. */
export function deadlyPageReason(
  outcome: Exclude<ReadingOutcome, { type: "done" }>,
  limits: ReadingLimits,
): string {
  if (outcome.type === "died") return "it crashed the reader";
  return outcome.reason === "memory"
    ? "it took too much memory"
    : `it took longer than ${Math.round(limits.page_ms / 1000)} seconds`;
}

export function scannedError(pages: number): DocumentError {
  const count = pages === 1 ? "one page, but no text on it" : `${pages} pages, but no text on them`;
  return new DocumentError("document_scanned", `This PDF has ${count}.`, {
    why: "It is probably scanned: pictures of pages.",
    next: "Run it through text recognition (OCR) and post the result.",
  });
}

export function allPagesFailedError(
  pages: number,
  reason: string,
  format: ReadingFormat,
): DocumentError {
  const count = pages === 1 ? "The only page" : `None of the ${pages} pages`;
  return new DocumentError(
    "document_corrupt",
    `${count} of this ${NAMES[format]} could ${pages === 1 ? "not " : ""}be read.`,
    {
      next: "Check that it opens on your side, and post it again.",
      cause: new Error(reason),
    },
  );
}

/** `how` completes "This PDF is empty: …". */
export function emptyError(how: string, format: ReadingFormat = "pdf"): DocumentError {
  return new DocumentError("document_empty", `This ${NAMES[format]} is empty: ${how}.`, {
    next: "Check the file on your side, and post it again.",
  });
}

export function tooLargeError(limits: ReadingLimits, format: ReadingFormat): DocumentError {
  return new DocumentError("document_too_large", `This ${NAMES[format]} is too large.`, {
    why: `The limit is ${Math.round(limits.max_bytes / 1024 / 1024)} MB.`,
    next: "Split it into smaller files.",
  });
}

export function queueFullError(): DocumentError {
  return new DocumentError("document_timeout", "Too many files are waiting to be read.", {
    next: "Try again in a minute.",
  });
}

export function noReaderError(cause: unknown): DocumentError {
  return new DocumentError(
    "document_unsupported",
    "Files of this kind cannot be read at the moment.",
    {
      why: "The process that reads them did not start; the log has the cause.",
      next: "Post the document as plain text, or tell whoever runs the bot.",
      cause,
    },
  );
}
