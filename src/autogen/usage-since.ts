/**
 * What some agents have used since a moment, for limits on one run or chat.
 */
import type { TokenUsage } from "../memgpt/ports.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { tokensOf } from "./usage.ts";

/** From now on; members who join a group later count with what they used before. */
export function usageSince(agents: readonly ConversableAgent[]): () => TokenUsage {
  const before = tokensOf(agents);
  return () => {
    const now = tokensOf(agents);
    return {
      prompt_tokens: now.prompt_tokens - before.prompt_tokens,
      completion_tokens: now.completion_tokens - before.completion_tokens,
      total_tokens: now.total_tokens - before.total_tokens,
    };
  };
}
