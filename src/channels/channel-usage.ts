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
import type { RunJournal } from "./channel-state.ts";
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

interface Paid {
  prompt_tokens: number;
  completion_tokens: number;
  /** US dollars. */
  cost: number;
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
        const { run } = this.#parts.record.state;
        await this.#admit(run);
        try {
          const completion = await model.complete(request);
          if (!completion.cached) this.#count(agent, run, this.#paidFor(request, completion));
          return completion;
        } catch (error) {
          // It was asked all the same: whoever writes and stops in turn would else pay for nothing.
          if (request.signal?.aborted) this.#count(agent, run, asked(request, model));
          throw error;
        }
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

  async #admit(run: RunJournal | null): Promise<void> {
    const { record, people, clock, budget } = this.#parts;
    const { usage } = record.state;
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

  /** `asked` is the run that a request was admitted for: one that has begun since does not pay for it. */
  #count(agent: string, asked: RunJournal | null, paid: Paid): void {
    const { record, people, clock, budget } = this.#parts;
    const { usage = this.#fresh() } = record.state;
    const run = record.state.run?.id === asked?.id ? record.state.run : null;
    const { prompt_tokens, completion_tokens, cost } = paid;
    const spent = { tokens: prompt_tokens + completion_tokens, cost };
    const { agents } = usage;
    const isNew = !Object.hasOwn(agents, agent);
    const name = isNew && Object.keys(agents).length >= MOST_NAMES ? OTHERS : agent;
    // An agent may be called "constructor".
    const known = Object.hasOwn(agents, name) ? agents[name] : undefined;
    const [requests, prompt, answers, before] = known ?? [0, 0, 0, 0];
    const sum: AgentUsage = [
      requests + 1,
      prompt + prompt_tokens,
      answers + completion_tokens,
      before + cost,
    ];
    record.update({
      usage: {
        ...usage,
        agents: { ...agents, [name]: sum },
        today: plus(today(usage.today, clock.now()), spent),
      },
      ...(run ? { run: { ...run, spent: plus(run.spent ?? NOTHING, spent) } } : {}),
    });
    if (!budget.person_per_day || !asked?.payer) return;
    people.add(asked.payer, spent, clock.now());
    this.#unsaved.add(asked.payer);
  }

  #paidFor(request: ChatRequest, completion: ChatCompletion): Paid {
    const used = completion.usage ?? this.#estimate(request, completion);
    return { ...used, cost: completion.cost ?? this.#cost(completion.model, used) };
  }

  #fresh(): UsageRecord {
    const now = this.#parts.clock.now();
    return { since: now, agents: {}, today: today(undefined, now) };
  }

  #cost(model: string, used: Omit<Paid, "cost">): number {
    const price = priceOf(model);
    if (price) return costOf(used, price);
    this.#unpriced.add(model);
    return 0;
  }

  /** For a backend that reports no tokens: else it would have no budget at all. */
  #estimate(request: ChatRequest, { content, tool_calls }: ChatCompletion) {
    this.#estimated = true;
    const calls = tool_calls.reduce((sum, call) => sum + call.function.arguments.length, 0);
    return {
      prompt_tokens: promptTokens(request),
      completion_tokens: Math.ceil(((content?.length ?? 0) + calls) / LETTERS_PER_TOKEN),
    };
  }

  #personRows(): readonly (readonly [key: string, value: unknown])[] {
    const rows = [...this.#unsaved].map((person) => this.#parts.people.row(person));
    this.#unsaved.clear();
    return rows;
  }
}

/** A request that was ended before its answer came: at least its prompt was paid for. */
function asked(request: ChatRequest, { model }: ChatModel): Paid {
  const used = { prompt_tokens: promptTokens(request), completion_tokens: 0 };
  const price = priceOf(model);
  return { ...used, cost: price ? costOf(used, price) : 0 };
}

function promptTokens({ messages }: ChatRequest): number {
  const letters = messages.reduce((sum, message) => sum + (message.content?.length ?? 0), 0);
  return Math.ceil(letters / LETTERS_PER_TOKEN);
}
