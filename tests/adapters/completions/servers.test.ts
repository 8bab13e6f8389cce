import { afterEach, describe, expect, it } from "vitest";
import type { ToolCallDelta } from "../../../src/memgpt/ports.ts";
import { explainError, ModelError } from "../../../src/shared/errors.ts";
import { PROTOCOLS, type ServerKind } from "../../fakes/completion-protocols.ts";
import { FakeCompletionServer } from "../../fakes/completion-server.ts";
import { conversation, model, tools } from "./completions-setup.ts";

const KINDS = Object.keys(PROTOCOLS) as ServerKind[];
/** Text-generation-webui's old API streams over web sockets only. */
const STREAMING = KINDS.filter((kind) => PROTOCOLS[kind].stream !== undefined);
const REST =
  ' "send_message",\n  "params": {\n    "inner_thoughts": "Grüße erwidern.",\n    "message": "Grüß dich, Ada! 🍵"\n  }\n}\n{\n  "function": "more"';

let server: FakeCompletionServer;

/** A fresh server of this kind, and the address that an entry has for it. */
async function start(kind: ServerKind): Promise<string> {
  server = await FakeCompletionServer.start(kind);
  return kind === "openai" ? `${server.origin}/v1` : server.origin;
}

afterEach(() => server.close());

async function failure(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ModelError)) throw new Error(`Expected a ModelError, got ${error}`);
  return error;
}

describe.each(KINDS)("%s", (kind) => {
  it("is asked on its own path, in its own words, and its answer is read as a call", async () => {
    const url = await start(kind);
    server.script(REST);
    const answer = await model(kind, url).complete({ messages: conversation, tools });
    expect(server.requests.map((request) => request.path)).toEqual([PROTOCOLS[kind].path]);
    expect(answer).toMatchObject({
      content: "Grüße erwidern.",
      tool_calls: [{ id: "call_id1", type: "function", function: { name: "send_message" } }],
      finish_reason: "tool_calls",
      model: "m",
    });
    expect(JSON.parse(answer.tool_calls[0]?.function.arguments ?? "")).toEqual({
      message: "Grüß dich, Ada! 🍵",
    });
  });

  it("answers in prose where no functions are offered", async () => {
    const url = await start(kind);
    server.script(" A summary.\n");
    const answer = await model(kind, url).complete({ messages: conversation });
    expect(answer).toMatchObject({ content: "A summary.", tool_calls: [], finish_reason: "stop" });
  });

  it("tells that an answer was cut off, where the server says so", async () => {
    const url = await start(kind);
    server.script({ text: ' "send_message", "params": {"message": "Half a', finish: "length" });
    const answer = await model(kind, url).complete({ messages: conversation, tools });
    expect(answer.finish_reason).toBe(kind === "webui-legacy" ? "tool_calls" : "length");
  });

  it("gets no request that cannot fit its window", async () => {
    const url = await start(kind);
    const long = [{ role: "user" as const, content: "word ".repeat(8000) }];
    const error = await failure(model(kind, url).complete({ messages: long, tools }));
    expect(error.code).toBe("context_length_exceeded");
    expect(server.requests).toEqual([]);
  });

  it("is explained when the address is that of something else", async () => {
    const url = await start(kind);
    const error = await failure(
      model(kind, `${url}/elsewhere`).complete({ messages: conversation }),
    );
    expect(error.code).toBe("bad_request");
    expect(explainError(error)).toMatch(/model_endpoint/);
  });

  it("gets a key in the header that it wants, and none where none is needed", async () => {
    const url = await start(kind);
    server.script("Hi.", "Hi.", "Hi.");
    const ask = (entry: object): Promise<unknown> =>
      model(kind, url, { entry }).complete({ messages: conversation });
    await ask({});
    await ask({ api_key: "secret-word" });
    await ask({ api_key: "secret-word", auth: "api_key" });
    const sent = server.requests.map(({ headers }) => [
      headers.authorization,
      headers["x-api-key"],
    ]);
    expect(sent).toEqual([
      [undefined, undefined],
      ["Bearer secret-word", undefined],
      [undefined, "secret-word"],
    ]);
  });
});

describe.each(STREAMING)("%s, streaming", (kind) => {
  it("shows the thoughts of a call as they are written, and the call is the same", async () => {
    const url = await start(kind);
    server.script(REST);
    const shown: string[] = [];
    const answer = await model(kind, url).complete({
      messages: conversation,
      tools,
      onText: (delta) => shown.push(delta),
    });
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.join("")).toBe("Grüße erwidern.");
    expect(answer.content).toBe("Grüße erwidern.");
    expect(answer.tool_calls[0]?.function.arguments).toBe('{"message":"Grüß dich, Ada! 🍵"}');
    expect(server.requests[0]?.path).toBe(PROTOCOLS[kind].stream_path ?? PROTOCOLS[kind].path);
  });

  it("tells the message of a call while it is being written", async () => {
    const url = await start(kind);
    server.script(REST);
    const told: ToolCallDelta[] = [];
    const answer = await model(kind, url).complete({
      messages: conversation,
      tools,
      onToolCall: (delta) => told.push(delta),
    });
    const written = answer.tool_calls[0]?.function.arguments ?? "";
    expect(new Set(told.map(({ index, name }) => `${index} ${name}`))).toEqual(
      new Set(["0 send_message"]),
    );
    expect(told.length).toBeGreaterThan(2);
    expect(told.map((delta) => delta.arguments).join("")).toBe(written);
    expect(written).toBe('{"message":"Grüß dich, Ada! 🍵"}');
  });

  it("shows prose as it comes", async () => {
    const url = await start(kind);
    server.script("\n A rather long answer, in pieces. \n<|im_end|>\n<|im_start|>user");
    let shown = "";
    const answer = await model(kind, url).complete({
      messages: conversation,
      onText: (delta) => {
        shown += delta;
      },
    });
    expect(shown).toBe("A rather long answer, in pieces.");
    expect(answer.content).toBe(shown);
  });
});

describe("the bound of an answer", () => {
  const WINDOW = 8192;
  /** Tokens of the prompt, as the setup's counter has them. */
  const room = (body: Readonly<Record<string, unknown>>): number =>
    WINDOW - Math.ceil(String(body.prompt).length / 4);

  it.each<[ServerKind, (body: Readonly<Record<string, unknown>>) => [unknown, number]]>([
    ["webui", (body) => [body.max_tokens, room(body)]],
    ["webui-legacy", (body) => [body.max_new_tokens, 3072]],
    ["lmstudio", (body) => [body.max_tokens, WINDOW]],
    ["lmstudio-legacy", (body) => [body.max_tokens, WINDOW]],
    ["vllm", (body) => [body.max_tokens, 3000]],
    ["openai", (body) => [body.max_tokens, room(body)]],
    ["llamacpp", (body) => [body.n_predict, room(body)]],
    ["koboldcpp", (body) => [body.max_length, 1024]],
    ["ollama", (body) => [(body.options as { num_predict?: unknown }).num_predict, room(body)]],
  ])("is the usual one for %s, and what was set where that is less", async (kind, bounds) => {
    const url = await start(kind);
    server.script("Hi.", "Hi.");
    await model(kind, url).complete({ messages: conversation });
    await model(kind, url).complete({ messages: conversation, max_tokens: 7 });
    const [usual, set] = server.requests.map(({ body }) => bounds(body));
    expect(usual?.[0]).toBe(usual?.[1]);
    expect(set?.[0]).toBe(7);
  });
});

describe("a grammar", () => {
  it.each<[ServerKind, string]>([
    ["koboldcpp", "grammar"],
    ["llamacpp", "grammar"],
    ["webui", "grammar_string"],
    ["webui-legacy", "grammar_string"],
  ])("goes to %s, and then nothing is forced", async (kind, key) => {
    const url = await start(kind);
    server.script(
      '{"function": "send_message", "params": {"inner_thoughts": "H", "message": "Hi"}}',
    );
    const answer = await model(kind, url, { wrapper: "chatml-grammar" }).complete({
      messages: conversation,
      tools,
    });
    expect(answer.tool_calls[0]?.function.arguments).toBe('{"message":"Hi"}');
    const body = server.requests[0]?.body ?? {};
    expect(body[key]).toMatch(/^root ::= /);
    expect(String(body.prompt).endsWith("<|im_start|>assistant")).toBe(true);
  });

  it.each<ServerKind>(["lmstudio", "vllm", "openai", "lmstudio-legacy"])(
    "does not go to %s, which is held to the beginning of a call instead",
    async (kind) => {
      const url = await start(kind);
      server.script(REST);
      await model(kind, url, { wrapper: "chatml-grammar" }).complete({
        messages: conversation,
        tools,
      });
      const body = JSON.stringify(server.requests[0]?.body);
      expect(body).not.toContain("root ::=");
      expect(body).toContain('{\\n  \\"function\\":');
    },
  );

  it("is left out where there is nothing to call", async () => {
    const url = await start("llamacpp");
    server.script("Hi.");
    await model("llamacpp", url, { wrapper: "chatml-grammar" }).complete({
      messages: conversation,
    });
    expect(server.requests[0]?.body).not.toHaveProperty("grammar");
  });
});

describe("what a server refuses", () => {
  it.each<[string, ServerKind, { status: number; body: unknown }, string, RegExp]>([
    [
      "LM Studio's overflow",
      "lmstudio",
      { status: 400, body: { error: "Context length exceeded. Tokens in context: 9000" } },
      "context_length_exceeded",
      /context_window/,
    ],
    [
      "vLLM's overflow",
      "vllm",
      {
        status: 400,
        body: { object: "error", message: "This model's maximum context length is 4096 tokens." },
      },
      "context_length_exceeded",
      /context_window/,
    ],
    [
      "llama.cpp's overflow",
      "llamacpp",
      {
        status: 400,
        body: { error: { code: 400, message: "the request exceeds the available context size" } },
      },
      "context_length_exceeded",
      /context_window/,
    ],
    [
      "a model that Ollama does not have",
      "ollama",
      { status: 404, body: { error: 'model "m" not found, try pulling it first' } },
      "bad_request",
      /knows no model m.*try pulling it first/s,
    ],
    [
      "an error in the middle of Ollama's work",
      "ollama",
      { status: 200, body: { error: "llama runner process has terminated" } },
      "bad_response",
      /runner process has terminated/,
    ],
    [
      "KoboldCpp when it is busy",
      "koboldcpp",
      { status: 503, body: { detail: { msg: "Server is busy; please try again later." } } },
      "unavailable",
      /Server is busy/,
    ],
    [
      "llama.cpp while it loads",
      "llamacpp",
      { status: 503, body: { error: { code: 503, message: "Loading model" } } },
      "unavailable",
      /Loading model/,
    ],
    [
      "a web page",
      "webui",
      { status: 200, body: "<html>Gradio</html>" },
      "bad_response",
      /web page/,
    ],
    ["a wrong key", "openai", { status: 401, body: { error: "no" } }, "unauthorized", /key/],
  ])("is told: %s", async (_what, kind, answer, code, words) => {
    const url = await start(kind);
    server.script(answer, answer);
    const error = await failure(model(kind, url).complete({ messages: conversation, tools }));
    expect(error.code).toBe(code);
    expect(explainError(error)).toMatch(words);
  });

  it("is tried once more when it is passing", async () => {
    const url = await start("koboldcpp");
    server.script({ status: 503, body: { detail: { msg: "Server is busy" } } }, REST);
    const answer = await model("koboldcpp", url).complete({ messages: conversation, tools });
    expect(answer.tool_calls).toHaveLength(1);
  });
});

it("does not believe a count that misses most of the prompt", async () => {
  const url = await start("ollama");
  server.script("Hi.");
  expect(await model("ollama", url).complete({ messages: conversation })).not.toHaveProperty(
    "usage",
  );
});

it("asks a KoboldAI that has no path for streams on its other one, and keeps to that", async () => {
  server = await FakeCompletionServer.start("koboldcpp", { stream_path: "/none" });
  server.script(REST, REST);
  const local = model("koboldcpp", server.origin);
  const told: string[] = [];
  for (let i = 0; i < 2; i += 1) {
    const answer = await local.complete({
      messages: conversation,
      tools,
      onToolCall: (delta) => told.push(delta.arguments),
    });
    expect(answer.tool_calls).toHaveLength(1);
  }
  expect(told.join("")).toBe('{"message":"Grüß dich, Ada! 🍵"}'.repeat(2));
  expect(server.requests.map(({ path }) => path)).toEqual([
    "/api/extra/generate/stream",
    "/api/v1/generate",
    "/api/v1/generate",
  ]);
});

it("ends at once when it is stopped", async () => {
  const url = await start("webui");
  const controller = new AbortController();
  const asked = model("webui", url).complete({ messages: conversation, signal: controller.signal });
  controller.abort();
  expect((await failure(asked)).code).toBe("aborted");
});

it("says that nothing listens where no server runs", async () => {
  const url = await start("webui");
  await server.close();
  const error = await failure(model("webui", url).complete({ messages: conversation }));
  expect(explainError(error)).toContain("connection refused");
  server = await FakeCompletionServer.start("webui");
});
