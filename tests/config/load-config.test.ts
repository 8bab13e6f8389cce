import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AppConfig } from "../../config/config.ts";
import { loadConfig, packageRoot } from "../../config/load-config.ts";
import { ConfigError, type ConfigFault } from "../../src/shared/errors.ts";

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "colloquy-config-"));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

function load(env: Record<string, string> = {}): AppConfig {
  return loadConfig({ cwd, env });
}

function faultsOf(env: Record<string, string> = {}): readonly ConfigFault[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error("Expected a ConfigError.");
}

it("needs no file at all", () => {
  const config = load();
  expect(config.data_dir).toBe(join(cwd, "data"));
  expect(config.models.config_list).toEqual([]);
  expect(config.texts.presets.get("memgpt_chat")?.functions).toContain("send_message");
  expect(config.texts.prompts.get("memgpt_chat")).toBeTruthy();
});

it("reads .env, and lets what is set already win", () => {
  write(".env", 'OPENAI_API_KEY="from-file"\nDISCORD_TOKEN=from-file # comment\n');
  const config = load({ DISCORD_TOKEN: "from-shell" });
  expect(config.models.config_list[0]?.api_key).toBe("from-file");
  expect(config.discord.token).toBe("from-shell");
});

it("takes its variables into YAML", () => {
  write(".env", "MY_KEY=k1\n");
  write("config/models.yaml", `config_list:\n  - { model: gpt-4, api_key: '\${MY_KEY}' }\n`);
  expect(load().models.config_list[0]?.api_key).toBe("k1");
});

it("takes a Python example pasted into YAML, comments and trailing commas included", () => {
  write(
    "config/models.yaml",
    `config_list_memgpt: [
    {
        "preset": DEFAULT_PRESET,
        "model": None,  # not required for web UI
        "model_wrapper": "airoboros-l2-70b-2.1",  # the default wrapper
        "model_endpoint_type": "webui",
        "model_endpoint": "http://localhost:5000",  # notice port 5000
        "context_window": 8192,
    },
]
config_list: [
    {
        "model": "gpt-4",
        "api_key": os.getenv("OPENAI_API_KEY"),
    }
]
`,
  );
  const { models } = load({ OPENAI_API_KEY: "k" });
  expect(models.config_list_memgpt[0]?.base_url).toBe("http://localhost:5000");
  expect(models.config_list[0]?.api_key).toBe("k");
});

it("reads JSON as well, and both files together", () => {
  write("config/models.json", '{"config_list": [{"model": "gpt-4", "api_key": "k"}]}');
  write("config/groupchat.yaml", "max_round: 5\n");
  const config = load();
  expect(config.models.config_list).toHaveLength(1);
  expect(config.groupchat.max_round).toBe(5);
});

it("reads everything from the one file that COLLOQUY_CONFIG names", () => {
  write("elsewhere/all.yaml", "max_round: 7\nconfig_list: []\n");
  expect(load({ COLLOQUY_CONFIG: "elsewhere/all.yaml" }).groupchat.max_round).toBe(7);
});

it("adds a user's own texts to the shipped ones", () => {
  write("config/personas/pirate.txt", "Arr.\n");
  write(
    "config/groupchat.yaml",
    "agents:\n  - { type: user_proxy, name: U }\n  - { type: memgpt, name: M, persona: pirate }\n",
  );
  expect(load().texts.personas.get("pirate")).toBe("Arr.");
});

it("tells of functions that a preset names and are not there", () => {
  write(
    "config/presets/ship.yaml",
    "functions: [send_message, core_memory_apend, roll_dice]\nhuman: nobody\n",
  );
  expect(faultsOf().map(({ key, got, wanted }) => `${key}: ${got}, wanted ${wanted}`)).toEqual([
    'human: "nobody", wanted one of basic, cs_phd',
    'functions[1]: "core_memory_apend", wanted core_memory_append, perhaps',
    expect.stringMatching(/^functions\[2\]: "roll_dice", wanted one of send_message, /),
  ]);
});

it("picks up a user's own preset, prompt, persona and human, over shipped ones of the same name", () => {
  write("config/prompts/sea.md", "You sail.\n");
  write("config/personas/sam_pov.txt", "I am another Sam.\n");
  write("config/humans/crew.txt", "Sailors.\n");
  write(
    "config/presets/ship.yaml",
    "{ system_prompt: sea, persona: sam_pov, human: crew, functions: [send_message] }\n",
  );
  write(
    "config/groupchat.yaml",
    "agents:\n  - { type: user_proxy, name: U }\n  - { type: memgpt, name: M, preset: ship }\n",
  );
  const { texts, groupchat } = load();
  expect(groupchat.agents[1]).toMatchObject({ preset: "ship" });
  expect(texts.presets.get("ship")).toEqual({
    system_prompt: "sea",
    persona: "sam_pov",
    human: "crew",
    functions: ["send_message"],
  });
  expect(texts.prompts.get("sea")).toBe("You sail.");
  expect(texts.personas.get("sam_pov")).toBe("I am another Sam.");
  expect(texts.humans.get("crew")).toBe("Sailors.");
  expect(texts.presets.has("memgpt_extras")).toBe(true);
});

it("reads OAI_CONFIG_LIST from a file, as AutoGen does", () => {
  write("OAI_CONFIG_LIST", '[{"model": "gpt-4", "api_key": "k"}]');
  expect(load({ OAI_CONFIG_LIST: "OAI_CONFIG_LIST" }).models.config_list[0]?.model).toBe("gpt-4");
});

it("accepts the examples as they are", () => {
  for (const name of ["models", "groupchat"]) {
    const example = join(packageRoot(), "config", `${name}.example.yaml`);
    write(`config/${name}.yaml`, readFileSync(example, "utf8"));
  }
  const config = load({ OPENAI_API_KEY: "k" });
  expect(config.models.config_list_memgpt[0]?.context_window).toBe(32_768);
  const { groupchat, limits } = config;
  rmSync(join(cwd, "config"), { recursive: true });
  expect({ groupchat, limits }).toEqual({
    groupchat: load().groupchat,
    limits: load().limits,
  });
});

it("reports the faults of every file with its name", () => {
  write("config/models.yaml", "config_list:\n  - model: gpt-4\n   api_key: x\n");
  write("config/groupchat.yaml", "max_round: none\nlimits: [1]\n");
  const faults = faultsOf();
  expect(faults.map((fault) => [fault.file, fault.key])).toEqual(
    expect.arrayContaining([
      ["config/models.yaml", expect.stringMatching(/^line \d/)],
      ["config/groupchat.yaml", "max_round"],
      ["config/groupchat.yaml", "limits"],
    ]),
  );
});

it("refuses the same key in two files, and two files of one name", () => {
  write("config/models.yaml", "max_round: 3\n");
  write("config/groupchat.yaml", "max_round: 4\n");
  write("config/groupchat.json", "{}");
  expect(faultsOf().map((fault) => fault.key)).toEqual(["(file)", "max_round"]);
});

it("survives a file whose aliases multiply", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i += 1) {
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  }
  write("config/models.yaml", lines.join("\n"));
  expect(faultsOf()[0]?.got).toBe("aliases without end");
});

it("says when COLLOQUY_CONFIG leads nowhere", () => {
  expect(faultsOf({ COLLOQUY_CONFIG: "nowhere" })[0]?.got).toContain("does not exist");
});
