/** `budget`: how much models may be asked for, in tokens or US dollars. What is absent has no limit. */
import type { Fields } from "./fields.ts";

export interface SpendingLimit {
  tokens?: number;
  /** US dollars. */
  cost?: number;
}

export interface BudgetConfig {
  run?: SpendingLimit;
  channel_per_day?: SpendingLimit;
  person_per_day?: SpendingLimit;
}

const SCOPES = ["run", "channel_per_day", "person_per_day"] as const;

export function readBudget(fields: Fields): BudgetConfig {
  const budget: BudgetConfig = {};
  for (const scope of SCOPES) {
    const given = fields.has(scope) ? fields.section(scope) : undefined;
    if (!given) continue;
    const tokens = given.whole("tokens", { min: 1, max: 1e12 });
    const cost = given.number("cost", { min: 0.000_001, max: 1e9 });
    if (!given.has("tokens") && !given.has("cost")) {
      fields.fault(scope, "neither tokens nor cost", "one of them, or both");
    }
    given.done();
    budget[scope] = {
      ...(tokens === undefined ? {} : { tokens }),
      ...(cost === undefined ? {} : { cost }),
    };
  }
  fields.done();
  return budget;
}
