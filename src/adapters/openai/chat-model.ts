/**
 * Chat completions over the openai package: OpenAI, Azure OpenAI and every server that speaks the
 * same protocol. Decides what goes into a request; reading answers is left to `model-http/`.
 */
import type { OpenAI } from "openai";
import type { ChatModel, ChatRequest } from "../../memgpt/ports.ts";
import { type ChatLine, createLinesModel, MAX_ANSWER_BYTES } from "../model-http/chat-line.ts";
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

/** @param entries at least one, in the order to be tried */
export function createChatModel(entries: readonly ModelEntry[], deps: ModelDeps): ChatModel {
  return createLinesModel(
    entries.map((entry) => createChatLine(entry, deps)),
    deps,
  );
}

/** One entry, asked by chat completions with tools. */
export function createChatLine(entry: ModelEntry, deps: ModelDeps): ChatLine {
  const client = createClient(entry, limitsOf(deps, MAX_ANSWER_BYTES));
  /** False once the server has refused `tool_choice: "required"`. */
  let takesRequired = true;
  return {
    entry,
    async attempt(request, { signal, onText, nextId }) {
      const builder = new CompletionBuilder({ model: entry.model, nextId, onText });
      const body = bodyOf(entry, request, takesRequired);
      const sent = client.chat.completions.create(body, { signal }).asResponse();
      await readAnswer(await translated(sent), (value) => builder.add(value));
      return builder.build();
    },
    learn(request, failure) {
      const refused =
        failure.error.code === "bad_request" &&
        request.tool_choice === "required" &&
        takesRequired &&
        failure.server_text.includes("tool_choice");
      if (refused) takesRequired = false;
      return refused;
    },
  };
}

function bodyOf(entry: ModelEntry, request: ChatRequest, takesRequired: boolean): Body {
  const max_tokens = request.max_tokens ?? entry.max_tokens;
  const hasTools = request.tools !== undefined && request.tools.length > 0;
  const choice =
    request.tool_choice === "required" && !takesRequired ? "auto" : request.tool_choice;
  const body = {
    model: entry.model,
    messages: request.messages,
    // A choice without tools is an error to most servers, and "auto" is what all of them do anyway.
    ...(hasTools ? { tools: request.tools } : {}),
    ...(hasTools && choice !== undefined && choice !== "auto" ? { tool_choice: choice } : {}),
    ...(entry.temperature === undefined ? {} : { temperature: entry.temperature }),
    ...(entry.top_p === undefined ? {} : { top_p: entry.top_p }),
    ...(max_tokens === undefined ? {} : { [maxTokensKey(entry)]: max_tokens }),
    ...(request.onText ? { stream: true } : {}),
    // Older Azure versions and some local servers refuse the option.
    ...(request.onText && isOpenAi(entry) ? { stream_options: { include_usage: true } } : {}),
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
