/**
 * What is kept beside a saved MemGPT agent so that `loadAutogenMemgptAgent` can make it again: its preset
 * and how its model was configured, without keys.
 */

/** AutoGen's `llm_config`: entries in the shape of `config_list` or `config_list_memgpt`. */
export interface LlmConfig {
  readonly config_list: readonly Readonly<Record<string, unknown>>[];
  readonly [option: string]: unknown;
}

export interface AutogenAgentRecord {
  version: 1;
  preset: string;
  description?: string;
  llm_config?: LlmConfig;
}

/** Key prefix of an agent's rows, and owner of its passages. */
export function agentOwner(place: string | undefined, name: string): string {
  return `agent/${place ?? "library"}/${name}`;
}

export function recordKey(owner: string): string {
  return `${owner}/autogen`;
}

/** Own entries, so that nobody downstream can take keys out of the caller's. */
export function copyOf(config: LlmConfig): LlmConfig {
  if (!Array.isArray(config.config_list)) return config;
  return { ...config, config_list: config.config_list.map((entry) => ({ ...entry })) };
}

export function withoutSecrets(config: LlmConfig): LlmConfig {
  return {
    ...plain(config),
    config_list: config.config_list.map(plain),
  };
}

/** Scalars under names that hold no secret; "max_tokens" is a number and stays. */
function plain(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entry).filter(([key, value]) => {
      if (value !== null && typeof value === "object") return false;
      if (typeof value === "function") return false;
      return typeof value !== "string" || !/key|token|secret|password|auth|header/i.test(key);
    }),
  );
}
