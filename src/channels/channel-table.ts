/**
 * Who sits in a channel: the agents of the configured seats, in the order of their turns, each
 * restored to where the channel's record says it was, and the GroupChatManager that runs them.
 */
import {
  AssistantAgent,
  type ConversableAgent,
  GroupChat,
  GroupChatManager,
  type HumanInputMode,
  type InterfaceKwargs,
  MemgptConversableAgent,
  type TerminationPredicate,
  UserProxyAgent,
} from "../autogen/index.ts";
import { MemgptAgent, type MemgptAgentOptions, type MemgptRuntime } from "../memgpt/agent.ts";
import type { ChatModel, TokenCounter } from "../memgpt/ports.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { ChannelRecord, CommittedAgent } from "./channel-record.ts";
import type { AgentCursor, ChannelState, TranscriptLine } from "./channel-state.ts";
import { type ChannelUsage, SELECTION } from "./channel-usage.ts";
import { ownModels, withOwnSeats } from "./own-agents.ts";
import type { Place, Voice } from "./ports.ts";
import type { SelectionMethod } from "./steering.ts";
import { TableSteering } from "./table-steering.ts";

interface SeatBase {
  name: string;
  description?: string;
  avatar_url?: string;
}

export type Seat =
  | (SeatBase & {
      type: "user_proxy";
      human_input_mode: HumanInputMode;
      default_auto_reply: string;
      max_consecutive_auto_reply?: number;
      is_termination_msg?: TerminationPredicate;
    })
  | (SeatBase & { type: "assistant"; system_message?: string; model: ChatModel })
  | (SeatBase & {
      type: "memgpt";
      model: ChatModel;
      default_auto_reply: string;
      interface_kwargs?: InterfaceKwargs;
      /** All that the agent is made of but its owner, which is the place's. */
      memgpt: Omit<MemgptAgentOptions, "name" | "owner">;
    });

export interface TableRuntime {
  seats: readonly Seat[];
  /** What agents made here may have, the usual one first. Default: the models of the seats. */
  own_models?: readonly ChatModel[];
  max_round: number;
  speaker_selection_method: SelectionMethod;
  /** Numbers in [0, 1) for method random; default: a fixed sequence. */
  random?: () => number;
  is_termination_msg?: TerminationPredicate;
  tokens: TokenCounter;
  /** What MemGPT agents run on, but for the model, which is the seat's. */
  memgpt: Omit<MemgptRuntime, "model">;
}

export interface AgentInfo {
  name: string;
  kind: Seat["type"];
  description: string;
  model: string | undefined;
}

/** Lines that plain agents get back after a restart; a model's window holds fewer. */
export const LINES_IN_VIEW = 200;
/** Lines that are kept for an agent which does not come to hear them. */
const MOST_LINES = 2000;

export class ChannelTable {
  readonly manager: GroupChatManager;
  /** The people at the table: whoever writes in the channel. */
  readonly people: UserProxyAgent;
  readonly memgptAgents: readonly MemgptConversableAgent[];
  readonly committedAgents: readonly CommittedAgent[];
  /** Changes the table between steps. */
  readonly steering: TableSteering;
  readonly #seats: readonly Seat[];
  #offRecord = false;

  private constructor(
    runtime: TableRuntime,
    agents: readonly ConversableAgent[],
    usage: ChannelUsage,
  ) {
    this.#seats = runtime.seats;
    const people = agents.find((agent) => agent instanceof UserProxyAgent);
    if (!people) throw new Error("A table needs a seat of type user_proxy.");
    this.people = people;
    this.memgptAgents = agents.filter((agent) => agent instanceof MemgptConversableAgent);
    this.committedAgents = this.memgptAgents.map((agent) => ({
      name: agent.name,
      cursor: (): AgentCursor => ({
        snapshot: agent.memgpt.snapshot(),
        heard: agent.processed(this.manager),
      }),
      pendingRows: () => agent.memgpt.pendingRows(),
      committed: (rows) => agent.memgpt.committed(rows),
    }));
    const chooser = selectorModel(runtime.seats);
    this.manager = new GroupChatManager({
      groupchat: new GroupChat({
        agents: [...agents],
        messages: [],
        max_round: runtime.max_round,
        ...(chooser ? { select_speaker_auto_llm: usage.metered(chooser, SELECTION) } : {}),
        ...(runtime.random ? { random: runtime.random } : {}),
      }),
      ...(runtime.is_termination_msg ? { is_termination_msg: runtime.is_termination_msg } : {}),
    });
    this.steering = new TableSteering(this.manager.groupchat, people, runtime);
  }

  /** Seats the agents, restored to the record's cursors; reads only the rows that are in view. */
  static async open(
    configured: TableRuntime,
    record: ChannelRecord,
    usage: ChannelUsage,
  ): Promise<ChannelTable> {
    const { state } = record;
    const own = state.settings.own_agents;
    const seats = withOwnSeats(configured.seats, ownModels(configured), own);
    const runtime = { ...configured, seats };
    const agents = await Promise.all(
      runtime.seats.map((seat) =>
        seated(hasModel(seat) ? paid(seat, usage) : seat, runtime, state),
      ),
    );
    const table = new ChannelTable(runtime, agents, usage);
    await table.#restoreViews(record);
    // Only now: who was removed has heard what was said until then.
    table.steering.apply(state.settings.steering);
    return table;
  }

  get peopleName(): string {
    return this.people.name;
  }

  get maxRound(): number {
    return this.manager.groupchat.max_round;
  }

  agents(): readonly AgentInfo[] {
    return this.#seats.map((seat) => ({
      name: seat.name,
      kind: seat.type,
      description: seat.description ?? "",
      model: seat.type === "user_proxy" ? undefined : seat.model.model,
    }));
  }

  /** The names of those whose answers are made by models. */
  get answering(): readonly string[] {
    return this.#seats.filter(({ type }) => type !== "user_proxy").map(({ name }) => name);
  }

  voice(name: string): Voice {
    const seat = this.#seats.find((one) => one.name === name);
    return { name, ...(seat?.avatar_url ? { avatar_url: seat.avatar_url } : {}) };
  }

  /** The MemGPT agent of that name; the only or first one if no name is given. */
  memgpt(name?: string): MemgptConversableAgent {
    const names = this.memgptAgents.map((agent) => agent.name);
    const wanted = name?.toLowerCase();
    const found = this.memgptAgents.find(
      (agent) => wanted === undefined || agent.name.toLowerCase() === wanted,
    );
    if (found) return found;
    throw new ColloquyError(
      "agent_unknown",
      name ? `No MemGPT agent here is called "${name}"` : "No MemGPT agent sits in this channel",
      {
        next: names.length > 0 ? `There is: ${names.join(", ")}.` : "Ask the bot's host for one.",
      },
    );
  }

  /** Plain agents see nothing of what was said until now; MemGPT agents keep what they heard. */
  clearTalk(): void {
    this.manager.clearTalk();
  }

  /** Somebody who is not to be remembered takes part in the run that goes on. */
  get offRecord(): boolean {
    return this.#offRecord;
  }

  goOffRecord(): void {
    this.#offRecord = true;
  }

  /** At the run's end, before its last commit: MemGPT agents lose sight of what is not kept. */
  endOffRecord(): void {
    for (const agent of this.memgptAgents) agent.memgpt.endOffRecord();
  }

  /** After that commit: so do all the others, who see what the transcript has. */
  async forgetOffRecord(record: ChannelRecord): Promise<void> {
    if (!this.#offRecord) return;
    this.#offRecord = false;
    await this.#restoreViews(record);
  }

  /** Keeps views from growing for ever, but for what a MemGPT agent has yet to hear; between runs. */
  trimViews(): void {
    const { length } = this.manager.groupchat.messages;
    if (length <= 2 * LINES_IN_VIEW) return;
    const end = this.manager.groupchat.log.end;
    const unheard = this.memgptAgents.map((agent) => end - agent.processed(this.manager));
    this.manager.trim(Math.min(MOST_LINES, Math.max(LINES_IN_VIEW, ...unheard)));
  }

  async #restoreViews(record: ChannelRecord): Promise<void> {
    const { transcript, state } = record;
    const heard = Object.values(state.agents).map((cursor) => cursor.heard);
    const tail = Math.max(state.view_from, transcript.length - LINES_IN_VIEW);
    const oldest = Math.max(state.view_from, transcript.length - MOST_LINES);
    const offset = Math.min(tail, ...heard.map((at) => Math.max(at, oldest)));
    const lines = await transcript.read(offset, transcript.length);
    this.manager.restore(
      lines.map((line) => ({
        role: "user",
        content: line.text,
        name: this.#nameOf(line),
        created_at: line.created_at,
        ...(line.person_id === undefined ? {} : { person: { id: line.person_id } }),
      })),
      { offset },
    );
    for (const agent of this.memgptAgents) {
      const heardUpTo = state.agents[agent.name]?.heard ?? offset;
      agent.setProcessed(this.manager, Math.max(heardUpTo, offset));
    }
  }

  /** An agent that came to the table later may have the name of a person who was here before. */
  #nameOf({ name, speaker }: TranscriptLine): string {
    const isOfPeople = speaker === this.peopleName;
    return isOfPeople && this.manager.groupchat.agentByName(name) ? this.peopleName : name;
  }
}

/** Whose model chooses under `auto`: a plain agent's, where there is one. */
function selectorModel(seats: readonly Seat[]): ChatModel | undefined {
  const seat = seats.find(({ type }) => type === "assistant") ?? seats.find(hasModel);
  return seat && hasModel(seat) ? seat.model : undefined;
}

function hasModel(seat: Seat): seat is Exclude<Seat, { type: "user_proxy" }> {
  return seat.type !== "user_proxy";
}

function paid<S extends Exclude<Seat, { type: "user_proxy" }>>(seat: S, usage: ChannelUsage): S {
  return { ...seat, model: usage.metered(seat.model, seat.name) };
}

async function seated(
  seat: Seat,
  runtime: TableRuntime,
  state: ChannelState,
): Promise<ConversableAgent> {
  const { name } = seat;
  const described = seat.description ? { description: seat.description } : {};
  switch (seat.type) {
    case "user_proxy":
      return new UserProxyAgent({
        name,
        ...described,
        human_input_mode: seat.human_input_mode,
        default_auto_reply: seat.default_auto_reply,
        ...(seat.max_consecutive_auto_reply === undefined
          ? {}
          : { max_consecutive_auto_reply: seat.max_consecutive_auto_reply }),
        ...(seat.is_termination_msg ? { is_termination_msg: seat.is_termination_msg } : {}),
      });
    case "assistant":
      return new AssistantAgent({
        name,
        ...described,
        llm: seat.model,
        tokens: runtime.tokens,
        ...(seat.system_message ? { system_message: seat.system_message } : {}),
      });
    case "memgpt": {
      const options = { ...seat.memgpt, name, owner: agentOwner(state.place, name) };
      const memgptRuntime = { ...runtime.memgpt, model: seat.model };
      const cursor = Object.hasOwn(state.agents, name) ? state.agents[name] : undefined;
      const memgpt = cursor
        ? await MemgptAgent.restore(cursor.snapshot, options, memgptRuntime)
        : MemgptAgent.create(options, memgptRuntime);
      return new MemgptConversableAgent({
        agent: memgpt,
        clock: runtime.memgpt.clock,
        ...described,
        default_auto_reply: seat.default_auto_reply,
        interface_kwargs: eventsFor(seat.interface_kwargs),
      });
    }
  }
}

/** The channel's settings decide what people see, so the agent tells all, unless it shares it. */
function eventsFor(kwargs: InterfaceKwargs = {}): InterfaceKwargs {
  if (kwargs.share_with_agents) return kwargs;
  return { ...kwargs, show_inner_thoughts: true, show_function_outputs: true };
}

/** Memory belongs to one agent in one place: the stem of all its keys, and its passages' owner. */
export function agentOwner(place: Place, name: string): string {
  return `agent/${place.id}/${name}`;
}
