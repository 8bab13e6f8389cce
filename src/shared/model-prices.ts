/**
 * What models cost: US dollars per 1,000 tokens of prompt and of completion, for models that AutoGen
 * 0.2.40 knows by name. A `config_list` entry's `price` goes before this table.
 */

export type Price = readonly [prompt: number, completion: number];

const PRICES: ReadonlyMap<string, Price> = new Map([
  ["gpt-4", [0.03, 0.06]],
  ["gpt-4-0314", [0.03, 0.06]],
  ["gpt-4-0613", [0.03, 0.06]],
  ["gpt-4-32k", [0.06, 0.12]],
  ["gpt-4-32k-0314", [0.06, 0.12]],
  ["gpt-4-32k-0613", [0.06, 0.12]],
  ["gpt-4-turbo", [0.01, 0.03]],
  ["gpt-4-turbo-2024-04-09", [0.01, 0.03]],
  ["gpt-4-0125-preview", [0.01, 0.03]],
  ["gpt-4-1106-preview", [0.01, 0.03]],
  ["gpt-4o", [0.005, 0.015]],
  ["gpt-4o-2024-05-13", [0.005, 0.015]],
  ["gpt-4o-2024-08-06", [0.0025, 0.01]],
  ["gpt-4o-mini", [0.000_15, 0.0006]],
  ["gpt-4o-mini-2024-07-18", [0.000_15, 0.0006]],
  ["gpt-4.1", [0.002, 0.008]],
  ["gpt-4.1-mini", [0.0004, 0.0016]],
  ["gpt-4.1-nano", [0.0001, 0.0004]],
  ["o1-preview", [0.015, 0.06]],
  ["o1-preview-2024-09-12", [0.015, 0.06]],
  ["o1-mini", [0.003, 0.012]],
  ["o1-mini-2024-09-12", [0.003, 0.012]],
  ["gpt-3.5-turbo", [0.0005, 0.0015]],
  ["gpt-3.5-turbo-0125", [0.0005, 0.0015]],
  ["gpt-3.5-turbo-1106", [0.001, 0.002]],
  ["gpt-3.5-turbo-instruct", [0.0015, 0.002]],
  ["gpt-3.5-turbo-0613", [0.0015, 0.002]],
  ["gpt-3.5-turbo-16k", [0.003, 0.004]],
]);

/** Undefined for a model that is not known; Azure's spelling `gpt-35-…` is. */
export function priceOf(model: string): Price | undefined {
  return PRICES.get(model) ?? PRICES.get(model.replace(/^gpt-35/, "gpt-3.5"));
}

/** In US dollars. */
export function costOf(
  usage: { prompt_tokens: number; completion_tokens: number },
  [prompt, completion]: Price,
): number {
  return (usage.prompt_tokens * prompt + usage.completion_tokens * completion) / 1000;
}
