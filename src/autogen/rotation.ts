/**
 * The round-robin rule: from the last speaker's place on, the first member who is among the candidates.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import { UndefinedNextAgentError } from "./errors.ts";

export function nextInRotation(
  members: readonly ConversableAgent[],
  lastName: string | undefined,
  candidates: readonly ConversableAgent[],
): ConversableAgent {
  if (candidates.some((agent) => !members.includes(agent))) throw new UndefinedNextAgentError();
  const index = members.findIndex((member) => member.name === lastName);
  for (let step = 1; step <= members.length; step += 1) {
    const member = members[(index + step) % members.length];
    if (member && candidates.includes(member)) return member;
  }
  throw new UndefinedNextAgentError();
}
