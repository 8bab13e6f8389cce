/**
 * `config_list` (AutoGen's shape) and `config_list_memgpt` (MemGPT's shape), brought to the one
 * shape that the model adapter takes. The keys are the originals', misspellings included.
 */
import { embeddingOf, type MemgptEmbeddingContext, readMemgptEmbedding } from "./embeddings.ts";
import { describe, FAULTED, type Faults, Fields, isMapping } from "./fields.ts";
import { type ModelSettings, readModelSettings } from "./model-settings.ts";

export interface ModelConfig extends ModelSettings {
  api_type: "openai" | "azure";
  /** For Azure the deployment's name. */
  model: string;
  base_url: string;
  api_key: string;
  api_version?: string;
}

export interface MemgptModelConfig extends ModelConfig {
  preset: string;
}

export interface EmbeddingConfig {
  api_type: "openai" | "azure";
  model: string;
  base_url: string;
  api_key: string;
  api_version?: string;
  dimension: number;
  send_dimension?: boolean;
}

export const OPENAI_URL = "https://api.openai.com/v1";
/** For servers that ask for no key; some clients of theirs insist on one. */
export const NO_KEY = "NULL";
/** For servers that serve the one model they have loaded, whatever the request says. */
export const LOADED_MODEL = "local-model";
export const DEFAULT_PRESET = "memgpt_chat";

/** Endpoint types that speak the OpenAI protocol under `/v1`, with their usual ports. */
const LOCAL_PORTS: ReadonlyMap<string, number> = new Map([
  ["webui", 5000],
  ["lmstudio", 1234],
  ["lmstudio-legacy", 1234],
  ["ollama", 11_434],
  ["vllm", 8000],
  ["llamacpp", 8080],
  ["koboldcpp", 5001],
]);
const ENDPOINT_TYPES = ["openai", "azure", ...LOCAL_PORTS.keys()];

const MEMGPT_NAMES = new Map([
  ["api_key", "openai_key (or azure_key)"],
  ["base_url", "model_endpoint"],
  ["api_base", "model_endpoint"],
  ["api_type", "model_endpoint_type"],
  ["api_version", "azure_version"],
]);
const AUTOGEN_NAMES = new Map([
  ["openai_key", "api_key"],
  ["azure_key", "api_key"],
  ["model_endpoint", "base_url"],
  ["azure_endpoint", "base_url"],
  ["model_endpoint_type", "api_type"],
  ["azure_version", "api_version"],
]);

interface ListContext {
  faults: Faults;
  /** The key to use where an entry for OpenAI itself names none. */
  openai_key: string | undefined;
  notes: string[];
  /** Names of presets; absent means that any name will do. */
  presets: ReadonlyMap<string, unknown> | undefined;
}

export function readConfigList(items: readonly unknown[], context: ListContext): ModelConfig[] {
  return items.flatMap((item, i) => {
    const fields = new Fields(context.faults, `config_list[${i}]`, pythonNulls(item));
    const entry = readAutogenEntry(fields, context);
    fields.done(AUTOGEN_NAMES);
    return entry ? [entry] : [];
  });
}

function readAutogenEntry(fields: Fields, context: ListContext): ModelConfig | undefined {
  const type = fields.text("api_type") ?? "openai";
  const azure = /^azure/i.test(type);
  if (!azure && !/^open_?ai$/i.test(type)) {
    fields.fault("api_type", `"${type}"`, "openai or azure; any other server by its base_url");
  }
  if (fields.has("api_base") && fields.has("base_url")) {
    fields.fault("api_base", "both api_base and base_url", "base_url alone");
  }
  const address = fields.has("api_base") ? "api_base" : "base_url";
  const model = fields.text("model", { required: "the model's name, such as gpt-4" });
  const common = readModelSettings(fields);
  if (azure) {
    return azureEntry(
      model,
      fields.url(address, "the resource's endpoint: https://<resource>.openai.azure.com"),
      fields.secret("api_key", "the Azure key"),
      fields.text("api_version", { required: "an API version, such as 2024-10-21" }),
      common,
    );
  }
  fields.text("api_version");
  const base_url = endpointOf(fields, address, OPENAI_URL, completeOpenAi);
  const api_key = keyFor(fields, "api_key", base_url, context.openai_key);
  if (model === undefined || base_url === undefined || api_key === undefined) return undefined;
  return { api_type: "openai", model, base_url, api_key, ...common };
}

export function readMemgptList(
  items: readonly unknown[],
  context: ListContext,
): { list: MemgptModelConfig[]; embedding: EmbeddingConfig | undefined } {
  const list: MemgptModelConfig[] = [];
  let embedding: EmbeddingConfig | undefined;
  for (const [i, item] of items.entries()) {
    const fields = new Fields(context.faults, `config_list_memgpt[${i}]`, pythonNulls(item));
    const entry = readMemgptEntry(fields, context);
    if (entry) list.push(entry.model);
    const own = readMemgptEmbedding(fields, entry?.embedding);
    embedding ??= own;
    fields.done(MEMGPT_NAMES);
  }
  return { list, embedding };
}

function readMemgptEntry(
  fields: Fields,
  context: ListContext,
): { model: MemgptModelConfig; embedding: MemgptEmbeddingContext } | undefined {
  const given = fields.oneOf("model_endpoint_type", ENDPOINT_TYPES);
  const type = given ?? (fields.has("azure_key") ? "azure" : "openai");
  const name = fields.text("model");
  const named = fields.text("preset");
  // The seed's examples write the constant's name.
  const preset = named === undefined || named === "DEFAULT_PRESET" ? DEFAULT_PRESET : named;
  if (context.presets && !context.presets.has(preset)) {
    fields.fault("preset", describe(preset), `one of ${[...context.presets.keys()].join(", ")}`);
  }
  const wrapper = fields.text("model_wrapper");
  if (wrapper !== undefined) {
    context.notes.push(
      `${fields.at("model_wrapper")}: "${wrapper}" is accepted and not used yet; the server's own chat template and tool calls are.`,
    );
  }
  const common = readModelSettings(fields);
  const azure_key = fields.secret("azure_key", type === "azure" ? "the Azure key" : undefined);
  const azure_endpoint = fields.url(
    "azure_endpoint",
    type === "azure" ? "the resource's endpoint: https://<resource>.openai.azure.com" : undefined,
  );
  const azure_version = fields.text(
    "azure_version",
    type === "azure" ? { required: "an API version, such as 2024-10-21" } : {},
  );
  const local = LOCAL_PORTS.get(type);
  if (name === undefined && fields.raw("model") !== FAULTED && needsModel(type)) {
    fields.fault("model", "nothing", `the model's name: ${type} serves more than one`);
  }
  let model: ModelConfig | undefined;
  let openai_key: string | undefined;
  if (type === "azure") {
    fields.raw("model_endpoint");
    model = azureEntry(name, azure_endpoint, azure_key, azure_version, common);
    openai_key = fields.secret("openai_key");
  } else {
    const base_url =
      local === undefined
        ? endpointOf(fields, "model_endpoint", OPENAI_URL, completeOpenAi)
        : endpointOf(fields, "model_endpoint", `http://127.0.0.1:${local}`, withVersion);
    openai_key = keyFor(fields, "openai_key", base_url, context.openai_key);
    const chosen = name ?? (needsModel(type) ? undefined : LOADED_MODEL);
    if (openai_key !== undefined && base_url !== undefined && chosen !== undefined) {
      model = { api_type: "openai", model: chosen, base_url, api_key: openai_key, ...common };
    }
  }
  if (!model) return undefined;
  return {
    model: { ...model, preset },
    embedding: {
      model,
      openai_key: openai_key === NO_KEY ? context.openai_key : (openai_key ?? context.openai_key),
    },
  };
}

function needsModel(type: string): boolean {
  return type === "openai" || type === "azure" || type === "ollama";
}

function azureEntry(
  model: string | undefined,
  base_url: string | undefined,
  api_key: string | undefined,
  api_version: string | undefined,
  common: ModelSettings,
): ModelConfig | undefined {
  if (!model || !base_url || !api_key || !api_version) return undefined;
  // AutoGen 0.2.0: what OpenAI calls gpt-3.5 is deployed as gpt-35 by default.
  const deployment = model.replace(/^gpt-3\.5/, "gpt-35");
  return { api_type: "azure", model: deployment, base_url, api_key, api_version, ...common };
}

function keyFor(
  fields: Fields,
  key: string,
  base_url: string | undefined,
  fallback: string | undefined,
): string | undefined {
  const given = fields.secret(key);
  if (given !== undefined) return given;
  if (fields.has(key)) return undefined;
  if (base_url === undefined) return undefined;
  if (!isOpenAi(base_url)) return NO_KEY;
  if (fallback === undefined) {
    fields.fault(key, "nothing", "the key, here or as OPENAI_API_KEY in the environment");
  }
  return fallback;
}

/** The address under `key`, completed; the usual one where none is given; undefined when faulty. */
function endpointOf(
  fields: Fields,
  key: string,
  usual: string,
  complete: (url: string) => string,
): string | undefined {
  const given = fields.url(key);
  return given === undefined && fields.has(key) ? undefined : complete(given ?? usual);
}

export function isOpenAi(base_url: string): boolean {
  return base_url.startsWith("https://api.openai.com/");
}

/** OpenAI's own address is often given without its path; other servers' paths are theirs to say. */
function completeOpenAi(url: string): string {
  return url === "https://api.openai.com" ? OPENAI_URL : url;
}

/** MemGPT's endpoints are given without `/v1`, but many people write it. */
function withVersion(url: string): string {
  return url.endsWith("/v1") ? url : `${url}/v1`;
}

/** Python's `None`, pasted without quotes, is a text in YAML. */
function pythonNulls(item: unknown): unknown {
  if (!isMapping(item)) return item;
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, value === "None" ? null : value]),
  );
}

/** The vectors that OpenAI gives whoever has its key, where the configuration says nothing. */
export function impliedEmbedding(models: readonly ModelConfig[]): EmbeddingConfig | undefined {
  const openai = models.find((entry) => isOpenAi(entry.base_url));
  return openai
    ? embeddingOf({
        api_type: "openai",
        model: "text-embedding-3-small",
        base_url: openai.base_url,
        api_key: openai.api_key,
      })
    : undefined;
}
