import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AppConfig } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { ConfigError } from "../../src/shared/errors.ts";

/** The Python blocks of MemGPT's page on AutoGen, to the letter but for the words of its comments. */
const CONSTRUCTOR = `# create a config for the MemGPT AutoGen agent
config_list_memgpt = [
    {
        "model": "gpt-4",
        "context_window": 8192,
        "preset": "memgpt_chat",  # NOTE: another preset goes here
        # OpenAI specific
        "model_endpoint_type": "openai",
        "openai_key": YOUR_OPENAI_KEY,
    },
]
`;
const INTERFACE = `interface_kwargs = {
    "debug": False,  # the --debug flag
    "show_inner_thoughts": True,  # "inner monologue" in the agent's outputs
    "show_function_outputs": True,  # function traces
}
`;
const local = (plain: string, type: string, endpoint: string): string => `# by chat completions
config_list = [
    {
        "model": "NULL",  # not needed
        "base_url": "${plain}",  # notice the port: it's not the same
        "api_key": "NULL",  #  not needed
    },
]

# by a prompt (also: the Completions endpoint)
config_list_memgpt = [
    {
        "preset": DEFAULT_PRESET,
        "model": None,  # only for Ollama, see: https://memgpt.readme.io/docs/ollama
        "model_wrapper": "airoboros-l2-70b-2.1",  # works for most
        "model_endpoint_type": "${type}",
        "model_endpoint": "${endpoint}",  # notice the port
        "context_window": 8192,  # (for Mistral 7B-based models, it's likely 8192)
    },
]
`;
const WEBUI = local("http://127.0.0.1:5001/v1", "webui", "http://localhost:5000");
const LM_STUDIO = local("http://127.0.0.1:1234/v1", "lmstudio", "http://localhost:1234");
const OPENAI = `# not powered by MemGPT
config_list = [
    {
        "model": "gpt-4",
        "api_key": os.getenv("OPENAI_API_KEY"),
    }
]

# powered by MemGPT
config_list_memgpt = [
    {
        "preset": DEFAULT_PRESET,
        "model": "gpt-4",
        "context_window": 8192,  # gpt-4 context window
        "model_wrapper": None,
        "model_endpoint_type": "openai",
        "model_endpoint": "https://api.openai.com/v1",
        "openai_key": os.getenv("OPENAI_API_KEY"),
    },
]
`;
const AZURE = `# See Auto
config_list = [
    {
        "model": "gpt-4",  # one that you may deploy
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
        "context_window": 8192,  # gpt-4 context window
        # required setup for Azure
        "model_endpoint_type": "azure",
        "azure_key": os.getenv("AZURE_OPENAI_API_KEY"),
        "azure_endpoint": os.getenv("AZURE_OPENAI_ENDPOINT"),
        "azure_version": os.getenv("AZURE_OPENAI_VERSION"),
        # for embeddings too:
        "embedding_embedding_endpoint_type": "azure",
    },
]
`;

const env = {
  OPENAI_API_KEY: "k-openai",
  AZURE_OPENAI_API_KEY: "k-azure",
  AZURE_OPENAI_VERSION: "2024-10-21",
  AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com",
};

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "colloquy-pasted-"));
  mkdirSync(join(cwd, "config"));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function load(text: string): AppConfig {
  writeFileSync(join(cwd, "config/models.yaml"), text);
  return loadConfig({ cwd, env });
}

function faultsOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").slice(1);
    throw error;
  }
  throw new Error("Expected a ConfigError.");
}

describe("the page's Python, pasted as it is", () => {
  it.each([
    ["web UI", WEBUI, "http://127.0.0.1:5001/v1", "http://localhost:5000"],
    ["LM Studio", LM_STUDIO, "http://127.0.0.1:1234/v1", "http://localhost:1234"],
    ["OpenAI", OPENAI, "https://api.openai.com/v1", "https://api.openai.com/v1"],
    ["Azure", AZURE, "https://x.openai.azure.com", "https://x.openai.azure.com"],
  ])("loads for %s", (_name, text, plain, memgpt) => {
    const { models } = load(text);
    expect(models.config_list.map((entry) => entry.base_url)).toEqual([plain]);
    expect(models.config_list_memgpt.map((entry) => entry.base_url)).toEqual([memgpt]);
    expect(models.config_list_memgpt[0]?.context_window).toBe(8192);
  });

  it("loads for the constructor's list, and for interface_kwargs beside it", () => {
    const { models, groupchat } = load(`${CONSTRUCTOR}\n${INTERFACE}`);
    expect(models.config_list_memgpt[0]).toMatchObject({ model: "gpt-4", preset: "memgpt_chat" });
    expect(groupchat.interface_kwargs).toMatchObject({ debug: false, show_function_outputs: true });
  });

  it("loads with Windows' line ends and without blanks around =", () => {
    const text = OPENAI.replaceAll(" = [", "=[").replaceAll("\n", "\r\n");
    expect(load(text).models.config_list[0]?.api_key).toBe("k-openai");
  });

  it("names the lines of a list that is given twice, in one fault", () => {
    expect(faultsOf(`${WEBUI}${LM_STUDIO}`)).toEqual([
      "  config/models.yaml: config_list: got it twice, in the lines 2 and 22, wanted it once: keep the one that you use, and delete the rest or put # before it",
    ]);
    expect(faultsOf(`${WEBUI}${LM_STUDIO}${OPENAI}`)[0]).toContain(
      "it 3 times, in the lines 2 and 22 and 42",
    );
  });

  it("reports the first mistake of a file, and where whole scripts go", () => {
    const faults = faultsOf(`import os\n${WEBUI}x = f(1)\ny = [\n`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /config\/models\.yaml: line 1: got Python code \("import os"\).*--from-python FILE$/,
    );
    expect(faultsOf(`${CONSTRUCTOR}agent = create(\n    "A",\n    auto_save=False,\n)\n`)).toEqual([
      expect.stringContaining('line 12: got Python code ("agent = create(")'),
    ]);
    const plain = faultsOf("config_list: [ { model: a\nmax_round: ]\n}}\n");
    expect(plain).toHaveLength(1);
    expect(plain[0]).toMatch(/wanted valid YAML or JSON$/);
  });
});

describe("faults", () => {
  it("name a mistyped key once, without its echo", () => {
    expect(faultsOf("config_list: [{ modle: gpt-4, api_key: k }]\n")).toEqual([
      "  config/models.yaml: config_list[0].modle: not a known key; did you mean `model`?",
    ]);
    expect(
      faultsOf("config_list_memgpt: [{ model: m, model_endpoint_type: azure, azur_key: k }]\n"),
    ).toEqual([
      expect.stringContaining("azure_endpoint: got nothing"),
      expect.stringContaining("azure_version: got nothing"),
      expect.stringContaining("azur_key: not a known key; did you mean `azure_key`?"),
    ]);
  });

  it("stand together by file", () => {
    writeFileSync(join(cwd, "config/groupchat.yaml"), "max_round: x\nlimits: { max_chain: x }\n");
    const files = faultsOf("embedding: 3\nconfig_list: 3\n").map((line) => line.split(":")[0]);
    expect(files).toEqual([
      "  config/groupchat.yaml",
      "  config/groupchat.yaml",
      "  config/models.yaml",
      "  config/models.yaml",
    ]);
  });
});
