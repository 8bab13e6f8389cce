/**
 * The eight functions of MemGPT's base set: names, parameters and result texts of 0.3.5 (searches:
 * 0.2.11), descriptions in our own words.
 */
import {
  type AgentFunction,
  argumentError,
  checkOnRecord,
  define,
  type FunctionArguments,
  type FunctionContext,
  integerArgument,
  textArgument,
} from "./agent-function.ts";
import { clipText } from "./clip-text.ts";
import type { EditReceipt } from "./core-memory.ts";
import type { ToolParameters } from "./ports.ts";

/** MemGPT's `MAX_PAUSE_HEARTBEATS`, in minutes. */
const MAX_PAUSE_MINUTES = 360;

const PAGE: ToolParameters["properties"] = {
  page: {
    type: "integer",
    description: "Which page of the results to show; the first is 0, which is the default.",
  },
};
const QUERY = {
  type: "string",
  description: 'Words or a question to look for; in double quotes ("…"), exactly this text.',
};
const BLOCK_NAME = {
  type: "string",
  description:
    'The block to edit: "persona" (you), "human" (the people in general) or one person\'s own, such as "human:ada".',
};

export const sendMessage: AgentFunction = define(
  "send_message",
  "Says something to the people in the conversation. It is the only way to be heard: nothing else that you write is seen.",
  { message: { type: "string", description: "What to say. Any language and characters." } },
  ["message"],
  (args, context) => {
    const message = textArgument(args, "message");
    if (message.trim() === "") throw argumentError("'message' argument must not be empty");
    context.say(message);
    return null;
  },
);

const pauseHeartbeats: AgentFunction = define(
  "pause_heartbeats",
  "Rests until the next message comes: no timed events reach you for the given time. Messages still do.",
  {
    minutes: {
      type: "integer",
      description: `For how many minutes; at most ${MAX_PAUSE_MINUTES}.`,
    },
  },
  ["minutes"],
  (args) => {
    const minutes = Math.max(0, Math.min(MAX_PAUSE_MINUTES, integerArgument(args, "minutes", 0)));
    return `Pausing timed heartbeats for ${minutes} min`;
  },
);

const coreMemoryAppend: AgentFunction = define(
  "core_memory_append",
  "Adds a line to a block of your core memory, which is always before your eyes.",
  { name: BLOCK_NAME, content: { type: "string", description: "The line to add." } },
  ["name", "content", "request_heartbeat"],
  (args, context) => {
    checkOnRecord(context);
    const name = textArgument(args, "name");
    return saved(context, context.core.append(name, textArgument(args, "content"), context.now));
  },
);

const coreMemoryReplace: AgentFunction = define(
  "core_memory_replace",
  "Replaces text in a block of your core memory. To delete it, give an empty new_content.",
  {
    name: BLOCK_NAME,
    old_content: {
      type: "string",
      description: "The text to replace, exactly as it stands there.",
    },
    new_content: { type: "string", description: "The text to put in its place." },
  },
  ["name", "old_content", "new_content", "request_heartbeat"],
  (args, context) => {
    checkOnRecord(context);
    const [name, from, to] = ["name", "old_content", "new_content"].map((key) =>
      textArgument(args, key),
    );
    const { core, now } = context;
    return saved(context, core.replace(name ?? "", from ?? "", to ?? "", now));
  },
);

const conversationSearch: AgentFunction = {
  ...define(
    "conversation_search",
    "Searches everything that was ever said in this conversation, also what is no longer in your context. Lines that contain the query come first, then those that come near it.",
    {
      query: QUERY,
      ...PAGE,
    },
    ["query", "request_heartbeat"],
    (args, { recall, signal }) =>
      recall.searchText(textArgument(args, "query"), pageOf(args), signal),
  ),
  whole_output: true,
};

const conversationSearchDate: AgentFunction = {
  ...define(
    "conversation_search_date",
    "Lists what was said in this conversation between two days, both included.",
    {
      start_date: { type: "string", description: "The first day, as YYYY-MM-DD." },
      end_date: { type: "string", description: "The last day, as YYYY-MM-DD." },
      ...PAGE,
    },
    ["start_date", "end_date", "request_heartbeat"],
    (args, { recall }) =>
      recall.searchDateText(
        textArgument(args, "start_date"),
        textArgument(args, "end_date"),
        pageOf(args),
      ),
  ),
  whole_output: true,
};

const archivalMemoryInsert: AgentFunction = define(
  "archival_memory_insert",
  "Keeps a text in your archival memory, which has no limit and is found again by searching. Write it so that it can be understood on its own.",
  { content: { type: "string", description: "The text to keep. Any language and characters." } },
  ["content", "request_heartbeat"],
  async (args, context) => {
    checkOnRecord(context);
    const { archival, now, signal } = context;
    const content = textArgument(args, "content");
    await archival.insert(content, now, signal);
    context.receipt(`saved to archival memory: ${shown(content)}`);
    return `Saved to archival memory, which now holds ${plural(archival.count(), "passage")}.`;
  },
);

const archivalMemorySearch: AgentFunction = {
  ...define(
    "archival_memory_search",
    "Searches your archival memory: what you have kept there, and the documents that are attached to you. Results from documents begin with their source and page.",
    {
      query: QUERY,
      ...PAGE,
      source: {
        type: "string",
        description:
          "Name of an attached document, to search only that. Leave it out to search everything.",
      },
    },
    ["query", "request_heartbeat"],
    (args, { archival, signal }) => {
      const source = textArgument(args, "source").trim();
      return archival.searchText(textArgument(args, "query"), pageOf(args), {
        ...(signal ? { signal } : {}),
        ...(source === "" ? {} : { source }),
      });
    },
  ),
  whole_output: true,
};

/** In the order in which they are offered to the model. */
export const BASE_FUNCTIONS: readonly AgentFunction[] = [
  sendMessage,
  pauseHeartbeats,
  coreMemoryAppend,
  coreMemoryReplace,
  conversationSearch,
  conversationSearchDate,
  archivalMemoryInsert,
  archivalMemorySearch,
];

/** Decision 5: between evictions, this result is how the model knows what its core memory is. */
function saved({ core, receipt }: FunctionContext, edit: EditReceipt): string {
  const { label } = edit;
  receipt(receiptText(edit));
  return `Saved to core memory. ${label} now has ${core.size(label)} of ${core.limit} characters.`;
}

function receiptText({ label, old, new: added }: EditReceipt): string {
  if (old.trim() === "") return `saved to ${label}: ${shown(added)}`;
  if (added.trim() === "") return `removed from ${label}: ${shown(old)}`;
  return `changed in ${label}: ${shown(old)} → ${shown(added)}`;
}

function shown(text: string): string {
  return clipText(text.replace(/\s+/g, " ").trim(), 200);
}

function pageOf(args: FunctionArguments): number {
  const page = integerArgument(args, "page", 0);
  if (page < 0) throw argumentError("'page' argument must be 0 or greater");
  return page;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
