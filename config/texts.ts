/**
 * The texts that a user may edit or add to: system prompts, personas, humans, and the presets that
 * join them with a set of functions (MemGPT's `presets/`, `personas/`, `humans/`).
 */
import { describe, type Faults, Fields } from "./fields.ts";

export interface PresetConfig {
  /** Name in `prompts`. */
  system_prompt: string;
  /** Name in `personas`. */
  persona: string;
  /** Name in `humans`. */
  human: string;
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
    human: named("human", raw.humans, "basic"),
    functions: (fields.list("functions") ?? []).map(String),
  };
  if (!preset.functions.includes("send_message")) {
    fields.fault("functions", "a list without send_message", "a list with send_message in it");
  }
  fields.done();
  return preset;
}
