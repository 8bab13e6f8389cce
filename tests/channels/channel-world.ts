import { commands } from "../../commands/index.ts";
import { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import type { ChannelSession, SessionRuntime } from "../../src/channels/channel-session.ts";
import type { ChannelState, TranscriptLine } from "../../src/channels/channel-state.ts";
import type { Seat } from "../../src/channels/channel-table.ts";
import type { Command, OptionValue } from "../../src/channels/command.ts";
import type { CommandRequest } from "../../src/channels/host.ts";
import type { IncomingFile, IncomingMessage, Person, Place } from "../../src/channels/ports.ts";
import { DataSources } from "../../src/documents/data-sources.ts";
import type { ChatModel, ChatRequest, StateStore } from "../../src/memgpt/ports.ts";
import type { AbortSignalLike } from "../../src/shared/abort.ts";
import { CountingIds, FakeClock } from "../fakes/fake-clock.ts";
import { FormFeedReader, fnvHash } from "../fakes/form-feed-reader.ts";
import type { MemoryAgentFiles } from "../fakes/memory-agent-files.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { RecordingSurface } from "../fakes/recording-surface.ts";
import { ScriptedChatModel, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { LetterEmbedder, quarterTokens, RecordingLogger } from "../fakes/small-fakes.ts";

export const ada: Person = { id: "1", display_name: "Ada" };
export const grace: Person = { id: "2", display_name: "Grace" };

export const general: Place = { id: "100", kind: "channel", scope: "guild-1", name: "general" };

/** What outlives a process, and what one is built of. */
export interface World {
  store: MemoryStateStore;
  passages: MemoryPassageStore;
  surface: RecordingSurface;
  clock: FakeClock;
  logger: RecordingLogger;
  reader: FormFeedReader;
  sources: DataSources;
  /** Answers for Manager. */
  plain: ChatModel;
  /** Answers for Mem. */
  memgpt: ChatModel;
  active: boolean;
  max_round: number;
  seats?: readonly Seat[];
  /** Absent: agents may not write files. */
  files?: MemoryAgentFiles;
  most_open_sessions?: number;
}

export function world(changes: Partial<World> = {}): World {
  const store = changes.store ?? new MemoryStateStore();
  const passages = changes.passages ?? new MemoryPassageStore();
  const reader = new FormFeedReader();
  const logger = new RecordingLogger();
  const clock = new FakeClock();
  return {
    store,
    passages,
    reader,
    logger,
    clock,
    surface: new RecordingSurface(),
    sources: sourcesOn(store, passages, reader),
    plain: endless((request, n) => `Manager ${n} on ${lastLine(request)}`),
    memgpt: endless((request, n) => says(`Mem ${n} on ${lastLine(request)}`)),
    active: true,
    max_round: 12,
    ...changes,
  };
}

export function sourcesOn(
  store: StateStore,
  passages: MemoryPassageStore,
  reader: FormFeedReader,
): DataSources {
  return new DataSources({
    reader,
    tokens: quarterTokens,
    embedder: new LetterEmbedder({ semantic: false }),
    passages,
    store,
    hash: fnvHash,
    clock: new FakeClock(),
    logger: new RecordingLogger(),
  });
}

/** The usual table: the people, a plain agent, a MemGPT agent. */
export function seats({ plain, memgpt }: Pick<World, "plain" | "memgpt">): Seat[] {
  return [
    { type: "user_proxy", name: "User_proxy", human_input_mode: "ALWAYS", default_auto_reply: "" },
    { type: "assistant", name: "Manager", system_message: "You manage.", model: plain },
    memgptSeat("Mem", memgpt),
  ];
}

export function memgptSeat(name: string, model: ChatModel): Seat {
  return {
    type: "memgpt",
    name,
    model,
    default_auto_reply: "",
    memgpt: {
      system: "You remember.",
      persona: "I keep notes.",
      human: "",
      functions: ["send_message", "core_memory_append", "archival_memory_search"],
      skip_verify: true,
    },
  };
}

export function runtimeOf(w: World, store: StateStore = w.store): Omit<SessionRuntime, "opt_outs"> {
  const files = w.files ? { files: w.files } : {};
  return {
    store,
    ...files,
    sources: w.sources,
    clock: w.clock,
    logger: w.logger,
    defaults: () => ({
      active: w.active,
      show_inner_thoughts: false,
      show_function_outputs: false,
    }),
    table: {
      seats: w.seats ?? seats(w),
      max_round: w.max_round,
      speaker_selection_method: "round_robin",
      is_termination_msg: ({ content }) => content?.endsWith("TERMINATE") ?? false,
      tokens: quarterTokens,
      memgpt: {
        tokens: quarterTokens,
        embedder: new LetterEmbedder({ semantic: false }),
        passages: w.passages,
        store,
        clock: w.clock,
        ids: new CountingIds(),
        logger: w.logger,
        extras: files,
        time_zone: "UTC",
      },
    },
  };
}

/** A process on the world, as after a start. */
export async function start(
  w: World,
  options: { store?: StateStore; commands?: readonly Command[] } = {},
): Promise<ChannelRegistry> {
  const registry = new ChannelRegistry({
    commands: options.commands ?? commands,
    runtime: runtimeOf(w, options.store),
    ...(w.most_open_sessions === undefined ? {} : { most_open_sessions: w.most_open_sessions }),
  });
  await registry.connect(() => w.surface);
  return registry;
}

let lastId = 1_000_000_000_000_000_000n;

/** A line with an id later than all before. */
export function line(text: string, changes: Partial<IncomingMessage> = {}): IncomingMessage {
  lastId += 1000n;
  return {
    id: String(lastId),
    person: ada,
    text,
    files: [],
    addressed: false,
    created_at: Date.UTC(2026, 0, 5, 9),
    ...changes,
  };
}

export function file(
  name: string,
  text: string,
  changes: Partial<IncomingFile> = {},
): IncomingFile {
  const bytes = new TextEncoder().encode(text);
  return { id: `file-${name}`, name, size: bytes.length, read: async () => bytes, ...changes };
}

/** Calls a command as `/name subcommand option:value`; resolves with the last answer. */
export async function call(
  registry: ChannelRegistry,
  name: string,
  subcommand?: string,
  options: Record<string, OptionValue> = {},
  changes: Partial<CommandRequest> & { place?: Place } = {},
): Promise<string> {
  const replies: string[] = [];
  const { place = general, ...request } = changes;
  await registry.command(place, {
    name,
    subcommand,
    options: new Map(Object.entries(options)),
    person: ada,
    may_manage: true,
    may_manage_server: true,
    reply: async (text) => {
      replies.push(text);
    },
    progress: () => {},
    ...request,
  });
  return replies.at(-1) ?? "";
}

/** Does something with the place's session, through a command of the test's own. */
export async function withSession<T>(
  w: World,
  work: (session: ChannelSession) => Promise<T>,
  place: Place = general,
): Promise<T> {
  const seen: T[] = [];
  const peek: Command = {
    name: "peek",
    description: "Looks.",
    help: "",
    run: async ({ session }) => {
      seen.push(await work(session));
    },
  };
  const answer = await call(await start(w, { commands: [peek] }), "peek", undefined, {}, { place });
  if (seen.length === 0) throw new Error(`The session could not be used: ${answer}`);
  return seen[0] as T;
}

export async function stored(w: World, place: Place = general): Promise<ChannelState> {
  const state = await w.store.get<ChannelState>(`channel/${place.id}/state`);
  if (!state) throw new Error(`Nothing is stored of ${place.id}.`);
  return state;
}

/** The committed transcript as `name: text`. */
export async function transcript(w: World, place: Place = general): Promise<string[]> {
  const { log_length } = await stored(w, place);
  const keys = Array.from({ length: log_length }, (_, i) => `channel/${place.id}/line/${i}`);
  const rows = await w.store.getMany<TranscriptLine>(keys);
  return rows.map((row) => `${row?.name}: ${row?.text}`);
}

/** A model that always has an answer; `n` counts its requests from 1. */
export function endless(
  answer: (request: ChatRequest, n: number) => ScriptStep | Promise<ScriptStep>,
): ChatModel & { readonly requests: readonly ChatRequest[] } {
  const requests: ChatRequest[] = [];
  return {
    model: "endless",
    context_window: 32_768,
    offline: false,
    requests,
    async complete(request) {
      requests.push({ ...request, messages: [...request.messages] });
      const step = await answer(request, requests.length);
      return new ScriptedChatModel([step]).complete({ ...request, messages: [] });
    },
  };
}

/** The newest line that a request answers, without MemGPT's packaging. */
export function lastLine({ messages }: ChatRequest): string {
  const content = messages.findLast((message) => message.role === "user")?.content ?? "";
  try {
    return String(JSON.parse(content).message);
  } catch {
    return content;
  }
}

/** Everything a request says. */
export function wholeText({ messages }: ChatRequest): string {
  return messages.map((message) => JSON.stringify(message)).join("\n");
}

/** What a request that is stopped comes to. */
export function untilAborted(signal: AbortSignalLike | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

/** A door that a test opens. */
export function gate(): { passed: Promise<void>; open(): void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Lets microtasks run until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 20_000; i += 1) {
    if (condition()) return;
    await Promise.resolve();
  }
  throw new Error(`It never came about: ${condition.toString()}`);
}
