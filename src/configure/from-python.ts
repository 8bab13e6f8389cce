/**
 * The lists of a Python script (MemGPT's page "MemGPT + AutoGen", AutoGen's examples) as the
 * configuration's keys. Takes scripts, and pages with Python in fences, as they are.
 */
import { PythonError, PythonReader } from "./python-values.ts";

export interface TakenLists {
  /** Keys of `models.yaml`, in its order. */
  values: Record<string, unknown>;
  /** What was changed or left out, for people. */
  notes: string[];
  /** Why nothing can be taken; then `values` is not to be used. */
  faults: string[];
}

const LISTS = ["config_list", "config_list_memgpt"] as const;
const WRAPPED = new Map([
  ["llm_config", "config_list"],
  ["llm_config_memgpt", "config_list_memgpt"],
]);
const WANTED: ReadonlySet<string> = new Set([...LISTS, ...WRAPPED.keys(), "interface_kwargs"]);

/** Settings of `llm_config` that an entry may have as well. */
const SHARED = ["temperature", "top_p", "max_tokens"];

export function takeFromPython(text: string): TakenLists {
  const notes: string[] = [];
  const faults: string[] = [];
  const found = assignments(pythonIn(text), notes, faults);
  const values: Record<string, unknown> = {};
  for (const [config, list] of WRAPPED) {
    const wrapper = mapping(found.get(config));
    if (!wrapper) continue;
    const { config_list, ...settings } = wrapper;
    const entries = found.get(list) ?? config_list;
    found.set(list, withSettings(config, entries, settings, notes));
  }
  for (const name of [...LISTS, "interface_kwargs"]) {
    const value = found.get(name);
    if (value !== undefined) values[name] = value;
  }
  if (faults.length === 0 && LISTS.every((name) => values[name] === undefined)) {
    faults.push("There is neither a config_list nor a config_list_memgpt in it.");
  }
  return { values, notes: [...new Set(notes)], faults };
}

/** The Python of a page; a text without fences is Python as a whole. Lines keep their numbers. */
function pythonIn(text: string): string {
  if (!/^[ \t]*```/m.test(text)) return text;
  let inside: "python" | "other" | undefined;
  const lines = text.split("\n").map((line) => {
    const fence = /^[ \t]*```(\w*)/.exec(line);
    if (!fence) return inside === "python" ? line : "";
    if (inside) inside = undefined;
    else inside = /^(?:py|python|)$/.test(fence[1] ?? "") ? "python" : "other";
    return "";
  });
  return lines.join("\n");
}

function assignments(text: string, notes: string[], faults: string[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const lines = new Map<string, number>();
  const reader = new PythonReader(text, (name, line) => {
    if (found.has(name)) return found.get(name);
    const variable = keyVariable(name);
    if (variable === undefined) {
      throw new PythonError(
        line,
        `${name} is set elsewhere in the script; write its value instead`,
      );
    }
    notes.push(`${name} has become \${${variable}}: put the key into .env as ${variable}=…`);
    return `\${${variable}}`;
  });
  while (!reader.done) {
    const { line } = reader;
    const name = reader.assignment();
    if (name === undefined || !WANTED.has(name)) {
      reader.skipStatement();
      continue;
    }
    const before = lines.get(name);
    if (before !== undefined) {
      faults.push(
        `${name} is set in line ${before} and again in line ${line}: keep the one that you use.`,
      );
      reader.skipStatement();
      continue;
    }
    lines.set(name, line);
    try {
      found.set(name, reader.value());
      reader.endOfStatement();
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      faults.push(`Line ${error.line}, in ${name}: ${error.message}.`);
      reader.skipStatement();
    }
  }
  return found;
}

/** `YOUR_OPENAI_KEY` and the like stand for a key that the reader is to fill in. */
function keyVariable(name: string): string | undefined {
  if (!/(?:KEY|TOKEN)$/.test(name)) return undefined;
  const variable = name.replace(/^YOUR_/, "");
  return variable === "OPENAI_KEY" ? "OPENAI_API_KEY" : variable;
}

function withSettings(
  config: string,
  entries: unknown,
  settings: Readonly<Record<string, unknown>>,
  notes: string[],
): unknown {
  const shared: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    if (SHARED.includes(key)) shared[key] = value;
    else notes.push(`${config}.${key} is left out: ${reasonFor(key)}.`);
  }
  if (!Array.isArray(entries)) return entries;
  return entries.map((entry) => {
    const own = mapping(entry);
    return own ? { ...shared, ...own } : entry;
  });
}

function reasonFor(key: string): string {
  if (key === "seed" || key === "cache_seed")
    return "it turns on AutoGen's cache of answers; here that is `cache_seed` in an entry";
  if (key.endsWith("timeout")) return "limits.model_timeout_ms is the place for it";
  return "there is nothing like it in Colloquy";
}

function mapping(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
