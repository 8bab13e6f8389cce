/**
 * Agents that people of a channel made themselves, beside the configured seats: plain agents, kept in the
 * channel's settings. Plain data and its checks; their seats are built when the channel is opened.
 */
import { ColloquyError } from "../shared/errors.ts";
import type { Seat } from "./channel-table.ts";

export interface OwnAgent {
  name: string;
  description: string;
  system_message: string;
  /** A model that a configured agent has; the first plain agent's when absent, empty or gone. */
  model?: string;
}

/** With the configured ones, names must fit one menu of 25. */
const MOST_AGENTS = 15;
export const LONGEST_NAME = 64;
export const LONGEST_DESCRIPTION = 300;
/** What a form's field holds. */
export const LONGEST_MESSAGE = 4_000;

type Modelled = Exclude<Seat, { type: "user_proxy" }>;

/** The configured seats, and behind them those of the channel's own agents. */
export function withOwnSeats(seats: readonly Seat[], own: readonly OwnAgent[] = []): Seat[] {
  const all = [...seats];
  for (const { name, description, system_message, model: wanted } of own) {
    const model = modelNamed(seats, wanted) ?? modelNamed(seats);
    // A configured agent may have come to the same name since: it goes first.
    if (!model || isTaken(all, name)) continue;
    all.push({ type: "assistant", name, description, system_message, model });
  }
  return all;
}

/** Names of the models that a channel's own agents may use. */
export function modelNames(seats: readonly Seat[]): readonly string[] {
  return [...new Set(seats.filter(hasModel).map((seat) => seat.model.model))];
}

/** The list with the agent added. Throws for a name that is taken or cannot be one, and too many. */
export function withAgent(
  own: readonly OwnAgent[],
  seats: readonly Seat[],
  agent: OwnAgent,
): OwnAgent[] {
  const name = agent.name.trim();
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name) || /discord|clyde/i.test(name)) {
    throw new ColloquyError("agent_name", "This cannot be an agent's name", {
      why: "A name has 1 to 64 letters, digits, _ and -, and no discord or clyde in it.",
      next: "Choose another name.",
    });
  }
  if (isTaken(seats, name) || own.some((one) => isSame(one.name, name))) {
    throw new ColloquyError("agent_name", `There is an agent called ${name} already`, {
      next: "Choose another name, or `/agents edit` the one there is.",
    });
  }
  if (own.length >= MOST_AGENTS) {
    throw new ColloquyError("agents_full", `There are ${MOST_AGENTS} agents made here already`, {
      next: "Delete one first.",
    });
  }
  return [...own, checked({ ...agent, name }, seats)];
}

/** The list with the agent changed. Throws for one that was not made here. */
export function withEdit(
  own: readonly OwnAgent[],
  seats: readonly Seat[],
  name: string,
  patch: Partial<Omit<OwnAgent, "name">>,
): OwnAgent[] {
  const found = ownNamed(own, name);
  return own.map((one) => (one === found ? checked({ ...found, ...patch }, seats) : one));
}

/** One to begin with, as the host configured it. Throws with the names there are. */
export function templateNamed(templates: readonly OwnAgent[], name: string): OwnAgent {
  const found = templates.find((one) => isSame(one.name, name.trim()));
  if (found) return found;
  throw new ColloquyError("template_unknown", "There is no template of that name", {
    next:
      templates.length > 0
        ? `There is: ${templates.map((one) => one.name).join(", ")}.`
        : "The bot's host can add some under `templates` in config/groupchat.yaml.",
  });
}

/** The list without the agent. Throws for one that was not made here. */
export function withoutAgent(own: readonly OwnAgent[], name: string): OwnAgent[] {
  const found = ownNamed(own, name);
  return own.filter((one) => one !== found);
}

/** Throws for one that was not made here. */
export function ownNamed(own: readonly OwnAgent[], name: string): OwnAgent {
  const found = own.find((one) => isSame(one.name, name.trim()));
  if (found) return found;
  throw new ColloquyError("agent_unknown", "No agent of that name was made here", {
    next:
      own.length > 0
        ? `There is: ${own.map((one) => one.name).join(", ")}.`
        : "The configured agents are the bot's host's to change; make one with `/agents add`.",
  });
}

function checked(agent: OwnAgent, seats: readonly Seat[]): OwnAgent {
  const { description, system_message, model, ...rest } = agent;
  if (system_message.trim() === "") {
    throw new ColloquyError("agent_text", "An agent needs a system message", {
      why: "It is what tells its model who it is and what it does.",
    });
  }
  if (description.length > LONGEST_DESCRIPTION || system_message.length > LONGEST_MESSAGE) {
    throw new ColloquyError("agent_text", "This is too long", {
      why: `A description has at most ${LONGEST_DESCRIPTION} characters, a system message ${LONGEST_MESSAGE}.`,
    });
  }
  if (!model) return { ...rest, description, system_message };
  if (modelNamed(seats, model)) return agent;
  throw new ColloquyError("agent_model", "No agent here has a model of that name", {
    next: `There is: ${modelNames(seats).join(", ")}.`,
  });
}

function modelNamed(seats: readonly Seat[], name?: string): Modelled["model"] | undefined {
  const plain = seats.filter(hasModel).sort((a, b) => rank(a) - rank(b));
  return plain.find((seat) => name === undefined || seat.model.model === name)?.model;
}

function rank({ type }: Modelled): number {
  return type === "assistant" ? 0 : 1;
}

function hasModel(seat: Seat): seat is Modelled {
  return seat.type !== "user_proxy";
}

function isTaken(seats: readonly Seat[], name: string): boolean {
  return seats.some((seat) => isSame(seat.name, name));
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
