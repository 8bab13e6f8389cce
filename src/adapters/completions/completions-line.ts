/**
 * Local models without tool calls: a request becomes one prompt in a wrapper's form, goes to the
 * server's own completions endpoint, and what comes back is read as thoughts and a call.
 */
import type { ChatCompletion, ChatRequest, TokenCounter, TokenUsage } from "../../memgpt/ports.ts";
import { ModelError } from "../../shared/errors.ts";
import { RefusalError, UnreachableError } from "../model-http/answer-errors.ts";
import {
  type ChatAttempt,
  type ChatLine,
  MAX_ANSWER_BYTES,
  windowOf,
} from "../model-http/chat-line.ts";
import { CompletionBuilder, record } from "../model-http/completion.ts";
import { limitsOf, type ModelDeps } from "../model-http/failover.ts";
import { createHttpFetch, type HttpFetch } from "../model-http/http-fetch.ts";
import type { CompletionServer, ModelEntry } from "../model-http/model-entry.ts";
import { readAnswer } from "../model-http/read-answer.ts";
import { placeOf } from "../model-http/safe-text.ts";
import { CallStream } from "./call-stream.ts";
import { callGrammar } from "./grammar.ts";
import { parseAnswer } from "./parse-answer.ts";
import { renderPrompt, toolsOf } from "./render-prompt.ts";
import { type ServerProtocol, serverNamed } from "./servers.ts";
import { ThoughtStream } from "./thought-stream.ts";
import { wrapperNamed } from "./wrappers.ts";

export interface CompletionsDeps extends ModelDeps {
  tokens: TokenCounter;
}

/** Less room than this for an answer is as good as none. */
const MIN_ROOM = 64;

/** @param entry one that has `completions` */
export function createCompletionsLine(entry: ModelEntry, deps: CompletionsDeps): ChatLine {
  const { completions } = entry;
  if (!completions) throw new TypeError("This entry asks by chat completions.");
  const server = serverNamed(completions.server);
  const fetch = createHttpFetch(limitsOf(deps, MAX_ANSWER_BYTES));
  const learned: Learned = { takes_stream: server.streams };
  const known = { entry, name: completions.server, server, fetch, learned };
  return {
    entry,
    attempt: (request, options) => {
      const asked = ask(request, entry, completions.wrapper, server, deps.tokens);
      return answer(asked, { ...options, ...known });
    },
  };
}

/** What was learned about a server while talking to it. */
interface Learned {
  /** False where its version has no path for streams. */
  takes_stream: boolean;
}

interface Asked {
  body: Record<string, unknown>;
  stream: boolean;
  forced: string;
  stop: readonly string[];
  tools: ReturnType<typeof toolsOf>;
  prompt_tokens: number;
}

function ask(
  request: ChatRequest,
  entry: ModelEntry,
  wrapperName: string,
  server: ServerProtocol,
  tokens: TokenCounter,
): Asked {
  const wrapper = wrapperNamed(wrapperName);
  const tools = toolsOf(request);
  const grammar =
    wrapper.grammar && server.takes_grammar && tools.length > 0
      ? callGrammar(tools, wrapper.thoughts)
      : undefined;
  const prompt = renderPrompt(wrapper, request, grammar !== undefined);
  const window = windowOf(entry);
  const prompt_tokens = tokens.count(prompt.text);
  // These servers drop the prompt's beginning, or answer nothing, instead of saying so.
  if (prompt_tokens > window) throw overflow(entry, prompt_tokens, window);
  const heard = request.onText !== undefined || (request.onToolCall && tools.length > 0);
  const stream = heard === true && server.streams;
  const { forced, stop } = prompt;
  const room = Math.max(MIN_ROOM, window - prompt_tokens);
  const max_tokens = entry.max_tokens ?? request.max_tokens;
  const body = server.body({
    entry,
    prompt: prompt.text,
    stop,
    window,
    room,
    max_tokens,
    grammar,
    stream,
  });
  return { body, stream, forced, stop, tools, prompt_tokens };
}

function overflow(entry: ModelEntry, prompt_tokens: number, window: number): ModelError {
  return new ModelError(
    "context_length_exceeded",
    `The conversation no longer fits into the context window of ${entry.model} at ${placeOf(entry)}.`,
    {
      why: `The prompt has ${prompt_tokens} tokens, the maximum context length is ${window}.`,
      next: "Set `context_window` of this model's entry to what the server really offers.",
    },
  );
}

interface AnswerOptions extends ChatAttempt {
  entry: ModelEntry;
  name: CompletionServer;
  server: ServerProtocol;
  fetch: HttpFetch;
  learned: Learned;
}

async function answer(asked: Asked, options: AnswerOptions): Promise<ChatCompletion> {
  const { entry, server, nextId, onText, onToolCall } = options;
  const { tools, forced, stop } = asked;
  const response = await post(asked, options);
  const thoughts = onText && new ThoughtStream(onText, tools.length > 0, asked);
  const speech = onToolCall && new CallStream(onToolCall, asked);
  const builder = new CompletionBuilder({
    model: entry.model,
    nextId,
    onText: (delta) => {
      thoughts?.push(delta);
      speech?.push(delta);
    },
  });
  await readAnswer(response, (value) => builder.add(server.read(value)));
  const { usage, ...built } = builder.build();
  const { content, call } = parseAnswer(beforeStop(built.content ?? "", stop), forced, tools);
  const tool_calls = call
    ? [{ id: nextId(), type: "function" as const, function: call }]
    : built.tool_calls;
  speech?.end(tool_calls.map((made) => made.function));
  const ended = tool_calls.length > 0 ? "tool_calls" : "stop";
  const explained = built.finish_reason === "length" || built.finish_reason === "content_filter";
  return {
    ...built,
    content,
    tool_calls,
    finish_reason: explained ? built.finish_reason : ended,
    ...(isTrue(usage, asked.prompt_tokens) ? { usage } : {}),
  };
}

/** Some servers count only what was not cached, or nothing. */
function isTrue(usage: TokenUsage | undefined, prompt_tokens: number): usage is TokenUsage {
  return usage !== undefined && usage.prompt_tokens * 3 >= prompt_tokens;
}

async function post(asked: Asked, options: AnswerOptions): Promise<Response> {
  const { entry, server, signal, fetch, name, learned } = options;
  const path = server.path(asked.stream && learned.takes_stream);
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...keyHeader(entry) },
    body: JSON.stringify(asked.body),
    signal,
  };
  const response = await fetch(`${entry.base_url}${path}`, init).catch((error: unknown) => {
    throw new UnreachableError("no answer began", { cause: error });
  });
  if (response.ok) return response;
  const payload = payloadOf(await response.text());
  if (isWrongPlace(response.status, payload)) {
    if (path === server.path(false)) throw wrongPlace(entry, name, path, response.status);
    learned.takes_stream = false;
    return post(asked, options);
  }
  throw new RefusalError(response.status, response.headers, payload);
}

/** For servers that ask for no key, any word stands in its place. */
function keyHeader({ api_key, auth }: ModelEntry): Record<string, string> {
  if (api_key === "" || api_key === "NULL") return {};
  return auth === "api_key" ? { "x-api-key": api_key } : { authorization: `Bearer ${api_key}` };
}

/** The error in a body: OpenAI's, FastAPI's `detail`, KoboldCpp's `detail.msg`, or its text. */
function payloadOf(text: string): unknown {
  try {
    const body = record(JSON.parse(text));
    const detail = record(body?.detail)?.msg ?? body?.detail;
    return body?.error ?? detail ?? body?.message ?? text;
  } catch {
    return text;
  }
}

/** A path that is not there; a model that is not there says "model". */
function isWrongPlace(status: number, payload: unknown): boolean {
  const words = typeof payload === "string" ? payload : String(record(payload)?.message ?? "");
  return status === 405 || (status === 404 && !/\bmodel\b/i.test(words));
}

function wrongPlace(
  entry: ModelEntry,
  name: CompletionServer,
  path: string,
  status: number,
): ModelError {
  const { usual_port } = serverNamed(name);
  const port = usual_port === undefined ? "" : `, whose usual port is ${usual_port}`;
  return new ModelError("bad_request", `${placeOf(entry)} has no ${path}.`, {
    why: `It answered with status ${status}, so it is not the server that \`model_endpoint_type: ${name}\` means${port}, or a version of it that has no such path.`,
    next: "Check `model_endpoint` and `model_endpoint_type`; without `model_wrapper` the server is asked for chat completions instead.",
  });
}

/** Servers may leave the stop sequence in, or not know it. */
function beforeStop(text: string, stop: readonly string[]): string {
  const ends = stop.map((mark) => text.indexOf(mark)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}
