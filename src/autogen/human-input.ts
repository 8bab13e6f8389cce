/**
 * The first link of the reply chain: termination, the auto-reply limit and the people behind an
 * agent. AutoGen 0.2.40's `check_termination_and_human_reply`, with one thing more: the people need
 * not be waited for, `FLOOR` ends the run and leaves the word to them.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { AutogenError } from "./errors.ts";
import type { AgentMessage, MessageFields, ToolResponse } from "./message.ts";
import type { Stop } from "./reply.ts";

/** The floor is theirs: what `get_human_input` returns when the people answer another time. */
export const FLOOR: unique symbol = Symbol("the floor is theirs");

/** ALWAYS asks every turn; TERMINATE on a termination message or at the limit; NEVER not at all. */
export type HumanInputMode = "ALWAYS" | "TERMINATE" | "NEVER";

export interface HumanInputContext {
  /** Name of the agent that the person answers for. */
  agent: string;
  /** Name of who spoke last to it; in a group the manager's. */
  sender: string;
  message: AgentMessage;
  signal?: AbortSignalLike;
}

/** A text; "exit" (exactly) to end; "" for an automatic reply; or `FLOOR`. */
export type HumanInput = string | typeof FLOOR;
export type GetHumanInput = (
  prompt: string,
  context: HumanInputContext,
) => HumanInput | Promise<HumanInput>;

export interface HumanTurn {
  agent: string;
  sender: string;
  mode: HumanInputMode;
  message: AgentMessage;
  terminated: boolean;
  /** Automatic replies given so far to this sender, and how many are allowed. */
  replies: number;
  limit: number;
  ask(prompt: string): Promise<HumanInput>;
  print?: (block: string) => void;
}

export type HumanOutcome =
  | { kind: "auto" }
  | { kind: "text"; reply: MessageFields }
  | { kind: "stop"; stop: Stop };

export async function humanTurn(turn: HumanTurn): Promise<HumanOutcome> {
  const { mode, terminated } = turn;
  const atLimit = turn.replies >= turn.limit;
  if (mode === "NEVER") {
    if (atLimit)
      return stopped("auto_reply_limit", `${turn.agent} has given ${turn.limit} replies`);
    if (terminated) return stopped("termination", `${turn.agent} heard a termination message`);
    return { kind: "auto" };
  }
  const asks = mode === "ALWAYS" || atLimit || terminated;
  const input = asks ? await turn.ask(prompt(turn)) : "";
  if (input === FLOOR) return stopped("floor", `It is the turn of ${turn.agent}`);
  if (asks && input === "") turn.print?.("\n>>>>>>>> NO HUMAN INPUT RECEIVED.");
  if (input === "exit") return stopped("human_stop", `${turn.agent} ended the conversation`);
  if (input === "" && terminated) {
    return stopped("termination", `${turn.agent} let a termination message stand`);
  }
  // A limit of 0 means that nothing is ever sent automatically: the empty line itself is the reply.
  if (input !== "" || turn.limit === 0) return { kind: "text", reply: typed(input, turn.message) };
  turn.print?.("\n>>>>>>>> USING AUTO REPLY...");
  return { kind: "auto" };
}

function stopped(reason: Stop["reason"], detail: string): HumanOutcome {
  return { kind: "stop", stop: { reason, detail } };
}

function prompt({ mode, terminated, agent, sender }: HumanTurn): string {
  if (mode === "ALWAYS") {
    return `Replying as ${agent}. Provide feedback to ${sender}. Press enter to skip and use auto-reply, or type 'exit' to end the conversation: `;
  }
  const enter = terminated ? "Press enter" : "Press enter to skip and use auto-reply,";
  return `Please give feedback to ${sender}. ${enter} or type 'exit' to stop the conversation: `;
}

/** Text typed over a pending call answers the call too, or backends refuse the history. */
function typed(content: string, message: AgentMessage): MessageFields {
  const interrupted = "USER INTERRUPTED";
  const { function_call: call } = message;
  const responses: ToolResponse[] = [
    ...(call ? [{ role: "function" as const, name: call.name, content: interrupted }] : []),
    ...(message.tool_calls ?? []).map(({ id }) => ({
      tool_call_id: id,
      role: "tool" as const,
      content: interrupted,
    })),
  ];
  const answered = responses.length > 0 ? { tool_responses: responses } : {};
  return { role: "user", content, ...answered };
}

/** Throws `invalid_option` for what is none of the three. */
export function checkedMode(mode: HumanInputMode): HumanInputMode {
  if (mode === "ALWAYS" || mode === "TERMINATE" || mode === "NEVER") return mode;
  throw new AutogenError("invalid_option", `human_input_mode is ${JSON.stringify(mode)}`, {
    next: "Use ALWAYS, TERMINATE or NEVER.",
  });
}
