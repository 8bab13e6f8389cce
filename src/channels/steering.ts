/**
 * What the people of a channel changed of its table: kept in the channel's settings, so that a restart
 * and `/load` bring it back. Plain data and its changes; `table-steering.ts` puts it into effect.
 */
import type { HumanInputMode } from "../autogen/index.ts";
import { ColloquyError } from "../shared/errors.ts";
import { escapeMarkdown } from "./markdown.ts";

export const SELECTION_METHODS = ["round_robin", "auto", "random", "manual"] as const;
export type SelectionMethod = (typeof SELECTION_METHODS)[number];
export const HUMAN_INPUT_MODES = ["ALWAYS", "TERMINATE", "NEVER"] as const;

/** What is absent is as configured. Names that the configuration has no more are passed over. */
export interface Steering {
  max_round?: number;
  speaker_selection_method?: SelectionMethod;
  human_input_mode?: HumanInputMode;
  /** Whoever is not named comes behind, in the configured order. */
  order?: readonly string[];
  /** They hear everything, and are given no word. */
  muted?: readonly string[];
  /** Seats that stand empty. */
  removed?: readonly string[];
}

/** Who there is: the people first of all, then the configured seats in the order of their turns. */
export interface SteeredNames {
  people: string;
  seats: readonly string[];
}

/** The names in order; the people keep the first place unless they are named. */
export function withOrder(
  steering: Steering,
  { people, seats }: SteeredNames,
  typed: string,
): Steering {
  const words = typed.split(/[\s,]+/).filter((word) => word !== "");
  const named = words.map((word) => seatNamed(seats, word));
  if (named.length === 0) throw unknownSeat("", seats);
  const order = named.includes(people) ? named : [people, ...named];
  return { ...steering, order: [...new Set(order)] };
}

export type SeatChange = "mute" | "unmute" | "add" | "remove";

/** Throws where there is no such seat, nothing would change, or nobody would be left to answer. */
export function withSeat(
  steering: Steering,
  { people, seats }: SteeredNames,
  change: SeatChange,
  typed: string,
): { steering: Steering; name: string } {
  const name = seatNamed(seats, typed);
  if (name === people) {
    throw new ColloquyError("steering_people", `${shown(name)} is the people of this channel`, {
      next: "Name one of the agents.",
    });
  }
  const key = change === "mute" || change === "unmute" ? "muted" : "removed";
  const list = steering[key] ?? [];
  const goesOut = change === "mute" || change === "remove";
  if (list.includes(name) === goesOut) throw noChange(name, change);
  const next = goesOut ? [...list, name] : list.filter((one) => one !== name);
  const changed: Steering = { ...steering, [key]: next };
  const silent = new Set([people, ...(changed.muted ?? []), ...(changed.removed ?? [])]);
  if (goesOut && seats.every((seat) => silent.has(seat))) {
    throw new ColloquyError("steering_nobody", "Then nobody would be left to answer", {
      next: "Unmute or add somebody else first.",
    });
  }
  return { steering: changed, name };
}

/** In any case of letters; throws with the names there are. */
export function seatNamed(seats: readonly string[], typed: string): string {
  const wanted = typed.trim().toLowerCase();
  const found = seats.find((seat) => seat.toLowerCase() === wanted);
  if (found === undefined) throw unknownSeat(typed, seats);
  return found;
}

function unknownSeat(typed: string, seats: readonly string[]): ColloquyError {
  const given = typed.trim().slice(0, 60);
  return new ColloquyError(
    "agent_unknown",
    given === "" ? "No agent was named" : `Nobody here is called "${shown(given)}"`,
    { next: `There is: ${seats.map(shown).join(", ")}.` },
  );
}

const ALREADY: Readonly<Record<SeatChange, string>> = {
  mute: "is muted already",
  unmute: "is not muted",
  add: "sits at the table already",
  remove: "does not sit at the table",
};

function noChange(name: string, change: SeatChange): ColloquyError {
  return new ColloquyError("steering_same", `${shown(name)} ${ALREADY[change]}`, {
    next: "`/groupchat show` tells how things stand.",
  });
}

function shown(name: string): string {
  return escapeMarkdown(name);
}
