/**
 * The documents of a channel: a file becomes a data source of the place's scope, once, and is then
 * linked to an agent; linking and unlinking copy nothing (design, decision 6).
 */
import {
  type DataSource,
  type DataSources,
  documentsOf,
  type IngestProgress,
  linkTo,
  type SourceLink,
} from "../documents/data-sources.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError, explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelRecord } from "./channel-record.ts";
import { ingestOptions, type ReadingOptions, toDocument } from "./channel-sources.ts";
import type { ChannelTable } from "./channel-table.ts";
import { unlocking } from "./locked-file.ts";
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

export interface AttachOptions extends ReadingOptions {
  /** Which MemGPT agent gets it; the first one if absent. */
  agent?: string;
}

export interface AttachAllOptions extends Omit<AttachOptions, "onProgress"> {
  /** Told where the reading is, in one line. Markdown. */
  progress: (text: string) => void;
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
  clock: Clock;
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
    const { sources, record, table } = this.#parts;
    table.memgpt(options.agent);
    const { id: place, scope } = record.state.place;
    const read = await toDocument(file, options.signal);
    const { source } = await unlocking(file.name, options.askPassword, (password) => {
      const locked = password === undefined ? {} : { password };
      return sources.ingest({ scope, place, file: { ...read, ...locked } }, ingestOptions(options));
    });
    return { source, ...(await this.link(linkTo(source), options.agent)) };
  }

  /**
   * Several files, one after the other: each with its own closing lines, and what is wrong with one keeps
   * no other back. Resolves with what is to be said at the end, done or failed; never rejects. Markdown.
   */
  async attachAll(files: readonly IncomingFile[], options: AttachAllOptions): Promise<string> {
    const { progress, ...attaching } = options;
    const said: string[] = [];
    for (const file of files) {
      const tell = this.teller(file.name);
      try {
        const onProgress: ReadingOptions["onProgress"] = (now) => progress(tell(now));
        said.push(attachText(await this.attach(file, { ...attaching, onProgress })));
      } catch (error) {
        this.#parts.logger.warn("a file could not be attached", { error });
        said.push(`${files.length > 1 ? `${fileLabel(file.name)}: ` : ""}${explainError(error)}`);
      }
      if (options.signal?.aborted) break;
    }
    return said.join("\n");
  }

  /** Links a source to an agent, at once whatever its size; `total` is what the agent has then. */
  async link(source: SourceLink, agentName?: string): Promise<{ agent: string; total: number }> {
    const { table, logger } = this.#parts;
    const { name: agent, memgpt } = table.memgpt(agentName);
    const total = await this.#betweenSteps(() => {
      memgpt.attachSource(source);
      return memgpt.archival.count();
    });
    const { id, passages } = source;
    logger.info("attached a data source", { source: id, agent, passages });
    return { agent, total };
  }

  /** Agents that have the source, in the order of the table. */
  agentsOf(sourceId: string): readonly string[] {
    return this.#parts.table.memgptAgents
      .filter((agent) => agent.memgpt.sources.some((source) => source.id === sourceId))
      .map((agent) => agent.name);
  }

  /** Brings links up to date with what the source is by now, and takes them away if it is gone. */
  async relink(sourceId: string): Promise<void> {
    const linked = this.agentsOf(sourceId);
    if (linked.length === 0) return;
    const { sources, record, table } = this.#parts;
    const source = await sources.get(record.state.place.scope, sourceId);
    await this.#betweenSteps(() => {
      for (const name of linked) {
        const { memgpt } = table.memgpt(name);
        if (source) memgpt.attachSource(linkTo(source));
        else memgpt.detachSource(sourceId);
      }
      return 0;
    });
  }

  /**
   * Takes up what became of linked sources while nobody was here; to be stored with the next commit.
   * Before anything else is done with the table.
   */
  async catchUp(): Promise<void> {
    const { sources, record, table } = this.#parts;
    for (const { memgpt } of table.memgptAgents) {
      for (const link of memgpt.sources) {
        const source = await sources.get(record.state.place.scope, link.id);
        if (!source) memgpt.detachSource(link.id);
        else if (source.name !== link.name || source.passages !== link.passages) {
          memgpt.attachSource(linkTo(source));
        }
      }
    }
  }

  /** Where a reading is, in one line; to be made when it begins. */
  teller(name: string): (progress?: IngestProgress) => string {
    const { clock } = this.#parts;
    const since = clock.monotonic();
    return (progress) => progressText(name, progress, clock.monotonic() - since);
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
  const { name, passages } = source;
  const closing = `Attached data source ${escapeMarkdown(name)} to agent ${agent}, consisting of ${passages}. Agent now has ${total} embeddings in archival memory.`;
  return [closing, ...failureLines(source)].join("\n");
}

/** What of a source could not be read, file by file. Markdown. */
export function failureLines(source: DataSource): string[] {
  const documents = documentsOf(source);
  const several = documents.length > 1;
  return documents.flatMap(({ name, error, failures, failed_pages, pages }) => {
    if (error !== undefined) return [`Left out: ${fileLabel(name)}. ${error}`];
    if (failed_pages === 0) return [];
    const numbers = failures.slice(0, MOST_PAGES_NAMED).map((failure) => failure.number);
    const more = failed_pages > numbers.length ? " and others" : "";
    const of = several ? ` of ${fileLabel(name)}` : "";
    return [
      `${failed_pages} of ${pages} pages${of} could not be read and are left out: ${numbers.join(", ")}${more}.`,
    ];
  });
}

/**
 * One line on how far the reading of a file is; without `progress`, that it begins. `elapsed`: since
 * then, in milliseconds. Markdown.
 */
export function progressText(name: string, progress?: IngestProgress, elapsed = 0): string {
  const { pages_done = 0, pages_total = 0, passages_done = 0 } = progress ?? {};
  const pages = pages_total > 0 ? `page ${pages_done} of ${pages_total}` : "";
  const passages = passages_done > 0 ? `${passages_done} passages stored` : "";
  const share = progress ? shareDone(progress) : 0;
  const percent = share > 0 ? `${Math.floor(share * 100)} %` : "";
  const left = timeLeft(share, elapsed);
  const detail = [pages, passages, percent, left].filter(Boolean).join(", ");
  return `Reading ${fileLabel(name)}${detail ? `: ${detail}` : ""} …`;
}

/** Of the work: passages stored among those that all pages will come to. 0 is unknown. */
function shareDone(progress: IngestProgress): number {
  const { pages_done, pages_total, passages_done, passages_total } = progress;
  if (pages_total === 0 || passages_total === 0) return 0;
  return Math.min(1, (passages_done / passages_total) * (pages_done / pages_total));
}

/** Nothing while it would be a guess. */
function timeLeft(share: number, elapsed: number): string {
  if (share < 0.05 || share >= 1 || elapsed < 3_000) return "";
  const seconds = Math.ceil(((elapsed / share) * (1 - share)) / 1_000);
  return seconds < 90 ? `about ${seconds} s left` : `about ${Math.ceil(seconds / 60)} min left`;
}
