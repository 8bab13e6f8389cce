/**
 * The links that every agent's reply chain has from the start, in the order they are tried:
 * `humanReply`, `functionCallReply`, `toolReply`, `modelReply`. They can be passed to `exclude` and
 * `replaceReplyFunction`.
 */
import type { ChatCompletion, ChatModel } from "../memgpt/ports.ts";
import { formatExecuting } from "./console-form.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { humanTurn } from "./human-input.ts";
import { type MessageFields, wireName } from "./message.ts";
import { MessageThread } from "./message-thread.ts";
import { toChatMessages } from "./model-request.ts";
import type { ReplyContext, ReplyFunction, ReplyResult } from "./reply.ts";
import { type ExecutionOptions, toolCallsReply } from "./tool-execution.ts";

const GO_ON: ReplyResult = [false, null];
const MOST_ANSWER_TOKENS = 1024;

/** Termination, the auto-reply limit and the person behind the agent. Keeps the counter. */
export const humanReply: ReplyFunction = async (agent, context) => {
  const { messages, sender, print } = context;
  const message = messages.at(-1);
  if (!message) return GO_ON;
  const senderName = sender?.name ?? "the sender";
  const outcome = await humanTurn({
    agent: agent.name,
    sender: senderName,
    mode: agent.human_input_mode,
    message,
    terminated: agent.isTerminationMsg(message),
    replies: agent.consecutiveAutoReplyCounter(sender),
    limit: agent.maxConsecutiveAutoReply(sender),
    ask: (prompt) => agent.getHumanInput(prompt, senderName, message, context),
    ...(print ? { print } : {}),
  });
  if (outcome.kind === "auto") {
    agent.setAutoReplyCounter(sender, agent.consecutiveAutoReplyCounter(sender) + 1);
    return GO_ON;
  }
  agent.setAutoReplyCounter(sender, 0);
  if (outcome.kind === "text") return [true, outcome.reply];
  context.onStop?.(outcome.stop);
  return [true, null];
};

/** A legacy `function_call`. */
export const functionCallReply: ReplyFunction = async (agent, context) => {
  const call = context.messages.at(-1)?.function_call;
  if (!call) return GO_ON;
  const [, result] = await agent.executeFunction(call, execution(agent, context));
  return [true, result];
};

export const toolReply: ReplyFunction = async (agent, context) => {
  const message = context.messages.at(-1);
  if (!message?.tool_calls?.length) return GO_ON;
  const options = execution(agent, context);
  const reply = await toolCallsReply(
    message,
    async (call) => (await agent.executeFunction(call, options))[1],
  );
  return reply ? [true, reply] : GO_ON;
};

/**
 * The model's answer to the system message and what fits of the thread. Neither text nor call:
 * goes on to `default_auto_reply`. Rejects with `ModelError`.
 */
export const modelReply: ReplyFunction = async (agent, context) => {
  const { llm } = agent;
  if (!llm) return GO_ON;
  const { signal, onEvent, stream } = context;
  const messages = requestMessages(agent, llm, context);
  const completion = await llm.complete({
    messages,
    ...(agent.tools.length > 0 ? { tools: agent.tools } : {}),
    ...(signal ? { signal } : {}),
    ...(onEvent && stream
      ? { onText: (text: string) => onEvent({ type: "text_delta", agent: agent.name, text }) }
      : {}),
  });
  agent.usage.add(completion);
  const reply = toReply(completion);
  return reply ? [true, reply] : GO_ON;
};

function requestMessages(agent: ConversableAgent, llm: ChatModel, context: ReplyContext) {
  const { window, system_message, tools } = agent;
  const fixed =
    window.count(system_message) + (tools.length > 0 ? window.count(JSON.stringify(tools)) : 0);
  const answer = Math.min(MOST_ANSWER_TOKENS, Math.floor(llm.context_window / 4));
  const budget = Math.max(1, llm.context_window - answer - fixed);
  const lines = toChatMessages(window.select(threadOf(agent, context), budget));
  if (system_message === "") return lines;
  return [{ role: "system" as const, content: system_message }, ...lines];
}

/** The live thread where that is what is answered, so that its window is remembered. */
function threadOf(agent: ConversableAgent, { messages, sender }: ReplyContext): MessageThread {
  const live = sender && agent.threadWith(sender);
  if (live?.messages === messages) return live;
  const thread = new MessageThread();
  for (const message of messages) thread.append(message);
  return thread;
}

function toReply(completion: ChatCompletion): MessageFields | string | undefined {
  const { content, tool_calls } = completion;
  if (!tool_calls?.length) return content ?? undefined;
  return {
    role: "assistant",
    content,
    tool_calls: tool_calls.map((call) => ({
      ...call,
      function: { ...call.function, name: wireName(call.function.name) },
    })),
  };
}

function execution(agent: ConversableAgent, context: ReplyContext): ExecutionOptions {
  const { signal, onEvent, print } = context;
  return {
    ...(signal ? { signal } : {}),
    onCall: (name, args) => {
      print?.(formatExecuting(name));
      onEvent?.({ type: "function_call", agent: agent.name, name, arguments: args });
    },
    onResult: (name, { ok, content }) =>
      onEvent?.({ type: "function_result", agent: agent.name, name, ok, text: content }),
  };
}
