/**
 * Agents that people of a channel made themselves, beside the configured seats: plain agents, kept in the
 * channel's settings. Plain data and its checks; their seats are built when the channel is opened.
 */
import type { ChatModel } from "../memgpt/ports.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { Seat, TableRuntime } from "./channel-table.ts";

export interface OwnAgent {
  name: string;
  description: string;
  system_message: string;
  /** One of the channel's models; the first when absent, empty or gone. */
  model?: string;
}

/** With the configured ones, names must fit one menu of 25. */
const MOST_AGENTS = 15;
export const LONGEST_NAME = 64;
export const LONGEST_DESCRIPTION = 300;
/** What a form's field holds. */
export const LONGEST_MESSAGE = 4_000;

/** Names and models that an agent made here is checked against. */
export interface Table {
  seats: readonly Seat[];
  models: readonly ChatModel[];
}

/** What agents made here may have, the usual one first: of several of one name, the first. */
export function ownModels({ seats, own_models }: TableRuntime): readonly ChatModel[] {
  return own_models ?? [...seats].sort((a, b) => rank(a) - rank(b)).flatMap(modelOf);
}

/** The configured seats, and behind them those of the channel's own agents. */
export function withOwnSeats(
  seats: readonly Seat[],
  models: readonly ChatModel[],
  own: readonly OwnAgent[] = [],
): Seat[] {
  const all = [...seats];
  for (const { name, description, system_message, model: wanted } of own) {
    const model = models.find((one) => one.model === wanted) ?? models[0];
    // A configured agent may have come to the same name since: it goes first.
    if (!model || isTaken(all, name)) continue;
    all.push({ type: "assistant", name, description, system_message, model });
  }
  return all;
}

/** The list with the agent added. Throws for a name that is taken or cannot be one, and too many. */
export function withAgent(own: readonly OwnAgent[], table: Table, agent: OwnAgent): OwnAgent[] {
  const name = agent.name.trim();
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name) || /discord|clyde/i.test(name)) {
    throw new ColloquyError("agent_name", "This cannot be an agent's name", {
      why: "A name has 1 to 64 letters, digits, _ and -, and no discord or clyde in it.",
      next: "Choose another name.",
    });
  }
  if (isTaken(table.seats, name) || own.some((one) => isSame(one.name, name))) {
    throw new ColloquyError("agent_name", `There is an agent called ${name} already`, {
      next: "Choose another name, or `/agents edit` the one there is.",
    });
  }
  if (own.length >= MOST_AGENTS) {
    throw new ColloquyError("agents_full", `There are ${MOST_AGENTS} agents made here already`, {
      next: "Delete one first.",
    });
  }
  return [...own, checked({ ...agent, name }, table)];
}

/** The list with the agent changed. Throws for one that was not made here. */
export function withEdit(
  own: readonly OwnAgent[],
  table: Table,
  name: string,
  patch: Partial<Omit<OwnAgent, "name">>,
): OwnAgent[] {
  const found = ownNamed(own, name);
  return own.map((one) => (one === found ? checked({ ...found, ...patch }, table) : one));
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

function checked(agent: OwnAgent, { models }: Table): OwnAgent {
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
  if (models.some((one) => one.model === model)) return agent;
  throw new ColloquyError("agent_model", "There is no model of that name here", {
    next: `There is: ${modelNames(models).join(", ")}.`,
  });
}

export function modelNames(models: readonly ChatModel[]): readonly string[] {
  return [...new Set(models.map(({ model }) => model))];
}

function modelOf(seat: Seat): ChatModel[] {
  return seat.type === "user_proxy" ? [] : [seat.model];
}

function rank({ type }: Seat): number {
  return type === "assistant" ? 0 : 1;
}

function isTaken(seats: readonly Seat[], name: string): boolean {
  return seats.some((seat) => isSame(seat.name, name));
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
