/**
 * The ports that agents think and remember through: models, embedders, token counts and stores.
 * Message and tool shapes are the OpenAI wire shapes, used unchanged everywhere in the project.
 * Implementations live in `adapters/`; every one of them passes the suites in `tests/contracts/`.
 */
import type { AbortSignalLike } from "../shared/abort.ts";

export interface ToolCall {
  id: string;
  type: "function";
  /** `arguments` is the model's raw text: untrusted, perhaps not JSON. */
  function: { name: string; arguments: string };
}

export type ChatRole = "system" | "user" | "assistant" | "tool";

export interface ChatMessage {
  role: ChatRole;
  /** null only on an assistant message that carries tool calls. */
  content: string | null;
  /** The speaker, in `[A-Za-z0-9_-]{1,64}`. */
  name?: string;
  tool_calls?: ToolCall[];
  /** On `tool` messages: the call this answers. */
  tool_call_id?: string;
}

/** A JSON Schema of type object. */
export interface ToolParameters {
  type: "object";
  properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  required?: readonly string[];
}

export interface ToolSchema {
  type: "function";
  function: { name: string; description: string; parameters: ToolParameters };
}

export interface ChatRequest {
  messages: readonly ChatMessage[];
  tools?: readonly ToolSchema[];
  /** "required" asks for some call; backends that cannot, treat it as "auto". Default "auto". */
  tool_choice?: "auto" | "none" | "required";
  /** Upper bound of the answer, in tokens. */
  max_tokens?: number;
  signal?: AbortSignalLike;
  /** Asks for streaming; called with each piece of `content` in order. */
  onText?: (delta: string) => void;
  /**
   * Asks for streaming; called with each piece of the tool calls in order. A preview: the pieces of a
   * call (`index` and `name`) join to a prefix of its arguments, and a retry inside is told only as
   * far as it continues what was told. The completion is the truth.
   */
  onToolCall?: (delta: ToolCallDelta) => void;
}

/** A piece of a tool call while the model writes it. */
export interface ToolCallDelta {
  /** Place of the call in the answer, from 0. */
  index: number;
  name: string;
  /** The next piece of the arguments' raw text. */
  arguments: string;
}

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

export interface TokenUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export interface ChatCompletion {
  content: string | null;
  /** In the order to run them; ids are unique within the answer; empty when there are none. */
  tool_calls: ToolCall[];
  finish_reason: FinishReason;
  /** Absent when the backend does not report it. */
  usage?: TokenUsage;
  /** The model that answered (differs from the first of a failover list after a failure). */
  model: string;
  /** US dollars, where the model's entry names a `price`. */
  cost?: number;
  /** True when the answer came from a response cache, so nothing was paid for it. */
  cached?: boolean;
  /** Whether a `filter_func` accepted it; absent where there is none. */
  pass_filter?: boolean;
}

/**
 * One chat completion.
 *
 * Fails with a `ModelError` only; its `code` says which kind. Aborting the signal rejects within
 * 100 ms with code `aborted`. Repetition is safe for the caller's state but costs money: retries
 * and failover happen inside, bounded by one deadline, so callers do not retry on transport errors.
 */
export interface ChatModel {
  /** For logs and `/agents`: the model's name, e.g. "gpt-4". */
  readonly model: string;
  /** Smallest window of the models behind this one, in tokens. */
  readonly context_window: number;
  /** True for the built-in model that needs no network and does not reason. */
  readonly offline: boolean;
  complete(request: ChatRequest): Promise<ChatCompletion>;
}

/**
 * Texts to vectors. Splits long lists into batches inside; the result has the input's order and
 * length, each vector `dimension` finite numbers, never all zero. Fails with a `ModelError`.
 */
export interface Embedder {
  /** Names the vector space: vectors of two embedders with one name are comparable. */
  readonly name: string;
  readonly dimension: number;
  /** False for hashed vectors, which rank worse than words do and are left out of ranking. */
  readonly semantic: boolean;
  embed(texts: readonly string[], signal?: AbortSignalLike): Promise<number[][]>;
}

export interface TokenCounter {
  /** Tokens of a text; never fewer than the model would count. Synchronous and cheap to repeat. */
  count(text: string): number;
}

/** One passage: a piece of text that can be found again, with where it came from. */
export interface Passage {
  /** Unique within its owner and deterministic: writing the same passage again changes nothing. */
  id: string;
  text: string;
  /** Milliseconds since the epoch. */
  created_at: number;
  /** Name of the data source or document; absent for what the agent inserted itself. */
  source?: string;
  /** Page of the document, from 1. */
  page?: number;
  /** Path of headings that it stands under, at most 120 characters. */
  heading?: string;
  /** Where the document was posted or fetched, as a URL. */
  link?: string;
}

export interface PassageHit {
  passage: Passage;
  owner: string;
  /** Cosine similarity, at most 1; higher is nearer. */
  score: number;
}

/**
 * Passages with their vectors, each under one owner (an agent's archive, its recall index, a data
 * source). A search names the owners it may see and gets no other's rows.
 *
 * One store serves one embedding space. Every call is bounded in time and fails with a
 * `StoreError`; a failure never reads as "nothing found". Owners need no creation; an unknown one is
 * empty.
 */
export interface PassageStore {
  /** Adds or replaces by (owner, id); durable when it resolves; safe to repeat. */
  upsert(owner: string, passages: readonly Passage[], vectors: readonly number[][]): Promise<void>;
  /** The nearest passages, best first, at most `limit` of them. */
  search(
    owners: readonly string[],
    vector: readonly number[],
    limit: number,
  ): Promise<PassageHit[]>;
  /** Passages in the order they were first written, from `offset`. */
  page(owner: string, offset: number, limit: number): Promise<Passage[]>;
  /**
   * All passages in that order, some hundreds at a time: cheaper than paging through many. What is
   * written or deleted meanwhile may be among them or not.
   */
  every(owner: string): AsyncIterable<readonly Passage[]>;
  count(owner: string): Promise<number>;
  /** Unknown ids are passed over. */
  delete(owner: string, ids: readonly string[]): Promise<void>;
  deleteOwner(owner: string): Promise<void>;
}

/**
 * Small JSON values by key. One `set` is atomic, and durable when it resolves; sets to one key take
 * effect in the order they were called. A read that fails throws `StoreError`: `undefined` always
 * means that nothing is stored. Keys are any text up to 400 characters; values are JSON.
 */
export interface StateStore {
  get<T>(key: string): Promise<T | undefined>;
  /** In the order of `keys`. */
  getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]>;
  set(key: string, value: unknown): Promise<void>;
  /**
   * All durable when it resolves. Atomic where the store can; everywhere the last entry becomes
   * durable only after all before it, so a record may follow the rows that it points to.
   */
  setMany(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>;
  /** Unknown keys are passed over. */
  delete(keys: readonly string[]): Promise<void>;
}

/**
 * Text files of an agent's own, under flat names, in a folder that nothing else writes to. A name that
 * could lead elsewhere, and whatever passes a limit, is refused with a `ColloquyError` in words for the
 * model.
 */
export interface AgentFiles {
  /** The whole text. */
  read(owner: string, filename: string): Promise<string>;
  /** Adds `text` at the file's end, and makes the file if need be. */
  append(owner: string, filename: string, text: string): Promise<void>;
  /** Takes lines out of all files of the owner. Safe to repeat; a file is whole at any moment. */
  removeLines(owner: string, isGone: (line: string) => boolean): Promise<void>;
}

export interface HttpAnswer {
  status_code: number;
  /** Those that say what the body is. */
  headers: Readonly<Record<string, string>>;
  /** Untrusted text; what is no text is left out. */
  body: string;
}

/**
 * HTTP requests to the hosts that the configuration allows, on public addresses only, bounded in time
 * and size, redirects included. Everything else is refused with a `ColloquyError` for the model.
 */
export interface HttpRequester {
  request(
    call: { method: string; url: string; payload_json?: string },
    signal?: AbortSignalLike,
  ): Promise<HttpAnswer>;
}
