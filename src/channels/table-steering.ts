/**
 * Puts a channel's steering into effect on its GroupChat, between steps: who sits, in which order, who
 * is muted, who speaks next. A run goes on behind a speaker who has been removed meanwhile.
 */
import type { ConversableAgent, GroupChat, UserProxyAgent } from "../autogen/index.ts";
import type { SelectionMethod, Steering } from "./steering.ts";

export class TableSteering {
  readonly #group: GroupChat;
  readonly #people: UserProxyAgent;
  readonly #defaults: Required<
    Pick<Steering, "max_round" | "speaker_selection_method" | "human_input_mode">
  >;
  readonly #all: readonly ConversableAgent[];
  /** Everybody, those removed too: a place in the rotation outlives its agent's leaving. */
  #order: readonly ConversableAgent[];
  #method: SelectionMethod;
  #chosen: string | undefined;

  constructor(
    group: GroupChat,
    people: UserProxyAgent,
    defaults: { max_round: number; speaker_selection_method: SelectionMethod },
  ) {
    this.#group = group;
    this.#people = people;
    const { max_round, speaker_selection_method } = defaults;
    const { human_input_mode } = people;
    this.#defaults = { max_round, speaker_selection_method, human_input_mode };
    this.#all = [...group.agents];
    this.#order = this.#all;
    this.#method = speaker_selection_method;
    group.speaker_selection_method = (last) => this.#select(last);
  }

  get configured(): SelectionMethod {
    return this.#defaults.speaker_selection_method;
  }

  get method(): SelectionMethod {
    return this.#method;
  }

  /** Takes the place of what was applied before. Not while somebody is being asked for a reply. */
  apply(steering: Steering = {}): void {
    const group = this.#group;
    const people = this.#people;
    group.max_round = steering.max_round ?? this.#defaults.max_round;
    people.human_input_mode = steering.human_input_mode ?? this.#defaults.human_input_mode;
    this.#method = steering.speaker_selection_method ?? this.#defaults.speaker_selection_method;
    // Chance or a model that gave the people the word right after their own line would answer nothing.
    group.allow_repeat_speaker = this.#method === "round_robin";
    const place = (agent: ConversableAgent): number => {
      const at = steering.order?.indexOf(agent.name) ?? -1;
      return at < 0 ? this.#all.length : at;
    };
    this.#order = [...this.#all].sort((a, b) => place(a) - place(b));
    const seated = this.#order.filter(
      (agent) => agent === people || !steering.removed?.includes(agent.name),
    );
    // The configuration may have lost the seats that were left: somebody must be there to answer.
    group.agents.splice(0, group.agents.length, ...(seated.length > 1 ? seated : this.#order));
    group.muted = new Set(steering.muted?.filter((name) => name !== people.name));
  }

  /** Who has the word next, whatever the method says; once. */
  choose(name: string): void {
    this.#chosen = name;
  }

  /** Who may be given the word after `last`, in turn, whose turn it is first. */
  candidates(last: string): string[] {
    const at = this.#order.findIndex((agent) => agent.name === last);
    const turns = [...this.#order.slice(at + 1), ...this.#order.slice(0, at + 1)];
    const { agents, muted } = this.#group;
    return turns
      .filter((agent) => agents.includes(agent) && !muted.has(agent.name))
      .map((agent) => agent.name);
  }

  /** Whether the people are asked for the line after `last`'s, as is known where turns are taken in order. */
  isFloorBehind(last: string): boolean {
    const { name, human_input_mode } = this.#people;
    const inTurn = this.#method === "round_robin";
    return inTurn && human_input_mode === "ALWAYS" && this.candidates(last)[0] === name;
  }

  #select(last: ConversableAgent | undefined): ConversableAgent | string {
    const [next] = this.candidates(last?.name ?? this.#people.name);
    const name = this.#chosen ?? next;
    const chosen = this.#chosen !== undefined;
    this.#chosen = undefined;
    const inTurn = this.#method === "round_robin" || this.#method === "manual";
    const agent = this.#group.agents.find((one) => one.name === name);
    return (chosen || inTurn) && agent ? agent : this.#method;
  }
}
