/**
 * Context windows of models by name, in tokens. The first rows are MemGPT 0.3.5's own table
 * (`LLM_MAX_TOKENS`), the others OpenAI's published figures. An entry's `context_window` overrides.
 */

/** Longest prefix wins, so dated names (`gpt-4o-2024-11-20`) find their family. */
const WINDOWS: readonly (readonly [prefix: string, tokens: number])[] = [
  ["gpt-3.5-turbo", 4096],
  ["gpt-3.5-turbo-16k", 16_385],
  ["gpt-3.5-turbo-1106", 16_385],
  ["gpt-3.5-turbo-0125", 16_385],
  ["gpt-4", 8192],
  ["gpt-4-32k", 32_768],
  ["gpt-4-1106-preview", 128_000],
  ["gpt-4-0125-preview", 128_000],
  ["gpt-4-turbo", 128_000],
  ["gpt-4-vision-preview", 128_000],
  ["gpt-4o", 128_000],
  ["chatgpt-4o", 128_000],
  ["gpt-4.1", 1_047_576],
  ["gpt-4.5", 128_000],
  ["gpt-5", 400_000],
  ["gpt-5-chat", 128_000],
  ["o1", 200_000],
  ["o1-mini", 128_000],
  ["o1-preview", 128_000],
  ["o3", 200_000],
  ["o4-mini", 200_000],
  ["gpt-oss", 131_072],
];

/** MemGPT's figure for models it does not know. */
const UNKNOWN_MODEL = 8192;

/** The window of `model` in tokens. Azure's spelling `gpt-35-…` and router prefixes are understood. */
export function contextWindowOf(model: string): number {
  const name = plainModelName(model);
  let best: readonly [string, number] = ["", UNKNOWN_MODEL];
  for (const row of WINDOWS) {
    if (startsFamily(name, row[0]) && row[0].length > best[0].length) best = row;
  }
  return best[1];
}

/** Lower case, without a router's or fine-tune's prefix (`openai/…`, `ft:…`), in OpenAI's own spelling. */
export function plainModelName(model: string): string {
  return model
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/^ft:/, "")
    .replace(/^gpt-35/, "gpt-3.5");
}

/** `gpt-4` starts `gpt-4` and `gpt-4-0613`, not `gpt-4all`; `gpt-5` also starts `gpt-5.2`. */
function startsFamily(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  const next = name.charAt(prefix.length);
  return next === "" || next === "-" || next === ":" || (next === "." && prefix === "gpt-5");
}
