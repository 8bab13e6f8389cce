import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfig } from "../config/config.ts";
import { buildModels, type Models } from "../src/app-models.ts";
import type { ToolSchema } from "../src/memgpt/ports.ts";
import { explainError } from "../src/shared/errors.ts";
import { FakeCompletionServer } from "./fakes/completion-server.ts";
import { CountingIds, FakeClock } from "./fakes/fake-clock.ts";
import { FakeOpenAiServer } from "./fakes/openai-server.ts";
import { RecordingLogger } from "./fakes/small-fakes.ts";

const tools: ToolSchema[] = [
  {
    type: "function",
    function: {
      name: "send_message",
      description: "Speaks.",
      parameters: { type: "object", properties: { message: { type: "string" } } },
    },
  },
];
const messages = [{ role: "user" as const, content: "Hello?" }];

let webui: FakeCompletionServer;
let hosted: FakeOpenAiServer;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  webui = await FakeCompletionServer.start("webui");
  hosted = await FakeOpenAiServer.start();
});

afterEach(async () => {
  await webui.close();
  await hosted.close();
});

function build(raw: unknown): Promise<Models> {
  const config = parseConfig(raw, { env: {}, fileOf: () => "models.yaml" });
  return buildModels(config, { clock, ids: new CountingIds(), logger: new RecordingLogger() });
}

describe("a list that mixes a wrapper with native tool calls", () => {
  it("falls over from one to the other, in its order", async () => {
    const { memgpt } = await build({
      config_list_memgpt: [
        {
          model: null,
          model_wrapper: "airoboros-l2-70b-2.1",
          model_endpoint_type: "webui",
          model_endpoint: webui.origin,
          context_window: 8192,
        },
        { model: "gpt-4", model_endpoint: hosted.base_url, openai_key: "k" },
      ],
    });
    webui.script(' "send_message",\n  "params": {\n    "message": "From the wrapper."\n  }\n}\n', {
      status: 404,
      body: { detail: "Not Found" },
    });
    hosted.script({ calls: [{ name: "send_message", args: { message: "From the other." } }] });

    const first = await memgpt.complete({ messages, tools });
    expect(first.tool_calls[0]?.function.arguments).toBe('{"message":"From the wrapper."}');
    const second = await memgpt.complete({ messages, tools });
    expect(second.tool_calls[0]?.function.arguments).toBe('{"message":"From the other."}');
    expect(second.model).toBe("gpt-4");
  });
});

describe("without a wrapper", () => {
  it.each(["webui", "lmstudio", "ollama", "vllm", "llamacpp", "koboldcpp", "openai"])(
    "%s is asked for tool calls where it follows OpenAI's protocol",
    async (model_endpoint_type) => {
      const model_endpoint =
        model_endpoint_type === "openai" ? hosted.base_url : `${hosted.origin}/`;
      const { memgpt } = await build({
        config_list_memgpt: [
          { model: "m", model_wrapper: null, model_endpoint_type, model_endpoint },
        ],
      });
      hosted.script({ calls: [{ name: "send_message", args: { message: "Hi." } }] });
      const answer = await memgpt.complete({ messages, tools });
      expect(answer.tool_calls[0]?.function.arguments).toBe('{"message":"Hi."}');
      expect(hosted.requests[0]?.path).toBe("/v1/chat/completions");
      expect(hosted.requests[0]?.body.tools).toHaveLength(1);
      expect(hosted.requests[0]?.headers["x-api-key"]).toBeUndefined();
    },
  );

  it("a key may go into a header of its own", async () => {
    const { memgpt } = await build({
      config_list_memgpt: [
        {
          model: "m",
          model_endpoint_type: "vllm",
          model_endpoint: hosted.origin,
          openllm_auth_type: "api_key",
          openllm_key: "secret-word",
        },
      ],
    });
    hosted.script("Hi.");
    await memgpt.complete({ messages });
    expect(hosted.requests[0]?.headers["x-api-key"]).toBe("secret-word");
    expect(hosted.requests[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ["ollama", 400, "registry.ollama.ai/library/orca does not support tools"],
    ["llamacpp", 500, "tools param requires --jinja flag"],
    [
      "vllm",
      400,
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ],
  ])("%s that takes no tools is told to need one", async (type, status, message) => {
    const { memgpt } = await build({
      config_list_memgpt: [
        { model: "m", model_endpoint_type: type, model_endpoint: hosted.origin },
      ],
    });
    hosted.script({ status, error: { message } });
    const error = await memgpt.complete({ messages, tools }).catch((reason: unknown) => reason);
    expect(explainError(error)).toMatch(/takes no tool calls.*model_wrapper/s);
    expect(hosted.requests).toHaveLength(1);
  });

  it("a server that has no chat completions is told to need one, too", async () => {
    const { memgpt } = await build({
      config_list_memgpt: [
        { model: "m", model_endpoint_type: "webui", model_endpoint: webui.origin },
      ],
    });
    const error = await memgpt.complete({ messages, tools }).catch((reason: unknown) => reason);
    expect(explainError(error)).toMatch(/status 404.*model_wrapper/s);
  });
});

describe("the first screen's line", () => {
  const local = { model: "NULL", base_url: "http://127.0.0.1:5001/v1" };

  it.each([
    ["OpenAI by its model", { config_list: [{ model: "gpt-4", api_key: "k" }] }, /^gpt-4; text-/],
    [
      "a server that serves what it has",
      { config_list: [local] },
      /^the model at http:\/\/127\.0\.0\.1:5001;/,
    ],
    [
      "another server by its host",
      { config_list: [{ ...local, model: "qwen" }] },
      /^qwen at 127\.0\.0\.1:5001;/,
    ],
    [
      "two servers",
      {
        config_list: [local],
        config_list_memgpt: [
          { model: null, model_endpoint_type: "webui", model_wrapper: "chatml" },
        ],
      },
      /^the model at http:\/\/127\.0\.0\.1:5000 for MemGPT agents, the model at http:\/\/127\.0\.0\.1:5001 for the others;/,
    ],
  ])("names %s", async (_what, raw, line) => {
    expect((await build(raw)).summary).toMatch(line);
  });
});

describe("two lists as on the page", () => {
  it("ask one server in two ways: plain agents by chat completions, MemGPT's by a prompt", async () => {
    const { plain, memgpt } = await build({
      config_list: [{ model: "NULL", base_url: hosted.base_url, api_key: "NULL" }],
      config_list_memgpt: [
        {
          preset: "DEFAULT_PRESET",
          model: null,
          model_wrapper: "chatml",
          model_endpoint_type: "webui",
          model_endpoint: `${webui.origin}/v1`,
        },
      ],
    });
    hosted.script("A plain answer.");
    webui.script(' "send_message", "params": {"message": "Hi."}}');
    expect((await plain.complete({ messages })).content).toBe("A plain answer.");
    expect((await memgpt.complete({ messages, tools })).tool_calls).toHaveLength(1);
    expect(webui.requests[0]?.path).toBe("/v1/completions");
  });
});

describe("a list filtered for an agent", () => {
  it("shares each entry's rate with the whole list", async () => {
    const { plain, filtered } = await build({
      config_list: [
        { model: "a", base_url: hosted.base_url, tags: ["fast"], api_rate_limit: 1 },
        { model: "b", base_url: hosted.base_url },
      ],
    });
    const fast = filtered("config_list", { tags: ["fast"] });
    hosted.script("One.", "Two.");
    await plain.complete({ messages });
    let answered = false;
    const second = fast.complete({ messages }).then(() => {
      answered = true;
    });
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    clock.advance(1000);
    await second;
    expect(hosted.requests.map(({ body }) => body.model)).toEqual(["a", "a"]);
  });
});
