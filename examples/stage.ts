/**
 * What the three examples stand on: models from the configuration (or the offline one), stores in a
 * folder of their own that goes when they end, and the person at the keyboard.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { setImmediate } from "node:timers/promises";
import { secretsOf } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { ChromaPassageStore } from "../src/adapters/chroma/chroma-passage-store.ts";
import { ChromaServer } from "../src/adapters/chroma/chroma-server.ts";
import { readLocalFile } from "../src/adapters/files/local-file.ts";
import { KeyvStateStore } from "../src/adapters/keyv/keyv-state-store.ts";
import { ChildDocumentReader } from "../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../src/adapters/reading/recognising-document-reader.ts";
import { LineLogger } from "../src/adapters/system/line-logger.ts";
import { createRedactor } from "../src/adapters/system/redaction.ts";
import { Sha256Hash } from "../src/adapters/system/sha256-hash.ts";
import { RandomIds, SystemClock } from "../src/adapters/system/system-clock.ts";
import { createTokenCounter } from "../src/adapters/tokens/token-counter.ts";
import { buildModels } from "../src/app-models.ts";
import {
  type AutogenRuntime,
  formatNextSpeaker,
  type MemgptConversableAgent,
} from "../src/autogen/index.ts";
import { DataSources } from "../src/documents/data-sources.ts";
import type { ChatModel, TokenCounter } from "../src/memgpt/ports.ts";
import { ColloquyError, explainError } from "../src/shared/errors.ts";

const NEXT_SPEAKER = formatNextSpeaker("").trimEnd();

export interface Stage {
  /** False: the offline model answers. */
  USE_OPENAI: boolean;
  /** For agents that are not MemGPT agents. */
  llm: ChatModel;
  tokens: TokenCounter;
  /** For `createMemgptAutogenAgentFromConfig`; its models are `config_list_memgpt`'s. */
  runtime: AutogenRuntime;
  print: (block: string) => void;
  /** The person at the keyboard; "exit" once the input has ended. */
  askHuman: (prompt: string) => Promise<string>;
  /** Reads a file into the agent's archival memory, and says so as MemGPT does. */
  attachFile: (agent: MemgptConversableAgent, path: string, name: string) => Promise<void>;
}

/** Runs an example from set-up to clean-up; the exit code says whether it went well. */
export async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const closing: (() => Promise<void> | void)[] = [];
  // An idle PDF process does not keep this one alive, so waiting for its end would not either.
  const awake = setInterval(() => {}, 60_000);
  try {
    await play(await openStage(closing));
  } catch (error) {
    const told = error instanceof ColloquyError ? explainError(error) : String(error);
    process.stderr.write(`${told}\n`);
    process.exitCode = 1;
  } finally {
    for (const close of closing.reverse()) await close();
    clearInterval(awake);
  }
}

async function openStage(closing: (() => Promise<void> | void)[]): Promise<Stage> {
  const found = loadConfig({ cwd: process.cwd(), env: process.env });
  // The originals' switch. Models are those of config/models.yaml, or of OPENAI_API_KEY.
  const wanted = !/^(?:0|false|no)$/i.test(process.env.USE_OPENAI ?? "");
  const USE_OPENAI = wanted && found.models.config_list.length > 0;
  const config = USE_OPENAI
    ? found
    : { ...found, models: { config_list: [], config_list_memgpt: [] } };
  const logger = new LineLogger({ level: "warn", redact: createRedactor(secretsOf(found)) });
  const [clock, ids] = [new SystemClock(), new RandomIds()];
  const models = await buildModels(config, { clock, ids, logger });
  const folder = mkdtempSync(join(tmpdir(), "colloquy-example-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const store = await KeyvStateStore.open({ uri: `sqlite://${join(folder, "state.sqlite")}` });
  closing.push(() => store.close());
  const chroma = await ChromaServer.start({ directory: join(folder, "chroma"), logger });
  closing.push(() => chroma.stop());
  const parser = new ChildDocumentReader({ logger });
  closing.push(() => parser.close());
  const { embedder } = models;
  const tokens = createTokenCounter(models.names);
  const passages = new ChromaPassageStore({ connection: chroma, space: embedder, logger });
  const { max_file_bytes } = config.limits;
  const sources = new DataSources({
    reader: new RecognisingDocumentReader({ parser, max_file_bytes }),
    tokens: createTokenCounter(["gpt-4"]),
    ...{ embedder, passages, store, clock, logger },
    hash: new Sha256Hash(),
    breathe: () => setImmediate(),
  });
  // MemGPT's page shows the form of AutoGen 0.2.0, which did not name the next speaker.
  const print = (block: string): void => {
    if (!block.startsWith(NEXT_SPEAKER)) process.stdout.write(`${block}\n`);
  };
  return {
    USE_OPENAI,
    llm: models.plain,
    tokens,
    print,
    askHuman: keyboard(closing),
    runtime: {
      chatModel: () => models.memgpt,
      memgpt: { tokens, embedder, passages, store, clock, ids, logger },
      preset: (name) => {
        const preset = config.texts.presets.get(name);
        const system = preset && config.texts.prompts.get(preset.system_prompt);
        if (!preset || system === undefined) throw new Error(`There is no preset ${name}.`);
        return { system, functions: preset.functions };
      },
      default_persona: config.texts.personas.get("sam_pov") ?? "",
      place: "example",
    },
    attachFile: async (agent, path, name) => {
      const bytes = await readLocalFile(path, max_file_bytes);
      const { source } = await sources.ingest({
        ...{ scope: "example", place: "example", name },
        file: { name: path, bytes },
      });
      const { id, owner, kind, passages: count } = source;
      print(`Ingesting ${count} passages into ${agent.name}`);
      agent.attach({ id, name, owner, kind, passages: count });
      print(
        `Attached data source ${name} to agent ${agent.name}, consisting of ${count}. Agent now has ${agent.memgpt.archival.count()} embeddings in archival memory.\n`,
      );
    },
  };
}

function keyboard(closing: (() => void)[]): (prompt: string) => Promise<string> {
  let lines: ReturnType<typeof createInterface> | undefined;
  closing.push(() => lines?.close());
  return async (prompt) => {
    if (!process.stdin.readable || process.stdin.readableEnded) return "exit";
    lines ??= createInterface({ input: process.stdin, output: process.stdout });
    const ended = new Promise<string>((resolve) => lines?.once("close", () => resolve("exit")));
    return Promise.race([lines.question(prompt), ended]);
  };
}
