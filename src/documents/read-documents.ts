/**
 * Reads the files of a source one after the other, their pages going into the pipeline as they come,
 * and sums up what was read. Of several files, one that cannot be read is left out and told.
 */
import { type AbortSignalLike, throwIfAborted } from "../shared/abort.ts";
import { cleanText } from "./clean-text.ts";
import type { DataSource, SourceDocument } from "./data-source.ts";
import type { ProgressTeller } from "./ingest-progress.ts";
import { firstLine, sourceName } from "./names.ts";
import type { DocumentInlet, PassagePipeline } from "./passage-pipeline.ts";
import {
  DocumentError,
  type DocumentKind,
  type DocumentReader,
  type PageFailure,
} from "./ports.ts";

/** A file, with where it came from. */
export interface IncomingDocument {
  /** Untrusted display text. */
  name: string;
  bytes: Uint8Array;
  /** Hexadecimal SHA-256; found out where it is absent. */
  sha256?: string;
  /** Of an encrypted PDF; kept nowhere. */
  password?: string;
  /** The message that it was attached to, as a URL; quotes carry it. */
  link?: string;
  /** The web page that it is a copy of; `refresh` fetches it again. */
  url?: string;
}

export interface ReadingParts {
  reader: DocumentReader;
  pipeline: PassagePipeline;
  progress: ProgressTeller;
  signal: AbortSignalLike;
}

type Summary = Pick<
  DataSource,
  "kind" | "pages" | "failures" | "failed_pages" | "description" | "documents"
>;

const FAILURES_KEPT = 100;

/** Fails as the reader does when there is one file, or when no file can be read. */
export async function readDocuments(
  files: readonly IncomingDocument[],
  parts: ReadingParts,
): Promise<Summary> {
  const documents: SourceDocument[] = [];
  let description = "";
  let pages = 0;
  let failed: unknown;
  for (const file of files) {
    const read = await readOne(file, pages + 1, parts);
    documents.push(read.document);
    pages += read.document.pages;
    parts.progress.total(pages);
    description ||= read.description;
    failed ??= read.error;
    const alone = files.length === 1;
    if (failed !== undefined && alone) throw failed;
  }
  if (pages === 0 && failed !== undefined) throw failed;
  parts.progress.allRead(pages);
  const failures = documents.flatMap(({ failures: ofOne, first }) =>
    ofOne.map(({ number, reason }) => ({ number: first + number - 1, reason })),
  );
  return {
    kind: documents.find((one) => one.error === undefined)?.kind ?? "text",
    ...{ pages, description, documents },
    failures: failures.slice(0, FAILURES_KEPT),
    failed_pages: documents.reduce((sum, one) => sum + one.failed_pages, 0),
  };
}

async function readOne(
  file: IncomingDocument,
  first: number,
  { reader, pipeline, progress, signal }: ReadingParts,
): Promise<{ document: SourceDocument; description: string; error?: unknown }> {
  const { password, link, url, bytes, sha256 = "" } = file;
  const name = sourceName(file.name);
  const from = link ?? url;
  const origin = from === undefined ? {} : { link: from };
  const seen: { kind: DocumentKind; pages: number; text: string } = {
    ...{ kind: "text", pages: 0, text: "" },
  };
  let inlet: DocumentInlet | undefined;
  const summary = (failures: readonly PageFailure[]): SourceDocument => ({
    ...{ name, kind: seen.kind, sha256, bytes: bytes.length, first, pages: seen.pages },
    ...{ failures: failures.slice(0, FAILURES_KEPT), failed_pages: failures.length },
    ...origin,
    ...(url === undefined ? {} : { url }),
  });
  try {
    const document = await reader.read(
      { name: file.name, bytes },
      {
        signal,
        ...(password === undefined ? {} : { password }),
        onPage: (page, count, kind) => {
          seen.kind = kind;
          seen.pages = count;
          if (!/\S/.test(seen.text)) seen.text = page.text.slice(0, 4000);
          progress.page(first - 1 + count);
          inlet ??= pipeline.document({ name, kind, first, ...origin });
          inlet.add(page);
        },
      },
    );
    seen.kind = document.kind;
    seen.pages = document.page_count;
    return {
      document: summary(document.failures),
      description: firstLine(cleanText(seen.text)),
    };
  } catch (error) {
    throwIfAborted(signal);
    if (!(error instanceof DocumentError)) throw error;
    const document = { ...summary([]), error: error.message };
    return { document, description: firstLine(cleanText(seen.text)), error };
  } finally {
    inlet?.end();
  }
}
