/**
 * How a group's run is told: its events, its end, and which failure ends it in which way.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { ModelError } from "../shared/errors.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { NoEligibleSpeakerError } from "./errors.ts";
import type { AgentMessage } from "./message.ts";
import type { ChatFlow, Stop, StopReason } from "./reply.ts";

export type RoundEvent =
  /** Somebody is about to be asked for a reply, which will be message number `round`. */
  | { type: "speaker"; agent: string; round: number }
  /** The reply, logged and heard by all. The opening line is not told: the caller has it. */
  | { type: "message"; speaker: string; message: AgentMessage; round: number };

export interface RunResult {
  reason: StopReason;
  /** Messages in this run, the opening one included. */
  rounds: number;
  /** A sentence for logs: who, which limit, what failed. */
  detail?: string;
  /** With reason `error`: what was thrown; with `aborted`: the signal's reason. */
  error?: unknown;
}

export async function drain(
  rounds: AsyncGenerator<RoundEvent, RunResult, void>,
): Promise<RunResult> {
  for (;;) {
    const step = await rounds.next();
    if (step.done) return step.value;
  }
}

export function flowOf({ signal, onEvent, stream, print }: ChatFlow): ChatFlow {
  return {
    ...(signal ? { signal } : {}),
    ...(onEvent ? { onEvent } : {}),
    ...(stream ? { stream } : {}),
    ...(print ? { print } : {}),
  };
}

export function noReply(speaker: ConversableAgent): Stop {
  return { reason: "null_reply", detail: `${speaker.name} had no reply` };
}

export function limitReached(max_round: number, rounds: number): RunResult {
  const detail = `The limit of ${max_round} messages in one run is reached`;
  return { reason: "max_round", rounds, detail };
}

export function aborted(rounds: number, signal: AbortSignalLike | undefined): RunResult {
  const { reason } = signal ?? {};
  const detail = reason instanceof Error ? reason.message : "The run was aborted";
  return { reason: "aborted", rounds, detail, error: reason };
}

export function failed(
  error: unknown,
  rounds: number,
  signal: AbortSignalLike | undefined,
): RunResult {
  if (signal?.aborted) return aborted(rounds, signal);
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof NoEligibleSpeakerError) {
    return { reason: "no_eligible_speaker", rounds, detail };
  }
  if (error instanceof ModelError && error.code === "aborted") {
    return { reason: "aborted", rounds, detail, error };
  }
  return { reason: "error", rounds, detail, error };
}
