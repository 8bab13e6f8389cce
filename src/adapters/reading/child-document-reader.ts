/**
 * Reads what takes a parser (PDF, Word, EPUB, HTML, tables, JSON) in warm processes of their own, which
 * are killed and replaced when a file asks too much of them. A page that kills the process is left
 * out and told. Is told the format; recognises nothing.
 */
import type {
  DocumentPage,
  DocumentReader,
  PageFailure,
  ReadDocument,
} from "../../documents/ports.ts";
import { throwIfAborted } from "../../shared/abort.ts";
import type { Logger } from "../../shared/logger.ts";
import {
  allPagesFailedError,
  deadlyPageReason,
  emptyError,
  queueFullError,
  refusedError,
  scannedError,
  tooLargeError,
} from "./reading-errors.ts";
import { ReadingLane } from "./reading-lane.ts";
import { READING_LIMITS, type ReadingLimits } from "./reading-limits.ts";
import type { ReadingFormat, ReadingOutcome, ReadingTask } from "./reading-messages.ts";

export interface ChildDocumentReaderOptions {
  logger: Logger;
  limits?: Partial<ReadingLimits>;
}

export type ReadOptions = NonNullable<Parameters<DocumentReader["read"]>[1]>;

/** How a file is to be read; a PDF by default. */
export type ReadingHint = Partial<Pick<ReadingTask, "format" | "encoding" | "delimiter">>;

/** What was read of a file so far. */
interface Harvest {
  pages: DocumentPage[];
  failures: PageFailure[];
  page_count: number;
  /** The last page that was told of. */
  last: number;
}

/** Outcomes that a single page may be to blame for, so that the others can still be read. */
const DEADLY: ReadonlySet<string> = new Set(["page_time", "memory"]);
/** Formats of which one page can be left out. */
const PAGED: ReadonlySet<ReadingFormat> = new Set(["pdf", "epub"]);

export class ChildDocumentReader implements DocumentReader {
  readonly #limits: ReadingLimits;
  readonly #logger: Logger;
  readonly #lanes: ReadingLane[];

  constructor(options: ChildDocumentReaderOptions) {
    this.#limits = { ...READING_LIMITS, ...options.limits };
    this.#logger = options.logger;
    this.#lanes = Array.from(
      { length: this.#limits.processes },
      () => new ReadingLane(this.#limits, this.#logger),
    );
  }

  /**
   * Starts a process ahead of the first file (some 0.3 s of CPU and 100 MB while it lives). Never
   * rejects; it is let go again when nothing comes.
   */
  async warm(): Promise<void> {
    await this.#lanes[0]?.warm();
  }

  /** Id of the first reading process, while there is one. */
  get pid(): number | undefined {
    return this.#lanes[0]?.pid;
  }

  async read(
    file: { name: string; bytes: Uint8Array },
    options: ReadOptions = {},
    hint: ReadingHint = {},
  ): Promise<ReadDocument> {
    throwIfAborted(options.signal);
    const { password } = options;
    const task: ReadingTask = {
      ...{ bytes: file.bytes, format: "pdf" as const, ...hint },
      ...(password === undefined ? {} : { password }),
    };
    if (file.bytes.length === 0) throw emptyError("it has no bytes", task.format);
    if (file.bytes.length > this.#limits.max_bytes) throw tooLargeError(this.#limits, task.format);
    const lane = this.#laneFor(file.bytes.length);
    return lane.turn(options.signal, () => this.#readIn(lane, task, options));
  }

  /** Ends the processes; files being read fail. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  /** The least busy process; the first for large files, so that they never fill them all. */
  #laneFor(length: number): ReadingLane {
    const waiting = this.#lanes.reduce((sum, lane) => sum + lane.accepted, 0);
    if (waiting >= this.#limits.max_waiting + this.#lanes.length) throw queueFullError();
    const [first, ...others] = this.#lanes;
    if (!first) throw queueFullError();
    if (length > this.#limits.large_bytes) return first;
    return others.reduce((best, lane) => (lane.accepted < best.accepted ? lane : best), first);
  }

  async #readIn(lane: ReadingLane, task: ReadingTask, options: ReadOptions): Promise<ReadDocument> {
    const read: Harvest = { pages: [], failures: [], page_count: 0, last: 0 };
    let format: ReadingFormat | "text" = task.format;
    for (let deadly = 0; ; deadly += 1) {
      const outcome = await this.#attempt(lane, { ...task, from: read.last + 1 }, read, options);
      if (outcome.type === "done") {
        format = outcome.format;
        break;
      }
      if (deadly >= this.#limits.max_deadly_pages || !isOnePagesFault(outcome, task, read)) {
        this.#logger.info("A file was not read.", {
          ...{ bytes: task.bytes.length, format, outcome: outcome.type },
          reason: outcome.type === "died" ? outcome.detail : outcome.reason,
        });
        throw refusedError(outcome, this.#limits, task);
      }
      read.last += 1;
      read.failures.push({
        number: read.last,
        reason: deadlyPageReason(outcome, this.#limits),
      });
      if (read.last === read.page_count) break;
    }
    return documentOf(read, format, task.format);
  }

  /** Reads from where the last attempt ended. */
  async #attempt(
    lane: ReadingLane,
    task: ReadingTask,
    read: Harvest,
    options: ReadOptions,
  ): Promise<ReadingOutcome> {
    const child = await lane.child();
    throwIfAborted(options.signal);
    const onAbort = (): void => child.kill();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const outcome = await child
      .read({ ...this.#limits, ...task }, (message) => {
        if (message.type === "opened") {
          read.page_count = message.pages;
          return;
        }
        read.last = message.number;
        if (message.type === "page_failed") {
          read.failures.push({ number: message.number, reason: message.reason });
          return;
        }
        const page = { number: message.number, text: message.text };
        read.pages.push(page);
        if (!options.signal?.aborted) options.onPage?.(page, read.page_count, task.format);
      })
      .finally(() => options.signal?.removeEventListener("abort", onAbort));
    throwIfAborted(options.signal);
    if (outcome.type === "done") lane.outgrown(child, outcome.rss);
    return outcome;
  }
}

/** Whether the file is worth another process, for the pages after the one that killed this one. */
function isOnePagesFault(
  outcome: Exclude<ReadingOutcome, { type: "done" }>,
  task: ReadingTask,
  read: Harvest,
): boolean {
  const deadly = outcome.type === "died" || DEADLY.has(outcome.reason);
  return deadly && PAGED.has(task.format) && read.page_count > 1 && read.last < read.page_count;
}

function documentOf(
  { pages, failures, page_count }: Harvest,
  kind: ReadingFormat | "text",
  format: ReadingFormat,
): ReadDocument {
  if (failures.length > 0 && pages.length === 0) {
    throw allPagesFailedError(page_count, failures[0]?.reason ?? "", format);
  }
  if (page_count === 0) {
    throw emptyError(format === "pdf" ? "it has no pages" : "there is no text in it", format);
  }
  if (!pages.some((page) => /\S/.test(page.text))) {
    throw format === "pdf"
      ? scannedError(page_count)
      : emptyError("there is no text in it", format);
  }
  return { kind, pages, page_count, failures };
}
