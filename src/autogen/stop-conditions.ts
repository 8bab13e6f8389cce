/**
 * Conditions that end a run or a chat, and how they compose: `a.or(b)` holds when one does, `a.and(b)`
 * once each has held. Every condition says why (autogen-agentchat's termination conditions). They
 * remember what they saw; a new run resets them.
 */
import type { TokenUsage } from "../memgpt/ports.ts";
import type { AgentMessage } from "./message.ts";
import type { Stop } from "./reply.ts";

/** What a condition may look at beside the lines. */
export interface RunState {
  /** Tokens that all who take part have used since the run began. */
  usage: TokenUsage;
}

export abstract class TerminationCondition {
  #stop: Stop | undefined;

  /** True once it has held, until `reset`. */
  get terminated(): boolean {
    return this.#stop !== undefined;
  }

  /** Sees the lines said since it was last asked, perhaps none; why it holds, once it does. */
  check(lines: readonly AgentMessage[], state: RunState): Stop | undefined {
    this.#stop ??= this.judge(lines, state);
    return this.#stop;
  }

  reset(): void {
    this.#stop = undefined;
    this.forget();
  }

  /** Holds once both have held, in whatever order. */
  and(other: TerminationCondition): TerminationCondition {
    return new AndTermination([this, other]);
  }

  /** Holds as soon as one does. */
  or(other: TerminationCondition): TerminationCondition {
    return new OrTermination([this, other]);
  }

  protected abstract judge(lines: readonly AgentMessage[], state: RunState): Stop | undefined;
  /** Drops what was counted. */
  protected forget(): void {}
}

export class AndTermination extends TerminationCondition {
  readonly #conditions: readonly TerminationCondition[];

  constructor(conditions: readonly TerminationCondition[]) {
    super();
    this.#conditions = conditions;
  }

  protected override judge(lines: readonly AgentMessage[], state: RunState): Stop | undefined {
    const stops = this.#conditions.map((condition) => condition.check(lines, state));
    if (stops.some((stop) => stop === undefined)) return undefined;
    return joined(stops);
  }

  protected override forget(): void {
    for (const condition of this.#conditions) condition.reset();
  }
}

export class OrTermination extends TerminationCondition {
  readonly #conditions: readonly TerminationCondition[];

  constructor(conditions: readonly TerminationCondition[]) {
    super();
    this.#conditions = conditions;
  }

  protected override judge(lines: readonly AgentMessage[], state: RunState): Stop | undefined {
    // All of them see the lines, also those behind one that holds.
    return joined(this.#conditions.map((condition) => condition.check(lines, state)));
  }

  protected override forget(): void {
    for (const condition of this.#conditions) condition.reset();
  }
}

/** The first one's reason, everybody's words. */
function joined(stops: readonly (Stop | undefined)[]): Stop | undefined {
  const held = stops.filter((stop) => stop !== undefined);
  const [first] = held;
  if (!first) return undefined;
  return { ...first, detail: held.map(({ detail }) => detail ?? "").join(", ") };
}
