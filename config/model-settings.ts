/**
 * What an entry of either list may say about its model beside where it is: window, sampling, price,
 * limits, and what its backend cannot do.
 */
import type { Fields } from "./fields.ts";

export interface ModelSettings {
  context_window?: number;
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  tags?: readonly string[];
  /** US dollars per 1,000 tokens: prompt, completion. */
  price?: readonly [number, number];
  /** Requests a second. */
  api_rate_limit?: number;
  /** Answers are kept and given again to the same request; absent means off. */
  cache_seed?: number;
  /** For backends that take less than OpenAI: what they cannot do. */
  one_system_message?: boolean;
  alternate_roles?: boolean;
  no_names?: boolean;
  no_empty_content?: boolean;
}

const MESSAGE_RULES = [
  "one_system_message",
  "alternate_roles",
  "no_names",
  "no_empty_content",
] as const;

/** Reads the keys that entries of both lists share. */
export function readModelSettings(fields: Fields): ModelSettings {
  const context_window = fields.whole("context_window", { min: 1024, max: 10_000_000 });
  const temperature = fields.number("temperature", { min: 0, max: 2 });
  const top_p = fields.number("top_p", { min: 0, max: 1 });
  const max_tokens = fields.whole("max_tokens", { min: 1, max: 1_000_000 });
  const tags = fields.list("tags");
  if (tags?.some((tag) => typeof tag !== "string")) {
    fields.fault("tags", "something else than texts", "a list of texts");
  }
  const price = fields.list("price");
  const isPrice = price?.length === 2 && price.every((part) => typeof part === "number");
  if (price && !isPrice) {
    fields.fault("price", `a list of ${price.length}`, "two numbers: prompt and completion");
  }
  const api_rate_limit = fields.number("api_rate_limit", { min: 0.001, max: 1000 });
  const cache_seed = fields.whole("cache_seed", { min: 0, max: 2 ** 31 });
  const rules = MESSAGE_RULES.filter((rule) => fields.flag(rule) === true);
  return {
    ...(api_rate_limit === undefined ? {} : { api_rate_limit }),
    ...(cache_seed === undefined ? {} : { cache_seed }),
    ...Object.fromEntries(rules.map((rule) => [rule, true])),
    ...(context_window === undefined ? {} : { context_window }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
    ...(max_tokens === undefined ? {} : { max_tokens }),
    ...(tags ? { tags: tags.map(String) } : {}),
    ...(price && isPrice ? { price: [Number(price[0]), Number(price[1])] as const } : {}),
  };
}
