/**
 * What is left of a chat when it is over: its last message, a model's reflection on all of it, or what
 * a function makes of it (AutoGen's `summary_method`).
 */
import type { ChatModel, ChatRole } from "../memgpt/ports.ts";
import { ModelError } from "../shared/errors.ts";
import { abortable } from "./abortable.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import { MessageThread } from "./message-thread.ts";
import { toChatMessages } from "./model-request.ts";
import type { ChatFlow } from "./reply.ts";

export interface SummaryArgs {
  /** Asked after the conversation, with reflection_with_llm. */
  summary_prompt?: string;
  /** Role of that question. Default "system". */
  summary_role?: ChatRole;
  /** Whatever a summary function of one's own wants. */
  readonly [option: string]: unknown;
}

export type SummaryFunction = (
  sender: ConversableAgent,
  recipient: ConversableAgent,
  summary_args: SummaryArgs,
) => string | Promise<string>;

/** null: no summary. */
export type SummaryMethod = "last_msg" | "reflection_with_llm" | SummaryFunction | null;

export const DEFAULT_SUMMARY_PROMPT =
  "Sum up what came out of the conversation above. Begin with the result itself, without an introduction. If what was asked for was not really done, say so.";

const RESERVE = 1024;

/** Throws `invalid_option` for a method that cannot work, before anything is said. */
export function checkSummaryMethod(
  method: SummaryMethod,
  sender: ConversableAgent,
  recipient: ConversableAgent,
): void {
  if (method === null || method === "last_msg" || typeof method === "function") return;
  if (method !== "reflection_with_llm") {
    throw new AutogenError("invalid_option", `summary_method is ${JSON.stringify(method)}`, {
      next: "Use last_msg, reflection_with_llm, a function, or null.",
    });
  }
  if (sender.llm || recipient.llm) return;
  throw new AutogenError(
    "invalid_option",
    "reflection_with_llm needs a model, and neither the sender nor the recipient has one",
    { next: "Give one of them its `llm`, or use last_msg." },
  );
}

export async function summarise(
  method: SummaryMethod,
  sender: ConversableAgent,
  recipient: ConversableAgent,
  args: SummaryArgs,
  flow: ChatFlow,
): Promise<string> {
  if (method === null) return "";
  if (typeof method === "function") return abortable(method(sender, recipient, args), flow.signal);
  if (method === "reflection_with_llm") return reflect(sender, recipient, args, flow);
  // Of a group its log: the initiator need not be a member.
  const last = recipient.chatMessagesForSummary(sender).at(-1);
  return (last?.content ?? "").replaceAll("TERMINATE", "");
}

/** "" where the model refuses the request, as in the original, and after an aborted run. */
async function reflect(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  args: SummaryArgs,
  { signal }: ChatFlow,
): Promise<string> {
  if (signal?.aborted) return "";
  const agent = recipient.llm ? recipient : sender;
  const llm = agent.llm as ChatModel;
  const prompt = args.summary_prompt ?? DEFAULT_SUMMARY_PROMPT;
  const thread = new MessageThread();
  for (const line of recipient.chatMessagesForSummary(sender)) thread.append(line);
  const budget = Math.max(1, llm.context_window - RESERVE - agent.window.count(prompt));
  const messages = [
    ...toChatMessages(agent.window.select(thread, budget)),
    { role: args.summary_role ?? ("system" as const), content: prompt },
  ];
  try {
    const request = { messages, ...(signal ? { signal } : {}) };
    const completion = await abortable(llm.complete(request), signal);
    agent.usage.add(completion);
    return completion.content ?? "";
  } catch (error) {
    if (error instanceof ModelError && error.code === "bad_request") return "";
    throw error;
  }
}
