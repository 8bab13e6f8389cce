/**
 * The completions endpoints of the servers that MemGPT 0.3.5 knows (`local_llm/<server>/api.py`):
 * path, body, and the way from their answers to OpenAI's shape, which is what is read everywhere.
 */
import { record } from "../model-http/completion.ts";
import type { CompletionServer, ModelEntry } from "../model-http/model-entry.ts";

/** What is asked, in terms that every server has a word for. */
export interface Ask {
  entry: ModelEntry;
  prompt: string;
  stop: readonly string[];
  /** The server's window, in tokens. */
  window: number;
  /** What the prompt leaves of it. */
  room: number;
  /** A bound that somebody set; absent, the server's usual one. */
  max_tokens: number | undefined;
  grammar: string | undefined;
  stream: boolean;
}

export interface ServerProtocol {
  /** Where it usually listens, for people who look for it. */
  usual_port?: number;
  takes_grammar: boolean;
  streams: boolean;
  path(stream: boolean): string;
  body(ask: Ask): Record<string, unknown>;
  /** A whole answer, or a piece of a stream, as an OpenAI completion (chunk). */
  read(value: unknown): unknown;
}

const AS_IT_IS = (value: unknown): unknown => value;

/** OpenAI's own completions, and what others made of them. */
function openAiLike(usual: (ask: Ask) => number): ServerProtocol {
  return {
    takes_grammar: false,
    streams: true,
    path: () => "/v1/completions",
    body: (ask) => ({
      model: ask.entry.model,
      prompt: ask.prompt,
      stop: ask.stop,
      max_tokens: bounded(ask, usual(ask)),
      ...sampling(ask),
      stream: ask.stream,
    }),
    read: AS_IT_IS,
  };
}

const SERVERS: Readonly<Record<CompletionServer, ServerProtocol>> = {
  openai: { ...openAiLike(({ room }) => room), path: () => "/completions" },
  webui: withBody(
    { ...openAiLike(({ room }) => room), usual_port: 5000, takes_grammar: true },
    (ask) => ({ truncation_length: ask.window, ...grammarAs("grammar_string", ask) }),
  ),
  "webui-legacy": {
    usual_port: 5000,
    takes_grammar: true,
    // Its streams need a web socket.
    streams: false,
    path: () => "/api/v1/generate",
    body: (ask) => ({
      prompt: ask.prompt,
      stopping_strings: ask.stop,
      max_new_tokens: bounded(ask, Math.min(3072, ask.room)),
      truncation_length: ask.window,
      ...sampling(ask),
      ...grammarAs("grammar_string", ask),
    }),
    read: readResults,
  },
  lmstudio: { ...openAiLike(({ window }) => window), usual_port: 1234 },
  "lmstudio-legacy": {
    ...openAiLike(({ window }) => window),
    usual_port: 1234,
    path: () => "/v1/chat/completions",
    // The whole prompt is one message: the server's own template is around it all the same.
    body: (ask) => ({
      model: ask.entry.model,
      messages: [{ role: "user", content: ask.prompt }],
      stop: ask.stop,
      max_tokens: bounded(ask, ask.window),
      ...sampling(ask),
      stream: ask.stream,
    }),
  },
  // It refuses an answer's bound that, with the prompt, would not fit.
  vllm: { ...openAiLike(({ room }) => Math.min(3000, room)), usual_port: 8000 },
  llamacpp: {
    usual_port: 8080,
    takes_grammar: true,
    streams: true,
    path: () => "/completion",
    body: (ask) => ({
      prompt: ask.prompt,
      stop: ask.stop,
      n_predict: bounded(ask, ask.room),
      cache_prompt: true,
      ...sampling(ask),
      ...grammarAs("grammar", ask),
      stream: ask.stream,
    }),
    read: readLlamaCpp,
  },
  koboldcpp: {
    usual_port: 5001,
    takes_grammar: true,
    streams: true,
    path: (stream) => (stream ? "/api/extra/generate/stream" : "/api/v1/generate"),
    body: (ask) => ({
      prompt: ask.prompt,
      stop_sequence: ask.stop,
      // Unset, it answers with 100 tokens or so.
      max_length: bounded(ask, Math.min(1024, ask.room)),
      max_context_length: ask.window,
      ...sampling(ask),
      ...grammarAs("grammar", ask),
    }),
    read: readKobold,
  },
  ollama: {
    usual_port: 11_434,
    takes_grammar: false,
    streams: true,
    path: () => "/api/generate",
    body: (ask) => ({
      model: ask.entry.model,
      prompt: ask.prompt,
      // No template of the server's own around ours.
      raw: true,
      stream: ask.stream,
      options: {
        stop: ask.stop,
        num_ctx: ask.window,
        num_predict: bounded(ask, ask.room),
        ...sampling(ask),
      },
    }),
    read: readOllama,
  },
};

export function serverNamed(name: CompletionServer): ServerProtocol {
  return SERVERS[name];
}

function withBody(
  server: ServerProtocol,
  more: (ask: Ask) => Record<string, unknown>,
): ServerProtocol {
  return { ...server, body: (ask) => ({ ...server.body(ask), ...more(ask) }) };
}

function bounded({ max_tokens }: Ask, usual: number): number {
  return Math.min(max_tokens ?? usual, usual);
}

function sampling({ entry: { temperature, top_p } }: Ask): Record<string, unknown> {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
  };
}

function grammarAs(key: string, { grammar }: Ask): Record<string, unknown> {
  return grammar === undefined ? {} : { [key]: grammar };
}

/** `text` and an ending, as OpenAI would say them. */
function completion(text: unknown, finish_reason: unknown, usage?: [unknown, unknown]): unknown {
  return {
    choices: [{ text: typeof text === "string" ? text : "", finish_reason }],
    ...(usage ? { usage: { prompt_tokens: usage[0], completion_tokens: usage[1] } } : {}),
  };
}

/** KoboldAI's shape, which text-generation-webui once had as well. */
function readResults(value: unknown): unknown {
  const results = record(value)?.results;
  if (!Array.isArray(results)) return value;
  const result = record(results[0]);
  return completion(result?.text, result?.finish_reason);
}

/** Whole answers as above; streams as tokens. */
function readKobold(value: unknown): unknown {
  const piece = record(value);
  return piece && "token" in piece
    ? completion(piece.token, piece.finish_reason ?? undefined)
    : readResults(value);
}

function readLlamaCpp(value: unknown): unknown {
  const piece = record(value);
  if (!piece || !("content" in piece)) return value;
  const cut =
    piece.stopped_limit === true || piece.stop_type === "limit" || piece.truncated === true;
  const ended = piece.stop === true;
  return completion(
    piece.content,
    ended ? (cut ? "length" : "stop") : undefined,
    ended ? [piece.tokens_evaluated, piece.tokens_predicted] : undefined,
  );
}

function readOllama(value: unknown): unknown {
  const piece = record(value);
  if (!piece || !("response" in piece)) return value;
  const ended = piece.done === true;
  return completion(
    piece.response,
    ended ? (piece.done_reason ?? "stop") : undefined,
    ended ? [piece.prompt_eval_count, piece.eval_count] : undefined,
  );
}
