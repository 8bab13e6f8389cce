/**
 * Archival memory: what the agent chose to keep, and the data sources attached to it, searched as
 * one. Inserts are rows of a log, which is the truth; their vectors in the `PassageStore` follow
 * from a cursor. Sources are linked by their owner, never copied.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError, StoreError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { AppendLog } from "./append-log.ts";
import { clipText } from "./clip-text.ts";
import { PassageIndexes, type PassageMatch } from "./passage-indexes.ts";
import type { Embedder, Passage, PassageStore, StateStore, TokenCounter } from "./ports.ts";
import { byRank, PassageRanker } from "./ranking/passage-ranker.ts";
import { readQuery, type SearchQuery } from "./ranking/search-query.ts";
import { formatResultPage, fuseRankings, RANKED_LIMIT } from "./result-page.ts";
import type { AttachedSource } from "./runtime.ts";
import { type FoundPassage, mergeSame } from "./same-passages.ts";
import { formatPassage } from "./search-text.ts";
import { splitContent } from "./split-content.ts";
import type { TimeFormat } from "./time-format.ts";
import { type IndexCursor, WriteBehindIndex } from "./write-behind-index.ts";

/** One insert: its text in parts of at most 300 tokens. */
export interface ArchivalEntry {
  created_at: number;
  parts: string[];
}

export interface ArchivalState {
  /** Rows of the log. */
  length: number;
  /** Passages of the agent's own: the parts of all rows. */
  passages: number;
  index: IndexCursor;
}

export interface ArchivalResults {
  passages: Passage[];
  /** Set when the search was poorer than it should be, as a sentence for the model. */
  note?: string;
}

export interface ArchivalSearch {
  signal?: AbortSignalLike;
  /** Name of the attached source to search, and nothing else; all of it if absent. */
  source?: string;
}

export interface ArchivalMemoryOptions {
  /** Prefix of rows and of the passage owner (`<owner>/archival`). */
  owner: string;
  store: StateStore;
  passages: PassageStore;
  embedder: Embedder;
  tokens: TokenCounter;
  logger: Logger;
  time: TimeFormat;
  /** Word indexes of sources; own ones when absent. */
  source_indexes?: PassageIndexes;
  sources?: readonly AttachedSource[];
  state?: ArchivalState;
}

const MOST_NAMED = 20;
const READ_BATCH = 500;
const CATCH_UP_BATCHES = 16;

const STILL_PREPARING =
  "Attached documents are still being prepared for searching, so some of them cannot be found yet.";
const WORDS_ONLY =
  "Search by meaning is not available at the moment; these results match by words.";

export class ArchivalMemory {
  readonly log: AppendLog<ArchivalEntry>;
  readonly #options: ArchivalMemoryOptions;
  readonly #sourceIndexes: PassageIndexes;
  readonly #vectors: WriteBehindIndex;
  #sources: readonly AttachedSource[];
  #passageCount: number;
  /** The agent's own passages, in the order of the log; empty until the first search. */
  readonly #own = new PassageRanker();
  readonly #ownIds = new Map<string, Passage>();
  #read = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: ArchivalMemoryOptions) {
    this.#options = options;
    this.log = new AppendLog(
      options.store,
      `${options.owner}/archival`,
      options.state?.length ?? 0,
    );
    this.#passageCount = options.state?.passages ?? 0;
    this.#sources = options.sources ?? [];
    this.#sourceIndexes = options.source_indexes ?? new PassageIndexes(options.passages);
    this.#vectors = new WriteBehindIndex({
      owner: this.passageOwner,
      passages: options.passages,
      embedder: options.embedder,
      logger: options.logger,
      cursor: options.state?.index,
      length: () => this.log.length,
      read: async (from, to) =>
        (await this.log.read(from, to)).flatMap((entry, i) => passagesOf(entry, from + i)),
    });
  }

  /** Owner of the agent's own passages in the `PassageStore`. */
  get passageOwner(): string {
    return `${this.#options.owner}/archival`;
  }

  /** In the order they were attached. */
  get sources(): readonly AttachedSource[] {
    return this.#sources;
  }

  /** Passages it can find: its own and those of the attached sources. */
  count(): number {
    return this.#sources.reduce((sum, source) => sum + source.passages, this.#passageCount);
  }

  state(): ArchivalState {
    return {
      length: this.log.length,
      passages: this.#passageCount,
      index: this.#vectors.cursor,
    };
  }

  /** Adds the source, or takes its new record when it is attached already. */
  attach(source: AttachedSource): void {
    const others = this.#sources.filter((other) => other.id !== source.id);
    this.#sources = [...others, { ...source }];
  }

  /** The source that was detached, if it was attached. */
  detach(id: string): AttachedSource | undefined {
    const found = this.#sources.find((source) => source.id === id);
    this.#sources = this.#sources.filter((source) => source !== found);
    return found;
  }

  /**
   * Keeps a text and returns how many passages it became. It can be found at once; when its vectors
   * cannot be stored now, they are when the store is back.
   */
  async insert(content: string, now: number, signal?: AbortSignalLike): Promise<number> {
    const parts = splitContent(content, this.#options.tokens);
    if (parts.length === 0) {
      throw new ColloquyError("archival_empty", "content is empty: there is nothing to archive");
    }
    this.log.append({ created_at: now, parts });
    this.#passageCount += parts.length;
    try {
      await this.#vectors.catchUp(1, signal);
    } catch (cause) {
      this.#vectors.logFailure(cause);
    }
    return parts.length;
  }

  /** The agent's own passages, oldest first, from `offset`. Rejects when the log cannot be read. */
  async page(offset: number, limit: number): Promise<Passage[]> {
    await this.#sync();
    return this.#own.page(offset, limit);
  }

  /**
   * All passages that contain the query; then others that bear on it by words, fused with meaning
   * where the embedder is semantic, 100 of all kinds at most unless more contain it. Best first. A
   * query in double quotes gets the former only. Rejects with a `StoreError` when an attached
   * source cannot be read, so that an outage never reads as "nothing found".
   */
  async search(query: string, options: ArchivalSearch = {}): Promise<ArchivalResults> {
    const { signal, source } = options;
    const sources = source === undefined ? this.#sources : [this.#source(source)];
    await this.#sync();
    const wanted = readQuery(query);
    const own = source === undefined ? this.#searchOwn(wanted) : [];
    const inSources = await this.#searchSources(wanted, sources);
    const matches = [...own, ...inSources.matches];
    // An index that is being made again must not read as an empty archive.
    if (matches.length === 0 && !inSources.complete) throw stillPreparing();
    const exact = matches.filter((match) => match.exact).length;
    const limit = Math.max(RANKED_LIMIT, exact);
    const byWords = matches.sort(byRank).slice(0, limit);
    if (!this.#options.embedder.semantic || wanted.exact_only || wanted.text.trim() === "") {
      return withNotes(
        byWords.map((match) => match.passage),
        inSources.complete ? [] : [STILL_PREPARING],
      );
    }
    const owners = sources.map((one) => one.owner);
    const searched = source === undefined ? [this.passageOwner, ...owners] : owners;
    const byMeaning = await this.#searchVectors(wanted.text, searched, signal);
    const found = new Map<string, Passage>();
    for (const { owner, passage } of [...byWords, ...(byMeaning ?? [])]) {
      found.set(`${owner}\n${passage.id}`, passage);
    }
    const rankings = [byWords, byMeaning ?? []].map((list) =>
      list.map(({ owner, passage }) => `${owner}\n${passage.id}`),
    );
    const first = (rankings[0] ?? []).slice(0, exact);
    const passages = [...new Set([...first, ...fuseRankings(rankings)])]
      .slice(0, limit)
      .flatMap((key) => found.get(key) ?? []);
    return withNotes(passages, [
      ...(inSources.complete ? [] : [STILL_PREPARING]),
      ...(byMeaning ? [] : [WORDS_ONLY]),
    ]);
  }

  /** `search`, with passages of the same text as one. */
  async find(
    query: string,
    options: ArchivalSearch = {},
  ): Promise<{ found: FoundPassage[]; note?: string }> {
    const { passages, ...rest } = await this.search(query, options);
    return { found: mergeSame(passages), ...rest };
  }

  /** MemGPT's `archival_memory_search`: a page of `find`, in words. Pages count from 0. */
  async searchText(query: string, page = 0, options: ArchivalSearch = {}): Promise<string> {
    const { found, note } = await this.find(query, options);
    const { time } = this.#options;
    return formatResultPage(
      found,
      page,
      ({ passage, also }) => formatPassage(passage, time, also),
      note,
    );
  }

  #searchOwn(query: SearchQuery): PassageMatch[] {
    const owner = this.passageOwner;
    return this.#own.search(query, RANKED_LIMIT).map((match) => ({ ...match, owner }));
  }

  /** By name, whatever its case; throws, for the model, naming those that are attached. */
  #source(name: string): AttachedSource {
    const wanted = name.trim().toLowerCase();
    const found = this.#sources.find((source) => source.name.toLowerCase() === wanted);
    if (found) return found;
    const names = this.#sources.map((source) => source.name);
    throw new ColloquyError(
      "source_unknown",
      `No attached source is called '${clipText(name, 100)}'`,
      {
        next:
          names.length === 0
            ? "None is attached; search without 'source'."
            : `Attached are: ${names.slice(0, MOST_NAMED).join(", ")}.`,
      },
    );
  }

  async #searchSources(
    query: SearchQuery,
    sources: readonly AttachedSource[],
  ): Promise<{ matches: PassageMatch[]; complete: boolean }> {
    const found = await Promise.all(
      sources.map((source) =>
        this.#sourceIndexes.search(source.owner, source.passages, query, RANKED_LIMIT),
      ),
    );
    return {
      matches: found.flatMap(({ matches }) => matches),
      complete: found.every(({ complete }) => complete),
    };
  }

  /** undefined when embedder or store fails. */
  async #searchVectors(
    query: string,
    owners: readonly string[],
    signal: AbortSignalLike | undefined,
  ): Promise<{ owner: string; passage: Passage }[] | undefined> {
    try {
      await this.#vectors.catchUp(CATCH_UP_BATCHES, signal);
      const [vector] = await this.#options.embedder.embed([query], signal);
      if (!vector) return undefined;
      const hits = await this.#options.passages.search(owners, vector, RANKED_LIMIT);
      return hits.filter(({ owner, passage }) => {
        if (owner !== this.passageOwner) return owners.includes(owner);
        // A process that died before its commit may have left rows that the log never had.
        return this.#ownIds.get(passage.id)?.text === passage.text;
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      this.#vectors.logFailure(cause);
      return undefined;
    }
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
      const entries = await this.log.read(from, from + READ_BATCH);
      this.#read = from + entries.length;
      for (const [i, entry] of entries.entries()) {
        for (const passage of passagesOf(entry, from + i)) {
          this.#own.add(passage, String(from + i));
          this.#ownIds.set(passage.id, passage);
        }
      }
    }
  }
}

function withNotes(passages: Passage[], notes: readonly string[]): ArchivalResults {
  return { passages, ...(notes.length > 0 ? { note: notes.join(" ") } : {}) };
}

function stillPreparing(): StoreError {
  return new StoreError("store_unavailable", STILL_PREPARING, { next: "Try again in a minute." });
}

function passagesOf(entry: ArchivalEntry, row: number): Passage[] {
  return entry.parts.map((text, part) => ({
    id: `a${row}-${part}`,
    text,
    created_at: entry.created_at,
  }));
}
