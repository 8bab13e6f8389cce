/**
 * The texts that a user may edit or add to: system prompts, personas, humans, and the presets that
 * join them with a set of functions (MemGPT's `presets/`, `personas/`, `humans/`).
 */
import { nearest } from "../src/shared/nearest-word.ts";
import { describe, type Faults, Fields } from "./fields.ts";

export interface PresetConfig {
  /** Name in `prompts`. */
  system_prompt: string;
  /** Name in `personas`. */
  persona: string;
  /** Name in `humans`; absent: the agent begins knowing nobody. */
  human?: string;
  functions: readonly string[];
}

export interface ConfigTexts {
  prompts: ReadonlyMap<string, string>;
  personas: ReadonlyMap<string, string>;
  humans: ReadonlyMap<string, string>;
  presets: ReadonlyMap<string, PresetConfig>;
}

/** As found on disk: texts by name, presets parsed but unchecked. */
export interface RawTexts {
  prompts: ReadonlyMap<string, string>;
  personas: ReadonlyMap<string, string>;
  humans: ReadonlyMap<string, string>;
  presets: ReadonlyMap<string, { file: string; value: unknown }>;
}

/** What a preset may list: MemGPT's base set and its extras. */
export const FUNCTION_NAMES: readonly string[] = [
  "send_message",
  "pause_heartbeats",
  "core_memory_append",
  "core_memory_replace",
  "conversation_search",
  "conversation_search_date",
  "archival_memory_insert",
  "archival_memory_search",
  "message_chatgpt",
  "read_from_text_file",
  "append_to_text_file",
  "http_request",
];

export const NO_TEXTS: RawTexts = {
  prompts: new Map(),
  personas: new Map(),
  humans: new Map(),
  presets: new Map(),
};

export function readTexts(raw: RawTexts, faults: Faults): ConfigTexts {
  const presets = new Map<string, PresetConfig>();
  for (const [name, { file, value }] of raw.presets) {
    presets.set(name, readPreset(new Fields(faults.in(file), "", value), raw));
  }
  return { prompts: raw.prompts, personas: raw.personas, humans: raw.humans, presets };
}

function readPreset(fields: Fields, raw: RawTexts): PresetConfig {
  const named = (key: string, known: ReadonlyMap<string, string>, usual: string): string => {
    const name = fields.text(key) ?? usual;
    if (!known.has(name))
      fields.fault(key, describe(name), `one of ${[...known.keys()].join(", ")}`);
    return name;
  };
  const preset = {
    system_prompt: named("system_prompt", raw.prompts, "memgpt_chat"),
    persona: named("persona", raw.personas, "sam_pov"),
    ...(fields.has("human") ? { human: named("human", raw.humans, "basic") } : {}),
    functions: readFunctions(fields),
  };
  fields.done();
  return preset;
}

function readFunctions(fields: Fields): string[] {
  const names = (fields.list("functions") ?? []).map(String);
  for (const [i, name] of names.entries()) {
    if (FUNCTION_NAMES.includes(name)) continue;
    const near = nearest(name, FUNCTION_NAMES);
    const wanted = near ? `${near}, perhaps` : `one of ${FUNCTION_NAMES.join(", ")}`;
    fields.fault(`functions[${i}]`, describe(name), wanted);
  }
  if (!names.includes("send_message")) {
    fields.fault("functions", "a list without send_message", "a list with send_message in it");
  }
  return names;
}
