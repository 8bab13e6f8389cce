/**
 * A `ChatModel` over a whole `llm_config`, by AutoGen's rules: every request begins at the first entry,
 * goes on to the next when a backend fails or `filter_func` refuses its answer, and asks the response
 * cache first where a `cache_seed` is given. How one entry is talked to is the caller's.
 */
import type { ChatCompletion, ChatModel, ChatRequest } from "../memgpt/ports.ts";
import { throwIfAborted } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { ModelError } from "../shared/errors.ts";
import { applyMessageRules, type MessageRules } from "../shared/message-rules.ts";
import { costOf, type Price } from "../shared/model-prices.ts";
import { RateLimit } from "../shared/rate-limit.ts";
import type { ConfigEntry } from "./config-list.ts";
import { AutogenError } from "./errors.ts";

/** Keys of the whole list, such as `temperature`, count where an entry has none of that name. */
export interface LlmConfigOptions {
  config_list: readonly ConfigEntry[];
  /** The next entry is asked when it returns false; the last answer is given with pass_filter false. */
  filter_func?: (completion: ChatCompletion) => boolean | Promise<boolean>;
  /** A number turns the response cache on; absent or null leaves it off. */
  cache_seed?: number | null;
  readonly [option: string]: unknown;
}

/** Where answers are kept; the key holds neither secrets nor addresses. */
export interface ResponseCache {
  get(key: string): ChatCompletion | undefined | Promise<ChatCompletion | undefined>;
  set(key: string, completion: ChatCompletion): void | Promise<void>;
}

export interface ConfigListDeps {
  /** The model of one entry, which is merged with the list's shared keys. Called once an entry. */
  modelFor: (entry: ConfigEntry) => ChatModel;
  /** Needed for `api_rate_limit`. */
  clock?: Pick<Clock, "monotonic" | "sleep">;
  /** Default: kept in this model for as long as it lives. */
  cache?: ResponseCache;
}

interface Line {
  entry: ConfigEntry;
  model: ChatModel;
  rate: RateLimit | undefined;
}

/** Of an entry, what makes no difference to the answer: another endpoint shares the cache. */
const NOT_IN_KEY: ReadonlySet<string> = new Set([
  ...["api_key", "base_url", "api_base", "api_type", "api_version", "azure_endpoint"],
  ...["tags", "price", "api_rate_limit", "filter_func", "config_list"],
]);

/** Throws `invalid_option` for an empty list, or an `api_rate_limit` without a clock. */
export function configListModel(llm_config: LlmConfigOptions, deps: ConfigListDeps): ChatModel {
  const { config_list, filter_func, ...shared } = llm_config;
  const lines = config_list.map((entry) => lineOf({ ...shared, ...entry }, deps));
  const [first] = lines;
  if (!first) {
    throw new AutogenError("invalid_option", "The llm_config has no entry in its config_list", {
      next: "Give `config_list` at least one entry.",
    });
  }
  const cache = deps.cache ?? new MemoryResponseCache();
  return {
    model: first.model.model,
    context_window: Math.min(...lines.map(({ model }) => model.context_window)),
    offline: lines.every(({ model }) => model.offline),
    async complete(request) {
      for (const [i, line] of lines.entries()) {
        const isLast = i === lines.length - 1;
        let completion: ChatCompletion;
        try {
          completion = await ask(line, request, cache);
        } catch (error) {
          if (isLast || !goesOn(error)) throw error;
          continue;
        }
        if (!filter_func) return completion;
        const pass_filter = await filter_func(completion);
        if (pass_filter || isLast) return { ...completion, pass_filter };
      }
      throw new AutogenError("invalid_option", "The config_list has no entry");
    },
  };
}

/** Answers in memory, the oldest let go first. */
export class MemoryResponseCache implements ResponseCache {
  readonly #answers = new Map<string, ChatCompletion>();
  readonly #most: number;

  constructor(most = 1000) {
    this.#most = most;
  }

  get(key: string): ChatCompletion | undefined {
    return this.#answers.get(key);
  }

  set(key: string, completion: ChatCompletion): void {
    this.#answers.set(key, completion);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#most && oldest !== undefined) this.#answers.delete(oldest);
  }
}

function lineOf(entry: ConfigEntry, { modelFor, clock }: ConfigListDeps): Line {
  const { api_rate_limit: perSecond } = entry;
  if (typeof perSecond === "number" && !clock) {
    throw new AutogenError("invalid_option", "api_rate_limit needs a clock", {
      next: "Pass `clock` along with `modelFor`.",
    });
  }
  const rate = typeof perSecond === "number" && clock ? new RateLimit(perSecond, clock) : undefined;
  return { entry, model: modelFor(entry), rate };
}

async function ask(
  line: Line,
  request: ChatRequest,
  cache: ResponseCache,
): Promise<ChatCompletion> {
  const { entry, model, rate } = line;
  throwIfAborted(request.signal);
  const limit = entry.max_tokens;
  const sent: ChatRequest = {
    ...request,
    messages: applyMessageRules(request.messages, rulesOf(entry)),
    // The entry, then the list, then the call: the call never wins.
    ...(typeof limit === "number" ? { max_tokens: limit } : {}),
  };
  const key = typeof entry.cache_seed === "number" ? cacheKey(entry, sent) : undefined;
  const known = key === undefined ? undefined : await cache.get(key);
  if (known) {
    if (known.content) request.onText?.(known.content);
    return { ...known, cached: true };
  }
  await rate?.wait(request.signal);
  const completion = await model.complete(sent);
  const price = priceIn(entry);
  const cost = price && completion.usage ? costOf(completion.usage, price) : completion.cost;
  const priced = { ...completion, ...(cost === undefined ? {} : { cost }) };
  if (key !== undefined) await cache.set(key, priced);
  return priced;
}

/** Failures of a backend; a refused content would be refused elsewhere too, a stop is a stop. */
function goesOn(error: unknown): boolean {
  return error instanceof ModelError && error.code !== "content_filter" && error.code !== "aborted";
}

function cacheKey(entry: ConfigEntry, { messages, tools, tool_choice, max_tokens }: ChatRequest) {
  const settings = Object.entries(entry)
    .filter(([key, value]) => !NOT_IN_KEY.has(key) && typeof value !== "function")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([settings, messages, tools ?? [], tool_choice ?? "auto", max_tokens ?? 0]);
}

function priceIn({ price }: ConfigEntry): Price | undefined {
  if (!Array.isArray(price)) return undefined;
  const [prompt, completion]: unknown[] = price;
  return typeof prompt === "number" && typeof completion === "number"
    ? [prompt, completion]
    : undefined;
}

function rulesOf(entry: ConfigEntry): MessageRules {
  return {
    one_system_message: entry.one_system_message === true,
    alternate_roles: entry.alternate_roles === true,
    no_names: entry.no_names === true,
    no_empty_content: entry.no_empty_content === true,
  };
}
