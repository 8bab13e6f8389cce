/**
 * The kinds of servers that `model_endpoint_type` names, how each is asked, and what people write as
 * its address. A `model_wrapper` asks on the server's own completions endpoint; without one it is
 * asked for chat completions with tools, if it is new enough to know them.
 */
import { describe, FAULTED, type Fields } from "./fields.ts";

export interface LocalServer {
  port: number;
  /** Older than tool calls: asked with a wrapper, whether one is named or not. */
  legacy?: boolean;
  takes_grammar?: boolean;
}

/** With their usual ports. */
export const LOCAL_SERVERS = {
  webui: { port: 5000, takes_grammar: true },
  "webui-legacy": { port: 5000, legacy: true, takes_grammar: true },
  lmstudio: { port: 1234 },
  "lmstudio-legacy": { port: 1234, legacy: true },
  ollama: { port: 11_434 },
  vllm: { port: 8000 },
  llamacpp: { port: 8080, takes_grammar: true },
  koboldcpp: { port: 5001, takes_grammar: true },
} as const satisfies Record<string, LocalServer>;

export type LocalType = keyof typeof LOCAL_SERVERS;
export type EndpointType = "openai" | "azure" | LocalType;

export const LOCAL_TYPES = Object.keys(LOCAL_SERVERS) as LocalType[];
export const ENDPOINT_TYPES: readonly EndpointType[] = ["openai", "azure", ...LOCAL_TYPES];

export const OPENAI_URL = "https://api.openai.com/v1";

export function isOpenAi(base_url: string): boolean {
  return base_url.startsWith("https://api.openai.com/");
}

/** MemGPT's own default in its code. */
export const DEFAULT_WRAPPER = "chatml";

const PLAIN_WRAPPERS = [
  "airoboros-l2-70b-2.1",
  "chatml",
  "chatml-hints",
  "chatml-noforce",
  "chatml-noforce-hints",
  "chatml-noforce-roles",
  "dolphin-2.1-mistral-7b",
  "zephyr-7B",
];
export const MODEL_WRAPPERS: readonly string[] = PLAIN_WRAPPERS.flatMap((name) => [
  name,
  `${name}-grammar`,
]);

export function isLocal(type: EndpointType): type is LocalType {
  return Object.hasOwn(LOCAL_SERVERS, type);
}

/**
 * The wrapper that an entry is asked with; undefined means chat completions with tools. `hosted` is
 * a provider with tool calls of its own, where a wrapper has no place.
 */
export function readWrapper(
  fields: Fields,
  type: EndpointType,
  hosted: boolean,
  notes: string[],
): string | undefined {
  const named = fields.oneOf("model_wrapper", MODEL_WRAPPERS);
  if (fields.raw("model_wrapper") === FAULTED) return undefined;
  const note = (text: string): void => {
    notes.push(`${fields.at("model_wrapper")}: ${text}`);
  };
  if (named === undefined) {
    return isLocal(type) && (LOCAL_SERVERS[type] as LocalServer).legacy
      ? DEFAULT_WRAPPER
      : undefined;
  }
  if (hosted) {
    note(`"${named}" is left out; this server has tool calls of its own.`);
    return undefined;
  }
  const takesGrammar = isLocal(type) && (LOCAL_SERVERS[type] as LocalServer).takes_grammar;
  if (named.endsWith("-grammar") && !takesGrammar) {
    note(`${type} takes no grammar, so "${named}" works as "${named.replace(/-grammar$/, "")}".`);
  }
  return named;
}

/** The root of a local server: people copy the API's path along. */
export function localRoot(url: string): string {
  return url.replace(/(?:\/api\/v1|\/v1|\/api)$/, "").replace(/\/+$/, "");
}

/** Where a local server follows OpenAI's protocol. */
export function localApi(type: LocalType, given?: string): string {
  return `${given === undefined ? usualRoot(type) : localRoot(given)}/v1`;
}

export function usualRoot(type: LocalType): string {
  return `http://127.0.0.1:${LOCAL_SERVERS[type].port}`;
}

const EMBEDDING_TYPES = ["openai", "azure", "local", ...LOCAL_TYPES] as const;
export type EmbeddingType = (typeof EMBEDDING_TYPES)[number];

/** `embedding_endpoint_type`, also in the misspelling of MemGPT's documentation. */
export function readEmbeddingType(fields: Fields): EmbeddingType | undefined {
  const misspelt = "embedding_embedding_endpoint_type";
  const key = fields.has("embedding_endpoint_type") ? "embedding_endpoint_type" : misspelt;
  fields.raw(misspelt);
  const value = fields.raw(key);
  if (value === "hugging-face") {
    fields.fault(
      key,
      describe(value),
      `"openai", with a server of that protocol as embedding_endpoint`,
    );
    return undefined;
  }
  return fields.oneOf(key, EMBEDDING_TYPES);
}
