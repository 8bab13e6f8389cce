/**
 * What an agent's model is shown of a conversation, cut or marked: AutoGen's message transforms and the
 * capability that puts them before every reply. Threads stay as they are, and a tool's result never
 * stands without its call.
 */
import type { TokenCounter } from "../memgpt/ports.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import { byteTokens } from "./history-window.ts";
import type { AgentMessage } from "./message.ts";

export interface MessageTransform {
  /** A new list, or the same one where nothing changes. Messages themselves are never changed. */
  applyTransform(messages: readonly AgentMessage[]): readonly AgentMessage[];
}

export class TransformMessages {
  readonly #transforms: readonly MessageTransform[];

  constructor(options: { transforms: readonly MessageTransform[] }) {
    this.#transforms = options.transforms;
  }

  /** One after the other, in the order given. */
  apply(messages: readonly AgentMessage[]): readonly AgentMessage[] {
    return this.#transforms.reduce((seen, transform) => transform.applyTransform(seen), messages);
  }

  /** Before every reply of the agent, after transforms that were added earlier. */
  addToAgent(agent: ConversableAgent): void {
    agent.registerHook("process_all_messages_before_reply", (messages) => this.apply(messages));
  }
}

/** The newest `max_messages` messages, with the first one too if asked. */
export class MessageHistoryLimiter implements MessageTransform {
  readonly #most: number;
  readonly #keepFirst: boolean;

  constructor(options: { max_messages?: number; keep_first_message?: boolean } = {}) {
    const { max_messages: most = Number.POSITIVE_INFINITY, keep_first_message = false } = options;
    if (!(most >= 1)) throw tooSmall("max_messages", most);
    this.#most = most;
    this.#keepFirst = keep_first_message;
  }

  applyTransform(messages: readonly AgentMessage[]): readonly AgentMessage[] {
    const [first] = messages;
    if (!first || messages.length <= this.#most) return messages;
    if (!this.#keepFirst) return withoutOrphans(messages.slice(-this.#most));
    const rest = this.#most > 1 ? messages.slice(1 - this.#most) : [];
    return [first, ...withoutOrphans(rest, first)];
  }
}

interface Filtered {
  /** Only messages whose role or name is among these values are touched. */
  filter_dict?: { role?: string | readonly string[]; name?: string | readonly string[] };
  /** Default true: those messages are the ones that are left alone. */
  exclude_filter?: boolean;
}

/** Each message within `max_tokens_per_message`, all together within `max_tokens`, newest first. */
export class MessageTokenLimiter implements MessageTransform {
  readonly #each: number;
  readonly #all: number;
  readonly #least: number;
  readonly #tokens: TokenCounter;
  readonly #filter: Filtered;

  constructor(
    options: Filtered & {
      max_tokens_per_message?: number;
      max_tokens?: number;
      /** Below this many in all, nothing is cut. Default 0. */
      min_tokens?: number;
      /** Default: an estimate on the safe side. */
      tokens?: TokenCounter;
    } = {},
  ) {
    this.#each = options.max_tokens_per_message ?? Number.POSITIVE_INFINITY;
    this.#all = options.max_tokens ?? Number.POSITIVE_INFINITY;
    this.#least = options.min_tokens ?? 0;
    this.#tokens = options.tokens ?? byteTokens;
    this.#filter = options;
    if (this.#each < 0) throw tooSmall("max_tokens_per_message", this.#each);
    if (this.#all < 0) throw tooSmall("max_tokens", this.#all);
    if (this.#least < 0) throw tooSmall("min_tokens", this.#least);
    if (options.max_tokens !== undefined && this.#least > this.#all) {
      throw tooSmall("max_tokens, below min_tokens,", this.#all);
    }
  }

  applyTransform(messages: readonly AgentMessage[]): readonly AgentMessage[] {
    const whole = messages.reduce((sum, { content }) => sum + this.#count(content), 0);
    if (whole < this.#least) return messages;
    const kept: AgentMessage[] = [];
    let used = 0;
    for (const message of [...messages].reverse()) {
      if (!touched(message, this.#filter) || !message.content) {
        kept.unshift(message);
        used += this.#count(message.content);
        continue;
      }
      const left = this.#all - used;
      const most = Math.min(this.#each, left);
      const cut = this.#cut(message, most);
      const tokens = this.#count(cut.content);
      const over = this.#count(message.content) > left;
      if (over && left <= 0) break;
      kept.unshift(cut);
      used += tokens;
      if (over && left <= this.#each) break;
    }
    const first = messages.length === kept.length ? kept : withoutOrphans(kept);
    return first;
  }

  #count(text: string | null): number {
    return text ? this.#tokens.count(text) : 0;
  }

  /** Keeps the beginning; responses of several calls share what is allowed. */
  #cut(message: AgentMessage, most: number): AgentMessage {
    const { content, tool_responses } = message;
    if (this.#count(content) <= most) return message;
    const each = most / Math.max(1, tool_responses?.length ?? 1);
    return {
      ...message,
      content: this.#beginning(content ?? "", most),
      ...(tool_responses
        ? {
            tool_responses: tool_responses.map((one) => ({
              ...one,
              content: this.#beginning(one.content, each),
            })),
          }
        : {}),
    };
  }

  #beginning(text: string, most: number): string {
    const points = [...text];
    let fits = 0;
    let tooLong = points.length + 1;
    while (tooLong - fits > 1) {
      const middle = Math.floor((fits + tooLong) / 2);
      if (this.#count(points.slice(0, middle).join("")) <= most) fits = middle;
      else tooLong = middle;
    }
    return points.slice(0, fits).join("");
  }
}

/** The speaker's name before or behind each text, for backends without `name`. */
export class TextMessageContentName implements MessageTransform {
  readonly #position: "start" | "end";
  readonly #format: string;
  readonly #deduplicate: boolean;
  readonly #filter: Filtered;

  constructor(
    options: Filtered & {
      /** Default "start". */
      position?: "start" | "end";
      /** `{name}` is filled in. Default "{name}:\n". */
      format_string?: string;
      /** Default true: a text that has it already is left as it is. */
      deduplicate?: boolean;
    } = {},
  ) {
    const { position = "start", format_string = "{name}:\n", deduplicate = true } = options;
    if (position !== "start" && position !== "end") {
      throw new AutogenError("invalid_option", `position is ${JSON.stringify(position)}`, {
        next: "Use start or end.",
      });
    }
    if (!format_string.includes("{name}")) {
      throw new AutogenError("invalid_option", "format_string has no {name} in it");
    }
    this.#position = position;
    this.#format = format_string;
    this.#deduplicate = deduplicate;
    this.#filter = options;
  }

  applyTransform(messages: readonly AgentMessage[]): readonly AgentMessage[] {
    return messages.map((message) => {
      const { name, content } = message;
      if (!name || !content || message.role === "tool" || message.role === "function")
        return message;
      if (!touched(message, this.#filter)) return message;
      const mark = this.#format.replaceAll("{name}", () => name);
      const start = this.#position === "start";
      const there = start ? content.startsWith(mark) : content.endsWith(mark);
      if (there && this.#deduplicate) return message;
      return { ...message, content: start ? mark + content : content + mark };
    });
  }
}

function touched(message: AgentMessage, { filter_dict, exclude_filter = true }: Filtered): boolean {
  if (!filter_dict) return true;
  const matches = (["role", "name"] as const).every((key) => {
    const wanted = filter_dict[key];
    return wanted === undefined || [wanted].flat().includes(message[key] ?? "");
  });
  return matches !== exclude_filter;
}

/** Without results at the start whose call is gone; `before` is what stands before them. */
function withoutOrphans(
  messages: readonly AgentMessage[],
  before?: AgentMessage,
): readonly AgentMessage[] {
  const called = new Set((before?.tool_calls ?? []).map(({ id }) => id));
  const first = messages.findIndex((message) => {
    if (message.role === "function") return before?.function_call?.name === message.name;
    if (message.role !== "tool") return true;
    const ids = (message.tool_responses ?? [message]).map((one) => one.tool_call_id ?? "");
    return ids.some((id) => called.has(id));
  });
  return first < 0 ? [] : messages.slice(first);
}

function tooSmall(name: string, value: number): AutogenError {
  return new AutogenError("invalid_option", `${name} is ${value}`, {
    next: "Give a larger number.",
  });
}
