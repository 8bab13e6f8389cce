/**
 * Answers given before, for entries with a `cache_seed`: off unless that is set, because a chat that
 * asks the same twice wants two answers. In memory, bounded, the oldest let go first.
 */
import type { ChatCompletion, ChatRequest } from "../../memgpt/ports.ts";
import type { ModelEntry } from "./model-entry.ts";

const MOST_ANSWERS = 1000;

export class AnswerCache {
  readonly #answers = new Map<string, ChatCompletion>();

  /** Marked `cached`; undefined where nothing is known, or the entry has no seed. */
  get(entry: ModelEntry, request: ChatRequest): ChatCompletion | undefined {
    if (entry.cache_seed === undefined) return undefined;
    const known = this.#answers.get(keyOf(entry, request));
    return known && { ...known, cached: true };
  }

  keep(entry: ModelEntry, request: ChatRequest, answer: ChatCompletion): void {
    if (entry.cache_seed === undefined) return;
    this.#answers.set(keyOf(entry, request), answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** All that bears on the answer; streamed or not, and from which address, makes no difference. */
function keyOf(entry: ModelEntry, request: ChatRequest): string {
  const { model, cache_seed, temperature, top_p } = entry;
  const { messages, tools, tool_choice } = request;
  const max_tokens = entry.max_tokens ?? request.max_tokens;
  return JSON.stringify([
    cache_seed,
    { model, temperature, top_p, max_tokens, messages, tools, tool_choice },
  ]);
}
