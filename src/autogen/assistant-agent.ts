/**
 * AutoGen's AssistantAgent: answers with its model and never asks a person.
 */
import type { ConversableAgentOptions } from "./agent-options.ts";
import { ConversableAgent } from "./conversable-agent.ts";

export const DEFAULT_ASSISTANT_SYSTEM_MESSAGE =
  "You are an assistant in a conversation of several people and agents. Solve the task at hand with what you know and with the functions you are given. Work step by step: say your plan when it is not obvious, do one step at a time, and check the outcome before you build on it. If a step fails, find out why and try another way. Ask when something is missing that only others can know. When the task is solved and nothing is left to do, reply with TERMINATE.";

const DEFAULT_DESCRIPTION =
  "An assistant that plans, reasons and writes to solve the task; it runs nothing by itself.";

export class AssistantAgent extends ConversableAgent {
  constructor(options: ConversableAgentOptions) {
    const { system_message: system, description } = options;
    super({
      ...options,
      system_message: system ?? DEFAULT_ASSISTANT_SYSTEM_MESSAGE,
      description: description ?? system ?? DEFAULT_DESCRIPTION,
      human_input_mode: options.human_input_mode ?? "NEVER",
    });
  }
}
