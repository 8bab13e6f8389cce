/**
 * `config_list` (AutoGen's shape) and `config_list_memgpt` (MemGPT's shape), brought to the one
 * shape that the model adapter takes. The keys are the originals', misspellings included.
 */
import { type MemgptEmbeddingContext, readMemgptEmbedding } from "./embeddings.ts";
import {
  ENDPOINT_TYPES,
  type EndpointType,
  isLocal,
  isOpenAi,
  type LocalType,
  localApi,
  localRoot,
  OPENAI_URL,
  readWrapper,
  usualRoot,
} from "./endpoint-types.ts";
import { describe, FAULTED, type Faults, Fields, isMapping } from "./fields.ts";
import { type ModelSettings, readModelSettings } from "./model-settings.ts";

export interface ModelConfig extends ModelSettings {
  api_type: "openai" | "azure";
  /** For Azure the deployment's name. */
  model: string;
  base_url: string;
  api_key: string;
  api_version?: string;
  /** Asked with a prompt in a wrapper's form on the server's own completions endpoint. */
  completions?: { server: LocalType | "openai"; wrapper: string };
  /** Which header carries the key; `bearer` where it is absent. */
  auth?: "bearer" | "api_key";
  /** Absent: the configuration's files, or OAI_CONFIG_LIST. */
  origin?: "environment";
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
  origin?: "environment";
}

/** For servers that ask for no key; some clients of theirs insist on one. */
export const NO_KEY = "NULL";
/** For servers that serve the one model they have loaded, whatever the request says. */
export const LOADED_MODEL = "local-model";
export const DEFAULT_PRESET = "memgpt_chat";

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
): { list: MemgptModelConfig[]; plain: ModelConfig[]; embedding: EmbeddingConfig | undefined } {
  const list: MemgptModelConfig[] = [];
  const plain: ModelConfig[] = [];
  let embedding: EmbeddingConfig | undefined;
  for (const [i, item] of items.entries()) {
    const fields = new Fields(context.faults, `config_list_memgpt[${i}]`, pythonNulls(item));
    const entry = readMemgptEntry(fields, context);
    if (entry) {
      list.push({ ...entry.model, preset: entry.preset });
      plain.push(entry.plain);
    }
    const own = readMemgptEmbedding(fields, entry?.embedding);
    embedding ??= own;
    fields.done(MEMGPT_NAMES);
  }
  return { list, plain, embedding };
}

interface MemgptEntry {
  preset: string;
  model: ModelConfig;
  /** The same server for agents that need no functions: by chat completions, if it has them. */
  plain: ModelConfig;
  embedding: MemgptEmbeddingContext;
}

function readMemgptEntry(fields: Fields, context: ListContext): MemgptEntry | undefined {
  const given = fields.oneOf("model_endpoint_type", ENDPOINT_TYPES);
  const type: EndpointType = given ?? (fields.has("azure_key") ? "azure" : "openai");
  const name = fields.text("model");
  const named = fields.text("preset");
  // The seed's examples write the constant's name.
  const preset = named === undefined || named === "DEFAULT_PRESET" ? DEFAULT_PRESET : named;
  if (context.presets && !context.presets.has(preset)) {
    fields.fault("preset", describe(preset), `one of ${[...context.presets.keys()].join(", ")}`);
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
  if (name === undefined && fields.raw("model") !== FAULTED && needsModel(type)) {
    fields.fault("model", "nothing", `the model's name: ${type} serves more than one`);
  }
  if (type === "azure") {
    fields.raw("model_endpoint");
    readWrapper(fields, type, true, context.notes);
    const model = azureEntry(name, azure_endpoint, azure_key, azure_version, common);
    const openai_key = fields.secret("openai_key") ?? context.openai_key;
    return model && { preset, model, plain: model, embedding: { model, openai_key } };
  }
  const place = readPlace(fields, type, context);
  const chosen = name ?? (needsModel(type) ? undefined : LOADED_MODEL);
  if (!place || chosen === undefined) return undefined;
  const { api_base, base_url, completions, ...access } = place;
  const chat = {
    api_type: "openai" as const,
    model: chosen,
    base_url: api_base,
    ...access,
    ...common,
  };
  const model = completions ? { ...chat, base_url, completions } : chat;
  const { api_key } = access;
  return {
    preset,
    model,
    plain: type === "webui-legacy" ? model : chat,
    embedding: { model: chat, openai_key: api_key === NO_KEY ? context.openai_key : api_key },
  };
}

/** Address, key and way of asking; `api_base` is where the server follows OpenAI's protocol. */
function readPlace(
  fields: Fields,
  type: Exclude<EndpointType, "azure">,
  context: ListContext,
):
  | (Pick<ModelConfig, "base_url" | "api_key" | "completions" | "auth"> & { api_base: string })
  | undefined {
  const usual = isLocal(type) ? usualRoot(type) : OPENAI_URL;
  const given = endpointOf(fields, "model_endpoint", usual, completeOpenAi);
  const hosted = given !== undefined && isOpenAi(given);
  const wrapper = readWrapper(fields, type, hosted, context.notes);
  const auth = fields.oneOf("openllm_auth_type", ["bearer_token", "api_key"]);
  const key = fields.has("openllm_key") ? "openllm_key" : "openai_key";
  fields.raw("openai_key");
  const api_key = keyFor(fields, key, given, context.openai_key);
  if (given === undefined || api_key === undefined) return undefined;
  const api_base = isLocal(type) ? localApi(type, given) : given;
  const root = isLocal(type) ? localRoot(given) : given;
  return {
    api_base,
    base_url: wrapper === undefined ? api_base : root,
    api_key,
    ...(wrapper === undefined ? {} : { completions: { server: type, wrapper } }),
    ...(auth === "api_key" ? { auth } : {}),
  };
}

function needsModel(type: EndpointType): boolean {
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

/** OpenAI's own address is often given without its path; other servers' paths are theirs to say. */
function completeOpenAi(url: string): string {
  return url === "https://api.openai.com" ? OPENAI_URL : url;
}

/** Python's `None`, pasted without quotes, is a text in YAML. */
function pythonNulls(item: unknown): unknown {
  if (!isMapping(item)) return item;
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, value === "None" ? null : value]),
  );
}
