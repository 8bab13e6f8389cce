/**
 * The `PassageStore` port on Chroma: archival memory's index, the recall index and data sources, in
 * one collection per embedding space, rows filtered by owner. Every call ends within a time limit,
 * because Chroma's client has none, and is repeated once when the server was gone.
 */
import { ChromaClient, type Collection } from "chromadb";
import type { Passage, PassageHit, PassageStore } from "../../memgpt/ports.ts";
import { StoreError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import type { ChromaAddress, ChromaConnection } from "./chroma-connection.ts";
import {
  batches,
  checkedVector,
  collectionName,
  fromMetadata,
  markOf,
  ownerMark,
  ownerText,
  rowId,
  toRows,
} from "./passage-rows.ts";

export interface ChromaPassageStoreOptions {
  connection: ChromaConnection;
  /** The embedding space: the embedder's name and dimension. */
  space: { name: string; dimension: number };
  logger: Logger;
  /** First part of the collection's name. Default "colloquy". */
  prefix?: string;
  /** For each request, repetition included. Default 10 s. */
  time_limit_ms?: number;
}

/** A call this slow makes the supervisor look whether the server is frozen. */
const SLOW_MS = 1_500;
/** A server that is being restarted is waited for this long. */
const RESTART_PATIENCE_MS = 3_000;
const ATTEMPTS = 2;
const DELETE_ROWS = 200;
const READ_ROWS = 250;
/** How many times as many rows as wanted are looked at for those of some owners. */
const OVERSHOOT = 10;

export class ChromaPassageStore implements PassageStore {
  readonly #options: ChromaPassageStoreOptions;
  readonly #name: string;
  readonly #limit: number;
  #collection: { readonly at: string; readonly handle: Promise<Collection> } | undefined;

  constructor(options: ChromaPassageStoreOptions) {
    this.#options = options;
    this.#name = collectionName(options.prefix ?? "colloquy", options.space);
    this.#limit = options.time_limit_ms ?? 10_000;
  }

  async upsert(
    owner: string,
    passages: readonly Passage[],
    vectors: readonly number[][],
  ): Promise<void> {
    const rows = toRows(owner, passages, vectors, this.#options.space.dimension);
    for (const batch of batches(rows)) {
      await this.#call("Passages could not be stored", (collection) =>
        collection.upsert({
          ids: batch.map(({ id }) => id),
          embeddings: batch.map(({ vector }) => vector),
          metadatas: batch.map(({ metadata }) => metadata),
        }),
      );
    }
  }

  async search(
    owners: readonly string[],
    vector: readonly number[],
    limit: number,
  ): Promise<PassageHit[]> {
    const allowed = new Map(owners.map((owner) => [ownerText(owner), owner]));
    if (allowed.size === 0 || limit < 1) return [];
    const query = checkedVector(vector, this.#options.space.dimension);
    const most = Math.floor(limit);
    return (await this.#nearest(allowed, query, most)) ?? this.#filtered(allowed, query, most);
  }

  /**
   * The nearest of all rows, those of other owners passed over by their ids alone. Undefined when too
   * few are left: the owners have a small part of the collection. Chroma's filter by owner reads every
   * row of the owner: 0.9 s for 100,000, which this takes in 30 ms.
   */
  async #nearest(
    allowed: ReadonlyMap<string, string>,
    query: number[],
    limit: number,
  ): Promise<PassageHit[] | undefined> {
    const marks = new Map([...allowed.values()].map((owner) => [ownerMark(owner), owner]));
    const result = await this.#call("Passages could not be searched", (collection) =>
      collection.query({
        queryEmbeddings: [query],
        nResults: limit * OVERSHOOT,
        include: ["distances"],
      }),
    );
    const distances = result.distances[0] ?? [];
    const near = (result.ids[0] ?? []).flatMap((id, i) => {
      const owner = marks.get(markOf(id));
      return owner === undefined ? [] : [{ id, owner, score: 1 - (distances[i] ?? 1) }];
    });
    if (near.length < limit) return undefined;
    const first = near.slice(0, limit);
    const passages = await this.#rows(first);
    return first.flatMap(({ id, owner, score }) => {
      const passage = passages.get(id);
      // Deleted since.
      return passage ? [{ passage, owner, score }] : [];
    });
  }

  async #filtered(
    allowed: ReadonlyMap<string, string>,
    query: number[],
    limit: number,
  ): Promise<PassageHit[]> {
    const [only, ...others] = allowed.keys();
    const result = await this.#call("Passages could not be searched", (collection) =>
      collection.query({
        queryEmbeddings: [query],
        nResults: limit,
        where: { owner: others.length > 0 ? { $in: [...allowed.keys()] } : (only ?? "") },
        include: ["metadatas", "distances"],
      }),
    );
    const distances = result.distances[0] ?? [];
    return (result.metadatas[0] ?? []).flatMap((metadata, i) => {
      const owner = allowed.get(String(metadata?.owner));
      if (owner === undefined) return this.#foreign();
      return [{ passage: fromMetadata(metadata), owner, score: 1 - (distances[i] ?? 1) }];
    });
  }

  async page(owner: string, offset: number, limit: number): Promise<Passage[]> {
    if (limit < 1) return [];
    const where = { owner: ownerText(owner) };
    const result = await this.#call("Passages could not be read", (collection) =>
      collection.get({
        where,
        offset: Math.max(0, Math.floor(offset)),
        limit: Math.floor(limit),
        include: ["metadatas"],
      }),
    );
    return result.metadatas.flatMap((metadata) =>
      metadata?.owner === where.owner ? [fromMetadata(metadata)] : this.#foreign(),
    );
  }

  /** By ids, which are looked up: a page by its offset reads all rows of the owner, 0.5 s of 100,000. */
  async *every(owner: string): AsyncGenerator<readonly Passage[], void> {
    const ids = await this.#ids(owner);
    for (let start = 0; start < ids.length; start += READ_ROWS) {
      const part = ids.slice(start, start + READ_ROWS).map((id) => ({ id, owner }));
      const rows = await this.#rows(part);
      yield part.flatMap(({ id }) => rows.get(id) ?? []);
    }
  }

  /** Passages by their rows' ids; those that are gone are left out. */
  async #rows(wanted: readonly { id: string; owner: string }[]): Promise<Map<string, Passage>> {
    const owners = new Map(wanted.map(({ id, owner }) => [id, ownerText(owner)]));
    const result = await this.#call("Passages could not be read", (collection) =>
      collection.get({ ids: [...owners.keys()], include: ["metadatas"] }),
    );
    return new Map(
      result.metadatas.flatMap((metadata, i) => {
        const id = result.ids[i] ?? "";
        const own = metadata?.owner === owners.get(id);
        return own ? [[id, fromMetadata(metadata)] as const] : this.#foreign();
      }),
    );
  }

  /** Chroma counts whole collections only, so the ids are fetched: 20 ms for 1,000 rows of 100,000. */
  async count(owner: string): Promise<number> {
    return (await this.#ids(owner)).length;
  }

  async delete(owner: string, ids: readonly string[]): Promise<void> {
    await this.#deleteRows([...new Set(ids.map((id) => rowId(owner, id)))]);
  }

  /** By ids in small requests: one filtered delete of 50,000 rows holds the server for 13 s. */
  async deleteOwner(owner: string): Promise<void> {
    await this.#deleteRows(await this.#ids(owner));
  }

  async #ids(owner: string): Promise<string[]> {
    const where = { owner: ownerText(owner) };
    const result = await this.#call("Passages could not be counted", (collection) =>
      collection.get({ where, include: [] }),
    );
    return result.ids;
  }

  async #deleteRows(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += DELETE_ROWS) {
      const part = ids.slice(start, start + DELETE_ROWS);
      await this.#call("Passages could not be deleted", (collection) =>
        collection.delete({ ids: part }),
      );
    }
  }

  /** The filter failed: the row is nobody's business here, and a fault to look into. */
  #foreign(): never[] {
    this.#options.logger.error("Chroma returned a row of another owner; it was dropped");
    return [];
  }

  /** All requests are safe to repeat: ids are deterministic, deletes pass over what is gone. */
  async #call<T>(what: string, work: (collection: Collection) => Promise<T>): Promise<T> {
    const { connection } = this.#options;
    const deadline = performance.now() + this.#limit;
    const slow = setTimeout(() => void connection.suspect(), SLOW_MS);
    try {
      return await this.#attempts(what, work, deadline);
    } finally {
      clearTimeout(slow);
    }
  }

  async #attempts<T>(
    what: string,
    work: (collection: Collection) => Promise<T>,
    deadline: number,
  ): Promise<T> {
    const { connection } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const address = await connection.ready(Math.min(RESTART_PATIENCE_MS, left(deadline)));
        return await withinTime(deadline, async () => work(await this.#open(address)));
      } catch (cause) {
        this.#collection = undefined;
        const fault = faultOf(cause);
        const looking = fault === "gone" || fault === "silent" ? connection.suspect() : undefined;
        if (fault === "refused" || fault === "silent" || attempt === ATTEMPTS) {
          throw failure(what, cause);
        }
        await withinTime(deadline, async () => looking).catch(() => {});
      }
    }
  }

  #open(address: ChromaAddress): Promise<Collection> {
    const at = JSON.stringify(address);
    if (this.#collection?.at !== at) {
      const { host, port, ssl, headers } = address;
      const client = new ChromaClient({ host, port, ssl, ...(headers ? { headers } : {}) });
      const handle = client.getOrCreateCollection({
        name: this.#name,
        configuration: { hnsw: { space: "cosine" } },
        // Vectors come from the embedder port; without the null the client would bring its own.
        embeddingFunction: null,
      });
      this.#collection = { at, handle };
    }
    return this.#collection.handle;
  }
}

/** "stale": the collection was made anew elsewhere; "gone": no server; "silent": no answer in time. */
type Fault = "stale" | "gone" | "silent" | "refused";

function faultOf(cause: unknown): Fault {
  if (cause instanceof OutOfTime) return "silent";
  if (!(cause instanceof Error) || cause instanceof StoreError) return "refused";
  if (cause.name === "ChromaNotFoundError") return "stale";
  return cause.name === "ChromaConnectionError" || cause.name === "ChromaServerError"
    ? "gone"
    : "refused";
}

function failure(what: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) {
    const { code, why, next } = cause;
    const details = { ...(why ? { why } : {}), ...(next ? { next } : {}), cause };
    return new StoreError(code, `${what}.`, details);
  }
  const why =
    cause instanceof OutOfTime
      ? "Chroma did not answer in time."
      : cause instanceof Error && cause.name === "ChromaConnectionError"
        ? "Chroma cannot be reached."
        : "Chroma refused the request.";
  const next = "Try again in a moment; the log has the cause.";
  return new StoreError("store_unavailable", `${what}.`, { why, next, cause });
}

class OutOfTime extends Error {}

function left(deadline: number): number {
  return Math.max(0, deadline - performance.now());
}

/** Rejects at the deadline; the work itself cannot be called back. */
async function withinTime<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutOfTime("no answer in time")), left(deadline));
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
