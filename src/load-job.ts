/**
 * One `npm run load`, done in the process that holds the stores: reads the named files or pages into
 * one source, seen in its whole scope, and says so in MemGPT's words.
 */
import { basename } from "node:path";
import { filesIn } from "./adapters/files/folder-files.ts";
import { readLocalFile } from "./adapters/files/local-file.ts";
import {
  type DataSource,
  type DataSources,
  documentsOf,
  type IncomingDocument,
  type IngestProgress,
  type Loaded,
} from "./documents/data-sources.ts";
import { DocumentError } from "./documents/ports.ts";
import type { LoadJob } from "./load-arguments.ts";

export interface LoadJobOptions {
  sources: DataSources;
  max_file_bytes: number;
  signal: AbortSignal;
  tell: (text: string) => void;
}

/** Of all files of one source, which are in memory at once. */
const MOST_BYTES = 200 * 1024 * 1024;
/** What one source is loaded from at the terminal counts as loaded there. */
const PLACE = "terminal";

/** Resolves with the closing lines. Fails as `DataSources.load` does. */
export async function runLoadJob(job: LoadJob, options: LoadJobOptions): Promise<string> {
  const { sources, signal, tell } = options;
  const { name, scope } = job;
  const request = { scope, place: PLACE, name };
  const run = { signal, onProgress: (progress: IngestProgress) => tell(progressLine(progress)) };
  const loaded =
    job.kind === "webpage"
      ? await sources.loadPages({ ...request, urls: job.urls }, run)
      : await sources.load({ ...request, files: await filesOf(job, options) }, run);
  await sources.publish(scope, loaded.source.id, true);
  return closingLines(loaded);
}

async function filesOf(job: LoadJob, options: LoadJobOptions): Promise<IncomingDocument[]> {
  const inFolder = job.directory ? await filesIn(job.directory, job.recursive) : [];
  const files: IncomingDocument[] = [];
  let length = 0;
  for (const path of [...job.files, ...inFolder]) {
    const bytes = await readLocalFile(path, options.max_file_bytes, options.signal);
    length += bytes.length;
    if (length > MOST_BYTES) {
      throw new DocumentError("file_too_large", "These are too many bytes for one source.", {
        why: `The limit is ${MOST_BYTES / 1024 / 1024} MB.`,
        next: "Load them as several sources.",
      });
    }
    files.push({ name: basename(path), bytes });
  }
  return files;
}

function progressLine({ pages_done, pages_total, passages_done }: IngestProgress): string {
  return `page ${pages_done} of ${pages_total}, ${passages_done} passages stored`;
}

function closingLines({ source, created }: Loaded): string {
  const documents = documentsOf(source);
  const read = documents.filter((one) => one.error === undefined);
  const loaded = `Loaded ${source.passages} passages and ${read.length} documents from ${source.name}`;
  return [
    created ? loaded : `${loaded} (it was loaded already)`,
    ...documents.flatMap(({ name, error }) =>
      error === undefined ? [] : [`Left out: ${name}. ${error}`],
    ),
    ...failedPages(source),
  ].join("\n");
}

function failedPages(source: DataSource): string[] {
  return documentsOf(source).flatMap(({ name, failures, failed_pages, pages }) =>
    failed_pages === 0
      ? []
      : [
          `Of ${name}, ${failed_pages} of ${pages} pages could not be read: ${failures
            .slice(0, 20)
            .map((failure) => `${failure.number} (${failure.reason})`)
            .join(", ")}.`,
        ],
  );
}
