import { OfflineChatModel } from "../../../src/adapters/offline/offline-chat-model.ts";
import type { ChatMessage, ToolSchema } from "../../../src/memgpt/ports.ts";
import { LexicalIndex } from "../../../src/shared/lexical-index.ts";

const FUNCTIONS = [
  "send_message",
  "pause_heartbeats",
  "core_memory_append",
  "core_memory_replace",
  "conversation_search",
  "conversation_search_date",
  "archival_memory_insert",
  "archival_memory_search",
];

const TIME = "2026-01-05 09:00:00 AM UTC+0000";

interface Said {
  time: string;
  who: string;
  text: string;
}

export interface Passage {
  text: string;
  source?: string;
  page?: number;
}

/** Plays MemGPT around the offline model: packages lines, runs the functions, asks again. */
export class MemgptDesk {
  readonly model = new OfflineChatModel();
  readonly messages: ChatMessage[];
  readonly passages: Passage[] = [];
  readonly said: Said[] = [];
  /** Every function called, `send_message` included, in order. */
  readonly called: { name: string; args: Record<string, unknown> }[] = [];
  /** Functions that fail, with what they say. */
  readonly failing = new Map<string, string>();
  readonly thoughts: string[] = [];
  functions = FUNCTIONS;
  human: string;
  limit = 2000;

  constructor(human = "", persona = "I am Kiri. I keep notes for the team.") {
    this.human = human;
    this.messages = [
      {
        role: "system",
        content: [
          "You keep the memory of a team.",
          `<persona characters="${persona.length}/2000">\n${persona}\n</persona>`,
          `<human characters="${human.length}/2000">\n${human}\n</human>`,
        ].join("\n"),
      },
      {
        role: "assistant",
        content: "I am awake.",
        tool_calls: [call("call_boot", "send_message", { message: "More human than human." })],
      },
      result("call_boot", "OK", null),
      { role: "user", content: JSON.stringify({ type: "login", time: TIME }) },
    ];
  }

  /** What the agent answers to one line or several. */
  async ask(
    ...lines: (readonly [speaker: string, text: string, time?: string])[]
  ): Promise<string> {
    for (const [who, text, time = TIME] of lines) {
      this.said.push({ time, who, text });
      const event = { type: "user_message", message: text, time };
      this.messages.push({ role: "user", name: who, content: JSON.stringify(event) });
    }
    return this.chain();
  }

  event(type: string, fields: Record<string, unknown> = {}): void {
    this.messages.push({ role: "user", content: JSON.stringify({ type, ...fields, time: TIME }) });
  }

  /** Steps until the model yields, as MemGPT's loop does; more than ten steps are a test's failure. */
  async chain(): Promise<string> {
    const answers: string[] = [];
    for (let step = 0; step < 10; step += 1) {
      const { content, tool_calls } = await this.model.complete({
        messages: this.messages,
        tools: this.functions.map(schema),
      });
      this.thoughts.push(content ?? "");
      this.messages.push({ role: "assistant", content, tool_calls });
      const [made] = tool_calls;
      if (!made) return answers.join("\n");
      const { request_heartbeat, ...args } = JSON.parse(made.function.arguments);
      this.called.push({ name: made.function.name, args });
      const failure = this.failing.get(made.function.name) ?? this.#fault(made.function.name, args);
      const outcome = failure ?? this.#run(made.function.name, args);
      this.messages.push(result(made.id, failure === undefined ? "OK" : "Failed", outcome));
      if (failure === undefined && made.function.name === "send_message") {
        answers.push(args.message);
        this.said.push({ time: TIME, who: "", text: args.message });
      }
      if (failure === undefined && request_heartbeat !== true) return answers.join("\n");
      this.event("heartbeat", { reason: "[This is an automated system message]" });
    }
    throw new Error("The model did not come to an end.");
  }

  get names(): string[] {
    return this.called.map(({ name }) => name);
  }

  #fault(name: string, args: Record<string, string>): string | undefined {
    if (name === "core_memory_append") {
      const requested = this.human.length + 1 + (args.content ?? "").length;
      return requested > this.limit
        ? `Error calling function core_memory_append: Edit failed: Exceeds ${this.limit} character limit (requested ${requested}).`
        : undefined;
    }
    if (name === "core_memory_replace" && !this.human.includes(args.old_content ?? "")) {
      return "Error calling function core_memory_replace: Content not found in human (make sure to use exact string)";
    }
    return undefined;
  }

  #run(name: string, args: Record<string, string>): string | null {
    const { content = "", query = "", old_content = "", new_content = "" } = args;
    const { start_date = "", end_date = "" } = args;
    switch (name) {
      case "core_memory_append":
        this.human += `\n${content}`;
        return "Saved to core memory.";
      case "core_memory_replace":
        this.human = this.human.split(old_content).join(new_content);
        return "Saved to core memory.";
      case "archival_memory_insert":
        this.passages.push({ text: content });
        return "Saved to archival memory.";
      case "archival_memory_search":
        return page(search(this.passages, (p) => p.text, query).map(formatPassage));
      case "conversation_search":
        return page(
          search(this.said, (s) => `${s.who} ${s.text}`, query).map(formatSaid),
          Number(args.page ?? 0),
        );
      case "conversation_search_date": {
        const days = this.said.filter(
          ({ time }) => start_date <= time.slice(0, 10) && time.slice(0, 10) <= end_date,
        );
        return page(days.map(formatSaid));
      }
      default:
        return null;
    }
  }
}

function search<T>(items: readonly T[], textOf: (item: T) => string, query: string): T[] {
  const index = new LexicalIndex();
  for (const [i, item] of items.entries()) index.add(i, textOf(item));
  return index.search(query, 100).flatMap(({ id }) => items[id] ?? []);
}

function page(items: readonly string[], number = 0): string {
  const shown = items.slice(number * 5, number * 5 + 5);
  if (shown.length === 0) return "No results found.";
  const last = Math.ceil(items.length / 5) - 1;
  const list = shown.map((item) => JSON.stringify(item)).join(", ");
  return `Showing ${shown.length} of ${items.length} results (page ${number}/${last}): [${list}]`;
}

function formatPassage({ text, source, page: number }: Passage): string {
  const from = source ? `[${source}${number === undefined ? "" : `, p. ${number}`}] ` : "";
  return `timestamp: ${TIME}, memory: ${from}${text}`;
}

function formatSaid({ time, who, text }: Said): string {
  return `timestamp: ${time}, ${who === "" ? "assistant - " : `user - ${who}: `}${text}`;
}

function call(id: string, name: string, args: Record<string, unknown>) {
  return { id, type: "function" as const, function: { name, arguments: JSON.stringify(args) } };
}

function result(id: string, status: "OK" | "Failed", message: string | null): ChatMessage {
  const content = JSON.stringify({ status, message, time: TIME });
  return { role: "tool", tool_call_id: id, content };
}

function schema(name: string): ToolSchema {
  return {
    type: "function",
    function: { name, description: "", parameters: { type: "object", properties: {} } },
  };
}

/** A document of a few passages. */
export const PAPER: readonly Passage[] = [
  {
    source: "memgpt_paper.pdf",
    page: 1,
    text: "Large language models are constrained by limited context windows. To enable using context beyond limited context windows, we propose virtual context management, a technique drawing inspiration from hierarchical memory systems in traditional operating systems. Using this technique, we introduce MemGPT, a system that manages different storage tiers.",
  },
  {
    source: "memgpt_paper.pdf",
    page: 3,
    text: "The queue manager manages messages in recall storage and the FIFO queue. It inserts a warning about memory pressure.",
  },
  {
    source: "memgpt_paper.pdf",
    page: 6,
    text: "Document analysis is hampered by the limits of today's models.",
  },
];

/** A desk to which it is attached. */
export function deskWithPaper(): MemgptDesk {
  const desk = new MemgptDesk();
  desk.passages.push(...PAPER);
  return desk;
}
