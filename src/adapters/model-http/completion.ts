/**
 * From what servers send to one `ChatCompletion`: whole answers and streams, with the liberties
 * that OpenAI-compatible servers take (no index, type, role, id or finish reason; arguments as an
 * object; content in parts). Refuses only what holds no answer at all.
 */
import type {
  ChatCompletion,
  FinishReason,
  TokenUsage,
  ToolCall,
  ToolCallDelta,
} from "../../memgpt/ports.ts";
import { ErrorAnswerError, MalformedAnswerError } from "./answer-errors.ts";

/** More calls than this in one answer is a model run wild. */
const MAX_CALLS = 128;

interface PartialCall {
  id: string;
  index: number | undefined;
  name: string;
  arguments: string;
  /** Characters of `arguments` that `onToolCall` was told. */
  told: number;
}

export interface AnswerContext {
  /** The name that the answer is given out under: the entry's, not the server's dated one. */
  model: string;
  nextId: () => string;
  onText?: ((delta: string) => void) | undefined;
  onToolCall?: ((delta: ToolCallDelta) => void) | undefined;
}

/** Collects one answer, from one whole body or from the pieces of a stream. */
export class CompletionBuilder {
  readonly #context: AnswerContext;
  #content = "";
  #calls: PartialCall[] = [];
  #finish: string | undefined;
  #usage: TokenUsage | undefined;
  #sawChoice = false;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  /** One `chat.completion` or `chat.completion.chunk`, parsed but unchecked. */
  add(value: unknown): void {
    const body = record(value);
    if (!body) throw new MalformedAnswerError("it is not a JSON object");
    if (body.error !== undefined && body.error !== null) throw new ErrorAnswerError(body.error);
    this.#usage = readUsage(body.usage) ?? this.#usage;
    const choices = Array.isArray(body.choices) ? body.choices : [];
    const choice = record(choices[0]);
    if (!choice) return;
    this.#sawChoice = true;
    if (typeof choice.finish_reason === "string") this.#finish = choice.finish_reason;
    const piece = record(choice.delta) ?? record(choice.message);
    if (piece) this.#addPiece(piece);
    else if (typeof choice.text === "string") this.#addText(choice.text);
  }

  build(): ChatCompletion {
    if (!this.#sawChoice) throw new MalformedAnswerError("it holds no choices");
    const tool_calls = this.#toolCalls();
    const content = this.#content === "" ? null : this.#content;
    const finish_reason = finishReason(this.#finish, tool_calls.length > 0);
    const empty = tool_calls.length === 0 && (content === null || content.trim() === "");
    // `length` and `content_filter` explain an empty answer; anything else does not.
    if (empty && finish_reason === "stop") throw new MalformedAnswerError("it is empty");
    return {
      content,
      tool_calls,
      finish_reason,
      model: this.#context.model,
      ...(this.#usage ? { usage: this.#usage } : {}),
    };
  }

  #addPiece(piece: Record<string, unknown>): void {
    this.#addText(textOf(piece.content) || textOf(piece.refusal));
    const calls = Array.isArray(piece.tool_calls) ? piece.tool_calls : [];
    for (const call of calls) this.#addCall(record(call));
    // The form before tool calls: one call, without an id.
    const legacy = record(piece.function_call);
    if (legacy) this.#addCall({ index: 0, function: legacy });
  }

  #addText(text: string): void {
    if (text === "") return;
    this.#content += text;
    this.#context.onText?.(text);
  }

  #addCall(call: Record<string, unknown> | undefined): void {
    if (!call) return;
    const fn = record(call.function) ?? call;
    const id = typeof call.id === "string" ? call.id : "";
    const index = typeof call.index === "number" ? call.index : undefined;
    const name = typeof fn.name === "string" ? fn.name : "";
    const target = this.#openCall(id, index, name);
    if (name !== "" && target.name !== name) target.name += name;
    target.arguments += argumentText(fn.arguments);
    this.#tell(target);
  }

  #tell(call: PartialCall): void {
    if (call.name === "" || call.told === call.arguments.length) return;
    const piece = call.arguments.slice(call.told);
    call.told = call.arguments.length;
    const at = this.#calls.indexOf(call);
    this.#context.onToolCall?.({ index: at, name: call.name, arguments: piece });
  }

  /** The call that a piece continues, or a new one. */
  #openCall(id: string, index: number | undefined, name: string): PartialCall {
    const calls = this.#calls;
    const last = calls.at(-1);
    let target = index === undefined ? last : calls.findLast((call) => call.index === index);
    // Some servers give every call index 0, or none, and tell them apart by id or by a new name.
    if (target && id !== "" && target.id !== "" && target.id !== id) {
      target = calls.findLast((call) => call.id === id);
    } else if (target && index === undefined && id === "" && name !== "" && target.name !== "") {
      target = undefined;
    }
    if (target) {
      if (target.id === "") target.id = id;
      return target;
    }
    if (calls.length >= MAX_CALLS) throw new MalformedAnswerError("it makes too many calls");
    const fresh: PartialCall = { id, index, name: "", arguments: "", told: 0 };
    calls.push(fresh);
    return fresh;
  }

  #toolCalls(): ToolCall[] {
    const ids = new Set<string>();
    return this.#calls
      .filter((call) => call.name !== "" || call.arguments !== "")
      .map((call) => {
        const id = call.id === "" || ids.has(call.id) ? this.#context.nextId() : call.id;
        ids.add(id);
        return {
          id,
          type: "function",
          function: { name: call.name, arguments: call.arguments || "{}" },
        };
      });
  }
}

/** A plain object, or undefined for everything else. */
export function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Content is a text, or a list of parts of which the texts count. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (typeof part === "string" ? part : record(part)?.text))
    .filter((text): text is string => typeof text === "string")
    .join("");
}

function argumentText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function finishReason(given: string | undefined, calls: boolean): FinishReason {
  if (given === "length" || given === "content_filter") return given;
  return calls ? "tool_calls" : "stop";
}

function readUsage(value: unknown): TokenUsage | undefined {
  const usage = record(value);
  if (!usage) return undefined;
  const prompt = count(usage.prompt_tokens);
  const completion = count(usage.completion_tokens) ?? 0;
  if (prompt === undefined) return undefined;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: count(usage.total_tokens) ?? prompt + completion,
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
