/**
 * Why a run ended, in a line for the people; undefined where nothing needs saying, because the
 * floor is theirs as usual. Every limit that is reached is told (design, decision 11).
 */
import type { RunResult } from "../autogen/index.ts";
import { ColloquyError, explainError } from "../shared/errors.ts";
import { BudgetError } from "./budget.ts";

export function endOfRunText(result: RunResult): string | undefined {
  switch (result.reason) {
    case "floor":
      return undefined;
    case "termination":
      return "The last message ends the run. The floor is yours.";
    case "max_round":
      return `The round limit is reached (${result.rounds} messages). Write to go on.`;
    case "human_stop":
      return "Stopped. The floor is yours.";
    case "aborted":
      return `${stopText(result.error)}. The floor is yours.`;
    case "no_eligible_speaker":
      return "Nobody at the table may speak next, so the run ended. The floor is yours.";
    case "auto_reply_limit":
      return "The limit of automatic replies is reached. The floor is yours.";
    case "null_reply":
      return "The agent whose turn it was had nothing to say. The floor is yours.";
    case "budget":
    case "error":
      return explainError(result.error);
    default:
      return `The run ended: ${result.detail ?? result.reason}. The floor is yours.`;
  }
}

/** Whether the run was cut short, before the floor was the people's. */
export function mayGoOn({ reason, error }: RunResult): boolean {
  // Whoever goes on with it pays from there on, so one person's day is not the end of it.
  if (reason === "budget") return error instanceof BudgetError && error.scope !== "channel_per_day";
  return ["max_round", "aborted", "human_stop", "auto_reply_limit", "error"].includes(reason);
}

/** Who stopped it, where somebody did. */
function stopText(error: unknown): string {
  const stop = error instanceof ColloquyError && error.code === "stopped";
  return stop ? error.message : "Stopped";
}
