/**
 * The tokens that idle work may use on one UTC day, over all places: reserved and stored before each
 * request, so that neither a restart nor a clock set back gives more, and corrected after it by what the
 * model reports.
 */
import type { ChatModel, ChatRequest, StateStore, TokenCounter } from "../memgpt/ports.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError } from "../shared/errors.ts";
import { TurnLock } from "./turn-lock.ts";

export interface IdleBudgetOptions {
  tokens_per_day: number;
  store: StateStore;
  tokens: TokenCounter;
  clock: Clock;
}

interface Spent {
  /** `YYYY-MM-DD`. */
  day: string;
  tokens: number;
}

const KEY = "idle/spent";
const USUAL_ANSWER = 1000;

export class IdleBudget {
  readonly #options: IdleBudgetOptions;
  readonly #turns = new TurnLock();

  constructor(options: IdleBudgetOptions) {
    this.#options = options;
  }

  /** The same model, which fails with `idle_budget_spent` before a request that would pass the budget. */
  readonly through = (model: ChatModel): ChatModel => ({
    model: model.model,
    context_window: model.context_window,
    offline: model.offline,
    complete: async (request) => {
      const reserved = this.#estimate(request);
      await this.#charge(reserved, true);
      const answer = await model.complete(request);
      const used = answer.usage?.total_tokens ?? reserved;
      if (used !== reserved) await this.#charge(used - reserved, false);
      return answer;
    },
  });

  #estimate({ messages, tools, max_tokens = USUAL_ANSWER }: ChatRequest): number {
    const { tokens } = this.#options;
    return tokens.count(JSON.stringify([messages, tools ?? []])) + max_tokens;
  }

  #charge(change: number, checked: boolean): Promise<void> {
    const { store, clock, tokens_per_day } = this.#options;
    return this.#turns.run(async () => {
      const today = new Date(clock.now()).toISOString().slice(0, 10);
      const stored = await store.get<Spent>(KEY);
      const same = stored !== undefined && stored.day >= today;
      const spent = same ? stored : { day: today, tokens: 0 };
      const tokens = Math.max(0, spent.tokens + change);
      if (checked && tokens > tokens_per_day) {
        throw new ColloquyError("idle_budget_spent", "Idle work has used its tokens of the day");
      }
      await store.set(KEY, { day: spent.day, tokens });
    });
  }
}
