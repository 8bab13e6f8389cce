/**
 * The data sources that a channel may see: loading, looking and changing, MemGPT's `memgpt load` and
 * `memgpt list sources`. Linking them to agents is `channel-documents.ts`; what changes a source that is
 * linked is followed up there, here and in other channels.
 */
import {
  type DataSource,
  type DataSources,
  type IncomingDocument,
  type IngestOptions,
  type IngestProgress,
  type Loaded,
  linkTo,
  type SourceView,
} from "../documents/data-sources.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { ChannelDocuments } from "./channel-documents.ts";
import { unlocking } from "./locked-file.ts";
import { fileLabel } from "./markdown.ts";
import type { AskPassword, IncomingFile, Place } from "./ports.ts";
import type { SourceLinks } from "./source-links.ts";

export interface ReadingOptions {
  signal?: AbortSignalLike;
  onProgress?: (progress: IngestProgress) => void;
  askPassword?: AskPassword;
}

export interface ListedSource {
  source: DataSource;
  /** Agents of this channel that have it. */
  agents: readonly string[];
  /** How many other channels have it. */
  elsewhere: number;
}

export interface ChannelSourcesParts {
  sources: DataSources;
  documents: ChannelDocuments;
  place: Place;
  links: SourceLinks;
}

export class ChannelSources {
  readonly #parts: ChannelSourcesParts;

  constructor(parts: ChannelSourcesParts) {
    this.#parts = parts;
  }

  /** Makes one source of files, under `name` or the first file's. Attaches nothing. */
  async load(
    name: string | undefined,
    files: readonly IncomingFile[],
    options: ReadingOptions = {},
  ): Promise<Loaded> {
    const { sources, place } = this.#parts;
    const read = await readAll(files, options.signal);
    const [only] = files;
    const ask = files.length === 1 ? options.askPassword : undefined;
    return unlocking(only?.name ?? "", ask, (password) =>
      sources.load(
        {
          ...named(name),
          ...{ scope: place.scope, place: place.id },
          files: password === undefined ? read : read.map((file) => ({ ...file, password })),
        },
        ingestOptions(options),
      ),
    );
  }

  async loadPages(
    name: string | undefined,
    urls: readonly string[],
    options: ReadingOptions = {},
  ): Promise<Loaded> {
    const { sources, place } = this.#parts;
    const request = { ...named(name), scope: place.scope, place: place.id, urls };
    return sources.loadPages(request, ingestOptions(options));
  }

  /** Links a loaded source to an agent; nothing is read. */
  async attach(
    name: string,
    agent?: string,
  ): Promise<{ source: DataSource; agent: string; total: number }> {
    const source = await this.find(name);
    return { source, ...(await this.#parts.documents.link(linkTo(source), agent)) };
  }

  /** All that is seen here, the oldest first. */
  async list(): Promise<readonly ListedSource[]> {
    const { sources, place, links, documents } = this.#parts;
    const [seen, used] = await Promise.all([
      sources.list(place.scope, place.id),
      links.usedIn(place.scope),
    ]);
    return seen.map((source) => ({
      source,
      agents: documents.agentsOf(source.id),
      elsewhere: (used.get(source.id) ?? []).filter((other) => other.id !== place.id).length,
    }));
  }

  async names(): Promise<readonly string[]> {
    const { sources, place } = this.#parts;
    return (await sources.list(place.scope, place.id)).map((source) => source.name);
  }

  /** In any case; rejects with `source_unknown` for what is not seen here. */
  async find(name: string): Promise<DataSource> {
    const { sources, place } = this.#parts;
    const source = await sources.findByName(place.scope, name, place.id);
    if (source) return source;
    throw new ColloquyError("source_unknown", `There is no data source "${fileLabel(name)}" here`, {
      next: "See `/sources list` for the names.",
    });
  }

  async show(source: DataSource, passages: number): Promise<SourceView> {
    return existing(await this.#parts.sources.show(source.scope, source.id, passages));
  }

  async refresh(source: DataSource, options: ReadingOptions = {}): Promise<DataSource> {
    const { sources } = this.#parts;
    const fresh = await sources.refresh(source.scope, source.id, ingestOptions(options));
    return this.#followed(fresh);
  }

  async rename(source: DataSource, name: string): Promise<DataSource> {
    const { sources } = this.#parts;
    return this.#followed(existing(await sources.rename(source.scope, source.id, name)));
  }

  async publish(source: DataSource, published: boolean): Promise<DataSource> {
    return existing(await this.#parts.sources.publish(source.scope, source.id, published));
  }

  /** For everyone, with its passages; agents that had it are told. */
  async delete(source: DataSource): Promise<void> {
    await this.#parts.sources.delete(source.scope, source.id);
    await this.#followed(source);
  }

  async #followed(source: DataSource): Promise<DataSource> {
    const { documents, links, place } = this.#parts;
    links.refreshElsewhere(place, source.id);
    await documents.relink(source.id);
    return source;
  }
}

async function readAll(
  files: readonly IncomingFile[],
  signal: AbortSignalLike | undefined,
): Promise<IncomingDocument[]> {
  const read: IncomingDocument[] = [];
  for (const file of files) read.push(await toDocument(file, signal));
  return read;
}

/** A file with its bytes, as the sources take it. */
export async function toDocument(
  file: IncomingFile,
  signal: AbortSignalLike | undefined,
): Promise<IncomingDocument> {
  const bytes = await file.read(signal);
  return { name: file.name, bytes, ...(file.link === undefined ? {} : { link: file.link }) };
}

export function ingestOptions({ signal, onProgress }: ReadingOptions): IngestOptions {
  return { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

function existing<T>(found: T | undefined): T {
  if (found !== undefined) return found;
  throw new ColloquyError("source_unknown", "There is no such data source any more", {
    next: "See `/sources list` for what there is.",
  });
}
