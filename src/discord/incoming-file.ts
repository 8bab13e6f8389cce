/**
 * An upload on Discord as an `IncomingFile`. Its URL is signed and expires, so it lives in here
 * only: when the bytes are asked for too late, the message is asked for a fresh one, once.
 */
import type { IncomingFile } from "../channels/ports.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import { errorCode } from "../shared/errors.ts";

/** Fetches from Discord's file hosts only; fails with a `DocumentError`. */
export type FetchFile = (
  url: string,
  signal: AbortSignalLike | undefined,
  maxBytes: number,
) => Promise<Uint8Array>;

export interface Upload {
  id: string;
  name: string;
  size: number;
  url: string;
  /** Address of the message that it stands in. */
  link?: string;
}

export interface FileSource {
  fetchFile: FetchFile;
  maxBytes: number;
}

/** `refresh` gives the upload's present URL, or undefined when it is gone. */
export function incomingFile(
  upload: Upload,
  source: FileSource,
  refresh?: () => Promise<string | undefined>,
): IncomingFile {
  return {
    id: upload.id,
    name: upload.name,
    size: upload.size,
    ...(upload.link === undefined ? {} : { link: upload.link }),
    read: async (signal) => {
      try {
        return await source.fetchFile(upload.url, signal, source.maxBytes);
      } catch (error) {
        if (!refresh || errorCode(error) !== "file_expired") throw error;
        const url = await refresh().catch(() => undefined);
        if (url === undefined) throw error;
        return source.fetchFile(url, signal, source.maxBytes);
      }
    },
  };
}
