import type {
  ChatCompletion,
  ChatModel,
  ChatRequest,
  ToolCall,
  ToolCallDelta,
} from "../../src/memgpt/ports.ts";
import { throwIfAborted } from "../../src/shared/abort.ts";

/** One answer of the script: a text, calls, an error to throw, or a function of the request. */
export type ScriptStep =
  | string
  | {
      content?: string | null;
      calls?: readonly ScriptedCall[];
      finish_reason?: "stop" | "length";
      total_tokens?: number;
    }
  | Error
  | ((request: ChatRequest) => ScriptStep | Promise<ScriptStep>);

export interface ScriptedCall {
  name: string;
  /** An object is sent as JSON; a string is sent as it is, broken or not. */
  args: Record<string, unknown> | string;
}

/** Answers from a script, in order. A call past its end throws; `assertDone` fails on unused steps. */
export class ScriptedChatModel implements ChatModel {
  readonly model = "scripted";
  readonly offline = false;
  context_window: number;
  readonly requests: ChatRequest[] = [];
  readonly #steps: ScriptStep[];

  constructor(steps: readonly ScriptStep[], options: { context_window?: number } = {}) {
    this.#steps = [...steps];
    this.context_window = options.context_window ?? 8192;
  }

  async complete(request: ChatRequest): Promise<ChatCompletion> {
    throwIfAborted(request.signal);
    this.requests.push({ ...request, messages: structuredClone(request.messages) });
    let step = this.#steps.shift();
    if (step === undefined) {
      throw new Error(`The script has no answer for request ${this.requests.length}.`);
    }
    while (typeof step === "function") step = await step(request);
    if (step instanceof Error) throw step;
    return this.#completion(typeof step === "string" ? { content: step } : step, request);
  }

  assertDone(): void {
    if (this.#steps.length > 0)
      throw new Error(`${this.#steps.length} scripted answers were not used.`);
  }

  #completion(
    step: Exclude<ScriptStep, string | Error | ((r: ChatRequest) => unknown)>,
    request: ChatRequest,
  ): ChatCompletion {
    const serial = this.requests.length;
    const tool_calls = (step.calls ?? []).map(
      (call, i): ToolCall => ({
        id: `call_${serial}_${i}`,
        type: "function",
        function: {
          name: call.name,
          arguments: typeof call.args === "string" ? call.args : JSON.stringify(call.args),
        },
      }),
    );
    const content = step.content ?? null;
    if (content) request.onText?.(content);
    if (request.onToolCall) tellInPieces(tool_calls, request.onToolCall);
    const total = step.total_tokens;
    return {
      content,
      tool_calls,
      finish_reason: step.finish_reason ?? (tool_calls.length > 0 ? "tool_calls" : "stop"),
      model: this.model,
      ...(total === undefined
        ? {}
        : { usage: { prompt_tokens: total, completion_tokens: 0, total_tokens: total } }),
    };
  }
}

/** Seven characters at a time: names, escapes and surrogate pairs are cut somewhere. */
function tellInPieces(calls: readonly ToolCall[], tell: (delta: ToolCallDelta) => void): void {
  for (const [index, { function: call }] of calls.entries()) {
    for (let at = 0; at < call.arguments.length; at += 7) {
      tell({ index, name: call.name, arguments: call.arguments.slice(at, at + 7) });
    }
  }
}

/** The usual MemGPT answer: a thought and a `send_message`. */
export function says(message: string, thought = "Thinking."): ScriptStep {
  return { content: thought, calls: [{ name: "send_message", args: { message } }] };
}
