/**
 * Several files attached one after the other: each with its own closing lines, and what is wrong with
 * one keeps no other back.
 */
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { attachText, type ChannelDocuments } from "./channel-documents.ts";
import type { ReadingOptions } from "./channel-sources.ts";
import { fileLabel } from "./markdown.ts";
import type { IncomingFile } from "./ports.ts";

export interface AttachFilesOptions extends Omit<ReadingOptions, "onProgress"> {
  progress: (text: string) => void;
  logger: Logger;
}

/** Resolves with what is to be said at the end, done or failed; never rejects. Markdown. */
export async function attachFiles(
  documents: ChannelDocuments,
  files: readonly IncomingFile[],
  options: AttachFilesOptions,
): Promise<string> {
  const { progress, logger, ...reading } = options;
  const said: string[] = [];
  for (const file of files) {
    const tell = documents.teller(file.name);
    try {
      const onProgress: ReadingOptions["onProgress"] = (now) => progress(tell(now));
      said.push(attachText(await documents.attach(file, { ...reading, onProgress })));
    } catch (error) {
      logger.warn("a file could not be attached", { error });
      said.push(`${files.length > 1 ? `${fileLabel(file.name)}: ` : ""}${explainError(error)}`);
    }
    if (options.signal?.aborted) break;
  }
  return said.join("\n");
}
