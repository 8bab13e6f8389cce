/**
 * What this adapter needs to know of one model: the entries of `config_list` and
 * `config_list_memgpt`, checked and brought to one shape by the configuration.
 */

import type { MessageRules } from "../../shared/message-rules.ts";
import type { Price } from "../../shared/model-prices.ts";
/** Servers whose completions endpoint is known. `openai` is any that follows OpenAI's. */
export type CompletionServer =
  | "openai"
  | "webui"
  | "webui-legacy"
  | "lmstudio"
  | "lmstudio-legacy"
  | "ollama"
  | "llamacpp"
  | "koboldcpp"
  | "vllm";

/** One place where a chat model answers. The shape is AutoGen's `config_list` entry. */
export interface ModelEntry extends MessageRules {
  api_type: "openai" | "azure";
  /** The model's name; for Azure the deployment's. */
  model: string;
  /** Root of the API with scheme: `https://api.openai.com/v1`; for Azure the resource's endpoint. */
  base_url: string;
  /** Never empty; servers that need no key are given any word. */
  api_key: string;
  /** Azure only, e.g. `2024-10-21`. */
  api_version?: string;
  /** Tokens; overrides the table of known models. */
  context_window?: number;
  temperature?: number;
  top_p?: number;
  /** Upper bound of an answer in tokens; goes before the request's (AutoGen: the call never wins). */
  max_tokens?: number;
  /** US dollars per 1,000 tokens: prompt, completion. */
  price?: Price;
  /** Requests a second. */
  api_rate_limit?: number;
  /** A number keeps answers and gives them again to the same request. */
  cache_seed?: number;
  /**
   * Asks with one prompt on the server's own completions endpoint, in the form of a model wrapper;
   * `base_url` is then the server's root. Absent: chat completions with tools.
   */
  completions?: { server: CompletionServer; wrapper: string };
  /** Which header carries the key. Default `bearer`; Azure has its own. */
  auth?: "bearer" | "api_key";
  /** Made of OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL: advice then names these. */
  origin?: "environment";
}

/** One place where texts become vectors. */
export interface EmbeddingEntry {
  api_type: "openai" | "azure";
  model: string;
  base_url: string;
  api_key: string;
  api_version?: string;
  /** Numbers per vector. */
  dimension: number;
  /** Asks the server for `dimension` numbers; only some models can shorten their vectors. */
  send_dimension?: boolean;
  origin?: "environment";
}
