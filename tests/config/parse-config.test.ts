import { describe, expect, it } from "vitest";
import { type AppConfig, parseConfig, secretsOf } from "../../config/config.ts";
import type { EmbeddingEntry, ModelEntry } from "../../src/adapters/model-http/model-entry.ts";
import { ConfigError } from "../../src/shared/errors.ts";

type Env = Record<string, string>;

function parse(raw: unknown, env: Env = {}): AppConfig {
  return parseConfig(raw, { env, fileOf: () => "config/test.yaml" });
}

/** `key: got, wanted` of every fault. */
function faultsOf(raw: unknown, env: Env = {}): string[] {
  try {
    parse(raw, env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.faults.map((fault) => `${fault.key}: ${fault.got} -> ${fault.wanted}`);
    }
    throw error;
  }
  throw new Error("Expected a ConfigError.");
}

describe("with nothing configured", () => {
  it("gives the seed's table, sensible limits and no models", () => {
    const config = parse({});
    expect(config.groupchat.agents.map((agent) => [agent.type, agent.name])).toEqual([
      ["user_proxy", "User_proxy"],
      ["assistant", "Product_manager"],
      ["memgpt", "MemGPT_coder"],
    ]);
    expect(config.groupchat).toMatchObject({
      max_round: 12,
      human_input_mode: "ALWAYS",
      default_auto_reply: "...",
      termination_text: "TERMINATE",
      speaker_selection_method: "round_robin",
    });
    expect(config.models).toEqual({ config_list: [], config_list_memgpt: [] });
    expect(config.limits).toEqual({
      max_file_bytes: 26_214_400,
      model_timeout_ms: 120_000,
      concurrent_model_requests: 8,
      max_chain: 50,
    });
    expect(config.discord).toEqual({ message_content: true });
    expect(config.data_dir).toBe("./data");
  });

  it("fills both lists and the embedder from OPENAI_API_KEY alone", () => {
    const { models } = parse({}, { OPENAI_API_KEY: "sk-test" });
    const entry = {
      api_type: "openai",
      model: "gpt-4.1-mini",
      base_url: "https://api.openai.com/v1",
      api_key: "sk-test",
      origin: "environment",
      context_window: 32_768,
    };
    expect(models.config_list).toEqual([entry]);
    expect(models.config_list_memgpt).toEqual([{ ...entry, preset: "memgpt_chat" }]);
    expect(models.embedding).toMatchObject({ model: "text-embedding-3-small", dimension: 1536 });
  });

  it("lets OPENAI_MODEL and OPENAI_BASE_URL choose another model and server", () => {
    const { models } = parse(
      {},
      { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://127.0.0.1:9/v1/", OPENAI_MODEL: "m" },
    );
    const entry = { api_type: "openai", model: "m", api_key: "k", origin: "environment" };
    expect(models.config_list).toEqual([{ ...entry, base_url: "http://127.0.0.1:9/v1" }]);
    expect(models.embedding).toBeUndefined();
  });

  it("takes an empty variable for an absent one", () => {
    expect(parse({}, { OPENAI_API_KEY: "", DISCORD_TOKEN: "" }).discord.token).toBeUndefined();
  });
});

describe("the seed's lists", () => {
  it("are accepted for a local server", () => {
    const { models } = parse({
      config_list: [{ model: "NULL", base_url: "http://127.0.0.1:5001/v1", api_key: "NULL" }],
      config_list_memgpt: [
        {
          preset: "DEFAULT_PRESET",
          model: null,
          model_wrapper: "airoboros-l2-70b-2.1",
          model_endpoint_type: "webui",
          model_endpoint: "http://localhost:5000",
          context_window: 8192,
        },
      ],
    });
    expect(models.config_list[0]).toEqual({
      api_type: "openai",
      model: "NULL",
      base_url: "http://127.0.0.1:5001/v1",
      api_key: "NULL",
    });
    expect(models.config_list_memgpt[0]).toEqual({
      preset: "memgpt_chat",
      api_type: "openai",
      model: "local-model",
      base_url: "http://localhost:5000",
      completions: { server: "webui", wrapper: "airoboros-l2-70b-2.1" },
      api_key: "NULL",
      context_window: 8192,
    });
    expect(models.embedding).toBeUndefined();
  });

  it("are accepted for OpenAI, pasted with Python's own words", () => {
    const { models } = parse(
      {
        config_list: [{ model: "gpt-4", api_key: 'os.getenv("OPENAI_API_KEY")' }],
        config_list_memgpt: [
          {
            preset: "memgpt_chat",
            model: "gpt-4",
            context_window: 8192,
            model_wrapper: "None",
            model_endpoint_type: "openai",
            model_endpoint: "https://api.openai.com/v1",
            openai_key: 'os.getenv("OPENAI_API_KEY")',
          },
        ],
      },
      { OPENAI_API_KEY: "sk-test" },
    );
    expect(models.config_list[0]?.api_key).toBe("sk-test");
    expect(models.config_list_memgpt[0]).toMatchObject({ model: "gpt-4", api_key: "sk-test" });
    expect(models.embedding?.api_key).toBe("sk-test");
  });

  it("are accepted for Azure, the misspelt embedding key included", () => {
    const { models } = parse(
      {
        config_list: [
          {
            model: "gpt-3.5-turbo",
            api_type: "azure",
            api_key: `\${AZURE_OPENAI_API_KEY}`,
            api_version: "2024-10-21",
            base_url: "https://x.openai.azure.com/",
          },
        ],
        config_list_memgpt: [
          {
            model: "gpt-4",
            context_window: 8192,
            model_endpoint_type: "azure",
            azure_key: `\${AZURE_OPENAI_API_KEY}`,
            azure_endpoint: "https://x.openai.azure.com",
            azure_version: "2024-10-21",
            embedding_embedding_endpoint_type: "azure",
          },
        ],
      },
      { AZURE_OPENAI_API_KEY: "secret-key" },
    );
    expect(models.config_list[0]).toMatchObject({ api_type: "azure", model: "gpt-35-turbo" });
    expect(models.config_list_memgpt[0]).toEqual({
      preset: "memgpt_chat",
      api_type: "azure",
      model: "gpt-4",
      base_url: "https://x.openai.azure.com",
      api_key: "secret-key",
      api_version: "2024-10-21",
      context_window: 8192,
    });
    expect(models.embedding).toEqual({
      api_type: "azure",
      model: "text-embedding-ada-002",
      base_url: "https://x.openai.azure.com",
      api_key: "secret-key",
      api_version: "2024-10-21",
      dimension: 1536,
    });
  });

  it.each([
    ["lmstudio", "http://localhost:1234", "http://localhost:1234/v1"],
    ["ollama", "http://localhost:11434/v1/", "http://localhost:11434/v1"],
    ["vllm", undefined, "http://127.0.0.1:8000/v1"],
    ["llamacpp", "http://10.0.0.2:8080", "http://10.0.0.2:8080/v1"],
  ])("find the API of %s", (model_endpoint_type, model_endpoint, base_url) => {
    const entry = { model: "m", model_endpoint_type, ...(model_endpoint && { model_endpoint }) };
    const { models } = parse({ config_list_memgpt: [entry] });
    expect(models.config_list_memgpt[0]?.base_url).toBe(base_url);
  });

  it("are taken from OAI_CONFIG_LIST where no file has one", () => {
    const list = JSON.stringify([{ model: "gpt-4", api_key: "k1" }]);
    expect(parse({}, { OAI_CONFIG_LIST: list }).models.config_list[0]?.model).toBe("gpt-4");
    const file = { config_list: [{ model: "own", api_key: "k2" }] };
    expect(parse(file, { OAI_CONFIG_LIST: list }).models.config_list[0]?.model).toBe("own");
    expect(faultsOf({}, { OAI_CONFIG_LIST: "[{" })[0]).toContain("OAI_CONFIG_LIST");
  });

  it("lend their entries to a list that is absent, before any shortcut does", () => {
    const raw = { config_list: [{ model: "local", base_url: "http://127.0.0.1:1/v1" }] };
    const { models } = parse(raw, { OPENAI_API_KEY: "sk-test" });
    expect(models.config_list_memgpt).toMatchObject([{ model: "local", api_key: "NULL" }]);
    expect(models.embedding).toBeUndefined();
  });

  it("stay empty where a file says so", () => {
    const { models } = parse({ config_list_memgpt: [] }, { OPENAI_API_KEY: "sk-test" });
    expect(models.config_list_memgpt).toEqual([]);
    expect(models.config_list).toHaveLength(1);
  });

  it("never send OpenAI's key to another server for its embeddings", () => {
    const entry = {
      model: "m",
      model_endpoint_type: "ollama",
      embedding_model: "nomic-embed-text",
      embedding_endpoint: "http://127.0.0.1:11434/v1",
    };
    const { models } = parse({ config_list_memgpt: [entry] }, { OPENAI_API_KEY: "sk-test" });
    expect(models.embedding).toMatchObject({ api_key: "NULL", dimension: 768 });
  });
});

describe("embeddings of their own section", () => {
  it("ask OpenAI for shorter vectors where the dimension says so", () => {
    const raw = { embedding: { model: "text-embedding-3-large", dimension: 256 } };
    expect(parse(raw, { OPENAI_API_KEY: "k" }).models.embedding).toMatchObject({
      dimension: 256,
      send_dimension: true,
    });
  });

  it("want a dimension for models that are not known", () => {
    const raw = { embedding: { model: "my-own", base_url: "http://127.0.0.1:1/v1" } };
    expect(faultsOf(raw)).toEqual([
      "embedding.dimension: nothing -> how many numbers a vector of my-own has",
    ]);
  });

  it("can be switched off", () => {
    const { models } = parse({ embedding: "offline" }, { OPENAI_API_KEY: "k" });
    expect(models.embedding).toBeUndefined();
  });
});

describe("faults", () => {
  it("are all reported at once, each with key, got and wanted", () => {
    expect(
      faultsOf({
        config_list: [{ modle: "gpt-4", api_key: 7 }],
        config_list_memgpt: [{ model: "m", model_endpoint: "localhost:1234", api_key: "x" }],
        agents: [{ type: "memgtp", name: "has space" }],
        max_round: 0,
        human_input_mode: "always",
        limits: { max_chain: "many" },
        interface_kwargs: { show_inner_thoughts: "perhaps" },
        streaming: "sometimes",
        time_zone: "Mars/Base",
        maxround: 3,
      }),
    ).toEqual([
      'agents[0].type: "memgtp" -> one of user_proxy, assistant, memgpt (did you mean memgpt?)',
      'agents[0].name: "has space" -> 1 to 64 of the letters A-Z a-z, digits, _ and -',
      "max_round: 0 -> a whole number from 1 to 1000",
      'human_input_mode: "always" -> one of ALWAYS, TERMINATE, NEVER (did you mean ALWAYS?)',
      'interface_kwargs.show_inner_thoughts: "perhaps" -> true or false',
      'streaming: "sometimes" -> true or false',
      "config_list[0].api_key: a value that is not shown -> a text without blanks, line breaks or letters outside ASCII",
      "config_list[0].modle:  -> not a known key; did you mean `model`?",
      'config_list_memgpt[0].model_endpoint: "localhost:1234" -> an address with its scheme: http://localhost:1234',
      "config_list_memgpt[0].api_key:  -> not a known key; did you mean openai_key (or azure_key)?",
      'limits.max_chain: "many" -> a whole number from 1 to 1000',
      'time_zone: "Mars/Base" -> the name of a time zone, such as Europe/Berlin',
      "maxround:  -> not a known key; did you mean `max_round`?",
    ]);
  });

  it("name the variable that is missing, once", () => {
    expect(faultsOf({ config_list: [{ model: "gpt-4", api_key: `\${NO_SUCH_KEY}` }] })).toEqual([
      `config_list[0].api_key: \${NO_SUCH_KEY}, which is not set -> the variable NO_SUCH_KEY in the environment or in .env`,
    ]);
  });

  it("leave an escaped variable alone", () => {
    const agents = [
      { type: "user_proxy", name: "U" },
      { type: "assistant", name: "A", system_message: `Write $\${NAME}.` },
    ];
    expect(parse({ agents }).groupchat.agents[1]).toMatchObject({
      system_message: `Write \${NAME}.`,
    });
  });

  it.each([
    ["lm.example.org/v1", "https://lm.example.org/v1"],
    ["192.168.0.7:5000", "http://192.168.0.7:5000"],
    ["htp://host/v1", "https://host/v1"],
  ])("give the corrected form of the address %s", (base_url, corrected) => {
    expect(faultsOf({ config_list: [{ model: "m", base_url }] })[0]).toContain(corrected);
  });

  it("point to the API's root where the address goes too far", () => {
    const base_url = "http://127.0.0.1:1234/v1/chat/completions";
    expect(faultsOf({ config_list: [{ model: "m", base_url }] })[0]).toContain(
      "the API's root: http://127.0.0.1:1234/v1",
    );
  });

  it.each([
    { stores: { chroma_url: "http://ada:canary@host" } },
    { stores: { chroma_url: "ada:canary@host:8000" } },
    { stores: { state_uri: "canary" } },
    { discord: { token: "can ary canary" } },
    { config_list: [{ model: "m", api_key: "line\ncanary" }] },
    { log: { level: "sk-canary123" } },
  ])("never repeat what may be secret: %j", (raw) => {
    expect(faultsOf(raw).join("\n")).not.toContain("canary");
  });

  it.each([
    [[{ type: "assistant", name: "A" }], "0 agents of type user_proxy"],
    [[{ type: "user_proxy", name: "U" }], "nobody who answers"],
    [
      [
        { type: "user_proxy", name: "U" },
        { type: "assistant", name: "u" },
      ],
      '"u" again',
    ],
    [
      [
        { type: "user_proxy", name: "U" },
        { type: "assistant", name: "Clyde" },
      ],
      "which Discord refuses",
    ],
    [
      [
        { type: "user_proxy", name: "U" },
        { type: "memgpt", name: "M", persona: "nobody" },
      ],
      "agents[1].persona",
    ],
  ])("refuse a table that cannot work: %j", (agents, fault) => {
    expect(faultsOf({ agents }).join("\n")).toContain(fault);
  });

  it("refuse something else than a mapping", () => {
    expect(faultsOf({ limits: [1] })).toEqual([
      "limits: a list of 1 -> a mapping of keys to values",
    ]);
  });

  it("do not touch a prototype", () => {
    const raw: unknown = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
    expect(faultsOf(raw)).toHaveLength(2);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

it("gives entries that the model adapter takes as they are", () => {
  const { models } = parse({}, { OPENAI_API_KEY: "k" });
  const chat: readonly ModelEntry[] = models.config_list_memgpt;
  const embedding: EmbeddingEntry | undefined = models.embedding;
  expect(chat).toHaveLength(1);
  expect(embedding).toBeDefined();
});

it("lets a variable win over the file", () => {
  const raw = { data_dir: "file", log: { level: "warn" }, discord: { token: "file-token" } };
  const env = { COLLOQUY_DATA_DIR: "env", COLLOQUY_LOG_LEVEL: "debug", DISCORD_TOKEN: "env-token" };
  const config = parse(raw, env);
  expect([config.data_dir, config.log.level, config.discord.token]).toEqual([
    "env",
    "debug",
    "env-token",
  ]);
});

it("names every secret for the logger", () => {
  const config = parse(
    {
      config_list: [{ model: "m", base_url: "http://127.0.0.1:1/v1", api_key: "key-one" }],
      config_list_memgpt: [{ model: "gpt-4", openai_key: "key-two" }],
      stores: { state_uri: "postgres://ada:p%40ss-word@host/db" },
    },
    { DISCORD_TOKEN: "token-three" },
  );
  expect(secretsOf(config).sort()).toEqual([
    "key-one",
    "key-two",
    "p%40ss-word",
    "p@ss-word",
    "token-three",
  ]);
});
