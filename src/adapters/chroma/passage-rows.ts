/**
 * How passages lie in Chroma. A row's id is a hash of its owner and the passage's id; its metadata
 * are the owner, which searches filter by, and the whole passage as one JSON text. Chroma merges
 * metadata on upsert and keeps dropped keys, so one text that is always replaced is the only way to
 * store "no page"; and text kept there costs half of what Chroma's own document field costs.
 */
import { createHash } from "node:crypto";
import type { Passage } from "../../memgpt/ports.ts";
import { StoreError } from "../../shared/errors.ts";

export interface PassageRow {
  id: string;
  metadata: { owner: string; passage: string };
  vector: number[];
}

/** A batch is closed when it holds this many rows, or this many characters or digits. */
const BATCH_ROWS = 200;
const BATCH_SIZE = 8_000_000;
const CHARACTERS_PER_NUMBER = 20;
const OWNER_MARK = 24;

/** A collection name that is legal and differs for every embedder and dimension. */
export function collectionName(prefix: string, space: { name: string; dimension: number }): string {
  const readable = space.name.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 60);
  return `${prefix}-${readable}-${space.dimension}-${hash(space.name, 8)}`.replace(/-{2,}/g, "-");
}

/** Lone surrogates, which Chroma refuses, as escapes; other owners read as they are. */
export function ownerText(owner: string): string {
  return JSON.stringify(owner).slice(1, -1);
}

export function rowId(owner: string, id: string): string {
  return `${ownerMark(owner)}:${JSON.stringify(id).slice(1, -1)}`;
}

/** What the ids of an owner's rows begin with. */
export function ownerMark(owner: string): string {
  return hash(owner, OWNER_MARK);
}

export function markOf(row: string): string {
  return row.slice(0, OWNER_MARK);
}

/** Rows with distinct ids; of two passages with one id the last counts. Throws `RangeError`. */
export function toRows(
  owner: string,
  passages: readonly Passage[],
  vectors: readonly (readonly number[])[],
  dimension: number,
): PassageRow[] {
  if (passages.length !== vectors.length) {
    throw new RangeError(`${passages.length} passages came with ${vectors.length} vectors.`);
  }
  const rows = new Map<string, PassageRow>();
  for (const [i, { id, text, created_at, source, page, heading, link }] of passages.entries()) {
    const vector = checkedVector(vectors[i] ?? [], dimension);
    const passage = JSON.stringify({ id, text, created_at, source, page, heading, link });
    const row = rowId(owner, id);
    rows.set(row, { id: row, metadata: { owner: ownerText(owner), passage }, vector });
  }
  return [...rows.values()];
}

/** Chroma takes NaN and zero vectors, and then ranks by nothing. */
export function checkedVector(vector: readonly number[], dimension: number): number[] {
  if (vector.length !== dimension) {
    throw new RangeError(`A vector has ${vector.length} numbers instead of ${dimension}.`);
  }
  if (!vector.every(Number.isFinite) || vector.every((x) => x === 0)) {
    throw new RangeError("A vector is all zero or holds something that is not a finite number.");
  }
  return [...vector];
}

/** Cuts rows into requests that stay far below Chroma's limits (5,461 rows, 40 MB). */
export function batches(rows: readonly PassageRow[]): PassageRow[][] {
  const result: PassageRow[][] = [];
  let batch: PassageRow[] = [];
  let size = 0;
  for (const row of rows) {
    const rowSize = row.metadata.passage.length + row.vector.length * CHARACTERS_PER_NUMBER;
    if (batch.length > 0 && (batch.length >= BATCH_ROWS || size + rowSize > BATCH_SIZE)) {
      result.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(row);
    size += rowSize;
  }
  if (batch.length > 0) result.push(batch);
  return result;
}

/** The passage of a row's metadata. A row that does not hold one is corrupt. */
export function fromMetadata(metadata: unknown): Passage {
  const text = (metadata as { passage?: unknown } | null)?.passage;
  try {
    const passage = JSON.parse(String(text)) as Passage;
    if (typeof passage.id === "string" && typeof passage.text === "string") return passage;
  } catch {
    // Told below.
  }
  throw new StoreError("store_corrupt", "A passage in Chroma cannot be read.", {
    why: "Its row was not written by this program.",
    next: "Rebuild the index; the texts are kept in the state store.",
  });
}

function hash(text: string, characters: number): string {
  // Well-formed UTF-8 first: hashing would merge lone surrogates.
  return createHash("sha256").update(JSON.stringify(text)).digest("hex").slice(0, characters);
}
