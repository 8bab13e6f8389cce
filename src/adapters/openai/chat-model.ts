/**
 * `ChatModel` over the openai package: OpenAI, Azure OpenAI and every server that speaks the same
 * protocol, with failover down a list of entries. Decides what goes into a request; reading answers
 * is left to `completion.ts`, naming failures to `model-errors.ts`.
 */
import type { OpenAI } from "openai";
import type { ChatCompletion, ChatModel, ChatRequest } from "../../memgpt/ports.ts";
import { applyMessageRules } from "../../shared/message-rules.ts";
import { costOf } from "../../shared/model-prices.ts";
import { RateLimit } from "../../shared/rate-limit.ts";
import { AnswerCache } from "./answer-cache.ts";
import { createClient } from "./client.ts";
import { CompletionBuilder, ErrorAnswerError, MalformedAnswerError } from "./completion.ts";
import { contextWindowOf, plainModelName } from "./context-windows.ts";
import { readEvents } from "./event-stream.ts";
import { DEFAULT_STALL_MS, DEFAULT_TIMEOUT_MS, type ModelDeps, withFailover } from "./failover.ts";
import { EventStreamResponse } from "./http-fetch.ts";
import type { ModelEntry } from "./model-entry.ts";

type Body =
  | OpenAI.ChatCompletionCreateParamsStreaming
  | OpenAI.ChatCompletionCreateParamsNonStreaming;

/** Far more than any model writes in one answer. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** What was learned about an entry while talking to it. */
interface Line {
  client: OpenAI;
  /** False once the server has refused `tool_choice: "required"`. */
  takes_required: boolean;
  rate: RateLimit;
}

/**
 * A model that answers from the first entry that can. `context_window` is the smallest of the list.
 * @param entries at least one, in the order to be tried
 */
export function createChatModel(entries: readonly ModelEntry[], deps: ModelDeps): ChatModel {
  const [first] = entries;
  if (!first) throw new TypeError("A chat model needs at least one entry.");
  const limits = {
    timeout_ms: deps.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    stall_ms: deps.stall_ms ?? DEFAULT_STALL_MS,
    max_body_bytes: MAX_BODY_BYTES,
  };
  const answers = new AnswerCache();
  const lines = new Map<ModelEntry, Line>();
  const lineOf = (entry: ModelEntry): Line => {
    const known = lines.get(entry);
    if (known) return known;
    const line = {
      client: createClient(entry, limits),
      takes_required: true,
      rate: new RateLimit(entry.api_rate_limit ?? 0, deps.clock),
    };
    lines.set(entry, line);
    return line;
  };

  return {
    model: first.model,
    context_window: Math.min(
      ...entries.map((entry) => entry.context_window ?? contextWindowOf(entry.model)),
    ),
    offline: false,
    complete(request) {
      const preview = request.onText ? new Preview(request.onText) : undefined;
      return withFailover({
        entries,
        deps,
        signal: request.signal,
        attempt: async (entry, signal) => {
          const line = lineOf(entry);
          const builder = new CompletionBuilder({
            model: entry.model,
            nextId: () => `call_${deps.ids.next()}`,
            onText: preview?.begin(),
          });
          const body = bodyOf(entry, request, line.takes_required);
          const known = answers.get(entry, body);
          if (known) {
            builder.show(known.content);
            return known;
          }
          await line.rate.wait(signal);
          const response = await line.client.chat.completions.create(body, { signal }).asResponse();
          const answer = priced(await readAnswer(response, builder), entry);
          answers.keep(entry, body, answer);
          return answer;
        },
        learn: (entry, failure) => {
          const line = lineOf(entry);
          const refused =
            failure.error.code === "bad_request" &&
            request.tool_choice === "required" &&
            line.takes_required &&
            failure.server_text.includes("tool_choice");
          if (refused) line.takes_required = false;
          return refused;
        },
      });
    },
  };
}

/**
 * Streams text to people while attempts may fail. What was shown cannot be taken back: a retry is
 * shown only as far as it continues it.
 */
class Preview {
  readonly #show: (delta: string) => void;
  #shown = "";

  constructor(show: (delta: string) => void) {
    this.#show = show;
  }

  begin(): (delta: string) => void {
    let text = "";
    return (delta) => {
      text += delta;
      if (text.length <= this.#shown.length || !text.startsWith(this.#shown)) return;
      const fresh = text.slice(this.#shown.length);
      this.#shown = text;
      this.#show(fresh);
    };
  }
}

function bodyOf(entry: ModelEntry, request: ChatRequest, takesRequired: boolean): Body {
  const max_tokens = entry.max_tokens ?? request.max_tokens;
  const hasTools = request.tools !== undefined && request.tools.length > 0;
  const choice =
    request.tool_choice === "required" && !takesRequired ? "auto" : request.tool_choice;
  const body = {
    model: entry.model,
    messages: applyMessageRules(request.messages, entry),
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

/** What the answer cost, where the entry names its `price`. */
function priced(answer: ChatCompletion, { price }: ModelEntry): ChatCompletion {
  if (!price || !answer.usage) return answer;
  return { ...answer, cost: costOf(answer.usage, price) };
}

async function readAnswer(response: Response, builder: CompletionBuilder): Promise<ChatCompletion> {
  if (response instanceof EventStreamResponse) return readStream(response.chunks, builder);
  const text = await response.text();
  // A stream under a wrong content type.
  if (/^\s*(?:data|event):/.test(text)) return readStream([Buffer.from(text)], builder);
  builder.add(parse(text));
  return builder.build();
}

async function readStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  builder: CompletionBuilder,
): Promise<ChatCompletion> {
  for await (const { event, data } of readEvents(chunks)) {
    if (data.startsWith("[DONE]")) break;
    if (data.trim() === "") continue;
    if (event === "error") throw new ErrorAnswerError(errorPayload(data));
    builder.add(parse(data));
  }
  return builder.build();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const trimmed = text.trimStart();
    if (trimmed === "") throw new MalformedAnswerError("it is empty");
    throw new MalformedAnswerError(
      trimmed.startsWith("<") ? "it is a web page, not JSON" : "it is not valid JSON",
    );
  }
}

function errorPayload(data: string): unknown {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "error" in value ? value.error : value;
  } catch {
    return data;
  }
}
