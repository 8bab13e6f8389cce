import { describe, expect, it } from "vitest";
import { type AppConfig, parseConfig } from "../../config/config.ts";
import { LOCAL_TYPES, MODEL_WRAPPERS } from "../../config/endpoint-types.ts";
import { WRAPPER_NAMES } from "../../src/adapters/completions/wrappers.ts";
import { ConfigError } from "../../src/shared/errors.ts";

function parse(entry: Record<string, unknown>, env: Record<string, string> = {}): AppConfig {
  return parseConfig({ config_list_memgpt: [entry] }, { env, fileOf: () => "models.yaml" });
}

function memgpt(entry: Record<string, unknown>): AppConfig["models"]["config_list_memgpt"][number] {
  const [first] = parse({ model: "m", ...entry }).models.config_list_memgpt;
  if (!first) throw new Error("No entry.");
  return first;
}

function faultOf(entry: Record<string, unknown>): string {
  try {
    parse({ model: "m", ...entry });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("Expected a ConfigError.");
}

it("knows the wrappers that the adapter has", () => {
  expect([...MODEL_WRAPPERS].sort()).toEqual([...WRAPPER_NAMES].sort());
});

describe("how a server is asked", () => {
  it.each(LOCAL_TYPES.filter((type) => !type.endsWith("-legacy")))(
    "%s: by chat completions with tools, and with a wrapper on its own completions endpoint",
    (type) => {
      const model_endpoint = "http://10.0.0.2:77";
      const native = memgpt({ model_endpoint_type: type, model_endpoint, model_wrapper: null });
      expect(native).toMatchObject({ base_url: "http://10.0.0.2:77/v1" });
      expect(native).not.toHaveProperty("completions");
      const entry = { model_endpoint_type: type, model_endpoint, model_wrapper: "zephyr-7B" };
      expect(memgpt(entry)).toMatchObject({
        base_url: model_endpoint,
        completions: { server: type, wrapper: "zephyr-7B" },
      });
    },
  );

  it.each(["webui-legacy", "lmstudio-legacy"])(
    "%s: always with a wrapper, since it is older than tool calls",
    (model_endpoint_type) => {
      expect(memgpt({ model_endpoint_type }).completions).toEqual({
        server: model_endpoint_type,
        wrapper: "chatml",
      });
    },
  );

  it("any server of OpenAI's protocol takes a wrapper as well, on the path that it is given with", () => {
    const model_endpoint = "https://pod-8000.proxy.runpod.net/v1";
    const entry = { model_endpoint_type: "openai", model_endpoint, model_wrapper: "chatml" };
    expect(memgpt(entry)).toMatchObject({
      base_url: model_endpoint,
      completions: { server: "openai", wrapper: "chatml" },
    });
  });

  it("a provider with tool calls of its own is asked for those, and the wrapper noted", () => {
    const entry = { model: "gpt-4", openai_key: "k", model_wrapper: "chatml" };
    const { models, notes } = parse(entry);
    expect(models.config_list_memgpt[0]).not.toHaveProperty("completions");
    expect(notes.join()).toContain("tool calls of its own");
  });

  it("a grammar that the server cannot take is noted", () => {
    const { notes } = parse({
      model: "m",
      model_endpoint_type: "ollama",
      model_wrapper: "chatml-grammar",
    });
    expect(notes.join()).toContain('works as "chatml"');
  });

  it("plain agents are asked for chat completions at the same server", () => {
    const { models } = parse({
      model_endpoint_type: "webui",
      model_endpoint: "http://10.0.0.2:77",
      model_wrapper: "airoboros-l2-70b-2.1",
    });
    expect(models.config_list).toEqual([
      {
        api_type: "openai",
        model: "local-model",
        base_url: "http://10.0.0.2:77/v1",
        api_key: "NULL",
      },
    ]);
  });

  it("a key for a server of one's own goes into the header that is asked for", () => {
    const entry = { model_endpoint_type: "vllm", openllm_auth_type: "api_key", openllm_key: "k1" };
    expect(memgpt(entry)).toMatchObject({ api_key: "k1", auth: "api_key" });
    expect(memgpt({ model_endpoint_type: "vllm", openai_key: "k2" })).toMatchObject({
      api_key: "k2",
    });
  });

  it("a wrapper that does not exist is a fault that names the nearest", () => {
    const fault = faultOf({ model_endpoint_type: "webui", model_wrapper: "airoboros-l2-70b-2.0" });
    expect(fault).toContain("did you mean airoboros-l2-70b-2.1?");
  });
});

describe("an address that is not quite right", () => {
  it.each([
    ["webui", "http://localhost:5000/"],
    ["webui", "http://localhost:5000/v1"],
    ["webui", "http://localhost:5000/v1/"],
    ["webui", " http://localhost:5000 "],
    ["koboldcpp", "http://localhost:5000/api"],
    ["koboldcpp", "http://localhost:5000/api/v1"],
    ["ollama", "http://localhost:5000/api"],
  ])("is corrected: %s at %s", (model_endpoint_type, model_endpoint) => {
    const wrapped = memgpt({ model_endpoint_type, model_endpoint, model_wrapper: "chatml" });
    expect(wrapped.base_url).toBe("http://localhost:5000");
    expect(memgpt({ model_endpoint_type, model_endpoint }).base_url).toBe(
      "http://localhost:5000/v1",
    );
  });

  it.each([
    ["localhost:5000", "http://localhost:5000"],
    [
      "https://pod-5000.proxy.runpod.net/v1/completions",
      "root: https://pod-5000.proxy.runpod.net/v1",
    ],
    ["http://localhost:5000/api/v1/generate", "root: http://localhost:5000"],
    ["http://localhost:5000/completion", "root: http://localhost:5000"],
    ["http://localhost:5000/?token=x", "http://localhost:5000/"],
  ])("is explained: %s", (model_endpoint, wanted) => {
    expect(faultOf({ model_endpoint_type: "webui", model_endpoint })).toContain(wanted);
  });
});

describe("embeddings beside a local model", () => {
  it("are asked where the server follows OpenAI's protocol, wrapper or not", () => {
    const { models } = parse({
      model: "m",
      model_endpoint_type: "ollama",
      model_wrapper: "chatml",
      embedding_model: "nomic-embed-text",
    });
    expect(models.embedding?.base_url).toBe("http://127.0.0.1:11434/v1");
  });

  it("may come from another local server, named by its type", () => {
    const { models } = parse({
      model: "m",
      model_endpoint_type: "webui",
      embedding_endpoint_type: "ollama",
      embedding_endpoint: "http://10.0.0.3:11434",
      embedding_model: "nomic-embed-text",
    });
    expect(models.embedding).toMatchObject({
      base_url: "http://10.0.0.3:11434/v1",
      api_key: "NULL",
      dimension: 768,
    });
  });

  it("of a kind that is not there are explained", () => {
    const fault = faultOf({
      model_endpoint_type: "webui",
      embedding_endpoint_type: "hugging-face",
    });
    expect(fault).toContain("a server of that protocol as embedding_endpoint");
  });
});
