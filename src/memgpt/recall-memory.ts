/**
 * Recall memory: the agent's whole message log, and search in what people and the agent said in it
 * (MemGPT 0.2.11's functions; behind them exact hits first, then ranking, see
 * docs/decisions/0004-recall-search.md). The log is the truth; the word index is built in memory at
 * the first search, vectors are kept behind the log where the embedder has meaning in it.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Logger } from "../shared/logger.ts";
import { argumentError } from "./agent-function.ts";
import { AppendLog } from "./append-log.ts";
import { saidIn } from "./packaging.ts";
import type { ChatMessage, Embedder, Passage, PassageStore, StateStore } from "./ports.ts";
import { calendarOf } from "./ranking/calendar.ts";
import { LineIndex } from "./ranking/line-index.ts";
import { timesNamed } from "./ranking/question-dates.ts";
import { rankLines } from "./ranking/rank-lines.ts";
import { CONVERSATION, type RankingWeights } from "./ranking/ranking-weights.ts";
import { foldText, readQuery } from "./ranking/search-query.ts";
import { fuseRankings, RANKED_LIMIT } from "./result-page.ts";
import { formatLinePage } from "./search-text.ts";
import type { TimeFormat } from "./time-format.ts";
import { INDEX_BATCH, type IndexCursor, WriteBehindIndex } from "./write-behind-index.ts";

/** A row of the log. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  created_at: number;
  message: ChatMessage;
  /** A copy of an earlier row, made by going back to a saved state: nothing new was said. */
  replayed?: true;
  /** Who said it, where that is a person. */
  person?: string;
  /** An emptied row: somebody is not to be remembered. It is in no prompt and found by no search. */
  removed?: true;
}

/** What is left of a row that must not be kept; rows are counted, so one stays. */
export function emptiedRow({ created_at, replayed }: LogEntry): LogEntry {
  const row: LogEntry = { created_at, message: { role: "user", content: "" }, removed: true };
  return replayed ? { ...row, replayed } : row;
}

/** Something that was said. */
export interface RecallLine {
  /** Its row in the log; grows with time. */
  index: number;
  role: "user" | "assistant";
  speaker: string;
  text: string;
  created_at: number;
}

export interface RecallResults {
  lines: RecallLine[];
  /** Set when the search was poorer than it should be, as a sentence for the model. */
  note?: string;
}

export interface RecallState {
  /** Rows of the log. */
  length: number;
  /** Rows in which somebody said something. */
  said: number;
  index: IndexCursor;
}

export interface RecallMemoryOptions {
  /** Prefix of the log's rows (`<owner>/log/…`) and of the passage owner (`<owner>/recall`). */
  owner: string;
  /** The agent's name, as the speaker of what it said. */
  agent: string;
  store: StateStore;
  passages: PassageStore;
  embedder: Embedder;
  logger: Logger;
  time: TimeFormat;
  state?: RecallState;
  /** Other weights than `CONVERSATION`, for measuring. */
  weights?: RankingWeights;
}

/** Rows at the log's beginning that nobody heard: the boot sequence. */
export const BOOT_ROWS = 3;

const READ_BATCH = 500;

function logPrefix(owner: string): string {
  return `${owner}/log`;
}

/** Stored rows `from` to `to` (exclusive) of an agent's log. Rejects when one is missing. */
export function readLog(
  store: StateStore,
  owner: string,
  from: number,
  to: number,
): Promise<LogEntry[]> {
  return new AppendLog<LogEntry>(store, logPrefix(owner), to).read(from, to);
}

/** Batches of vectors that one search waits for at most. */
const CATCH_UP_BATCHES = 16;

const WORDS_ONLY =
  "Search by meaning is not available at the moment; these results match by words.";

export class RecallMemory {
  /** Every message that was ever in the agent's context, in order. */
  readonly log: AppendLog<LogEntry>;
  readonly #options: RecallMemoryOptions;
  readonly #vectors: WriteBehindIndex | undefined;
  readonly #words = new LineIndex();
  /** By row of the word index: what was said, in order. */
  readonly #lines: RecallLine[] = [];
  /** By row too: the text as `foldText` makes it, for a search reads them all. */
  readonly #folded: string[] = [];
  #said: number;
  /** Rows that `#lines` and `#words` cover. */
  #read = BOOT_ROWS;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: RecallMemoryOptions) {
    this.#options = options;
    this.log = new AppendLog(options.store, logPrefix(options.owner), options.state?.length ?? 0);
    this.#said = options.state?.said ?? 0;
    if (!options.embedder.semantic) return;
    this.#vectors = new WriteBehindIndex({
      owner: this.passageOwner,
      passages: options.passages,
      embedder: options.embedder,
      logger: options.logger,
      cursor: options.state?.index,
      length: () => this.log.length,
      read: (from, to) => this.#passages(from, to),
    });
  }

  /** Owner of the vectors in the `PassageStore`; without a semantic embedder it stays empty. */
  get passageOwner(): string {
    return `${this.#options.owner}/recall`;
  }

  /** How often people and the agent said something. */
  count(): number {
    return this.#said;
  }

  state(): RecallState {
    const index = this.#vectors?.cursor ?? { embedder: this.#options.embedder.name, done: 0 };
    return { length: this.log.length, said: this.#said, index };
  }

  /** Buffers a message for the log and returns its row. */
  append(entry: LogEntry): number {
    const index = this.log.append(entry);
    if (index >= BOOT_ROWS && saidIn(entry.message)) this.#said += 1;
    return index;
  }

  /** Brings the vectors nearer to the log in the background, when a batch has gathered. */
  indexBehind(): void {
    if (this.#vectors && this.#vectors.behind >= INDEX_BATCH) this.#vectors.start(1);
  }

  /**
   * Lines that contain the query, oldest first and all of them; then the best of those that bear on
   * it by words and their surroundings or, with a semantic embedder, by meaning. A query in double
   * quotes gets the former only. Rejects when the log cannot be read; a failing index only leads to
   * a note.
   */
  async search(query: string, signal?: AbortSignalLike): Promise<RecallResults> {
    await this.#sync();
    const { text, exact_only } = readQuery(query);
    const needle = foldText(text);
    const exact = this.#lines.filter((_, row) => this.#folded[row]?.includes(needle));
    if (exact_only) return { lines: exact };
    const byWords = this.#rank(text);
    const byMeaning = await this.#searchVectors(text, signal);
    const ranked = byMeaning ? fuseRankings([byWords, byMeaning]) : byWords;
    const lines = [...new Set([...exact, ...ranked])];
    return { lines, ...(byMeaning || !this.#vectors ? {} : { note: WORDS_ONLY }) };
  }

  /** How often somebody of that name said something. Rejects when the log cannot be read. */
  async countOf(speaker: string): Promise<number> {
    await this.#sync();
    const name = speaker.toLowerCase();
    return this.#lines.filter((line) => line.speaker.toLowerCase() === name).length;
  }

  /** Lines from `start` (inclusive) to `end` (exclusive), in milliseconds, oldest first. */
  async searchByTime(start: number, end: number): Promise<RecallLine[]> {
    await this.#sync();
    return this.#lines.filter((line) => line.created_at >= start && line.created_at < end);
  }

  /** MemGPT's `conversation_search`: a page of `search`, in words. Pages count from 0. */
  async searchText(query: string, page = 0, signal?: AbortSignalLike): Promise<string> {
    const { lines, note } = await this.search(query, signal);
    return formatLinePage(lines, page, this.#options.time, query, note);
  }

  /**
   * MemGPT's `conversation_search_date`: a page of what was said from one `YYYY-MM-DD` day to
   * another, both included. Throws for what is no day.
   */
  async searchDateText(startDate: string, endDate: string, page = 0): Promise<string> {
    const { time } = this.#options;
    const [start] = dayOf("start_date", startDate, time);
    const [, end] = dayOf("end_date", endDate, time);
    const lines = await this.searchByTime(start, end);
    return formatLinePage(lines, page, time);
  }

  /** Best first. What "last week" means is counted from the newest line. */
  #rank(query: string): RecallLine[] {
    const { time, weights = CONVERSATION } = this.#options;
    const now = this.#lines.at(-1)?.created_at ?? 0;
    const times = timesNamed(query, now, calendarOf(time));
    return rankLines(this.#words, query, RANKED_LIMIT, weights, times).flatMap(
      ({ row }) => this.#lines[row] ?? [],
    );
  }

  /** The nearest lines; undefined without a semantic embedder, or when it or the store fails. */
  async #searchVectors(
    query: string,
    signal: AbortSignalLike | undefined,
  ): Promise<RecallLine[] | undefined> {
    const vectors = this.#vectors;
    if (!vectors || query.trim() === "") return undefined;
    try {
      await vectors.catchUp(CATCH_UP_BATCHES, signal);
      const [vector] = await this.#options.embedder.embed([query], signal);
      if (!vector) return undefined;
      const hits = await this.#options.passages.search([this.passageOwner], vector, RANKED_LIMIT);
      return hits
        .filter((hit) => hit.owner === this.passageOwner)
        .flatMap((hit) => this.#lineAt(Number(hit.passage.id.slice(1))) ?? []);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      vectors.logFailure(cause);
      return undefined;
    }
  }

  /** The line of a log row, by halving: lines stand in the order of the log. */
  #lineAt(index: number): RecallLine | undefined {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lines[middle]?.index ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    const line = this.#lines[low];
    return line?.index === index ? line : undefined;
  }

  /** Reads what the word index has not seen yet. Callers queue, so no row is added twice. */
  #sync(): Promise<void> {
    const next = this.#reading.catch(() => undefined).then(() => this.#readOn());
    this.#reading = next;
    return next;
  }

  async #readOn(): Promise<void> {
    while (this.#read < this.log.length) {
      const from = this.#read;
      const lines = await this.#linesIn(from, from + READ_BATCH);
      for (const line of lines) {
        this.#lines.push(line);
        this.#folded.push(foldText(line.text));
        this.#words.add(line.text, { speaker: line.speaker, at: line.created_at });
      }
    }
  }

  async #passages(from: number, to: number): Promise<Passage[]> {
    const start = Math.max(from, BOOT_ROWS);
    const entries = await this.log.read(start, to);
    return entries.flatMap((entry, i) => {
      const line = this.#line(entry, start + i);
      return line
        ? [
            {
              id: `m${line.index}`,
              text: `${line.speaker}: ${line.text}`,
              created_at: line.created_at,
            },
          ]
        : [];
    });
  }

  async #linesIn(from: number, to: number): Promise<RecallLine[]> {
    const entries = await this.log.read(from, to);
    this.#read = from + entries.length;
    return entries.flatMap((entry, i) => this.#line(entry, from + i) ?? []);
  }

  #line(entry: LogEntry, index: number): RecallLine | undefined {
    const said = entry.replayed ? undefined : saidIn(entry.message);
    if (!said) return undefined;
    const { role, text, speaker = this.#options.agent } = said;
    return { index, role, speaker, text, created_at: entry.created_at };
  }
}

function dayOf(
  name: string,
  text: string,
  time: TimeFormat,
): readonly [start: number, end: number] {
  const day = time.day(text);
  if (!day) throw argumentError(`'${name}' argument must be a date as YYYY-MM-DD, not "${text}"`);
  return day;
}
