/**
 * Several servers as one `ChatModel`. A line is one entry of a list with its way of asking: chat
 * completions with tools, or a prompt on a completions endpoint; the list may mix them. Failover and
 * deadline are `failover.ts`'s, what a request looks like is the line's; rate, price and kept answers
 * are the same for all.
 */
import type { ChatCompletion, ChatModel, ChatRequest, ToolCallDelta } from "../../memgpt/ports.ts";
import { costOf } from "../../shared/model-prices.ts";
import { RateLimit } from "../../shared/rate-limit.ts";
import { AnswerCache } from "./answer-cache.ts";
import { contextWindowOf } from "./context-windows.ts";
import { type ModelDeps, withFailover } from "./failover.ts";
import type { ModelEntry } from "./model-entry.ts";
import type { AttemptFailure } from "./model-errors.ts";
import { CallPreview, Preview } from "./preview.ts";

/** What one try may use beside the request. */
export interface ChatAttempt {
  /** Ends headers and body alike. */
  signal: AbortSignal;
  /** Takes the pieces of `content`; absent when nobody watches. */
  onText: ((delta: string) => void) | undefined;
  /** Takes the pieces of tool calls; absent when nobody watches. */
  onToolCall: ((delta: ToolCallDelta) => void) | undefined;
  nextId: () => string;
}

export interface ChatLine {
  readonly entry: ModelEntry;
  /** One try. What it throws is classified by `classifyFailure`. */
  attempt(request: ChatRequest, options: ChatAttempt): Promise<ChatCompletion>;
  /** May make a refusal retryable, having learned something about the server. */
  learn?(request: ChatRequest, failure: AttemptFailure): boolean;
}

/** Far more than any model writes in one answer. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * A model that answers from the first line that can. `context_window` is the smallest of the list.
 * @param lines at least one, in the order to be tried
 */
export function createLinesModel(lines: readonly ChatLine[], deps: ModelDeps): ChatModel {
  const [first] = lines;
  if (!first) throw new TypeError("A chat model needs at least one entry.");
  const byEntry = new Map(lines.map((line) => [line.entry, line]));
  const rates = deps.rates ?? new WeakMap<ModelEntry, RateLimit>();
  for (const { entry } of lines) {
    if (!rates.has(entry)) rates.set(entry, new RateLimit(entry.api_rate_limit ?? 0, deps.clock));
  }
  const answers = new AnswerCache();
  return {
    model: first.entry.model,
    context_window: Math.min(...lines.map(({ entry }) => windowOf(entry))),
    offline: false,
    complete(request) {
      const preview = request.onText ? new Preview(request.onText) : undefined;
      const calls = request.onToolCall ? new CallPreview(request.onToolCall) : undefined;
      return withFailover({
        entries: [...byEntry.keys()],
        deps,
        signal: request.signal,
        attempt: async (entry, signal) => {
          const line = byEntry.get(entry) ?? first;
          const onText = preview?.begin();
          const known = answers.get(entry, request);
          if (known) {
            onText?.(known.content ?? "");
            return known;
          }
          await rates.get(entry)?.wait(signal);
          const answer = await line.attempt(request, {
            signal,
            onText,
            onToolCall: calls?.begin(),
            nextId: () => `call_${deps.ids.next()}`,
          });
          const priced = withCost(answer, entry);
          answers.keep(entry, request, priced);
          return priced;
        },
        learn: (entry, failure) => byEntry.get(entry)?.learn?.(request, failure) ?? false,
      });
    },
  };
}

/** What the answer cost, where the entry names its `price`. */
function withCost(answer: ChatCompletion, { price }: ModelEntry): ChatCompletion {
  if (!price || !answer.usage) return answer;
  return { ...answer, cost: costOf(answer.usage, price) };
}

/** Tokens that this entry's model can see. */
export function windowOf(entry: ModelEntry): number {
  return entry.context_window ?? contextWindowOf(entry.model);
}
