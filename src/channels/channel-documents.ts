/**
 * The documents of a channel: a file becomes a data source of the place's scope, once, and is then
 * linked to an agent; linking and unlinking copy nothing (design, decision 6).
 */
import type { DataSource, DataSources, IngestProgress } from "../documents/data-sources.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelRecord } from "./channel-record.ts";
import type { ChannelTable } from "./channel-table.ts";
import { escapeMarkdown, fileLabel } from "./markdown.ts";
import type { IncomingFile } from "./ports.ts";
import type { TurnLock } from "./turn-lock.ts";

export interface AttachedInfo {
  name: string;
  kind: string;
  agent: string;
  passages: number;
  description?: string;
}

export interface AttachOptions {
  /** Which MemGPT agent gets it; the first one if absent. */
  agent?: string;
  signal?: AbortSignalLike;
  onProgress?: (progress: IngestProgress) => void;
}

export interface AttachReport {
  source: DataSource;
  agent: string;
  /** The agent's passages in all, this source's included. */
  total: number;
}

export interface ChannelDocumentsParts {
  sources: DataSources;
  record: ChannelRecord;
  table: ChannelTable;
  steps: TurnLock;
  logger: Logger;
}

const MOST_PAGES_NAMED = 20;

export class ChannelDocuments {
  readonly #parts: ChannelDocumentsParts;

  constructor(parts: ChannelDocumentsParts) {
    this.#parts = parts;
  }

  /** Reads a file and links it to a MemGPT agent. The same file again changes nothing. */
  async attach(file: IncomingFile, options: AttachOptions = {}): Promise<AttachReport> {
    const { sources, record, table, logger } = this.#parts;
    const agent = table.memgpt(options.agent);
    const { signal, onProgress } = options;
    const { id: place, scope } = record.state.place;
    const bytes = await file.read(signal);
    const { source } = await sources.ingest(
      { scope, place, file: { name: file.name, bytes } },
      { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) },
    );
    const { name: agentName, memgpt } = agent;
    const total = await this.#betweenSteps(() => {
      memgpt.attachSource({
        id: source.id,
        name: source.name,
        owner: source.owner,
        kind: source.kind,
        passages: source.passages,
        ...(source.description ? { description: source.description } : {}),
      });
      return memgpt.archival.count();
    });
    logger.info("attached a data source", {
      source: source.id,
      agent: agentName,
      passages: source.passages,
    });
    return { source, agent: agentName, total };
  }

  /** Every link, in the order of the table and of attaching. */
  attached(): readonly AttachedInfo[] {
    return this.#parts.table.memgptAgents.flatMap((agent) =>
      agent.memgpt.sources.map((source) => ({
        name: source.name,
        kind: source.kind,
        agent: agent.name,
        passages: source.passages,
        ...(source.description ? { description: source.description } : {}),
      })),
    );
  }

  /** Unlinks a document, named in any case; `total` is what the agent has left. */
  async detach(
    name: string,
    agentName?: string,
  ): Promise<{ name: string; agent: string; total: number }> {
    const agent = this.#parts.table.memgpt(agentName);
    const wanted = name.trim().toLowerCase();
    const source = agent.memgpt.sources.find((one) => one.name.toLowerCase() === wanted);
    if (!source) {
      const message = `${agent.name} has no document "${fileLabel(name)}" attached`;
      throw new ColloquyError("source_unknown", message, {
        next: "See `/sources list` for the names.",
      });
    }
    const total = await this.#betweenSteps(() => {
      agent.memgpt.detachSource(source.id);
      return agent.memgpt.archival.count();
    });
    return { name: source.name, agent: agent.name, total };
  }

  #betweenSteps(change: () => number): Promise<number> {
    const { steps, record, table } = this.#parts;
    return steps.run(async () => {
      const total = change();
      await record.commit(table.committedAgents);
      return total;
    });
  }
}

/** The closing lines of an attach, in the words of MemGPT's own. Markdown. */
export function attachText({ source, agent, total }: AttachReport): string {
  const { failures, failed_pages, pages, passages } = source;
  const closing = `Attached data source ${escapeMarkdown(source.name)} to agent ${agent}, consisting of ${passages}. Agent now has ${total} embeddings in archival memory.`;
  if (failed_pages === 0) return closing;
  const numbers = failures.slice(0, MOST_PAGES_NAMED).map((failure) => failure.number);
  const more = failed_pages > numbers.length ? " and others" : "";
  return `${closing}\n${failed_pages} of ${pages} pages could not be read and are left out: ${numbers.join(", ")}${more}.`;
}

/** One line on how far the reading of a file is; without `progress`, that it begins. Markdown. */
export function progressText(name: string, progress?: IngestProgress): string {
  const { pages_done = 0, pages_total = 0, passages_done = 0 } = progress ?? {};
  const pages = pages_total > 0 ? `page ${pages_done} of ${pages_total}` : "";
  const passages = passages_done > 0 ? `${passages_done} passages stored` : "";
  const detail = [pages, passages].filter(Boolean).join(", ");
  return `Reading ${fileLabel(name)}${detail ? `: ${detail}` : ""} …`;
}
