import type { Passage, PassageHit, PassageStore, StateStore } from "../../src/memgpt/ports.ts";

/** A `StateStore` in a Map; values go through JSON as they would in a real one. */
export class MemoryStateStore implements StateStore {
  readonly rows = new Map<string, string>();

  async get<T>(key: string): Promise<T | undefined> {
    const text = this.rows.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    return Promise.all(keys.map((key) => this.get<T>(key)));
  }

  async set(key: string, value: unknown): Promise<void> {
    this.rows.set(key, JSON.stringify(value));
  }

  async setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    for (const [key, value] of entries) await this.set(key, value);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.rows.delete(key);
  }
}

interface Row {
  passage: Passage;
  vector: readonly number[];
}

/** A `PassageStore` in Maps, with exact cosine search. */
export class MemoryPassageStore implements PassageStore {
  readonly #owners = new Map<string, Map<string, Row>>();

  async upsert(
    owner: string,
    passages: readonly Passage[],
    vectors: readonly number[][],
  ): Promise<void> {
    const rows = this.#owners.get(owner) ?? new Map<string, Row>();
    this.#owners.set(owner, rows);
    for (const [i, passage] of passages.entries()) {
      const vector = vectors[i];
      if (!vector) throw new Error(`No vector for passage ${passage.id}.`);
      rows.set(passage.id, { passage: structuredClone(passage), vector });
    }
  }

  async search(
    owners: readonly string[],
    vector: readonly number[],
    limit: number,
  ): Promise<PassageHit[]> {
    const hits = owners.flatMap((owner) =>
      [...(this.#owners.get(owner)?.values() ?? [])].map((row) => ({
        passage: structuredClone(row.passage),
        owner,
        score: cosine(vector, row.vector),
      })),
    );
    return hits.sort((a, b) => b.score - a.score).slice(0, limit);
  }

  async page(owner: string, offset: number, limit: number): Promise<Passage[]> {
    const rows = [...(this.#owners.get(owner)?.values() ?? [])];
    return rows.slice(offset, offset + limit).map((row) => structuredClone(row.passage));
  }

  async *every(owner: string): AsyncGenerator<readonly Passage[], void> {
    const portion = 100;
    for (let offset = 0; ; offset += portion) {
      const passages = await this.page(owner, offset, portion);
      if (passages.length === 0) return;
      yield passages;
    }
  }

  async count(owner: string): Promise<number> {
    return this.#owners.get(owner)?.size ?? 0;
  }

  async delete(owner: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#owners.get(owner)?.delete(id);
  }

  async deleteOwner(owner: string): Promise<void> {
    this.#owners.delete(owner);
  }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb || 1);
}
