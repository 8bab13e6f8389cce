/**
 * What agents' models used and cost: per agent and model, actual and with cached answers counted, and
 * for any number of agents together with the members of their groups (AutoGen's
 * `gather_usage_summary`, which forgot the members).
 */
import type { ChatCompletion, ChatModel, TokenUsage } from "../memgpt/ports.ts";
import { type Logger, silentLogger } from "../shared/logger.ts";
import { costOf, priceOf } from "../shared/model-prices.ts";
import type { ConversableAgent } from "./conversable-agent.ts";

export interface ModelUsage extends TokenUsage {
  /** US dollars. */
  cost: number;
}

export interface UsageSummary {
  /** US dollars. */
  total_cost: number;
  /** By the name of the model that answered. */
  models: ReadonlyMap<string, ModelUsage>;
}

export interface GatheredUsage {
  usage_including_cached_inference: UsageSummary;
  usage_excluding_cached_inference: UsageSummary;
}

/** Which summary: paid for, or with cached answers. */
export type UsageMode = "actual" | "total";

type Sums = Map<string, ModelUsage>;

/** Counts one agent's completions since it was made. */
export class UsageMeter {
  readonly #actual: Sums = new Map();
  readonly #total: Sums = new Map();
  readonly #unpriced = new Set<string>();
  readonly #logger: Logger;

  constructor(logger: Logger = silentLogger) {
    this.#logger = logger;
  }

  /** A completion whose backend reports no tokens counts nothing. */
  add({ model, usage, cost, cached }: ChatCompletion): void {
    if (!usage) return;
    const entry = { ...usage, cost: cost ?? this.#cost(model, usage) };
    addTo(this.#total, model, entry);
    if (!cached) addTo(this.#actual, model, entry);
  }

  /** Tokens and cost of one model, cached answers included. */
  get(model: string): ModelUsage | undefined {
    return this.#total.get(model);
  }

  /** Undefined where nothing was used. */
  summary(mode: UsageMode): UsageSummary | undefined {
    const sums = mode === "actual" ? this.#actual : this.#total;
    return sums.size === 0 ? undefined : summaryOf(sums);
  }

  clear(): void {
    this.#actual.clear();
    this.#total.clear();
  }

  #cost(model: string, usage: TokenUsage): number {
    const price = priceOf(model);
    if (price) return costOf(usage, price);
    if (!this.#unpriced.has(model)) {
      this.#unpriced.add(model);
      this.#logger.warn(
        `Model ${model} is not found. The cost will be 0. In your config_list, add field {"price" : [prompt_price_per_1k, completion_token_price_per_1k]} for customized pricing.`,
      );
    }
    return 0;
  }
}

/** The same model, with every completion counted. */
export function metered(model: ChatModel, meter: UsageMeter): ChatModel {
  return {
    model: model.model,
    context_window: model.context_window,
    offline: model.offline,
    async complete(request) {
      const completion = await model.complete(request);
      meter.add(completion);
      return completion;
    },
  };
}

/** All of these agents and the members of their groups, each once. */
export function gatherUsageSummary(agents: readonly ConversableAgent[]): GatheredUsage {
  const everybody = allOf(agents);
  return {
    usage_including_cached_inference: gathered(everybody, "total"),
    usage_excluding_cached_inference: gathered(everybody, "actual"),
  };
}

/** Tokens of all of these agents and their members, cached answers included. */
export function tokensOf(agents: readonly ConversableAgent[]): TokenUsage {
  const sum = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  for (const usage of gathered(allOf(agents), "total").models.values()) {
    sum.prompt_tokens += usage.prompt_tokens;
    sum.completion_tokens += usage.completion_tokens;
    sum.total_tokens += usage.total_tokens;
  }
  return sum;
}

/** The text of `print_usage_summary`, one line an entry. */
export function formatUsage(name: string, meter: UsageMeter, modes: readonly UsageMode[]): string {
  const rule = "-".repeat(100);
  const head = `Agent '${name}':`;
  const total = meter.summary("total");
  if (!total) return `No cost incurred from agent '${name}'.`;
  const actual = meter.summary("actual");
  const parts = modes.map((mode) => {
    const title = `Usage summary ${mode === "actual" ? "excluding" : "including"} cached usage: `;
    if (mode === "actual") {
      return actual
        ? section(title, actual)
        : "No actual cost incurred (all completions are using cache).";
    }
    const same = modes.includes("actual") && actual !== undefined && equal(actual, total);
    return same
      ? "All completions are non-cached: the total cost with cached completions is the same as actual cost."
      : section(title, total);
  });
  return [head, rule, parts.join("\n\n"), rule].join("\n");
}

function equal(a: UsageSummary, b: UsageSummary): boolean {
  return JSON.stringify([...a.models]) === JSON.stringify([...b.models]);
}

function section(title: string, { total_cost, models }: UsageSummary): string {
  const lines = [...models].map(
    ([model, usage]) =>
      `* Model '${model}': cost: ${round(usage.cost)}, prompt_tokens: ${usage.prompt_tokens}, completion_tokens: ${usage.completion_tokens}, total_tokens: ${usage.total_tokens}`,
  );
  return [title, `Total cost: ${round(total_cost)}`, ...lines].join("\n");
}

function round(cost: number): number {
  return Math.round(cost * 100_000) / 100_000;
}

function allOf(agents: readonly ConversableAgent[]): ReadonlySet<ConversableAgent> {
  const found = new Set<ConversableAgent>();
  const add = (agent: ConversableAgent): void => {
    if (found.has(agent)) return;
    found.add(agent);
    for (const member of agent.members) add(member);
  };
  for (const agent of agents) add(agent);
  return found;
}

function gathered(agents: ReadonlySet<ConversableAgent>, mode: UsageMode): UsageSummary {
  const sums: Sums = new Map();
  for (const agent of agents) {
    for (const [model, usage] of agent.usage.summary(mode)?.models ?? []) addTo(sums, model, usage);
  }
  return summaryOf(sums);
}

function summaryOf(sums: Sums): UsageSummary {
  const total_cost = [...sums.values()].reduce((sum, { cost }) => sum + cost, 0);
  return { total_cost, models: new Map([...sums].map(([model, usage]) => [model, { ...usage }])) };
}

function addTo(sums: Sums, model: string, usage: ModelUsage): void {
  const before = sums.get(model);
  sums.set(model, {
    prompt_tokens: usage.prompt_tokens + (before?.prompt_tokens ?? 0),
    completion_tokens: usage.completion_tokens + (before?.completion_tokens ?? 0),
    total_tokens: usage.total_tokens + (before?.total_tokens ?? 0),
    cost: usage.cost + (before?.cost ?? 0),
  });
}
