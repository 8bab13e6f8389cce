/**
 * What the models of one channel used and cost, per agent, and whether they may be asked at all. Counts
 * stand in the channel's record and are stored by the commits that come anyway.
 */
import type { ChatCompletion, ChatModel, ChatRequest } from "../memgpt/ports.ts";
import type { Clock } from "../shared/clock.ts";
import { costOf, priceOf } from "../shared/model-prices.ts";
import {
  type Budget,
  BudgetError,
  checkLimit,
  type DaySpending,
  NOTHING,
  plus,
  type Spending,
  today,
} from "./budget.ts";
import type { ChannelRecord } from "./channel-record.ts";
import type { PersonSpending } from "./person-spending.ts";

/** A tuple, because it is written with every step; cost in US dollars. */
export type AgentUsage = readonly [
  requests: number,
  prompt_tokens: number,
  completion_tokens: number,
  cost: number,
];

export interface UsageRecord {
  /** Milliseconds since the epoch. */
  since: number;
  agents: Readonly<Record<string, AgentUsage>>;
  today: DaySpending;
}

export interface UsageReport extends UsageRecord {
  run: Spending;
  person: DaySpending | undefined;
  budget: Budget;
  /** Models that answered since the start, and whose price nobody knows. */
  unpriced: readonly string[];
  /** Whether some backend did not say how many tokens it used. */
  estimated: boolean;
}

export interface UsageParts {
  record: ChannelRecord;
  people: PersonSpending;
  clock: Pick<Clock, "now">;
  budget: Budget;
}

/** Under which the requests stand that choose the next speaker: no agent can be called so. */
export const SELECTION = "(speaker selection)";
const OTHERS = "(others)";
/** Agents of one channel come and go; beyond so many they are counted together. */
const MOST_NAMES = 40;
const LETTERS_PER_TOKEN = 4;

export class ChannelUsage {
  readonly #parts: UsageParts;
  readonly #unpriced = new Set<string>();
  /** People for whom something was spent since the last commit. */
  readonly #unsaved = new Set<string>();
  #estimated = false;
  #refused: BudgetError | undefined;

  constructor(parts: UsageParts) {
    this.#parts = parts;
    parts.record.alongside(() => this.#personRows());
  }

  /** What ended the run in flight, or the one before; undefined where the budget had nothing to do with it. */
  get refused(): BudgetError | undefined {
    return this.#refused;
  }

  /** A run begins, or goes on. */
  begin(): void {
    this.#refused = undefined;
  }

  /** The same model, asked only while there is a budget, and with its answers counted for `agent`. */
  metered(model: ChatModel, agent: string): ChatModel {
    if (model.offline) return model;
    return {
      model: model.model,
      context_window: model.context_window,
      offline: false,
      complete: async (request) => {
        await this.#admit();
        const completion = await model.complete(request);
        if (!completion.cached) this.#count(agent, request, completion);
        return completion;
      },
    };
  }

  async report(person: string): Promise<UsageReport> {
    const { record, people, clock, budget } = this.#parts;
    const { usage, run } = record.state;
    return {
      since: usage?.since ?? clock.now(),
      agents: usage?.agents ?? {},
      today: today(usage?.today, clock.now()),
      run: run?.spent ?? NOTHING,
      person: budget.person_per_day && (await people.today(person, clock.now())),
      budget,
      unpriced: [...this.#unpriced],
      estimated: this.#estimated,
    };
  }

  async #admit(): Promise<void> {
    const { record, people, clock, budget } = this.#parts;
    const { run, usage } = record.state;
    const now = clock.now();
    try {
      checkLimit("run", budget.run, run?.spent ?? NOTHING);
      checkLimit("channel_per_day", budget.channel_per_day, today(usage?.today, now));
      const payer = budget.person_per_day && run?.payer;
      if (payer) {
        checkLimit("person_per_day", budget.person_per_day, await people.today(payer, now));
      }
    } catch (error) {
      if (error instanceof BudgetError) this.#refused = error;
      throw error;
    }
  }

  #count(agent: string, request: ChatRequest, completion: ChatCompletion): void {
    const { record, people, clock, budget } = this.#parts;
    const { usage = this.#fresh(), run } = record.state;
    const used = completion.usage ?? this.#estimate(request, completion);
    const { prompt_tokens, completion_tokens } = used;
    const cost = completion.cost ?? this.#cost(completion.model, used);
    const spent = { tokens: prompt_tokens + completion_tokens, cost };
    const { agents } = usage;
    const isNew = !Object.hasOwn(agents, agent);
    const name = isNew && Object.keys(agents).length >= MOST_NAMES ? OTHERS : agent;
    const [requests, prompt, answers, paid] = agents[name] ?? [0, 0, 0, 0];
    const sum: AgentUsage = [
      requests + 1,
      prompt + prompt_tokens,
      answers + completion_tokens,
      paid + cost,
    ];
    record.update({
      usage: {
        ...usage,
        agents: { ...agents, [name]: sum },
        today: plus(today(usage.today, clock.now()), spent),
      },
      ...(run ? { run: { ...run, spent: plus(run.spent ?? NOTHING, spent) } } : {}),
    });
    if (!budget.person_per_day || !run?.payer) return;
    people.add(run.payer, spent, clock.now());
    this.#unsaved.add(run.payer);
  }

  #fresh(): UsageRecord {
    const now = this.#parts.clock.now();
    return { since: now, agents: {}, today: today(undefined, now) };
  }

  #cost(model: string, used: { prompt_tokens: number; completion_tokens: number }): number {
    const price = priceOf(model);
    if (price) return costOf(used, price);
    this.#unpriced.add(model);
    return 0;
  }

  /** For a backend that reports no tokens: else it would have no budget at all. */
  #estimate({ messages }: ChatRequest, { content, tool_calls }: ChatCompletion) {
    this.#estimated = true;
    const letters = messages.reduce((sum, message) => sum + (message.content?.length ?? 0), 0);
    const calls = tool_calls.reduce((sum, call) => sum + call.function.arguments.length, 0);
    return {
      prompt_tokens: Math.ceil(letters / LETTERS_PER_TOKEN),
      completion_tokens: Math.ceil(((content?.length ?? 0) + calls) / LETTERS_PER_TOKEN),
    };
  }

  #personRows(): readonly (readonly [key: string, value: unknown])[] {
    const rows = [...this.#unsaved].map((person) => this.#parts.people.row(person));
    this.#unsaved.clear();
    return rows;
  }
}
