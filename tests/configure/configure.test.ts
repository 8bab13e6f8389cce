import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configure } from "../../src/configure/configure.ts";
import { findServers } from "../../src/configure/find-servers.ts";
import type { ServerKind } from "../fakes/completion-protocols.ts";
import { FakeCompletionServer } from "../fakes/completion-server.ts";
import { FakeOpenAiServer } from "../fakes/openai-server.ts";

const GREETING = ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hello there!"}}';

let cwd: string;
let servers: { close(): Promise<void> }[];
let said: string[];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "colloquy-configure-"));
  servers = [];
  said = [];
});

afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  await Promise.all(servers.map((server) => server.close()));
});

async function start(kind: ServerKind): Promise<FakeCompletionServer> {
  const server = await FakeCompletionServer.start(kind);
  servers.push(server);
  return server;
}

async function startHosted(): Promise<FakeOpenAiServer> {
  const server = await FakeOpenAiServer.start();
  servers.push(server);
  return server;
}

/** Runs it with these answers, and gives the exit code. */
function run(
  answers: readonly string[],
  options: { args?: string[]; env?: Record<string, string>; places?: string[] } = {},
): Promise<number> {
  const left = [...answers];
  return configure({
    args: options.args ?? [],
    cwd,
    env: options.env ?? {},
    places: options.places ?? [],
    talk: {
      say: (text) => said.push(text),
      ask: (question) => {
        said.push(question);
        return Promise.resolve(left.shift());
      },
    },
  });
}

const file = (path: string): string => readFileSync(join(cwd, path), "utf8");
const models = (): Record<string, unknown> => parse(file("config/models.yaml"));
const told = (): string => said.join("\n");

function write(path: string, text: string): void {
  mkdirSync(join(cwd, path, ".."), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

describe("local servers", () => {
  it.each<[ServerKind, string[], number | undefined]>([
    ["webui", ["airoboros-l2-70b"], undefined],
    ["webui-legacy", ["airoboros-l2-70b"], undefined],
    ["lmstudio", ["zephyr-7b"], undefined],
    ["ollama", ["dolphin-mistral:7b", "llama3:8b"], undefined],
    ["llamacpp", ["/m/mistral.gguf"], 16_384],
    ["koboldcpp", ["koboldcpp/mistral"], 4096],
    ["vllm", ["mistral-7b"], undefined],
    ["openai", ["hosted-model"], undefined],
  ])("are known by what they say about themselves: %s", async (type, names, context_window) => {
    const { origin } = await start(type);
    expect(await findServers([origin])).toEqual([
      { type, url: origin, models: names, ...(context_window ? { context_window } : {}) },
    ]);
  });

  it("are not seen where nothing listens, or something else", async () => {
    const gone = await start("webui");
    const { origin } = gone;
    await gone.close();
    servers = [];
    const stranger = await startHosted();
    expect(await findServers([origin, stranger.origin])).toEqual([]);
  });
});

describe("the wizard", () => {
  it("finds a server, writes its entry and tries it with one call", async () => {
    const ollama = await start("ollama");
    ollama.script(GREETING);
    const code = await run(["1", "2", "airoboros-l2-70b-2.1", ""], { places: [ollama.origin] });
    expect(told()).toContain("called send_message after");
    expect(told()).toContain('"Hello there!"');
    expect(code).toBe(0);
    expect(models()).toEqual({
      config_list_memgpt: [
        {
          preset: "memgpt_chat",
          model: "llama3:8b",
          model_wrapper: "airoboros-l2-70b-2.1",
          model_endpoint_type: "ollama",
          model_endpoint: ollama.origin,
          context_window: 8192,
        },
      ],
    });
    expect(ollama.requests.map(({ path }) => path)).toEqual(["/api/generate"]);
    expect(statSync(join(cwd, "config/models.yaml")).mode & 0o077).toBe(0);
  });

  it("says so when the model answers without calling a function", async () => {
    const kobold = await start("koboldcpp");
    kobold.script("Hello, nice to meet you, how are you");
    expect(await run(["1", "chatml", ""], { places: [kobold.origin] })).toBe(1);
    expect(told()).toMatch(/but called no function.*model_wrapper/s);
  });

  it("says what is wrong when the server does not answer", async () => {
    const hosted = await startHosted();
    const url = hosted.base_url;
    hosted.script({ status: 401, error: { message: "no" } });
    const answers = ["3", "openai", url, "wrong-key", "m", "none", ""];
    expect(await run(answers)).toBe(1);
    expect(told()).toContain("It does not work yet.");
    expect(told()).toContain("refused the API key");
    expect(told()).not.toContain("wrong-key");
  });

  it("asks a server that it found by /v1/models at the same path", async () => {
    const server = await start("openai");
    server.script(GREETING);
    expect(await run(["1", "chatml", ""], { places: [server.origin] })).toBe(0);
    expect(told()).toContain(`1) OpenAI-compatible server at ${server.origin}: hosted-model`);
    expect(models()).toMatchObject({
      config_list_memgpt: [
        { model_endpoint_type: "openai", model_endpoint: `${server.origin}/v1` },
      ],
    });
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/completions"]);
    expect(said.at(-1)).toBe("Now: npm start");
  });

  it.each([
    ["", "/v1/chat/completions"],
    ["/", "/v1/chat/completions"],
    ["/openai", "/openai/chat/completions"],
  ])("adds /v1 to a typed address only where it has no path: %j", async (path, asked) => {
    const hosted = await startHosted();
    hosted.script({ calls: [{ name: "send_message", args: { message: "Hi." } }] });
    const address = `${hosted.origin}${path}`;
    expect(await run(["3", "openai", address, "", "m", "none", ""])).toBe(0);
    expect(hosted.requests.map((request) => request.path)).toEqual([asked]);
  });

  it("tells a status once where the server says nothing else", async () => {
    const hosted = await startHosted();
    hosted.script({ status: 404, text: "" });
    await run(["3", "openai", hosted.base_url, "", "m", "none", ""]);
    expect(told()).toContain("status 404");
    expect(told()).not.toContain("404 404");
    expect(told()).not.toContain("(no body)");
  });

  it("asks for an address with an example where none is given", async () => {
    await run(["3", "openai", "", ""]);
    expect(told()).toContain("such as http://127.0.0.1:8000/v1");
    expect(told()).not.toContain("One word");
  });

  it("keeps keys in .env, and nowhere else", async () => {
    write(".env", "DISCORD_TOKEN=abc\nMODEL_KEY=old\n");
    const hosted = await startHosted();
    hosted.script({ calls: [{ name: "send_message", args: { message: "Hi." } }] });
    const code = await run(["3", "openai", hosted.base_url, "new-key", "m", "none", ""]);
    expect(code).toBe(0);
    expect(file(".env")).toBe("DISCORD_TOKEN=abc\nMODEL_KEY=new-key\n");
    expect(file("config/models.yaml")).not.toContain("new-key");
    expect(hosted.requests[0]?.headers.authorization).toBe("Bearer new-key");
  });

  it("writes OpenAI's lists with the key that is there", async () => {
    const code = await run(["1", "gpt-4", ""], {
      args: ["--no-test"],
      env: { OPENAI_API_KEY: "k" },
    });
    expect(code).toBe(0);
    expect(models()).toMatchObject({
      config_list: [{ model: "gpt-4", api_key: `\${OPENAI_API_KEY}`, context_window: 32_768 }],
      config_list_memgpt: [{ model_endpoint_type: "openai", openai_key: `\${OPENAI_API_KEY}` }],
    });
    expect(existsSync(join(cwd, ".env"))).toBe(false);
  });

  it("writes Azure's lists", async () => {
    const answers = ["2", "https://x.openai.azure.com", "azure-key", "", "gpt-4", ""];
    expect(await run(answers, { args: ["--no-test"] })).toBe(0);
    expect(models()).toMatchObject({
      config_list_memgpt: [
        {
          azure_endpoint: "https://x.openai.azure.com",
          azure_version: "2024-10-21",
          model: "gpt-4",
        },
      ],
    });
  });

  it("asks again for what it cannot use, and gives up after a while", async () => {
    expect(await run(["9", "x", "0"])).toBe(1);
    expect(told()).toContain("A number from 1 to 3, please.");
    expect(
      await run(["3", "vllm", "localhost:8000", "http://localhost:8000", "", "m", "none", ""], {
        args: ["--no-test"],
      }),
    ).toBe(0);
    expect(told()).toContain("such as http://localhost:8000");
  });

  it("writes nothing when nobody answers", async () => {
    expect(await run([])).toBe(1);
    expect(existsSync(join(cwd, "config"))).toBe(false);
  });
});

describe("a file that exists", () => {
  const OPENAI = ["1", "gpt-4", ""];
  const env = { OPENAI_API_KEY: "k" };

  it.each(["models.yaml", "models.yml", "models.json"])(
    "is left alone without a yes: %s",
    async (name) => {
      write(`config/${name}`, "config_list: []\n");
      expect(await run([...OPENAI, "n"], { args: ["--no-test"], env })).toBe(1);
      expect(await run(OPENAI, { args: ["--no-test"], env })).toBe(1);
      expect(file(`config/${name}`)).toBe("config_list: []\n");
    },
  );

  it("is kept beside the new one with a yes", async () => {
    write("config/models.yml", "config_list: []\n");
    write("config/models.yml.bak", "older\n");
    expect(await run([...OPENAI, "y"], { args: ["--no-test"], env })).toBe(0);
    expect(file("config/models.yml.bak2")).toBe("config_list: []\n");
    expect(file("config/models.yml.bak")).toBe("older\n");
    expect(models()).toHaveProperty("config_list_memgpt");
  });

  it("is not in the way of --yes", async () => {
    write("config/models.yaml", "config_list: []\n");
    expect(await run(OPENAI, { args: ["--no-test", "--yes"], env })).toBe(0);
    expect(models()).toHaveProperty("config_list_memgpt");
  });
});

describe("--from-python", () => {
  it("writes the lists, says what it changed, and tries them", async () => {
    const webui = await start("webui");
    webui.script(GREETING);
    write(
      "groupchat.py",
      `llm_config_memgpt = {"seed": 42, "config_list": [{"preset": DEFAULT_PRESET, "model": None, "model_wrapper": "airoboros-l2-70b-2.1",  # default
        "model_endpoint_type": "webui", "model_endpoint": "${webui.origin}/v1", "context_window": 8192}]}\n`,
    );
    expect(await run([], { args: ["--from-python", "groupchat.py"] })).toBe(0);
    expect(told()).toContain("seed is left out");
    expect(told()).toContain("It works");
    expect(models()).toMatchObject({
      config_list_memgpt: [{ preset: "memgpt_chat", model: null }],
    });
  });

  it("tells which variables are still missing", async () => {
    write("a.py", 'config_list = [{"model": "gpt-4", "api_key": os.getenv("OPENAI_API_KEY")}]');
    expect(await run([], { args: ["--from-python=a.py"] })).toBe(1);
    expect(told()).toContain(`\${OPENAI_API_KEY}, which is not set`);
    expect(existsSync(join(cwd, "config/models.yaml"))).toBe(true);
  });

  it("writes nothing where it cannot be sure", async () => {
    write("a.py", "config_list = config_list_from_json('x')");
    expect(await run([], { args: ["--from-python", "a.py"] })).toBe(1);
    expect(await run([], { args: ["--from-python", "none.py"] })).toBe(1);
    expect(told()).toContain("none.py cannot be read (ENOENT)");
    expect(existsSync(join(cwd, "config"))).toBe(false);
  });
});

it("shows how it is used where it is used wrongly", async () => {
  expect(await run([], { args: ["--from-python"] })).toBe(2);
  expect(await run([], { args: ["--form-python", "x"] })).toBe(2);
  expect(await run([], { args: ["--help"] })).toBe(0);
  expect(told()).toContain("--from-python FILE");
  expect(told()).toContain("--from-python needs the name of a file.");
  expect(told()).toContain("not an option of npm run configure: --form-python");
});

it("writes into the folder that COLLOQUY_CONFIG names, and not into a file", async () => {
  const env = { OPENAI_API_KEY: "k", COLLOQUY_CONFIG: "own" };
  mkdirSync(join(cwd, "own"));
  expect(await run(["1", "gpt-4", ""], { args: ["--no-test"], env })).toBe(0);
  expect(existsSync(join(cwd, "own/models.yaml"))).toBe(true);
  write("all.yaml", "{}");
  expect(await run([], { env: { ...env, COLLOQUY_CONFIG: "all.yaml" } })).toBe(1);
});
