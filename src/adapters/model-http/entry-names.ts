/**
 * What the person who configured a model calls its parts: keys of an entry, or the variables of the
 * shortcut. Advice that names a key which is nowhere to be found helps nobody.
 */
import type { EmbeddingEntry, ModelEntry } from "./model-entry.ts";

export interface EntryNames {
  entry: string;
  model: string;
  address: string;
  key: string;
  window: string;
  wrapper: string;
  address_and_type: string;
  address_and_model: string;
}

/** In the words of config_list, with those of config_list_memgpt beside. */
const IN_FILES: EntryNames = {
  entry: "this model's entry",
  model: "`model`",
  address: "`base_url` (`model_endpoint`) of this model's entry",
  key: "the key of this model's entry (`api_key`, `openai_key`, `azure_key`)",
  window: "`context_window` of this model's entry",
  wrapper: "a `model_wrapper` in this model's entry",
  address_and_type: "`base_url` (`model_endpoint`) and `model_endpoint_type` of this model's entry",
  address_and_model: "`base_url` and `model` of this model's entry",
};

/** The shortcut has no variable for what npm run configure asks for. */
const IN_ENVIRONMENT: EntryNames = {
  entry: "OPENAI_BASE_URL and OPENAI_MODEL",
  model: "OPENAI_MODEL",
  address: "OPENAI_BASE_URL",
  key: "OPENAI_API_KEY",
  window: "`context_window` in config/models.yaml (npm run configure writes one)",
  wrapper: "a `model_wrapper` in config/models.yaml (npm run configure writes one)",
  address_and_type: "OPENAI_BASE_URL",
  address_and_model: "OPENAI_BASE_URL and OPENAI_MODEL",
};

export function namesOf(entry: ModelEntry | EmbeddingEntry): EntryNames {
  return entry.origin === "environment" ? IN_ENVIRONMENT : IN_FILES;
}

/** Whether the server is on this machine or in its own network, so that people can start it. */
export function isNearby(entry: { base_url: string }): boolean {
  let host: string;
  try {
    host = new URL(entry.base_url).hostname;
  } catch {
    return false;
  }
  return (
    !/[.:]/.test(host) ||
    /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host) ||
    /^\[(?:::1|f[cde][0-9a-f]{2}:.*)\]$/.test(host) ||
    /\.(?:local|localhost|lan|internal|home\.arpa)$/.test(host)
  );
}
