/**
 * Vectors without a model: words, word pairs and pieces of words hashed into 1024 signed buckets.
 * They tell texts apart and keep passages storable where no embedding endpoint is configured; they
 * know no meaning, and rank worse than plain words do, so `semantic` is false.
 */
import type { Embedder } from "../../memgpt/ports.ts";
import type { AbortSignalLike } from "../../shared/abort.ts";
import { ModelError } from "../../shared/errors.ts";
import { allWordsOf, wordsOf } from "../../shared/words.ts";

const DIMENSION = 1024;
/** What a pair of words, and a piece of a word, weigh beside a word. */
const PAIR_WEIGHT = 0.5;
const PIECE_WEIGHT = 0.3;
/** Texts between two looks at the signal and at what else is waiting. */
const SLICE = 32;

export class HashEmbedder implements Embedder {
  readonly name = "offline-hash-1024";
  readonly dimension = DIMENSION;
  readonly semantic = false;

  async embed(texts: readonly string[], signal?: AbortSignalLike): Promise<number[][]> {
    const vectors: number[][] = [];
    for (const [i, text] of texts.entries()) {
      if (i % SLICE === 0 && i > 0) await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) {
        throw new ModelError("aborted", "Embedding was stopped.", { cause: signal.reason });
      }
      vectors.push(vectorOf(text));
    }
    return vectors;
  }
}

interface Feature {
  count: number;
  weight: number;
}

function vectorOf(text: string): number[] {
  const vector = new Float64Array(DIMENSION);
  for (const [hash, { count, weight }] of featuresOf(text)) {
    const bucket = hash & (DIMENSION - 1);
    const sign = hash & DIMENSION ? 1 : -1;
    vector[bucket] = (vector[bucket] ?? 0) + sign * weight * (1 + Math.log(count));
  }
  return normalised(vector);
}

/** Counts by hash: two features of one hash are one, which a bucket of their own would not undo. */
function featuresOf(text: string): Map<number, Feature> {
  const features = new Map<number, Feature>();
  const add = (hash: number, weight: number): void => {
    const feature = features.get(hash);
    if (feature) feature.count += 1;
    else features.set(hash, { count: 1, weight });
  };
  const meaningful = wordsOf(text);
  const words = meaningful.length > 0 ? meaningful : allWordsOf(text);
  let previous: number | undefined;
  for (const word of words) {
    const hash = hashOf(word, 0, word.length, WORD_SEED);
    add(mixed(hash), 1);
    if (previous !== undefined) add(mixed(Math.imul(previous, FNV_PRIME) ^ hash), PAIR_WEIGHT);
    previous = hash;
    for (let size = 3; size <= 4; size += 1) {
      for (let at = 0; at + size <= word.length; at += 1) {
        add(mixed(hashOf(word, at, at + size, PIECE_SEED)), PIECE_WEIGHT);
      }
    }
  }
  return features;
}

const FNV_PRIME = 0x01000193;
const WORD_SEED = 0x811c9dc5;
const PIECE_SEED = 0x2f0b4c47;

/** FNV-1a over UTF-16 units. */
function hashOf(text: string, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** Spreads the high bits into the low ones, which choose bucket and sign. */
function mixed(hash: number): number {
  const spread = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (spread ^ (spread >>> 13)) >>> 0;
}

function normalised(vector: Float64Array): number[] {
  let sum = 0;
  for (const value of vector) sum += value * value;
  // A text without words, or whose features cancel out, still needs a direction to be stored.
  if (sum === 0) return Array.from({ length: DIMENSION }, (_, i) => (i === 0 ? 1 : 0));
  const length = Math.sqrt(sum);
  return Array.from(vector, (value) => value / length);
}
