/**
 * Chat completions over the openai package: OpenAI, Azure OpenAI and every server that speaks the
 * same protocol. Decides what goes into a request; reading answers is left to `model-http/`.
 */
import type { OpenAI } from "openai";
import type { ChatRequest } from "../../memgpt/ports.ts";
import { applyMessageRules } from "../../shared/message-rules.ts";
import { type ChatLine, MAX_ANSWER_BYTES } from "../model-http/chat-line.ts";
import { CompletionBuilder } from "../model-http/completion.ts";
import { plainModelName } from "../model-http/context-windows.ts";
import { limitsOf, type ModelDeps } from "../model-http/failover.ts";
import type { ModelEntry } from "../model-http/model-entry.ts";
import { readAnswer } from "../model-http/read-answer.ts";
import { createClient } from "./client.ts";
import { translated } from "./sdk-errors.ts";

type Body =
  | OpenAI.ChatCompletionCreateParamsStreaming
  | OpenAI.ChatCompletionCreateParamsNonStreaming;

/** What was learned about a server while talking to it. */
interface Learned {
  /** False once it has refused `tool_choice: "required"`. */
  takes_required: boolean;
  /** False once it has refused to stream tool calls, as some local servers do. */
  takes_stream: boolean;
}

/** One entry, asked by chat completions with tools. */
export function createChatLine(entry: ModelEntry, deps: ModelDeps): ChatLine {
  const client = createClient(entry, limitsOf(deps, MAX_ANSWER_BYTES));
  const learned: Learned = { takes_required: true, takes_stream: true };
  return {
    entry,
    async attempt(request, { signal, onText, onToolCall, nextId }) {
      const builder = new CompletionBuilder({ model: entry.model, nextId, onText, onToolCall });
      const body = bodyOf(entry, request, learned);
      const sent = client.chat.completions.create(body, { signal }).asResponse();
      await readAnswer(await translated(sent), (value) => builder.add(value));
      return builder.build();
    },
    learn(request, { error, server_text }) {
      const refused =
        error.code === "bad_request" &&
        request.tool_choice === "required" &&
        learned.takes_required &&
        server_text.includes("tool_choice");
      if (refused) learned.takes_required = false;
      const wordless =
        streams(request, learned) &&
        /\btools?\b.*\bstream|\bstream.*\btools?\b/is.test(server_text);
      if (wordless) learned.takes_stream = false;
      return refused || wordless;
    },
  };
}

function streams(request: ChatRequest, learned: Learned): boolean {
  const wanted = request.onText !== undefined || request.onToolCall !== undefined;
  return wanted && (learned.takes_stream || !request.tools?.length);
}

function bodyOf(entry: ModelEntry, request: ChatRequest, learned: Learned): Body {
  const max_tokens = entry.max_tokens ?? request.max_tokens;
  const hasTools = request.tools !== undefined && request.tools.length > 0;
  const choice =
    request.tool_choice === "required" && !learned.takes_required ? "auto" : request.tool_choice;
  const body = {
    model: entry.model,
    messages: applyMessageRules(request.messages, entry),
    // A choice without tools is an error to most servers, and "auto" is what all of them do anyway.
    ...(hasTools ? { tools: request.tools } : {}),
    ...(hasTools && choice !== undefined && choice !== "auto" ? { tool_choice: choice } : {}),
    ...(entry.temperature === undefined ? {} : { temperature: entry.temperature }),
    ...(entry.top_p === undefined ? {} : { top_p: entry.top_p }),
    ...(max_tokens === undefined ? {} : { [maxTokensKey(entry)]: max_tokens }),
    ...(streams(request, learned) ? { stream: true } : {}),
    // Older Azure versions and some local servers refuse the option.
    ...(streams(request, learned) && isOpenAi(entry)
      ? { stream_options: { include_usage: true } }
      : {}),
  };
  // The port's shapes are the wire's; only their readonly-ness differs.
  return body as unknown as Body;
}

/** OpenAI's reasoning models know only the newer of the two names, other servers only the older. */
function maxTokensKey(entry: ModelEntry): "max_tokens" | "max_completion_tokens" {
  const hosted = entry.api_type === "azure" || isOpenAi(entry);
  return hosted && /^(o\d|gpt-5)/.test(plainModelName(entry.model))
    ? "max_completion_tokens"
    : "max_tokens";
}

function isOpenAi(entry: ModelEntry): boolean {
  return entry.base_url.startsWith("https://api.openai.com/");
}
