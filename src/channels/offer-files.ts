/**
 * What becomes of documents that somebody posts: offered with a button, since what goes into an agent's
 * memory is a person's decision; or attached at once, or left alone, where the channel was set so.
 */
import { AbortSource } from "../shared/abort.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { type ChannelDocuments, progressText } from "./channel-documents.ts";
import type { DroppedFiles } from "./channel-state.ts";
import { fileLabel } from "./markdown.ts";
import type { IncomingFile, IncomingMessage, Surface } from "./ports.ts";

export interface OfferContext {
  /** The agent that would get them. */
  agent: string;
  dropped: DroppedFiles;
  surface: Surface;
  documents: ChannelDocuments;
  logger: Logger;
}

const DOCUMENT = /\.(pdf|docx|epub|html?|md|markdown|txt|csv|tsv|jsonl?)$/i;
/** As many as a message on Discord can have. */
const MOST_FILES = 10;

/** Never rejects: a message whose file cannot be offered is answered all the same. */
export async function offerFiles(message: IncomingMessage, context: OfferContext): Promise<void> {
  const { agent, dropped, surface, logger } = context;
  const files = message.files.filter((file) => DOCUMENT.test(file.name)).slice(0, MOST_FILES);
  if (dropped === "never" || files.length === 0) return;
  try {
    if (dropped === "always") return await attachAll(message, files, context);
  } catch (error) {
    logger.warn("posted files could not be attached", { error });
    return;
  }
  for (const file of files) {
    const text = `Attach **${fileLabel(file.name)}** to ${agent}'s archival memory?`;
    try {
      await surface.offerAttachment(message, file, text);
    } catch (error) {
      logger.warn("a file could not be offered", { error });
    }
  }
}

async function attachAll(
  message: IncomingMessage,
  files: readonly IncomingFile[],
  { surface, documents }: OfferContext,
): Promise<void> {
  const stop = new AbortSource();
  const progress = await surface.progress(progressText(files[0]?.name ?? ""), {
    person: message.person,
    cancel: () => stop.abort(cancelled()),
  });
  const told = (text: string): void => progress.update(text);
  const options = { signal: stop.signal, progress: told };
  await progress.finish(await documents.attachAll(files, options));
}

/** Why work ends whose cancel button was pressed. */
export function cancelled(): ColloquyError {
  return new ColloquyError("stopped", "Cancelled. Nothing was attached.");
}
