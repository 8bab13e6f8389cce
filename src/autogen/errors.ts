/**
 * Faults in how agents and groups are put together or used. The originals raise ValueError,
 * NoEligibleSpeaker, UndefinedNextAgent, AgentNameConflict or NotImplementedError for these.
 */
import { ColloquyError, type ErrorDetails } from "../shared/errors.ts";

export type AutogenErrorCode =
  | "invalid_option"
  | "invalid_message"
  | "duplicate_agent_name"
  | "unknown_agent"
  | "underpopulated_group"
  | "no_function_executor"
  | "no_eligible_speaker"
  | "undefined_next_agent"
  | "run_in_progress"
  | "interrupted"
  | "agent_exists"
  | "agent_not_found"
  | "config_list_missing"
  | "not_implemented";

export class AutogenError extends ColloquyError {
  override readonly name: string = "AutogenError";
  declare readonly code: AutogenErrorCode;

  constructor(code: AutogenErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/** Nobody may speak next: ends a run with reason `no_eligible_speaker`, not with an error. */
export class NoEligibleSpeakerError extends AutogenError {
  override readonly name = "NoEligibleSpeakerError";

  constructor(message: string) {
    super("no_eligible_speaker", message);
  }
}

/** A rotation was asked for the next of agents of whom one is not in the group, or of none. */
export class UndefinedNextAgentError extends AutogenError {
  override readonly name = "UndefinedNextAgentError";

  constructor() {
    super("undefined_next_agent", "The agents to choose from are not members of the group");
  }
}

/**
 * Somebody broke in at the keyboard. Thrown while a speaker is chosen or replies, it hands the
 * turn to the member named `admin_name`; without such a member it ends the run as an error.
 */
export class InterruptError extends AutogenError {
  override readonly name = "InterruptError";

  constructor(message = "The run was interrupted from the keyboard") {
    super("interrupted", message);
  }
}

export class NotImplementedError extends AutogenError {
  override readonly name = "NotImplementedError";

  constructor(message: string, details: ErrorDetails = {}) {
    super("not_implemented", message, details);
  }
}
