/**
 * What each local server's completions endpoint takes and says, for `completion-server.ts`: paths,
 * checks of the body, whole answers and streams, and its own way to say that something is not there.
 */

export type ServerKind =
  | "openai"
  | "webui"
  | "webui-legacy"
  | "lmstudio"
  | "lmstudio-legacy"
  | "ollama"
  | "llamacpp"
  | "koboldcpp"
  | "vllm";

export type Body = Readonly<Record<string, unknown>>;

export interface Said {
  text: string;
  finish: "stop" | "length";
}

export interface Protocol {
  path: string;
  stream_path?: string;
  /** What is wrong with a body; undefined when it is as the server wants it. */
  refuses(body: Body): string | undefined;
  /** Where the body has the bound of the answer, the stop sequences and the window. */
  stop(body: Body): unknown;
  /** Stop sequences stay in the answer. */
  keeps_stop?: boolean;
  whole(said: Said): unknown;
  /** Whether the server streams this request; absent, it never does. */
  streams?(body: Body, path: string): boolean;
  /** A stream's lines, ends included. */
  stream?(pieces: readonly string[], said: Said): string[];
  content_type?: string;
  not_found(path: string): { status: number; body: unknown };
  /** Other paths that answer GET, for those who look for servers. */
  about?: Readonly<Record<string, unknown>>;
}

const openAiModels = (owner: string, ...ids: string[]) => ({
  object: "list",
  data: ids.map((id) => ({ id, object: "model", owned_by: owner })),
});

const needs =
  (...keys: string[]) =>
  (body: Body): string | undefined =>
    keys.find((key) => body[key] === undefined);

const sse = (value: unknown, event?: string): string =>
  `${event ? `event: ${event}\n` : ""}data: ${JSON.stringify(value)}\n\n`;

const usage = { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 };

const completions: Protocol = {
  path: "/v1/completions",
  refuses: (body) =>
    typeof body.prompt === "string" ? needs("model", "max_tokens", "stop")(body) : "prompt",
  stop: (body) => body.stop,
  whole: ({ text, finish }) => ({
    id: "cmpl-1",
    object: "text_completion",
    choices: [{ index: 0, text, finish_reason: finish, logprobs: null }],
    usage,
  }),
  streams: (body) => body.stream === true,
  content_type: "text/event-stream; charset=utf-8",
  stream: (pieces, { finish }) => [
    ...pieces.map((text) => sse({ choices: [{ index: 0, text, finish_reason: null }] })),
    sse({ choices: [{ index: 0, text: "", finish_reason: finish }] }),
    "data: [DONE]\n\n",
  ],
  not_found: () => ({ status: 404, body: { detail: "Not Found" } }),
};

export const PROTOCOLS: Readonly<Record<ServerKind, Protocol>> = {
  openai: { ...completions, about: { "/v1/models": openAiModels("someone", "hosted-model") } },
  webui: {
    ...completions,
    refuses: (body) => completions.refuses(body) ?? needs("truncation_length")(body),
    about: {
      "/v1/internal/model/info": { model_name: "airoboros-l2-70b", lora_names: [] },
      "/v1/models": openAiModels("user", "airoboros-l2-70b"),
    },
  },
  "webui-legacy": {
    path: "/api/v1/generate",
    refuses: needs("prompt", "max_new_tokens", "truncation_length", "stopping_strings"),
    stop: (body) => body.stopping_strings,
    whole: ({ text }) => ({ results: [{ text }] }),
    not_found: () => ({ status: 404, body: "" }),
    about: { "/api/v1/model": { result: "airoboros-l2-70b" } },
  },
  lmstudio: {
    ...completions,
    not_found: (path) => ({
      status: 200,
      body: { error: `Unexpected endpoint or method. (POST ${path})` },
    }),
    about: {
      "/api/v0/models": { data: [] },
      "/v1/models": openAiModels("organization_owner", "zephyr-7b"),
    },
  },
  "lmstudio-legacy": {
    ...completions,
    path: "/v1/chat/completions",
    refuses: (body) => (Array.isArray(body.messages) ? needs("max_tokens")(body) : "messages"),
    whole: ({ text, finish }) => ({
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: finish }],
      usage,
    }),
    stream: (pieces, { finish }) => [
      ...pieces.map((content) => sse({ choices: [{ index: 0, delta: { content } }] })),
      sse({ choices: [{ index: 0, delta: {}, finish_reason: finish }] }),
      "data: [DONE]\n\n",
    ],
  },
  vllm: {
    ...completions,
    refuses: (body) =>
      completions.refuses(body) ?? (body.truncation_length === undefined ? undefined : "extra"),
    about: { "/v1/models": openAiModels("vllm", "mistral-7b"), "/version": { version: "0.9.0" } },
  },
  llamacpp: {
    path: "/completion",
    refuses: needs("prompt", "n_predict", "stop"),
    stop: (body) => body.stop,
    whole: ({ text, finish }) => ({
      content: text,
      stop: true,
      stop_type: finish === "length" ? "limit" : "word",
      tokens_evaluated: 900,
      tokens_predicted: 20,
      truncated: false,
    }),
    streams: (body) => body.stream === true,
    content_type: "text/event-stream",
    stream: (pieces, { finish }) => [
      ...pieces.map((content) => sse({ content, stop: false })),
      sse({ content: "", stop: true, stopped_limit: finish === "length" }),
    ],
    not_found: () => ({
      status: 404,
      body: { error: { code: 404, message: "File Not Found", type: "not_found_error" } },
    }),
    about: {
      "/props": { default_generation_settings: { n_ctx: 16_384 }, model_path: "/m/mistral.gguf" },
      "/v1/models": openAiModels("llamacpp", "/m/mistral.gguf"),
    },
  },
  koboldcpp: {
    path: "/api/v1/generate",
    stream_path: "/api/extra/generate/stream",
    refuses: needs("prompt", "max_length", "max_context_length", "stop_sequence"),
    stop: (body) => body.stop_sequence,
    keeps_stop: true,
    whole: ({ text, finish }) => ({ results: [{ text, finish_reason: finish }] }),
    streams: (_body, path) => path === "/api/extra/generate/stream",
    content_type: "text/event-stream",
    stream: (pieces, { finish }) => [
      ...pieces.map((token) => sse({ token, finish_reason: null }, "message")),
      sse({ token: "", finish_reason: finish }, "message"),
    ],
    not_found: () => ({
      status: 404,
      body: "Error: HTTP Server is running, but this endpoint does not exist.",
    }),
    about: {
      "/api/extra/version": { result: "KoboldCpp", version: "1.80" },
      "/api/v1/model": { result: "koboldcpp/mistral" },
      "/api/extra/true_max_context_length": { value: 4096 },
      "/v1/models": openAiModels("koboldcpp", "koboldcpp/mistral"),
    },
  },
  ollama: {
    path: "/api/generate",
    refuses: (body) => {
      const options = (body.options ?? {}) as Body;
      return body.raw === true
        ? (needs("model", "prompt")(body) ?? needs("num_ctx")(options))
        : "raw";
    },
    stop: (body) => ((body.options ?? {}) as Body).stop,
    whole: ({ text, finish }) => ({
      model: "m",
      response: text,
      done: true,
      done_reason: finish,
      prompt_eval_count: 3,
      eval_count: 20,
    }),
    // Unlike everywhere else, streaming is what it does unless told otherwise.
    streams: (body) => body.stream !== false,
    content_type: "application/x-ndjson",
    stream: (pieces, { finish }) => [
      ...pieces.map((response) => `${JSON.stringify({ response, done: false })}\n`),
      `${JSON.stringify({ response: "", done: true, done_reason: finish, eval_count: 20 })}\n`,
    ],
    not_found: () => ({ status: 404, body: "404 page not found" }),
    about: { "/api/tags": { models: [{ name: "dolphin-mistral:7b" }, { name: "llama3:8b" }] } },
  },
};
