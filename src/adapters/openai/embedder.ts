/**
 * `Embedder` over the openai package. Splits long lists into batches, sends a few at a time, and
 * lets no vector through that a store would take and never find again: wrong count or dimension,
 * NaN, all zero.
 */
import type { Embedder } from "../../memgpt/ports.ts";
import type { AbortSignalLike } from "../../shared/abort.ts";
import { ModelError } from "../../shared/errors.ts";
import { ErrorAnswerError, MalformedAnswerError } from "../model-http/answer-errors.ts";
import { record } from "../model-http/completion.ts";
import { limitsOf, type ModelDeps, withFailover } from "../model-http/failover.ts";
import type { EmbeddingEntry } from "../model-http/model-entry.ts";
import { createClient } from "./client.ts";
import { translated } from "./sdk-errors.ts";

/** Texts per request: small enough for local servers, large enough for speed. */
const BATCH = 64;
/** Characters per request; OpenAI takes 300,000 tokens in all. */
const BATCH_CHARACTERS = 200_000;
const CONCURRENT_BATCHES = 3;
/** 64 vectors of 8,192 numbers as text. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export function createEmbedder(entry: EmbeddingEntry, deps: ModelDeps): Embedder {
  const client = createClient(entry, limitsOf(deps, MAX_BODY_BYTES));

  const embedBatch = (texts: readonly string[], signal: AbortSignalLike): Promise<number[][]> =>
    withFailover({
      entries: [entry],
      deps,
      signal,
      attempt: async (_entry, attemptSignal) => {
        const sent = client.embeddings
          .create(
            {
              model: entry.model,
              // Empty input is refused by the API.
              input: texts.map((text) => (text.trim() === "" ? "." : text)),
              // Left out, the SDK asks for base64 and mangles the answer of servers that ignore it.
              encoding_format: "float",
              ...(entry.send_dimension ? { dimensions: entry.dimension } : {}),
            },
            { signal: attemptSignal },
          )
          .asResponse();
        const response = await translated(sent);
        return readVectors(await response.text(), texts.length, entry);
      },
    });

  return {
    name: `${entry.model.replace(/[^A-Za-z0-9._-]+/g, "-")}-${entry.dimension}`,
    dimension: entry.dimension,
    semantic: true,
    async embed(texts, signal) {
      const batches = splitBatches(texts);
      const vectors = new Array<number[][]>(batches.length);
      // The first batch that fails for good ends the others.
      const controller = new AbortController();
      const onAbort = (): void => controller.abort(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) onAbort();
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let i = next++; i < batches.length; i = next++) {
          vectors[i] = await embedBatch(batches[i] ?? [], controller.signal);
        }
      };
      try {
        await Promise.all(
          Array.from({ length: Math.min(CONCURRENT_BATCHES, batches.length) }, worker),
        );
      } catch (error) {
        controller.abort(error);
        throw error;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
      return vectors.flat();
    },
  };
}

function splitBatches(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (
      batch.length >= BATCH ||
      (batch.length > 0 && characters + text.length > BATCH_CHARACTERS)
    ) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(text);
    characters += text.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function readVectors(text: string, count: number, entry: EmbeddingEntry): number[][] {
  let body: Record<string, unknown> | undefined;
  try {
    body = record(JSON.parse(text));
  } catch {
    throw new MalformedAnswerError("it is not valid JSON");
  }
  if (body?.error) throw new ErrorAnswerError(body.error);
  const data = body?.data;
  if (!Array.isArray(data)) throw new MalformedAnswerError("it holds no vectors");
  if (data.length !== count) {
    throw new MalformedAnswerError(`it holds ${data.length} vectors for ${count} texts`);
  }
  const vectors = new Array<number[] | undefined>(count).fill(undefined);
  for (const [position, item] of data.entries()) {
    const row = record(item);
    const index = typeof row?.index === "number" ? row.index : position;
    if (!(index in vectors)) throw new MalformedAnswerError("a vector's index is out of range");
    vectors[index] = checkedVector(row?.embedding, entry);
  }
  return vectors.map((vector) => {
    if (!vector) throw new MalformedAnswerError("a vector is missing");
    return vector;
  });
}

function checkedVector(value: unknown, entry: EmbeddingEntry): number[] {
  if (!Array.isArray(value)) throw new MalformedAnswerError("a vector is not a list of numbers");
  if (value.length !== entry.dimension) {
    // Asking again cannot change it: the configuration is wrong.
    throw new ModelError(
      "bad_response",
      `${entry.model} gives vectors of ${value.length} numbers, not ${entry.dimension}.`,
      { next: `Set the embedding's dimension (\`embedding_dim\`) to ${value.length}.` },
    );
  }
  let some = false;
  for (const number of value) {
    if (typeof number !== "number" || !Number.isFinite(number)) {
      throw new MalformedAnswerError("a vector holds something that is not a number");
    }
    if (number !== 0) some = true;
  }
  if (!some) throw new MalformedAnswerError("a vector is all zero");
  return value as number[];
}
