/**
 * AutoGen's GroupChat: who sits at the table, what was said (the log), and who speaks next. It runs
 * nothing; `GroupChatManager` does. Everything is read live: a changed `max_round` or an agent added
 * in the middle of a run counts at once.
 */
import type { ChatModel, ChatRole } from "../memgpt/ports.ts";
import { type Logger, silentLogger } from "../shared/logger.ts";
import {
  autoSelect,
  introductions,
  type SelectorTemplates,
  selectSpeakerMsg,
  selectSpeakerPrompt,
  withDefaults,
} from "./auto-selection.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import { checkGroupOptions, type GroupChatOptions } from "./group-chat-options.ts";
import { type AgentMessage, heardLine, type MessageInput } from "./message.ts";
import { MessageThread } from "./message-thread.ts";
import type { ChatFlow } from "./reply.ts";
import { nextInRotation } from "./rotation.ts";
import {
  eligibleSpeakers,
  type ManualInput,
  manualSelect,
  type SpeakerSelection,
  unmuted,
} from "./speaker-selection.ts";
import type { TransformMessages } from "./transforms.ts";
import { checkedTransitions, followers, type TransitionTable } from "./transitions.ts";

export class GroupChat implements SelectorTemplates {
  readonly agents: ConversableAgent[];
  max_round: number;
  admin_name: string;
  func_call_filter: boolean;
  speaker_selection_method: SpeakerSelection;
  allow_repeat_speaker: boolean | readonly ConversableAgent[] | null;
  enable_clear_history: boolean;
  send_introductions: boolean;
  select_speaker_auto_verbose: boolean;
  select_speaker_transform_messages: TransformMessages | undefined;
  /** Names of members who hear everything and are given no word; not of AutoGen, empty at first. */
  muted: ReadonlySet<string> = new Set();
  readonly transitions: TransitionTable | undefined;
  select_speaker_message_template: string;
  select_speaker_prompt_template: string | null;
  select_speaker_auto_multiple_template: string;
  select_speaker_auto_none_template: string;
  role_for_select_speaker_messages: ChatRole;
  max_retries_for_selecting_speaker: number;
  readonly log: MessageThread;
  readonly #selectorModel: ChatModel | undefined;
  readonly #manualInput: ManualInput | undefined;
  readonly #random: () => number;
  readonly #logger: Logger;

  constructor(options: GroupChatOptions) {
    checkGroupOptions(options);
    this.agents = [...options.agents];
    this.max_round = options.max_round ?? 10;
    this.admin_name = options.admin_name ?? "Admin";
    this.func_call_filter = options.func_call_filter ?? true;
    this.speaker_selection_method = options.speaker_selection_method ?? "auto";
    this.transitions = checkedTransitions(options);
    const repeat = options.allow_repeat_speaker ?? null;
    this.allow_repeat_speaker = repeat ?? (this.transitions ? null : true);
    this.enable_clear_history = options.enable_clear_history ?? false;
    this.send_introductions = options.send_introductions ?? false;
    this.select_speaker_auto_verbose = options.select_speaker_auto_verbose ?? false;
    this.select_speaker_transform_messages = options.select_speaker_transform_messages ?? undefined;
    const texts = withDefaults(options);
    this.select_speaker_message_template = texts.select_speaker_message_template;
    this.select_speaker_prompt_template = texts.select_speaker_prompt_template;
    this.select_speaker_auto_multiple_template = texts.select_speaker_auto_multiple_template;
    this.select_speaker_auto_none_template = texts.select_speaker_auto_none_template;
    this.role_for_select_speaker_messages = texts.role_for_select_speaker_messages;
    this.max_retries_for_selecting_speaker = texts.max_retries_for_selecting_speaker;
    this.#selectorModel = options.select_speaker_auto_llm;
    this.#manualInput = options.manual_input;
    this.#random = options.random ?? fixedSequence();
    this.#logger = options.logger ?? silentLogger;
    this.log = new MessageThread();
    for (const message of options.messages ?? []) this.log.append(message);
    this.checkNames();
  }

  /** The log, oldest line first; read only, not a copy. */
  get messages(): readonly AgentMessage[] {
    return this.log.messages;
  }

  get agent_names(): string[] {
    return this.agents.map((agent) => agent.name);
  }

  /** `agent_names` under an earlier name. */
  get agentNames(): string[] {
    return this.agent_names;
  }

  /** From each member to those who may follow it, as transitions and repeats have it now. */
  get allowed_speaker_transitions_dict(): Map<ConversableAgent, readonly ConversableAgent[]> {
    const entries = this.agents.map((agent) => [agent, followers(this, agent)] as const);
    return new Map(entries.flatMap(([agent, next]) => (next ? [[agent, next]] : [])));
  }

  /**
   * The member of that name, with `recursive` also of groups inside; undefined where there is none. Throws
   * `duplicate_agent_name` where several have it and `raise_on_name_conflict` is set.
   */
  agentByName(
    name: string,
    options: { recursive?: boolean; raise_on_name_conflict?: boolean } = {},
  ): ConversableAgent | undefined {
    const agents = options.recursive ? this.nestedAgents() : this.agents;
    if (!options.raise_on_name_conflict) return agents.find((agent) => agent.name === name);
    const [first, second] = agents.filter((agent) => agent.name === name);
    if (second) throw nameConflict(name);
    return first;
  }

  /** The members and, behind them, those of groups inside, each group once. */
  nestedAgents(): ConversableAgent[] {
    const agents = [...this.agents];
    const opened = new Set<ConversableAgent>();
    // The list grows while it is read; each group adds its members once.
    for (const agent of agents) {
      if (opened.has(agent)) continue;
      opened.add(agent);
      agents.push(...agent.members);
    }
    return agents;
  }

  /** Seats another agent, at the end or at `position`; it hears what is said from now on. */
  addAgent(agent: ConversableAgent, position = this.agents.length): void {
    this.agents.splice(position, 0, agent);
    try {
      this.checkNames();
    } catch (error) {
      this.agents.splice(this.agents.indexOf(agent), 1);
      throw error;
    }
  }

  /** False if nobody of that name sits here. */
  removeAgent(name: string): boolean {
    const index = this.agents.findIndex((agent) => agent.name === name);
    if (index >= 0) this.agents.splice(index, 1);
    return index >= 0;
  }

  /** Throws `duplicate_agent_name`: two of one name would lock the rotation. */
  checkNames(): void {
    const seen = new Set<string>();
    for (const name of this.agent_names) {
      if (seen.has(name)) throw nameConflict(name);
      seen.add(name);
    }
  }

  /** `append` under an earlier name. */
  appendMessage(message: MessageInput, speaker: ConversableAgent): void {
    this.append(message, speaker);
  }

  /** Puts a line under the speaker's name into the log; nobody hears it. */
  append(message: MessageInput, speaker: ConversableAgent): void {
    const fields = typeof message === "string" ? { content: message } : message;
    const named = fields.role === "function" ? fields : { ...fields, name: speaker.name };
    this.log.append(heardLine(named, speaker.name));
  }

  /** What members are told of each other with `send_introductions`. */
  introductionsMsg(agents: readonly ConversableAgent[] = this.agents): string {
    return introductions(agents);
  }

  /** The first message of a selection request among these agents. */
  selectSpeakerMsg(agents: readonly ConversableAgent[] = this.agents): string {
    return selectSpeakerMsg(this, agents);
  }

  /** The last message of a selection request; null where the template is null or empty. */
  selectSpeakerPrompt(agents: readonly ConversableAgent[] = this.agents): string | null {
    return selectSpeakerPrompt(this, agents);
  }

  /** Empties the log. */
  reset(): void {
    this.log.clear();
  }

  /**
   * The member after `agent` in the rotation, of `agents` if given (AutoGen's `next_agent`): index by
   * name, -1 for who is not a member or nobody. Throws `UndefinedNextAgentError` where one of `agents`
   * is not a member, or there are none.
   */
  nextAgent(
    agent: ConversableAgent | undefined,
    agents: readonly ConversableAgent[] = this.agents,
  ): ConversableAgent {
    return nextInRotation(this.agents, agent?.name, agents);
  }

  /** Whom the person chose from the list; undefined for nothing, "q", and answers that are no number of it. */
  async manualSelectSpeaker(
    agents: readonly ConversableAgent[] = this.agents,
    flow: ChatFlow = {},
  ): Promise<ConversableAgent | undefined> {
    return manualSelect(agents, this.#manualInput, flow);
  }

  randomSelectSpeaker(agents: readonly ConversableAgent[] = this.agents): ConversableAgent {
    return pick(agents, this.#random());
  }

  /**
   * Who speaks after `last`, by AutoGen 0.2.40's order of operations. `selector` is the manager, whose
   * model chooses under `auto`. Throws `NoEligibleSpeakerError` when nobody may, `AutogenError` for
   * a group or method that cannot work, and what the model or the selection function throws.
   */
  async selectSpeaker(
    last: ConversableAgent | undefined,
    selector: ConversableAgent,
    flow: ChatFlow = {},
  ): Promise<ConversableAgent> {
    const choice = await eligibleSpeakers(this, last, this.#logger);
    if (choice.chosen) return choice.chosen;
    const candidates = choice.candidates;
    switch (choice.method) {
      case "round_robin":
        return this.nextAgent(last, candidates);
      case "random":
        return this.randomSelectSpeaker(candidates);
      case "manual":
        return (
          (await this.manualSelectSpeaker(candidates, flow)) ??
          this.nextAgent(last, unmuted(this, this.agents))
        );
      case "auto": {
        const model = this.#selectorModel ?? selector.llm;
        const named = model && (await autoSelect(this, candidates, model, selector, flow));
        if (named) return named;
        this.#logger.debug("the next speaker was not named, so the next in the list speaks");
        return this.nextAgent(last, candidates);
      }
    }
  }
}

function nameConflict(name: string): AutogenError {
  return new AutogenError("duplicate_agent_name", `Two agents of the group are named ${name}`, {
    why: "Speakers are told apart by name",
    next: "Give each agent a name of its own.",
  });
}

/** A number in [0, 1) to a member of a list that is not empty. */
function pick(agents: readonly ConversableAgent[], number: number): ConversableAgent {
  const agent = agents[Math.min(agents.length - 1, Math.floor(number * agents.length))];
  if (!agent) throw new AutogenError("underpopulated_group", "There is nobody to choose from");
  return agent;
}

/** Mulberry32 from a fixed seed: spread like chance, the same in every process. */
function fixedSequence(): () => number {
  let state = 0x2f6e2b1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
