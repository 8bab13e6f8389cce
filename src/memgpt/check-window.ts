/**
 * A window that the agent's instructions fill by themselves: no eviction helps, and servers that
 * silently cut prompts would answer nonsense, so it is told before anything is asked.
 */
import { ModelError } from "../shared/errors.ts";
import type { ChatModel } from "./ports.ts";

/**
 * Throws `context_length_exceeded` where nothing is left for a conversation.
 * @param fixed tokens of the preset's prompt and the function schemas
 */
export function checkWindow(
  agent: string,
  { model, context_window }: Pick<ChatModel, "model" | "context_window">,
  fixed: number,
): void {
  if (fixed < context_window) return;
  throw new ModelError(
    "context_length_exceeded",
    `The context window of ${model}, ${context_window} tokens, is too small for ${agent}.`,
    {
      why: `The prompt and the functions of its preset alone take ${fixed} tokens.`,
      next: "Set `context_window` of the model's entry to what the server really offers, or choose a model with a larger window or a shorter preset.",
    },
  );
}
