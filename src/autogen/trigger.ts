/**
 * Whether a reply function serves a sender (AutoGen's `_match_trigger`).
 */
import { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { AgentClass, Trigger } from "./reply.ts";

export function matchesTrigger(trigger: Trigger, sender: ConversableAgent | undefined): boolean {
  if (trigger === null) return sender === undefined;
  if (typeof trigger === "string") return sender?.name === trigger;
  if (trigger instanceof ConversableAgent) return trigger === sender;
  if (isAgentClass(trigger)) return sender instanceof trigger;
  if (typeof trigger === "function") return trigger(sender) === true;
  return trigger.some((one: Trigger) => matchesTrigger(one, sender));
}

/** Throws `invalid_option` for what is no trigger. */
export function checkTrigger(trigger: Trigger): void {
  if (Array.isArray(trigger)) {
    for (const one of trigger) checkTrigger(one);
    return;
  }
  if (trigger === null || typeof trigger === "string" || typeof trigger === "function") return;
  if (trigger instanceof ConversableAgent) return;
  throw new AutogenError("invalid_option", "A trigger is of no known kind", {
    next: "Use a class, a name, an agent, a predicate, null, or a list of these.",
  });
}

function isAgentClass(trigger: Trigger): trigger is AgentClass {
  if (typeof trigger !== "function") return false;
  if (trigger === ConversableAgent) return true;
  const { prototype } = trigger as { prototype?: unknown };
  return prototype instanceof ConversableAgent;
}
