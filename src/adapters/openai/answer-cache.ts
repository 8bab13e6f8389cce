/**
 * Answers given before, for entries with a `cache_seed`: off unless that is set, because a chat that
 * asks the same twice wants two answers. In memory, bounded, the oldest let go first.
 */
import type { ChatCompletion } from "../../memgpt/ports.ts";
import type { ModelEntry } from "./model-entry.ts";

const MOST_ANSWERS = 1000;

export class AnswerCache {
  readonly #answers = new Map<string, ChatCompletion>();

  /** Marked `cached`; undefined where nothing is known, or the entry has no seed. */
  get(entry: ModelEntry, body: object): ChatCompletion | undefined {
    if (entry.cache_seed === undefined) return undefined;
    const known = this.#answers.get(keyOf(entry, body));
    return known && { ...known, cached: true };
  }

  keep(entry: ModelEntry, body: object, answer: ChatCompletion): void {
    if (entry.cache_seed === undefined) return;
    this.#answers.set(keyOf(entry, body), answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** The whole request; streamed or not, and from which address, makes no difference. */
function keyOf({ cache_seed }: ModelEntry, body: object): string {
  const { stream: _stream, stream_options: _options, ...asked } = body as Record<string, unknown>;
  return JSON.stringify([cache_seed, asked]);
}
