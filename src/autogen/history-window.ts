/**
 * The part of a thread that fits a model's window. It grows at the end and, when it is full, lets go
 * of a quarter at once, so that a provider's prefix cache hits in between. Every line is
 * counted once. Tool results never stand without their call.
 */
import type { TokenCounter } from "../memgpt/ports.ts";
import type { AgentMessage } from "./message.ts";
import type { MessageThread } from "./message-thread.ts";

/** What a message costs beside its text: role, name and separators. */
const TOKENS_PER_MESSAGE = 8;
/** Share of the budget that is kept when lines have to go. */
const KEPT_SHARE = 0.75;

interface WindowState {
  start: number;
  /** Lines before this position are in `tokens`. */
  counted: number;
  tokens: number;
}

export class HistoryWindow {
  readonly #counter: TokenCounter;
  readonly #states = new WeakMap<MessageThread, WindowState>();
  readonly #counts = new WeakMap<AgentMessage, number>();

  constructor(counter: TokenCounter = byteTokens) {
    this.#counter = counter;
  }

  count(text: string): number {
    return this.#counter.count(text);
  }

  /** The newest lines within `budget` tokens, oldest first; the newest one always, cut if it must be. */
  select(thread: MessageThread, budget: number): AgentMessage[] {
    const state = this.#advance(thread, budget);
    if (state.tokens > budget) this.#evict(thread, state, budget * KEPT_SHARE);
    const lines = thread.from(state.start);
    const newest = lines.at(-1);
    if (newest && this.#tokens(newest) > budget)
      lines[lines.length - 1] = this.#cut(newest, budget);
    return lines;
  }

  #advance(thread: MessageThread, budget: number): WindowState {
    const known = this.#states.get(thread);
    const fits = known && known.start >= thread.offset && known.counted <= thread.end;
    const state = fits ? known : this.#newestThatFit(thread, budget);
    for (; state.counted < thread.end; state.counted += 1) {
      state.tokens += this.#tokensAt(thread, state.counted);
    }
    this.#states.set(thread, state);
    return state;
  }

  /** A first look at a long thread counts from its end, so it costs a window and not a history. */
  #newestThatFit(thread: MessageThread, budget: number): WindowState {
    let start = thread.end;
    let tokens = 0;
    while (start > thread.offset) {
      const more = this.#tokensAt(thread, start - 1);
      if (tokens + more > budget && start < thread.end) break;
      tokens += more;
      start -= 1;
    }
    const state = { start, counted: thread.end, tokens };
    this.#dropOrphans(thread, state);
    return state;
  }

  #evict(thread: MessageThread, state: WindowState, target: number): void {
    while (state.tokens > target && state.start < thread.end - 1) this.#drop(thread, state);
    this.#dropOrphans(thread, state);
  }

  #dropOrphans(thread: MessageThread, state: WindowState): void {
    if (state.start === thread.offset) return;
    while (state.start < thread.end - 1 && isResult(thread.at(state.start))) {
      this.#drop(thread, state);
    }
  }

  #drop(thread: MessageThread, state: WindowState): void {
    state.tokens -= this.#tokensAt(thread, state.start);
    state.start += 1;
  }

  #tokensAt(thread: MessageThread, position: number): number {
    const message = thread.at(position);
    return message ? this.#tokens(message) : 0;
  }

  #tokens(message: AgentMessage): number {
    const known = this.#counts.get(message);
    if (known !== undefined) return known;
    const calls = message.tool_calls ?? message.function_call;
    const texts = [message.content ?? "", message.name ?? "", calls ? JSON.stringify(calls) : ""];
    const counted = texts.reduce(
      (sum, text) => sum + (text === "" ? 0 : this.#counter.count(text)),
      TOKENS_PER_MESSAGE,
    );
    this.#counts.set(message, counted);
    return counted;
  }

  /** Keeps the beginning of an oversized line; a line without text has nothing to cut. */
  #cut(message: AgentMessage, budget: number): AgentMessage {
    const text = message.content ?? "";
    const share = (budget / this.#tokens(message)) * 0.9;
    const points = [...text];
    const kept = points.slice(0, Math.max(0, Math.floor(points.length * share)));
    const { tool_responses: _cut, ...rest } = message;
    const note = "\n[The rest of this message is left out: it is too long for the model.]";
    if (!message.tool_responses) return { ...rest, content: kept.join("") + note };
    const each = Math.floor(kept.length / Math.max(1, message.tool_responses.length));
    return {
      ...rest,
      tool_responses: message.tool_responses.map((response) => ({
        ...response,
        content: [...response.content].slice(0, each).join("") + note,
      })),
    };
  }
}

/** Without a counter: a token for every three bytes of UTF-8, which errs on the safe side. */
export const byteTokens: TokenCounter = {
  count(text) {
    let bytes = 0;
    for (const point of text) {
      const code = point.codePointAt(0) ?? 0;
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    }
    return Math.ceil(bytes / 3);
  },
};

function isResult(message: AgentMessage | undefined): boolean {
  return message?.role === "tool" || message?.role === "function";
}
