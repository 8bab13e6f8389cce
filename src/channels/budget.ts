/**
 * How much models may be asked for: in one run, in a channel a day, for one person a day. Plain data and
 * its checks. Days are those of UTC.
 */
import { ColloquyError } from "../shared/errors.ts";

/** Reaching either ends it. */
export interface SpendingLimit {
  /** Of prompts and answers together. */
  tokens?: number;
  /** US dollars. */
  cost?: number;
}

export interface Budget {
  run?: SpendingLimit;
  channel_per_day?: SpendingLimit;
  /** Of whoever began the run, wherever the bot is. */
  person_per_day?: SpendingLimit;
}

export interface Spending {
  tokens: number;
  /** US dollars. */
  cost: number;
}

/** What was spent on one day, counted from 1970 in UTC. */
export interface DaySpending extends Spending {
  day: number;
}

const DAY_MS = 86_400_000;
export const NOTHING: Spending = { tokens: 0, cost: 0 };

export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

/** What of it is today's. */
export function today(spending: DaySpending | undefined, now: number): DaySpending {
  const day = dayOf(now);
  return spending?.day === day ? spending : { day, ...NOTHING };
}

export function plus<S extends Spending>(spending: S, { tokens, cost }: Spending): S {
  return { ...spending, tokens: spending.tokens + tokens, cost: spending.cost + cost };
}

/** A model is not asked because there is nothing left to pay it from. */
export class BudgetError extends ColloquyError {
  override readonly name = "BudgetError";
  readonly scope: keyof Budget;

  constructor(scope: keyof Budget, what: string) {
    const [whose, next] = WORDS[scope];
    super("budget", `${whose}: ${what}`, { next });
    this.scope = scope;
  }
}

const WORDS: Readonly<Record<keyof Budget, readonly [whose: string, next: string]>> = {
  run: ["The budget of one run is used up", "Write, or press Continue, to go on."],
  channel_per_day: [
    "This channel's budget for today is used up",
    "It begins anew at 00:00 UTC; `/groupchat usage` tells more.",
  ],
  person_per_day: [
    "The budget for today of the person who began this run is used up",
    "It begins anew at 00:00 UTC; until then somebody else may press Continue.",
  ],
};

/** Throws a `BudgetError` where the limit is reached. */
export function checkLimit(
  scope: keyof Budget,
  limit: SpendingLimit | undefined,
  spending: Spending,
): void {
  if (!limit) return;
  const isReached =
    spending.tokens >= (limit.tokens ?? Number.POSITIVE_INFINITY) ||
    spending.cost >= (limit.cost ?? Number.POSITIVE_INFINITY);
  if (isReached) throw new BudgetError(scope, ofLimit(limit, spending));
}

/** "5,020 of 5,000 tokens, $0.10 of $0.50" */
export function ofLimit(limit: SpendingLimit, { tokens, cost }: Spending): string {
  return [
    ...(limit.tokens === undefined
      ? []
      : [`${counted(tokens)} of ${counted(limit.tokens)} tokens`]),
    ...(limit.cost === undefined ? [] : [`${dollars(cost)} of ${dollars(limit.cost)}`]),
  ].join(", ");
}

export function counted(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Small sums keep four decimals. */
export function dollars(cost: number): string {
  return `$${cost.toFixed(cost > 0 && cost < 1 ? 4 : 2)}`;
}
