/**
 * Files that somebody at the terminal names by path. Only ordinary files, within a size limit; what
 * is read is what was opened, whatever happens to the path meanwhile.
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { IncomingFile } from "../../channels/ports.ts";
import { DocumentError } from "../../documents/ports.ts";
import { type AbortSignalLike, throwIfAborted } from "../../shared/abort.ts";
import { errorCode } from "../../shared/errors.ts";

const MB = 1024 * 1024;
const CHUNK = 4 * MB;

/**
 * A named file as an upload; it is looked at now and read when asked. `path` may be relative to the
 * working directory or begin with "~/". Fails with a `DocumentError` of a `file_…` code.
 */
export async function localFile(path: string, maxBytes: number): Promise<IncomingFile> {
  if (/^(?:https?|ftp):\/\//i.test(path)) throw addressError();
  const full = fullPath(path);
  const size = await withFile(full, maxBytes, async (_file, bytes) => bytes);
  return {
    id: full,
    name: basename(full),
    size,
    read: (signal) => readLocalFile(full, maxBytes, signal),
  };
}

/** The bytes of a file. Fails with a `DocumentError` of a `file_…` code, or the signal's reason. */
export function readLocalFile(
  path: string,
  maxBytes: number,
  signal?: AbortSignalLike,
): Promise<Uint8Array> {
  return withFile(fullPath(path), maxBytes, async (file, size) => {
    const parts: Buffer[] = [];
    let length = 0;
    // One byte more than announced shows whether the file is growing.
    for (;;) {
      throwIfAborted(signal);
      const room = Buffer.allocUnsafe(Math.min(CHUNK, size + 1 - length));
      const { bytesRead } = await file.read(room, 0, room.length, null);
      if (bytesRead === 0) return new Uint8Array(Buffer.concat(parts, length));
      parts.push(room.subarray(0, bytesRead));
      length += bytesRead;
      if (length > size) throw changingError();
    }
  });
}

async function withFile<T>(
  path: string,
  maxBytes: number,
  work: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  // A named pipe would block an ordinary open for ever.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch((error: unknown) => {
    throw openError(error, path);
  });
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw notAFileError(facts.isDirectory());
    if (facts.size > maxBytes) throw tooLargeError(facts.size, maxBytes);
    return await work(file, facts.size);
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? openError(error, path) : error;
  } finally {
    await file.close();
  }
}

function fullPath(path: string): string {
  return /^~(?:[/\\]|$)/.test(path) ? join(homedir(), path.slice(2)) : resolve(path);
}

function openError(cause: unknown, path: string): DocumentError {
  const code = errorCode(cause);
  if (code === "EACCES" || code === "EPERM") {
    return new DocumentError("file_forbidden", "This file may not be read.", {
      next: "Check its permissions.",
      cause,
    });
  }
  if (code === "EISDIR") return notAFileError(true);
  const missing = code === "ENOENT" || code === "ENOTDIR" || code === "ERR_INVALID_ARG_VALUE";
  return new DocumentError(
    "file_unreachable",
    missing ? "There is no such file." : "This file could not be read.",
    {
      next: `Check the path: this is ${shown(path)}. A path with blanks needs quotes around it.`,
      cause,
    },
  );
}

function addressError(): DocumentError {
  return new DocumentError("file_unreachable", "This is an address, not a file.", {
    next: "Read a web page with /sources load url:…; download other files first, then name them.",
  });
}

/** A path on one line, whatever is in it. */
function shown(path: string): string {
  return path.replace(/[\p{Cc}\u2028\u2029]/gu, "?").slice(0, 500);
}

function notAFileError(directory: boolean): DocumentError {
  const what = directory ? "a folder" : "not an ordinary file";
  return new DocumentError("file_unreachable", `This path is ${what}.`, {
    next: "Name one document: PDF, Word, EPUB, HTML, text and others.",
  });
}

function tooLargeError(size: number, limit: number): DocumentError {
  return new DocumentError(
    "file_too_large",
    `This file is too large: ${(size / MB).toFixed(1)} MB.`,
    {
      why: `The limit is ${(limit / MB).toFixed(limit < MB ? 2 : 0)} MB.`,
      next: "Split it into smaller files.",
    },
  );
}

function changingError(): DocumentError {
  return new DocumentError("file_unreachable", "This file changed while it was being read.", {
    next: "Try again when it is complete.",
  });
}
