/**
 * The configuration's shape, and `parseConfig`: raw values to a complete `AppConfig`, or every
 * fault at once. Reads neither files nor the environment; `load-config.ts` does.
 *
 * Precedence: an environment variable of the product, then the file, then the default. The shortcuts
 * OAI_CONFIG_LIST and OPENAI_API_KEY only fill what the files leave out.
 */
import { ConfigError } from "../src/shared/errors.ts";
import { checkAgentModels } from "./agent-models.ts";
import { impliedEmbedding, readEmbedding } from "./embeddings.ts";
import { isOpenAi, OPENAI_URL } from "./endpoint-types.ts";
import {
  type ExtrasConfig,
  extrasNotes,
  type IdleWorkConfig,
  readExtras,
  readIdleWork,
} from "./extras-section.ts";
import { describe, FAULTED, Faults, Fields } from "./fields.ts";
import { GROUPCHAT_KEYS, type GroupchatConfig, readGroupchat } from "./groupchat-section.ts";
import { interpolate } from "./interpolation.ts";
import {
  DEFAULT_PRESET,
  type EmbeddingConfig,
  LOADED_MODEL,
  type MemgptModelConfig,
  type ModelConfig,
  NO_KEY,
  readConfigList,
  readMemgptList,
} from "./model-lists.ts";
import { type ConfigTexts, NO_TEXTS, type RawTexts, readTexts } from "./texts.ts";

export type { AgentConfig, GroupchatConfig, InterfaceKwargs } from "./groupchat-section.ts";
export type { EmbeddingConfig, MemgptModelConfig, ModelConfig } from "./model-lists.ts";
export type { ConfigTexts, PresetConfig } from "./texts.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface AppConfig {
  /** Absolute once loaded. */
  data_dir: string;
  /** IANA name; absent means the host's zone. */
  time_zone?: string;
  discord: {
    token?: string;
    /** False: the bot sees only mentions, direct messages and commands. */
    message_content: boolean;
    /** Another root of Discord's REST API (a proxy), e.g. `http://127.0.0.1:8080/api`. */
    api?: string;
  };
  models: {
    /** For plain agents; empty means the offline model. */
    config_list: readonly ModelConfig[];
    /** For MemGPT agents; empty means the offline model. */
    config_list_memgpt: readonly MemgptModelConfig[];
    /** Absent means the offline embedder. */
    embedding?: EmbeddingConfig;
  };
  stores: {
    /** A Keyv store's URI; absent means `colloquy.sqlite` in `data_dir`. */
    state_uri?: string;
    /** A Chroma server; absent means one of our own. */
    chroma_url?: string;
  };
  groupchat: GroupchatConfig;
  extras: ExtrasConfig;
  /** Absent: none. */
  idle_work?: IdleWorkConfig;
  limits: {
    max_file_bytes: number;
    /** One deadline over all attempts of a model request. */
    model_timeout_ms: number;
    concurrent_model_requests: number;
    /** Model requests in one reply of a MemGPT agent. */
    max_chain: number;
  };
  log: { level: LogLevel };
  texts: ConfigTexts;
  /** What was accepted without effect: one line each, to be logged at the start. */
  notes: readonly string[];
}

export interface ConfigSource {
  /** The environment, `.env` included. */
  env: Readonly<Record<string, string | undefined>>;
  /** The file that a top-level key stands in. */
  fileOf: (key: string) => string;
  texts?: RawTexts;
  /** Faults found while reading the files. */
  faults?: readonly { file: string; key: string; got: string; wanted: string }[];
}

/** Model and window of the OPENAI_API_KEY shortcut: good at function calls, and bounded in cost. */
export const DEFAULT_MODEL = "gpt-4.1-mini";
export const DEFAULT_WINDOW = 32_768;

/**
 * @param raw the top-level keys of all configuration files together
 * @throws ConfigError with every fault that there is
 */
export function parseConfig(raw: unknown, source: ConfigSource): AppConfig {
  const { env } = source;
  const faults = new Faults(
    (path) => source.fileOf(path.split(/[.[]/, 1)[0] ?? ""),
    [...(source.faults ?? [])],
  );
  const notes: string[] = [];
  const root = new Fields(faults, "", interpolate(raw, env, faults));
  const texts = readTexts(source.texts ?? NO_TEXTS, faults);
  const environment = environmentFields(env, faults);
  const groupchat = readGroupchat(root, texts, notes);
  const presets = source.texts ? texts.presets : undefined;
  const models = readModels(root, source, { faults, notes, presets });
  const extras = readExtras(root.section("extras"));
  const idle_work = readIdleWork(root.section("idle_work"));
  const usual = models.config_list_memgpt[0]?.preset ?? DEFAULT_PRESET;
  const used = groupchat.agents.flatMap((agent) =>
    agent.type === "memgpt" ? [agent.preset ?? usual] : [],
  );
  notes.push(...extrasNotes(extras, used, texts));

  const discord = root.section("discord");
  const token = environment.secret("DISCORD_TOKEN") ?? discord.secret("token");
  discord.raw("token");
  const message_content = discord.flag("message_content") ?? true;
  const api = environment.url("COLLOQUY_DISCORD_API") ?? discord.url("api");
  discord.raw("api");
  discord.done();

  const stores = root.section("stores");
  const uri = {
    pattern: /^[a-z][a-z0-9+.-]*:/i,
    wanted: "a URI, such as sqlite://data/colloquy.sqlite or redis://host:6379",
    secret: true,
  };
  const state_uri = environment.text("COLLOQUY_STATE_URI", uri) ?? stores.text("state_uri", uri);
  stores.raw("state_uri");
  const chroma_url = environment.url("CHROMA_URL") ?? stores.url("chroma_url");
  stores.raw("chroma_url");
  stores.done();

  const limits = readLimits(root.section("limits"));
  const log = root.section("log");
  const level =
    environment.oneOf("COLLOQUY_LOG_LEVEL", LOG_LEVELS) ?? log.oneOf("level", LOG_LEVELS) ?? "info";
  log.raw("level");
  log.done();
  const data_dir = environment.text("COLLOQUY_DATA_DIR") ?? root.text("data_dir") ?? "./data";
  root.raw("data_dir");
  const time_zone = readTimeZone(root);
  root.done(new Map([["groupchat", `${GROUPCHAT_KEYS.join(", ")} at the top level`]]));

  if (faults.list.length === 0) checkAgentModels(root, groupchat, models);
  if (faults.list.length > 0) {
    throw new ConfigError(
      faults.list.toSorted((a, b) => (a.file < b.file ? -1 : +(a.file > b.file))),
    );
  }
  return {
    data_dir,
    ...(time_zone === undefined ? {} : { time_zone }),
    discord: {
      message_content,
      ...(token === undefined ? {} : { token }),
      ...(api === undefined ? {} : { api }),
    },
    models,
    stores: {
      ...(state_uri === undefined ? {} : { state_uri }),
      ...(chroma_url === undefined ? {} : { chroma_url }),
    },
    groupchat,
    extras,
    ...(idle_work ? { idle_work } : {}),
    limits,
    log: { level },
    texts,
    notes,
  };
}

/** Every key, token and password of the configuration, for the logger to leave out. */
export function secretsOf(config: AppConfig): string[] {
  const { models, discord, stores } = config;
  const found = new Set<string>();
  for (const entry of [...models.config_list, ...models.config_list_memgpt])
    found.add(entry.api_key);
  if (models.embedding) found.add(models.embedding.api_key);
  if (discord.token !== undefined) found.add(discord.token);
  const password = /\/\/[^/@]*:([^/@]+)@/.exec(stores.state_uri ?? "")?.[1];
  if (password !== undefined) found.add(password);
  if (password?.includes("%")) found.add(safeDecode(password));
  found.delete(NO_KEY);
  return [...found];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Variables that are set but empty, as in a fresh copy of `.env.example`, count as absent. */
function environmentFields(env: ConfigSource["env"], faults: Faults): Fields {
  const set = Object.entries(env).filter(([, value]) => value !== undefined && value !== "");
  return new Fields(faults.in("environment"), "", Object.fromEntries(set));
}

function readModels(
  root: Fields,
  source: ConfigSource,
  rest: { faults: Faults; notes: string[]; presets: ReadonlyMap<string, unknown> | undefined },
): AppConfig["models"] {
  const { env } = source;
  const environment = environmentFields(env, rest.faults);
  const openai_key = environment.secret("OPENAI_API_KEY");
  const context = { ...rest, openai_key };
  const plain = root.has("config_list")
    ? root.list("config_list")
    : oaiConfigList(env, rest.faults);
  const autogen = plain && readConfigList(plain, context);
  const memgpt = root.list("config_list_memgpt");
  const own = memgpt && readMemgptList(memgpt, context);
  const shortcut = fromShortcut(environment, openai_key) ?? [];

  // An empty list is a choice for the offline model. A list that is absent takes the other one's
  // entries before the shortcut's: who named a local server does not expect to be sent elsewhere.
  const config_list = autogen ?? (own && own.list.length > 0 ? own.plain : shortcut);
  const config_list_memgpt =
    own?.list ??
    (autogen && autogen.length > 0 ? autogen : shortcut).map((entry) => ({
      ...entry,
      preset: DEFAULT_PRESET,
    }));

  const chosen = root.raw("embedding");
  const offline = chosen === "offline";
  const section =
    chosen === undefined || offline || chosen === FAULTED
      ? undefined
      : readEmbedding(root.section("embedding"), openai_key);
  const embedding = offline
    ? undefined
    : (section ?? own?.embedding ?? impliedEmbedding(config_list_memgpt));
  return { config_list, config_list_memgpt, ...(embedding ? { embedding } : {}) };
}

/** AutoGen's variable: the list itself as JSON. `load-config.ts` has put a file's text in its place. */
function oaiConfigList(env: ConfigSource["env"], faults: Faults): unknown[] | undefined {
  const text = env.OAI_CONFIG_LIST;
  if (text === undefined || text === "") return undefined;
  const outside = faults.in("environment");
  try {
    const value = interpolate(JSON.parse(text), env, outside, "OAI_CONFIG_LIST");
    if (Array.isArray(value)) return value;
    outside.add("OAI_CONFIG_LIST", describe(value), "a list");
  } catch {
    outside.add("OAI_CONFIG_LIST", "text that is not JSON", "a list as JSON, or a file with one");
  }
  return undefined;
}

/** OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL as a list of one entry. */
function fromShortcut(
  environment: Fields,
  openai_key: string | undefined,
): ModelConfig[] | undefined {
  const given = environment.url("OPENAI_BASE_URL");
  const named = environment.text("OPENAI_MODEL");
  const base_url = given ?? OPENAI_URL;
  if (openai_key === undefined && (given === undefined || isOpenAi(base_url))) return undefined;
  const model = named ?? (isOpenAi(base_url) || openai_key ? DEFAULT_MODEL : LOADED_MODEL);
  return [
    {
      api_type: "openai",
      model,
      base_url,
      api_key: openai_key ?? NO_KEY,
      origin: "environment",
      ...(model === DEFAULT_MODEL ? { context_window: DEFAULT_WINDOW } : {}),
    },
  ];
}

function readLimits(fields: Fields): AppConfig["limits"] {
  const limits = {
    max_file_bytes:
      fields.whole("max_file_bytes", { min: 1024, max: 1024 ** 3 }) ?? 25 * 1024 * 1024,
    model_timeout_ms: fields.whole("model_timeout_ms", { min: 1000, max: 3_600_000 }) ?? 120_000,
    concurrent_model_requests:
      fields.whole("concurrent_model_requests", { min: 1, max: 1000 }) ?? 8,
    max_chain: fields.whole("max_chain", { min: 1, max: 1000 }) ?? 50,
  };
  fields.done();
  return limits;
}

function readTimeZone(root: Fields): string | undefined {
  const zone = root.text("time_zone");
  if (zone === undefined) return undefined;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    root.fault("time_zone", describe(zone), "the name of a time zone, such as Europe/Berlin");
    return undefined;
  }
}
