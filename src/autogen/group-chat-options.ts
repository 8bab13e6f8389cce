/**
 * What a GroupChat is made of, under AutoGen's names, and which of it cannot be.
 */
import type { ChatModel } from "../memgpt/ports.ts";
import type { Logger } from "../shared/logger.ts";
import type { SelectorTemplates } from "./auto-selection.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { AgentMessage } from "./message.ts";
import type { ManualInput, SpeakerSelection } from "./speaker-selection.ts";
import { TransformMessages } from "./transforms.ts";
import type { TransitionTable } from "./transitions.ts";

export interface GroupChatOptions extends Partial<SelectorTemplates> {
  /** Their order is the rotation. Names must differ. */
  agents: readonly ConversableAgent[];
  /** Log lines to begin with; views are the manager's business (`restore`). */
  messages?: readonly AgentMessage[];
  /** Messages in one run, the opening one included. Default 10. */
  max_round?: number;
  /** Who speaks when the run is interrupted at the keyboard. Default "Admin". */
  admin_name?: string;
  /** After a call, only who can run the called functions may speak. Default true. */
  func_call_filter?: boolean;
  /** auto (default), manual, random, round_robin, in any case; or a function. */
  speaker_selection_method?: SpeakerSelection;
  /** Further requests when the selector's answer is unclear. Default 2. */
  max_retries_for_selecting_speaker?: number;
  /** Also a list of those who may follow themselves. Default true; excludes transitions. */
  allow_repeat_speaker?: boolean | readonly ConversableAgent[] | null;
  /** From whom to whom the word may (or may not) go; `speaker_transitions_type` says which. */
  allowed_or_disallowed_speaker_transitions?: TransitionTable | null;
  speaker_transitions_type?: "allowed" | "disallowed" | null;
  /** Lets a reply clear histories by the words "clear history". Default false. */
  enable_clear_history?: boolean;
  /** Tells all members who is there at the start of each run, outside the log. Default false. */
  send_introductions?: boolean;
  /** Model for choosing speakers; default: the manager's. */
  select_speaker_auto_llm?: ChatModel;
  /** Refused but for false: models are passed in, as `select_speaker_auto_llm`. */
  select_speaker_auto_llm_config?: false;
  /** Prints the outcome of each selection request. Default false. */
  select_speaker_auto_verbose?: boolean;
  /** What the selector is shown of the log; threads and log stay as they are. */
  select_speaker_transform_messages?: TransformMessages | null;
  /** Asks a person for the next speaker's number; absent: as if nothing was typed. */
  manual_input?: ManualInput;
  /** Numbers in [0, 1) for method random; default: a fixed sequence. */
  random?: () => number;
  logger?: Logger;
}

/** Throws `invalid_option` for what AutoGen refuses when a group is made. */
export function checkGroupOptions(options: GroupChatOptions): void {
  if (!Array.isArray(options.agents)) {
    throw invalid("agents is missing", "Give the group its agents as a list.");
  }
  const repeat = options.allow_repeat_speaker ?? null;
  if (repeat !== null && typeof repeat !== "boolean" && !Array.isArray(repeat)) {
    throw invalid(
      `allow_repeat_speaker is a ${typeof repeat}`,
      "Use true, false or a list of agents.",
    );
  }
  if (options.select_speaker_auto_llm_config) {
    throw invalid(
      "select_speaker_auto_llm_config was given",
      "Give select_speaker_auto_llm a ChatModel, for example configListModel(llm_config, { modelFor }).",
    );
  }
  for (const name of NOT_EMPTY) {
    const text = options[name];
    if (text === null || text === "") throw invalid(`${name} is empty`, "Give it a text.");
  }
  const { max_retries_for_selecting_speaker: retries = 0 } = options;
  if (!(Number.isInteger(retries) && retries >= 0)) {
    throw invalid(
      `max_retries_for_selecting_speaker is ${retries}`,
      "Give a whole number, 0 or more.",
    );
  }
  const transforms = options.select_speaker_transform_messages ?? null;
  if (transforms !== null && !(transforms instanceof TransformMessages)) {
    throw invalid(
      "select_speaker_transform_messages is no TransformMessages",
      "Make it with new TransformMessages({ transforms }), or leave it out.",
    );
  }
}

const NOT_EMPTY = [
  "select_speaker_message_template",
  "select_speaker_auto_multiple_template",
  "select_speaker_auto_none_template",
  "role_for_select_speaker_messages",
] as const;

function invalid(message: string, next: string): AutogenError {
  return new AutogenError("invalid_option", message, { next });
}
