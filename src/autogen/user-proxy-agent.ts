/**
 * AutoGen's UserProxyAgent: the people in a conversation. It has no model, asks every turn unless told
 * otherwise, and is the only agent whose lines may carry a person's own name.
 */
import type { ConversableAgentOptions } from "./agent-options.ts";
import { ConversableAgent } from "./conversable-agent.ts";
import type { HumanInputMode } from "./human-input.ts";

const DESCRIPTIONS: Readonly<Record<HumanInputMode, string>> = {
  ALWAYS: "The people: they answer questions, decide, and give the next task.",
  TERMINATE:
    "Stands in for the people: answers by itself, and asks them when the work seems done or stuck.",
  NEVER: "Stands in for the people and runs the functions that others call; nobody is asked.",
};

export class UserProxyAgent extends ConversableAgent {
  constructor(options: ConversableAgentOptions) {
    const mode = options.human_input_mode ?? "ALWAYS";
    super({
      ...options,
      system_message: options.system_message ?? "",
      description: options.description ?? DESCRIPTIONS[mode],
      human_input_mode: mode,
    });
  }
}
