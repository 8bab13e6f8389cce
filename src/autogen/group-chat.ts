/**
 * AutoGen's GroupChat: who sits at the table, what was said (the log), and who speaks next. It runs
 * nothing; `GroupChatManager` does. Everything is read live: a changed `max_round` or an agent added
 * in the middle of a run counts at once.
 */
import type { ChatModel } from "../memgpt/ports.ts";
import { type Logger, silentLogger } from "../shared/logger.ts";
import {
  autoSelect,
  introductions,
  type SelectorTemplates,
  selectSpeakerMsg,
  selectSpeakerPrompt,
} from "./auto-selection.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
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
import { checkedTransitions, type TransitionTable } from "./transitions.ts";

export interface GroupChatOptions extends Partial<SelectorTemplates> {
  /** Their order is the rotation. Names must differ. */
  agents: readonly ConversableAgent[];
  /** Log lines to begin with; views are the manager's business (`restore`). */
  messages?: readonly AgentMessage[];
  /** Messages in one run, the opening one included. Default 10. */
  max_round?: number;
  /** Who speaks when the run is interrupted at the keyboard. Default "Admin". */
  admin_name?: string;
  /** After a call, only who can run the called functions may speak. Default true. */
  func_call_filter?: boolean;
  /** auto (default), manual, random, round_robin, in any case; or a function. */
  speaker_selection_method?: SpeakerSelection;
  /** Further requests when the selector's answer is unclear. Default 2. */
  max_retries_for_selecting_speaker?: number;
  /** Also a list of those who may follow themselves. Default true; excludes transitions. */
  allow_repeat_speaker?: boolean | readonly ConversableAgent[] | null;
  /** From whom to whom the word may (or may not) go; `speaker_transitions_type` says which. */
  allowed_or_disallowed_speaker_transitions?: TransitionTable | null;
  speaker_transitions_type?: "allowed" | "disallowed" | null;
  /** Lets a reply clear histories by the words "clear history". Default false. */
  enable_clear_history?: boolean;
  /** Tells all members who is there at the start of each run, outside the log. Default false. */
  send_introductions?: boolean;
  /** Model for choosing speakers; default: the manager's. */
  select_speaker_auto_llm?: ChatModel;
  /** Prints the outcome of each selection request. Default false. */
  select_speaker_auto_verbose?: boolean;
  /** What the selector is shown of the log; threads and log stay as they are. */
  select_speaker_transform_messages?: TransformMessages | null;
  /** Asks a person for the next speaker's number; absent: as if nothing was typed. */
  manual_input?: ManualInput;
  /** Numbers in [0, 1) for method random; default: a fixed sequence. */
  random?: () => number;
  logger?: Logger;
}

export class GroupChat {
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
  readonly templates: Partial<SelectorTemplates>;
  readonly log: MessageThread;
  readonly #selectorModel: ChatModel | undefined;
  readonly #manualInput: ManualInput | undefined;
  readonly #random: () => number;
  readonly #logger: Logger;

  constructor(options: GroupChatOptions) {
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
    this.templates = checkedTemplates(options);
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

  get agentNames(): string[] {
    return this.agents.map((agent) => agent.name);
  }

  agentByName(name: string): ConversableAgent | undefined {
    return this.agents.find((agent) => agent.name === name);
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
    for (const name of this.agentNames) {
      if (seen.has(name)) {
        throw new AutogenError(
          "duplicate_agent_name",
          `Two agents of the group are named ${name}`,
          {
            why: "Speakers are told apart by name",
            next: "Give each agent a name of its own.",
          },
        );
      }
      seen.add(name);
    }
  }

  /** Puts a line under the speaker's name into the log; nobody hears it (AutoGen's `append`). */
  appendMessage(message: MessageInput, speaker: ConversableAgent): void {
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

  /** The last message of a selection request; "" where the template is null. */
  selectSpeakerPrompt(agents: readonly ConversableAgent[] = this.agents): string {
    return selectSpeakerPrompt(this, agents);
  }

  /** Empties the log. */
  reset(): void {
    this.log.clear();
  }

  /**
   * The member after `agent` in the rotation, of `agents` if given (AutoGen's `next_agent`): index by
   * name, -1 for who is not a member or nobody. Throws `UndefinedNextAgentError`.
   */
  nextAgent(
    agent: ConversableAgent | undefined,
    agents: readonly ConversableAgent[] = this.agents,
  ): ConversableAgent {
    return nextInRotation(this.agents, agent?.name, agents);
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
        return pick(candidates, this.#random());
      case "manual":
        return (
          (await manualSelect(candidates, this.#manualInput, flow)) ??
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

function checkedTemplates(options: GroupChatOptions): Partial<SelectorTemplates> {
  const { select_speaker_message_template: first, role_for_select_speaker_messages: role } =
    options;
  const retries = options.max_retries_for_selecting_speaker;
  if (first === "") throw emptyOption("select_speaker_message_template");
  if (role !== undefined && role.length === 0)
    throw emptyOption("role_for_select_speaker_messages");
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) {
    throw new AutogenError("invalid_option", `max_retries_for_selecting_speaker is ${retries}`, {
      next: "Give a whole number, 0 or more.",
    });
  }
  return options;
}

function emptyOption(name: string): AutogenError {
  return new AutogenError("invalid_option", `${name} is empty`, { next: "Give it a text." });
}
