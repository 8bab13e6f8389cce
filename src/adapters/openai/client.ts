/**
 * Builds the openai package's clients with the defaults that reliability asks to change: no retries
 * of its own, a capped and abortable transport, no logging, nothing taken from the environment.
 */
import { AzureOpenAI, OpenAI } from "openai";
import { createHttpFetch, type HttpLimits } from "../model-http/http-fetch.ts";
import type { EmbeddingEntry, ModelEntry } from "../model-http/model-entry.ts";

export function createClient(entry: ModelEntry | EmbeddingEntry, limits: HttpLimits): OpenAI {
  const common = {
    apiKey: entry.api_key,
    maxRetries: 0,
    // The SDK's own limit ends at the headers; it only has to be later than ours.
    timeout: limits.timeout_ms + 60_000,
    organization: null,
    project: null,
    logLevel: "off" as const,
    fetch: createHttpFetch(limits),
    // Which machine the bot runs on is no business of the server's.
    defaultHeaders: {
      ...Object.fromEntries(PLATFORM_HEADERS.map((name) => [name, null])),
      ...("auth" in entry && entry.auth === "api_key"
        ? { Authorization: null, "X-API-Key": entry.api_key }
        : {}),
    },
  };
  if (entry.api_type === "azure") {
    return new AzureOpenAI({
      ...common,
      baseURL: azureRoot(entry.base_url),
      deployment: entry.model,
      apiVersion: entry.api_version ?? "2024-10-21",
    });
  }
  return new OpenAI({ ...common, adminAPIKey: null, webhookSecret: null, baseURL: entry.base_url });
}

const PLATFORM_HEADERS = [
  "X-Stainless-Lang",
  "X-Stainless-Package-Version",
  "X-Stainless-OS",
  "X-Stainless-Arch",
  "X-Stainless-Runtime",
  "X-Stainless-Runtime-Version",
  "X-Stainless-Retry-Count",
  "X-Stainless-Timeout",
];

/** The resource's endpoint, with or without the `/openai` that people copy along. */
function azureRoot(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, "").replace(/\/openai$/, "")}/openai`;
}
