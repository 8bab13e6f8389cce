/**
 * Main context: what the model sees. The system message, the summary of what was evicted, and the
 * FIFO queue, which is a contiguous range of the log; with their token counts. It only grows at its
 * end until an eviction, which takes much, summarises it and renders the front anew (MemGPT's queue
 * manager). It decides when that is needed; it calls no model but through `summarize`.
 */
import { clipToTokens, countMessage, trimMessage } from "./clip-text.ts";
import { packageSummary } from "./packaging.ts";
import type { ChatMessage, TokenCounter } from "./ports.ts";
import { type Front, systemMessage } from "./system-message.ts";

export interface Summary {
  text: string;
  /** Messages that went into it the last time, an earlier summary included. */
  covers: number;
  /** As its eviction told it, so that a restart does; absent in what was stored before this was kept. */
  told?: { hidden: number; total: number; time: string };
}

export interface MainContextOptions {
  tokens: TokenCounter;
  /** Tokens of the function schemas. */
  toolTokens: number;
  /** The model's window; asked each time, because failover may change it. */
  window: () => number;
  /** The preset's prompt. */
  prompt: string;
  renderFront: () => Front;
  formatNow: () => string;
  /** Messages in the log. */
  logLength: () => number;
  summarize: (messages: readonly ChatMessage[]) => Promise<string>;
}

/** A message of the queue. */
export interface Queued {
  /** Row in the log; rows that are not to be seen are left out. */
  index: number;
  message: ChatMessage;
  /** Who said it, where that is a person who is remembered. */
  person?: string;
  /** Seen in the run that goes on, and not stored. */
  off_record?: boolean;
}

interface QueueItem extends Queued {
  tokens: number;
  /** The uncut message; set when `message` is a cut one. */
  whole?: ChatMessage;
}

/** A message was cut to so many tokens in the queue; the log has it whole. */
export type Trim = readonly [index: number, tokens: number];

/** The last messages are never summarised (MemGPT's `MESSAGE_SUMMARY_TRUNC_KEEP_N_LAST`). */
const KEEP_LAST = 3;
/** MemGPT's `MESSAGE_SUMMARY_TRUNC_TOKEN_FRAC`. */
const EVICT_FRACTION = 0.75;
/** MemGPT's `MESSAGE_SUMMARY_WARNING_FRAC`. */
const WARNING_FRACTION = 0.75;
const MAX_EVICTIONS = 3;
/** No message is cut shorter than this to make room. */
const MIN_TRIMMED = 128;

export class MainContext {
  readonly #options: MainContextOptions;
  /** Of the preset's prompt. */
  readonly #promptTokens: number;
  #system: ChatMessage = { role: "system", content: "" };
  #systemTokens = 0;
  #front: Front | undefined;
  #frontVersion = 0;
  #summaryVersion = 0;
  #summary: { value: Summary; message: ChatMessage; tokens: number } | undefined;
  #items: QueueItem[] = [];
  #itemTokens = 0;
  #start = 0;
  #trims: Trim[] = [];
  /** True once the pressure warning was given; an eviction re-arms it. */
  warned = false;
  /** Log row from which on everything belongs to the reply that is being made. */
  turn = 0;

  constructor(options: MainContextOptions) {
    this.#options = options;
    this.#promptTokens = options.tokens.count(options.prompt);
  }

  /** Log row at which the queue begins; it reaches to the log's end. */
  get start(): number {
    return this.#start;
  }

  get summary(): Summary | undefined {
    return this.#summary?.value;
  }

  /** Grows by one with each eviction; 0 before the first. */
  get summary_version(): number {
    return this.#summaryVersion;
  }

  /** What stands below the prompt; undefined before it is first rendered. */
  get front(): Front | undefined {
    return this.#front;
  }

  /** Grows by one each time the front is rendered. */
  get front_version(): number {
    return this.#frontVersion;
  }

  get trims(): readonly Trim[] {
    return this.#trims;
  }

  /** The queue without the summary, oldest first. */
  get queue(): readonly ChatMessage[] {
    return this.#items.map((item) => item.message);
  }

  /** What the next request costs before its answer: head, queue and function schemas. */
  get promptTokens(): number {
    return this.#headTokens + (this.#summary?.tokens ?? 0) + this.#itemTokens;
  }

  /** What no eviction takes away, core memory apart. */
  get fixedTokens(): number {
    return this.#promptTokens + this.#options.toolTokens;
  }

  /** Who speaks in the queue, the one heard last first. */
  people(): string[] {
    const heard = this.#items.flatMap(({ person }) => (person === undefined ? [] : [person]));
    return [...new Set(heard.reverse())];
  }

  prompt(): ChatMessage[] {
    const summary = this.#summary ? [this.#summary.message] : [];
    return [this.#system, ...summary, ...this.queue];
  }

  /** Renders the front anew: providers' caches lose the whole prompt. */
  renderFront(): void {
    this.#frontVersion += 1;
    this.#setFront(this.#options.renderFront());
  }

  /** Takes the queue of a restored agent: rows `start` and following. */
  restore(state: {
    start: number;
    messages: readonly Queued[];
    trims: readonly Trim[];
    summary_version: number;
    summary?: Summary;
    front_version: number;
    front?: Front;
  }): void {
    this.#frontVersion = state.front_version;
    this.#start = state.start;
    this.#summaryVersion = state.summary_version;
    if (state.summary) this.#setSummary(state.summary);
    const trims = new Map(state.trims);
    for (const [i, message] of state.messages.entries()) {
      this.push(message.index, message.message, message);
      const limit = trims.get(message.index);
      if (limit !== undefined) this.#trim(i, limit);
    }
    // Whoever speaks in the queue is in the front, so the queue comes first.
    if (state.front) this.#setFront(state.front);
    else this.renderFront();
  }

  /** Appends the message of the log's row `index`, which comes after those before it. */
  push(index: number, message: ChatMessage, by: Omit<Queued, "index" | "message"> = {}): void {
    const tokens = countMessage(message, this.#options.tokens);
    this.#items.push({ ...by, index, message, tokens });
    this.#itemTokens += tokens;
  }

  /** Takes out what was off the record. False when nothing was. */
  dropOffRecord(): boolean {
    const dropped = this.#items.filter((item) => item.off_record);
    if (dropped.length === 0) return false;
    this.#items = this.#items.filter((item) => !item.off_record);
    for (const { tokens } of dropped) this.#itemTokens -= tokens;
    const gone = new Set(dropped.map(({ index }) => index));
    this.#trims = this.#trims.filter(([index]) => !gone.has(index));
    return true;
  }

  /** True exactly when more than 75 % of the window is used for the first time since an eviction. */
  pressure(totalTokens: number): boolean {
    if (this.warned || totalTokens <= WARNING_FRACTION * this.#options.window()) return false;
    this.warned = true;
    return true;
  }

  /**
   * Makes the next request fit, with room for an answer: evicts, and, when the last few messages
   * alone are too much, cuts the largest. Whatever happens, it ends, and after it the prompt is not
   * larger than before.
   */
  async makeRoom(): Promise<void> {
    for (let i = 0; i < MAX_EVICTIONS && this.#over() > 0; i += 1) {
      if (!(await this.evict())) break;
    }
    this.#cutLargest();
    if (this.#over() > 0) await this.evict(1);
  }

  /**
   * Evicts about three quarters of the queue into the summary; false when nothing can go. The lines
   * that are being answered, and what was found for them, go only when nothing else can: an agent
   * that searches must not forget what it was asked.
   * @param keep messages at the end that stay whatever happens
   */
  async evict(keep = KEEP_LAST): Promise<boolean> {
    const head = this.#summary ? [this.#summary] : [];
    const all = [...head, ...this.#items];
    const sizes = all.map((item) => ({ role: item.message.role, tokens: item.tokens }));
    const turn = head.length + this.#items.filter((item) => item.index < this.turn).length;
    const all_but = sizes.length - keep;
    const cut =
      planEviction(sizes, head.length, Math.min(turn, all_but)) ||
      planEviction(sizes, head.length, all_but);
    if (cut <= head.length) return false;
    const kept = this.#items.slice(0, cut - head.length).filter((item) => !item.off_record);
    const evicted = [...head, ...kept].map((item) => item.message);
    const text = kept.length > 0 ? await this.#options.summarize(evicted) : undefined;
    // Only now does anything change: an abort while summarising leaves the queue whole.
    this.#drop(cut - head.length);
    if (text !== undefined) {
      this.#summaryVersion += 1;
      this.#setSummary({ text, covers: evicted.length });
    }
    this.renderFront();
    this.warned = false;
    return true;
  }

  /** Puts another text in the summary's place; does nothing where there is none. */
  replaceSummary(text: string): void {
    if (!this.#summary) return;
    this.#summaryVersion += 1;
    this.#setSummary({ ...this.#summary.value, text });
  }

  /** After the provider refused a prompt that looked small enough: evict, or cut what is left. */
  async shrink(): Promise<boolean> {
    if (await this.evict()) return true;
    const before = this.#itemTokens;
    const largest = this.#largest();
    const tokens = this.#items[largest]?.tokens ?? 0;
    if (tokens > 2 * MIN_TRIMMED) this.#trim(largest, Math.floor(tokens / 2));
    return this.#itemTokens < before || this.evict(1);
  }

  get #headTokens(): number {
    return this.#systemTokens + this.#options.toolTokens;
  }

  /** Tokens above what may be used. A head that is too large itself leaves the queue a quarter. */
  #over(): number {
    const window = this.#options.window();
    const reserve = Math.min(1024, Math.floor(window / 8));
    const free = Math.max(window - reserve - this.#headTokens, Math.floor(window / 4));
    return this.promptTokens - this.#headTokens - free;
  }

  #cutLargest(): void {
    for (let i = 0; i < this.#items.length; i += 1) {
      const over = this.#over();
      if (over <= 0) return;
      const largest = this.#largest();
      const tokens = this.#items[largest]?.tokens ?? 0;
      if (tokens <= MIN_TRIMMED) return;
      this.#trim(largest, Math.max(MIN_TRIMMED, tokens - over));
    }
  }

  #largest(): number {
    let largest = 0;
    for (const [i, item] of this.#items.entries()) {
      if (item.tokens > (this.#items[largest]?.tokens ?? 0)) largest = i;
    }
    return largest;
  }

  #trim(position: number, limit: number): void {
    const item = this.#items[position];
    if (!item) return;
    // Always cut from the whole message, so that a restored queue is cut the same way.
    const whole = item.whole ?? item.message;
    const message = trimMessage(whole, limit, this.#options.tokens);
    const tokens = countMessage(message, this.#options.tokens);
    if (tokens >= item.tokens) return;
    this.#items[position] = { ...item, message, tokens, whole };
    this.#itemTokens += tokens - item.tokens;
    this.#trims = [...this.#trims.filter(([index]) => index !== item.index), [item.index, limit]];
  }

  #drop(count: number): void {
    const dropped = this.#items.splice(0, count);
    for (const item of dropped) this.#itemTokens -= item.tokens;
    const last = dropped.at(-1);
    if (last) this.#start = this.#items[0]?.index ?? last.index + 1;
    this.#trims = this.#trims.filter(([index]) => index >= this.#start);
  }

  #setFront(front: Front): void {
    const { prompt, tokens } = this.#options;
    this.#front = front;
    this.#system = { role: "system", content: systemMessage(prompt, front) };
    this.#systemTokens = countMessage(this.#system, tokens);
  }

  #setSummary(value: Summary): void {
    const { tokens, logLength, formatNow } = this.#options;
    // A summary that would fill the window again is no progress.
    const text = clipToTokens(value.text, Math.floor(this.#options.window() / 6), tokens);
    const told = value.told ?? {
      hidden: this.#start,
      total: Math.max(logLength(), this.#start),
      time: formatNow(),
    };
    const message = packageSummary({ ...value, text }, told.hidden, told.total, told.time);
    this.#summary = { value: { ...value, told }, message, tokens: countMessage(message, tokens) };
  }
}

/**
 * How many of the oldest messages to evict (MemGPT 0.3.5 `summarize_messages_inplace`): walk until
 * three quarters of the tokens are passed, never into the last three (or past `last`); let an assistant
 * message come first after the cut, and never part a call from its results. `least` messages (an
 * earlier summary) do not count as progress by themselves. 0 when nothing can go.
 */
export function planEviction(
  items: readonly { role: ChatMessage["role"]; tokens: number }[],
  least = 0,
  last = items.length - KEEP_LAST,
): number {
  if (last <= least) return 0;
  const target = Math.floor(EVICT_FRACTION * items.reduce((sum, item) => sum + item.tokens, 0));
  let cut = 0;
  let passed = 0;
  while (cut < last) {
    passed += items[cut]?.tokens ?? 0;
    if (passed > target) break;
    cut += 1;
  }
  cut = Math.max(cut, least + 1);
  if (items[cut]?.role === "user" && cut < last) cut += 1;
  while (items[cut]?.role === "tool") cut += 1;
  if (cut > last) {
    cut = last;
    while (cut > 0 && items[cut]?.role === "tool") cut -= 1;
  }
  return cut > least ? cut : 0;
}
