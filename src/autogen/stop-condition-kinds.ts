/**
 * The stop conditions themselves, under the names they have in autogen-agentchat. Where one counts, it
 * counts within one run.
 */
import type { Clock } from "../shared/clock.ts";
import { AutogenError } from "./errors.ts";
import { type AgentMessage, calledFunctions } from "./message.ts";
import type { Stop } from "./reply.ts";
import { type RunState, TerminationCondition } from "./stop-conditions.ts";

/** So many messages in the run, the opening one included. */
export class MaxMessageTermination extends TerminationCondition {
  readonly #most: number;
  #count = 0;

  constructor(options: { max_messages: number }) {
    super();
    this.#most = positive("max_messages", options.max_messages);
  }

  protected override judge(lines: readonly AgentMessage[]): Stop | undefined {
    this.#count += lines.length;
    if (this.#count < this.#most) return undefined;
    const detail = `Maximum number of messages ${this.#most} reached, current message count: ${this.#count}`;
    return { reason: "max_messages", detail };
  }

  protected override forget(): void {
    this.#count = 0;
  }
}

/** A text stands in a message, of these speakers if `sources` names any. Case-sensitive. */
export class TextMentionTermination extends TerminationCondition {
  readonly #text: string;
  readonly #sources: readonly string[] | undefined;

  constructor(options: { text: string; sources?: readonly string[] }) {
    super();
    this.#text = options.text;
    this.#sources = options.sources;
  }

  protected override judge(lines: readonly AgentMessage[]): Stop | undefined {
    const found = lines.some(
      ({ name, content }) =>
        (this.#sources?.includes(name ?? "") ?? true) && content?.includes(this.#text),
    );
    return found ? { reason: "text_mention", detail: `Text '${this.#text}' mentioned` } : undefined;
  }
}

/** One of these speakers has said something. */
export class SourceMatchTermination extends TerminationCondition {
  readonly #sources: readonly string[];

  constructor(options: { sources: readonly string[] }) {
    super();
    this.#sources = options.sources;
  }

  protected override judge(lines: readonly AgentMessage[]): Stop | undefined {
    const name = lines.find((line) => this.#sources.includes(line.name ?? ""))?.name;
    return name === undefined
      ? undefined
      : { reason: "source_match", detail: `'${name}' answered` };
  }
}

/** A message equals the text, blanks around it aside. Default "TERMINATE". */
export class StopMessageTermination extends TerminationCondition {
  readonly #text: string;

  constructor(options: { text?: string } = {}) {
    super();
    this.#text = options.text ?? "TERMINATE";
  }

  protected override judge(lines: readonly AgentMessage[]): Stop | undefined {
    const found = lines.some(({ content }) => content?.trim() === this.#text);
    return found ? { reason: "stop_message", detail: "Stop message received" } : undefined;
  }
}

/** The run's models have used so many tokens. At least one limit is needed. */
export class TokenUsageTermination extends TerminationCondition {
  readonly #limits: readonly (readonly [keyof RunState["usage"], number])[];

  constructor(options: {
    max_total_token?: number;
    max_prompt_token?: number;
    max_completion_token?: number;
  }) {
    super();
    const { max_total_token, max_prompt_token, max_completion_token } = options;
    const limits = [
      ["total_tokens", max_total_token],
      ["prompt_tokens", max_prompt_token],
      ["completion_tokens", max_completion_token],
    ] as const;
    this.#limits = limits.flatMap(([key, limit]) =>
      limit === undefined ? [] : [[key, positive(key, limit)] as const],
    );
    if (this.#limits.length === 0) {
      throw new AutogenError(
        "invalid_option",
        "At least one of max_total_token, max_prompt_token, or max_completion_token must be provided",
      );
    }
  }

  protected override judge(_lines: readonly AgentMessage[], { usage }: RunState): Stop | undefined {
    if (!this.#limits.some(([key, limit]) => usage[key] >= limit)) return undefined;
    const detail = `Token usage limit reached, total token count: ${usage.total_tokens}, prompt token count: ${usage.prompt_tokens}, completion token count: ${usage.completion_tokens}.`;
    return { reason: "budget", detail };
  }
}

/** So many seconds since the run began; asked after each message, so a long reply is not cut. */
export class TimeoutTermination extends TerminationCondition {
  readonly #seconds: number;
  readonly #clock: Pick<Clock, "monotonic">;
  #start: number;

  constructor(options: { timeout_seconds: number; clock: Pick<Clock, "monotonic"> }) {
    super();
    this.#seconds = positive("timeout_seconds", options.timeout_seconds);
    this.#clock = options.clock;
    this.#start = this.#clock.monotonic();
  }

  protected override judge(): Stop | undefined {
    if (this.#clock.monotonic() - this.#start < this.#seconds * 1000) return undefined;
    return { reason: "timeout", detail: `Timeout of ${this.#seconds} seconds reached` };
  }

  protected override forget(): void {
    this.#start = this.#clock.monotonic();
  }
}

/** Somebody hands over to `target` by calling `transfer_to_<target>` (in any case). */
export class HandoffTermination extends TerminationCondition {
  readonly #target: string;

  constructor(options: { target: string }) {
    super();
    this.#target = options.target;
  }

  protected override judge(lines: readonly AgentMessage[]): Stop | undefined {
    const wanted = `transfer_to_${this.#target}`.toLowerCase();
    const line = lines.find((one) =>
      calledFunctions(one).some((name) => name.toLowerCase() === wanted),
    );
    if (!line) return undefined;
    const detail = `Handoff to ${this.#target} from ${line.name ?? "somebody"} detected.`;
    return { reason: "handoff", detail };
  }
}

/** Somebody outside asks for the end: `set()` ends the run before its next speaker. */
export class ExternalTermination extends TerminationCondition {
  #asked = false;

  set(): void {
    this.#asked = true;
  }

  protected override judge(): Stop | undefined {
    return this.#asked
      ? { reason: "external", detail: "External termination requested" }
      : undefined;
  }

  protected override forget(): void {
    this.#asked = false;
  }
}

/** The function was run: its result has been said. */
export class FunctionCallTermination extends TerminationCondition {
  readonly #name: string;
  readonly #calls = new Set<string>();

  constructor(options: { function_name: string }) {
    super();
    this.#name = options.function_name;
  }

  protected override judge(lines: readonly AgentMessage[]): Stop | undefined {
    for (const line of lines) {
      for (const call of line.tool_calls ?? []) {
        if (call.function.name === this.#name) this.#calls.add(call.id);
      }
      const answered =
        (line.role === "function" && line.name === this.#name) ||
        (line.tool_responses ?? []).some(({ tool_call_id }) =>
          this.#calls.has(tool_call_id ?? ""),
        ) ||
        this.#calls.has(line.tool_call_id ?? "");
      if (answered) {
        return { reason: "function_call", detail: `Function '${this.#name}' was executed.` };
      }
    }
    return undefined;
  }

  protected override forget(): void {
    this.#calls.clear();
  }
}

/** A function of the newly said lines says so. */
export class FunctionalTermination extends TerminationCondition {
  readonly #holds: (lines: readonly AgentMessage[], state: RunState) => boolean;

  constructor(options: { func: (lines: readonly AgentMessage[], state: RunState) => boolean }) {
    super();
    this.#holds = options.func;
  }

  protected override judge(lines: readonly AgentMessage[], state: RunState): Stop | undefined {
    return this.#holds(lines, state)
      ? { reason: "functional", detail: "Functional termination condition met" }
      : undefined;
  }
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new AutogenError("invalid_option", `${name} is ${value}`, {
    next: "Give a number above 0.",
  });
}
