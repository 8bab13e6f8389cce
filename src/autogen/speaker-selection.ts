/**
 * Who may speak next, before any method chooses: the custom function, the function-call filter, repeats
 * and transitions, in AutoGen 0.2.40's order of operations. And the manual method.
 */
import type { Logger } from "../shared/logger.ts";
import { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError, NoEligibleSpeakerError } from "./errors.ts";
import type { GroupChat } from "./group-chat.ts";
import { calledFunctions } from "./message.ts";
import type { ChatFlow } from "./reply.ts";
import { followers, repeats } from "./transitions.ts";

const METHODS = ["auto", "manual", "random", "round_robin"] as const;
export type SelectionMethod = (typeof METHODS)[number];

/** An agent of the group speaks at once; a method's name is used; null means that nobody may. */
export type SelectionFunction = (
  last: ConversableAgent | undefined,
  group: GroupChat,
) => SelectionResult | Promise<SelectionResult>;
export type SelectionResult = ConversableAgent | string | null | undefined;
/** A method's name in any case, or a function. */
export type SpeakerSelection = SelectionMethod | (string & {}) | SelectionFunction;

/** Gets the numbered list and the question; gives what was typed. */
export type ManualInput = (
  prompt: string,
  candidates: readonly ConversableAgent[],
  flow: ChatFlow,
) => string | Promise<string>;

export type Choice =
  | { chosen: ConversableAgent }
  /** Never empty. */
  | { chosen?: undefined; method: SelectionMethod; candidates: readonly ConversableAgent[] };

export async function eligibleSpeakers(
  group: GroupChat,
  last: ConversableAgent | undefined,
  logger: Logger,
): Promise<Choice> {
  const asked = await askedFor(group, last);
  if (asked instanceof ConversableAgent) return { chosen: asked };
  const method = checkedMethod(asked);
  checkPopulation(group, method, last, logger);
  const able = unmuted(group, ableToExecute(group));
  if (able.length === 1 && able[0] && able !== group.agents) return { chosen: able[0] };
  const canFollow = followers(group, last);
  if (canFollow === undefined) {
    throw new NoEligibleSpeakerError(`No transition is given for ${last?.name}`);
  }
  const free = able.filter((agent) => repeats(group, last) || agent !== last);
  const eligible = free.filter((agent) => canFollow.includes(agent));
  if (eligible.length === 1 && eligible[0]) return { chosen: eligible[0] };
  // As in the original, an empty list of followers is no dead end: everybody is asked.
  return { method, candidates: eligible.length === 0 ? unmuted(group, group.agents) : eligible };
}

/** Of these, who is not muted; the same list where nobody is, or where all are. */
export function unmuted(
  group: GroupChat,
  agents: readonly ConversableAgent[],
): readonly ConversableAgent[] {
  if (group.muted.size === 0) return agents;
  const free = agents.filter((agent) => !group.muted.has(agent.name));
  return free.length === 0 ? agents : free;
}

/** Shows a numbered list; undefined after "" or "q", or when three answers were no number of it. */
export async function manualSelect(
  candidates: readonly ConversableAgent[],
  input: ManualInput | undefined,
  flow: ChatFlow,
): Promise<ConversableAgent | undefined> {
  if (!input) return undefined;
  const list = candidates.map((agent, i) => `${i + 1}: ${agent.name}`).join("\n");
  const intro = `Please select the next speaker from the following list:\n${list}\n`;
  const question =
    "Enter the number of the next speaker (enter nothing or `q` to use auto selection): ";
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const retry = `Invalid input. Please enter a number between 1 and ${candidates.length}.\n`;
    const typed = (
      await input((attempt === 1 ? intro : retry) + question, candidates, flow)
    ).trim();
    if (typed === "" || typed === "q") return undefined;
    const agent = /^\d{1,9}$/.test(typed) ? candidates[Number(typed) - 1] : undefined;
    if (agent) return agent;
  }
  return undefined;
}

async function askedFor(
  group: GroupChat,
  last: ConversableAgent | undefined,
): Promise<ConversableAgent | string> {
  const { speaker_selection_method: method } = group;
  if (typeof method !== "function") return method;
  const result: unknown = await method(last, group);
  if (result === null || result === undefined) {
    throw new NoEligibleSpeakerError("The speaker selection function chose nobody");
  }
  if (typeof result === "string") return result;
  if (!(result instanceof ConversableAgent)) {
    throw new AutogenError(
      "invalid_option",
      `The speaker selection function returned a ${typeof result}`,
      { next: "Return an agent of the group, a method's name, or null." },
    );
  }
  if (group.agents.includes(result)) return result;
  throw new AutogenError(
    "unknown_agent",
    `The speaker selection function chose ${result.name}, who is not a member`,
    { next: "Return an agent of the group." },
  );
}

function checkedMethod(name: string): SelectionMethod {
  const method = METHODS.find((one) => one === name.toLowerCase());
  if (method) return method;
  throw new AutogenError("invalid_option", `speaker_selection_method is ${JSON.stringify(name)}`, {
    next: `Use one of ${METHODS.join(", ")} (in any case), or a function.`,
  });
}

function checkPopulation(
  group: GroupChat,
  method: SelectionMethod,
  last: ConversableAgent | undefined,
  logger: Logger,
): void {
  const count = group.agents.length;
  if (count < 2) {
    throw new AutogenError("underpopulated_group", `The group has ${count} agents`, {
      why: "A groupchat needs two",
      next: "Add agents, or let the two talk directly with initiateChat.",
    });
  }
  if (count === 2 && method !== "round_robin" && repeats(group, last)) {
    logger.warn(
      "GroupChat is underpopulated with 2 agents. Direct communication would be more efficient.",
    );
  }
}

/** Members who can run what the last message calls; all members where it calls nothing. */
function ableToExecute(group: GroupChat): readonly ConversableAgent[] {
  const message = group.func_call_filter ? group.messages.at(-1) : undefined;
  const names = message ? calledFunctions(message) : [];
  if (names.length === 0) return group.agents;
  const all = group.agents.filter((agent) => agent.canExecuteFunction(names));
  if (all.length > 0) return all;
  const some = group.agents.filter((agent) => agent.function_map.size > 0);
  if (some.length > 0) return some;
  throw new AutogenError("no_function_executor", `No member can run ${names.join(", ")}`, {
    next: "Register the function with a member, or take it from the caller's tools.",
  });
}
