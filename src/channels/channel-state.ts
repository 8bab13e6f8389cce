/**
 * The channel's state record: the one row whose atomic `set` commits a step (design, section 4).
 * It holds cursors, settings and the turn journal; texts live in the rows that the cursors point
 * to. The record carries its version: another version is refused, never guessed or overwritten.
 */
import type { MemgptSnapshot } from "../memgpt/agent.ts";
import { StoreError } from "../shared/errors.ts";
import type { Spending } from "./budget.ts";
import type { UsageRecord } from "./channel-usage.ts";
import type { OwnAgent } from "./own-agents.ts";
import type { Person, Place } from "./ports.ts";
import type { Steering } from "./steering.ts";

/** A person's line, accepted but not yet in the transcript. */
export interface InboxLine {
  message_id: string;
  person: Person;
  text: string;
  created_at: number;
}

/** One line of the transcript, a row of the append-only log. */
export interface TranscriptLine {
  /** Name of the agent whose turn it was; the people's lines are the user proxy's. */
  speaker: string;
  /** What models see as the speaker: the agent's name, or the person's alias. */
  name: string;
  text: string;
  created_at: number;
  person_id?: string;
  /** What stood here is not kept; lines are counted, so an empty one stays. */
  removed?: true;
}

/** What models get to see of a line that is not kept. */
const REMOVED = "[removed]";

export function removedLine(line: Pick<TranscriptLine, "speaker" | "created_at">): TranscriptLine {
  const { speaker, created_at } = line;
  return { speaker, name: speaker, text: REMOVED, created_at, removed: true };
}

/** An answer that is journaled before it is posted, so that a crash posts this one again and no other. */
export interface JournaledAnswer {
  speaker: string;
  text: string;
  traces: string[];
  /** Pieces known to be posted. */
  posted: number;
  /** Messages that showed it while it was written, in order: they are edited into it. */
  drafted?: readonly string[];
}

/** The run in flight, from the people's line to the floor being theirs again. */
export interface RunJournal {
  /** Base 36 of the message id that opened the run: the stem of all post ids. */
  id: string;
  /** Newest message id that the run has heard. */
  after: string;
  /** Round of the newest logged line; the opening line is round 1. */
  round: number;
  last_speaker: string;
  /** Answers so far: the number in the next post's id. */
  answers: number;
  answer: JournaledAnswer | null;
  /** Messages that show the next answer, which is being written. */
  draft?: readonly string[];
  /** How often somebody was passed over; absent is never. */
  skips?: number;
  /** Id of the person on whose budget it goes; absent where nobody is known. */
  payer?: string;
  /** On models, so far. */
  spent?: Spending;
  /** Restarts of the program since the run last came on. */
  restarts: number;
}

export interface ChannelSettings {
  /** Whether the agents answer every line here, or only when they are addressed. */
  active: boolean;
  show_inner_thoughts: boolean;
  show_function_outputs: boolean;
  /** Whether answers are shown while they are written. Absent: as configured. */
  streaming?: boolean;
  /** What becomes of documents that people post. Absent is "ask". */
  dropped_files?: DroppedFiles;
  /** What people changed of the configured table. */
  steering?: Steering;
  /** Agents that people made here. */
  own_agents?: readonly OwnAgent[];
}

/** With a button, at once, or nothing. */
export type DroppedFiles = "ask" | "always" | "never";

export interface AgentCursor {
  snapshot: MemgptSnapshot;
  /** Transcript index up to which the agent has heard the talk. */
  heard: number;
}

export interface ChannelState {
  version: 1;
  place: Place;
  settings: ChannelSettings;
  /** Committed lines of the transcript. */
  log_length: number;
  /** Lines before this index are out of the plain agents' sight (`/groupchat reset`). */
  view_from: number;
  /** Newest message id accepted; older ones are duplicates. */
  last_message_id: string;
  inbox: InboxLine[];
  agents: Record<string, AgentCursor>;
  run: RunJournal | null;
  /** A run that ended before the floor was the people's: it can be gone on with. */
  ended?: RunJournal | null;
  /** Lines for people that go with the next answer, as its first traces. */
  notices?: readonly string[];
  /** What the models used here; absent before the first request. */
  usage?: UsageRecord;
}

const VERSION = 1;

export function newChannelState(place: Place, settings: ChannelSettings): ChannelState {
  return {
    version: VERSION,
    place,
    settings,
    log_length: 0,
    view_from: 0,
    last_message_id: "",
    inbox: [],
    agents: {},
    run: null,
  };
}

export function stateKey(placeId: string): string {
  return `channel/${placeId}/state`;
}

/** A row of its own, because it grows with the people of a channel. */
export function aliasesKey(placeId: string): string {
  return `channel/${placeId}/aliases`;
}

export function transcriptPrefix(placeId: string): string {
  return `channel/${placeId}/line`;
}

/** The record as read, or a `StoreError` that names what is wrong with it. */
export function checkedState(record: ChannelState, placeId: string): ChannelState {
  if (record.version === VERSION) return record;
  throw new StoreError(
    "store_corrupt",
    `The saved state of channel ${placeId} has version ${String(record.version)}; this program reads version ${VERSION}.`,
    {
      next: "Start the version of the bot that wrote it, or restore a backup. Nothing was changed.",
    },
  );
}

/** Platform message ids grow with time; a longer number is a later one. */
export function isNewerId(id: string, than: string): boolean {
  return id.length === than.length ? id > than : id.length > than.length;
}
