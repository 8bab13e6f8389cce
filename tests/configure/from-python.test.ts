import { describe, expect, it } from "vitest";
import { parseConfig } from "../../config/config.ts";
import { takeFromPython } from "../../src/configure/from-python.ts";

const WEBUI = `
# Non-MemGPT agents will still use local LLMs, but they will use the ChatCompletions endpoint
config_list = [
    {
        "model": "NULL",  # not needed
        "base_url": "http://127.0.0.1:5001/v1",  # notice port 5001 for web UI
        "api_key": "NULL",  #  not needed
    },
]

config_list_memgpt = [
    {
        "preset": DEFAULT_PRESET,
        "model": None,  # not required for web UI, only required for Ollama, see: https://memgpt.readme.io/docs/ollama
        "model_wrapper": "airoboros-l2-70b-2.1",  # airoboros is the default wrapper
        "model_endpoint_type": "webui",
        "model_endpoint": "http://localhost:5000",  # notice port 5000 for web UI
        "context_window": 8192,  # the context window of your model
    },
]
`;

const CONSTRUCTOR = `
from memgpt.autogen.memgpt_agent import create_memgpt_autogen_agent_from_config

config_list_memgpt = [
    {
        "model": "gpt-4",
        "context_window": 8192,
        "preset": "memgpt_chat",  # NOTE: you can change the preset here
        # OpenAI specific
        "model_endpoint_type": "openai",
        "openai_key": YOUR_OPENAI_KEY,
    },
]
llm_config_memgpt = {"config_list": config_list_memgpt, "seed": 42}

# there are some additional options to do with how you want the interface to look (more info below)
interface_kwargs = {
    "debug": False,
    "show_inner_thoughts": True,
    "show_function_outputs": False,
}

# then pass the config to the constructor
memgpt_autogen_agent = create_memgpt_autogen_agent_from_config(
    "MemGPT_agent",
    llm_config=llm_config_memgpt,
    system_message=f"Your desired MemGPT persona",
    interface_kwargs=interface_kwargs,
    default_auto_reply="...",
    skip_verify=False,  # NOTE: you should set this to True if it's not send_message (on the first turn
    auto_save=False,
)
`;

const AZURE = `
config_list = [
    {
        "model": "gpt-4",  # make sure you choose a model that you have access to deploy
        "api_type": "azure",
        "api_key": os.getenv("AZURE_OPENAI_API_KEY"),
        "api_version": os.getenv("AZURE_OPENAI_VERSION"),
        "base_url": os.getenv("AZURE_OPENAI_ENDPOINT"),
    }
]
config_list_memgpt = [
    {
        "preset": DEFAULT_PRESET,
        "model": "gpt-4",
        "model_wrapper": None,
        "context_window": 8192,
        "model_endpoint_type": "azure",
        "azure_key": os.getenv("AZURE_OPENAI_API_KEY"),
        "azure_endpoint": os.environ["AZURE_OPENAI_ENDPOINT"],
        "azure_version": os.environ.get("AZURE_OPENAI_VERSION"),
        # if you are using Azure for embeddings too, include the following line:
        "embedding_embedding_endpoint_type": "azure",
    },
]
`;

describe("the page's blocks, as they are", () => {
  it("give both lists of a local server", () => {
    const { values, faults } = takeFromPython(WEBUI);
    expect(faults).toEqual([]);
    const config = parseConfig(values, { env: {}, fileOf: () => "models.yaml" });
    expect(config.models.config_list[0]?.base_url).toBe("http://127.0.0.1:5001/v1");
    expect(config.models.config_list_memgpt[0]).toMatchObject({
      completions: { server: "webui", wrapper: "airoboros-l2-70b-2.1" },
      base_url: "http://localhost:5000",
      context_window: 8192,
      preset: "memgpt_chat",
    });
  });

  it("may name a key that the reader has, a seed, and what the interface shows", () => {
    const { values, notes, faults } = takeFromPython(CONSTRUCTOR);
    expect(faults).toEqual([]);
    expect(values).toEqual({
      config_list_memgpt: [
        {
          model: "gpt-4",
          context_window: 8192,
          preset: "memgpt_chat",
          model_endpoint_type: "openai",
          openai_key: `\${OPENAI_API_KEY}`,
        },
      ],
      interface_kwargs: { debug: false, show_inner_thoughts: true, show_function_outputs: false },
    });
    expect(notes.join("\n")).toMatch(/YOUR_OPENAI_KEY has become .*\n.*seed is left out/);
  });

  it("take every form of a variable of the environment", () => {
    const { values } = takeFromPython(AZURE);
    const config = parseConfig(values, {
      env: {
        AZURE_OPENAI_API_KEY: "k",
        AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com",
        AZURE_OPENAI_VERSION: "2024-10-21",
      },
      fileOf: () => "models.yaml",
    });
    expect(config.models.config_list_memgpt[0]).toMatchObject({
      api_type: "azure",
      base_url: "https://x.openai.azure.com",
      api_version: "2024-10-21",
    });
    expect(config.models.embedding).toMatchObject({ api_type: "azure" });
  });

  it("are found in a page around them, whatever its prose looks like", () => {
    const shell = "```sh\nconfig_list = [1]\n```\n";
    const page = `# It's a page (with an open bracket\n\n${shell}Don't.\n\`\`\`python${WEBUI}\`\`\`\n${shell}`;
    const { values, faults } = takeFromPython(page);
    expect(faults).toEqual([]);
    expect(Object.keys(values)).toEqual(["config_list", "config_list_memgpt"]);
  });
});

describe("Python around the lists", () => {
  it("may hold settings for all entries, tuples, texts side by side and comments anywhere", () => {
    const { values, faults, notes } = takeFromPython(`
llm_config = {
    "config_list": [{"model": 'gp' "t-4", "price": (0.1, 2e-1), "tags": ["a", r"\\b"], "api_key": "it's"}],
    # warmer
    "temperature": 0.7, "cache_seed": None, "timeout": 1_000,
}
`);
    expect(faults).toEqual([]);
    expect(values.config_list).toEqual([
      { model: "gpt-4", price: [0.1, 0.2], tags: ["a", "\\b"], api_key: "it's", temperature: 0.7 },
    ]);
    expect(notes.join()).toContain("limits.model_timeout_ms");
  });

  it("keeps what only looks like a variable", () => {
    const { values } = takeFromPython(`config_list = [{"model": "\${HOME}", "api_key": "k"}]`);
    const config = parseConfig(values, { env: { HOME: "x" }, fileOf: () => "m" });
    expect(config.models.config_list[0]?.model).toBe(`\${HOME}`);
  });

  it.each([
    [
      "config_list = config_list_from_json('OAI_CONFIG_LIST')",
      "Line 1, in config_list: config_list_from_json(…) has to be run",
    ],
    ['config_list = [\n  {"model": MODEL}\n]', "Line 2, in config_list: MODEL is set elsewhere"],
    ['config_list = [{"model": "a" + "b"}]', "Line 1, in config_list: a comma or } is missing"],
    ['config_list = [{"model": "a"}', "Line 1, in config_list"],
    ['config_list = [{"model": "a"}] + more', "goes on in a way"],
    ["print('nothing here')", "neither a config_list nor"],
    [
      'if X:\n    config_list = [{"model": "a"}]\nelse:\n    config_list = [{"model": "b"}]\n',
      "config_list is set in line 2 and again in line 4",
    ],
    [`config_list = ${"[".repeat(40)}`, "nested too deeply"],
  ])("is explained where it cannot be taken: %j", (text, fault) => {
    expect(takeFromPython(text).faults.join("\n")).toContain(fault);
  });

  it("cannot smuggle in a prototype", () => {
    const { values } = takeFromPython('config_list = [{"__proto__": {"x": 1}, "model": "m"}]');
    expect(Object.getPrototypeOf((values.config_list as object[])[0])).toBe(Object.prototype);
  });
});
