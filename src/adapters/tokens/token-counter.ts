/**
 * `TokenCounter` on gpt-tokenizer: exact for OpenAI's models, an estimate on the safe side for
 * others. An encoding's table costs time and memory (cl100k: 70 ms, 41 MB; o200k: 120 ms, 67 MB),
 * so it is loaded by the first text that is counted and shared by all counters.
 */
import { createRequire } from "node:module";
import type { TokenCounter } from "../../memgpt/ports.ts";
import { estimateTokens } from "./estimate-tokens.ts";

type EncodingName = "cl100k_base" | "o200k_base";
type Count = (text: string) => number;

/** First match wins; names as OpenAI spells them, lower case. */
const ENCODINGS: readonly (readonly [pattern: RegExp, encoding: EncodingName])[] = [
  [/^(?:gpt-4o|chatgpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|gpt-oss|o[1-9])(?:[-.:]|$)/, "o200k_base"],
  [/^(?:gpt-4|gpt-3\.5|text-embedding-(?:ada-002|3-))/, "cl100k_base"],
];

/** Byte-pair merging is quadratic in an unbroken run; longer runs are counted in pieces. */
const LONGEST_RUN = 500;
const LONG_RUN = new RegExp(`(\\S{${LONGEST_RUN}}|\\s{${LONGEST_RUN}})`, "u");

/** Counts that are kept: of this many characters in all, of texts long enough to be worth it. */
const MEMO_CHARACTERS = 1_000_000;
const MEMO_SHORTEST = 40;

/** The tokenizer's own cache of merged words; its default would grow to tens of megabytes. */
const MERGE_CACHE = 20_000;

/**
 * Counts for the models that may read the text; of several, the largest count. Throws nothing.
 * @param models names as in `config_list`; none, or unknown ones, are estimated
 */
export function createTokenCounter(models: readonly string[]): TokenCounter {
  const names = new Set(models.map(encodingOf));
  if (names.size === 0) names.add(undefined);
  const counts = [...names].map(
    (name): Count => (name ? (text) => countExactly(text, loadEncoding(name)) : estimateTokens),
  );
  const largest: Count = (text) => Math.max(...counts.map((count) => count(text)));
  return { count: memoised(counts.length === 1 ? (counts[0] ?? largest) : largest) };
}

/** OpenAI's encoding of a model, or undefined for everybody else's. */
export function encodingOf(model: string): EncodingName | undefined {
  const name = model
    .toLowerCase()
    .replace(/^(?:openai\/|ft:)/, "")
    .replace(/^gpt-35/, "gpt-3.5");
  return ENCODINGS.find(([pattern]) => pattern.test(name))?.[1];
}

const loaded = new Map<EncodingName, Count>();

/** Synchronous, as counting is: `require` can load late what `import` cannot. */
function loadEncoding(name: EncodingName): Count {
  const known = loaded.get(name);
  if (known) return known;
  const encoding = createRequire(import.meta.url)(`gpt-tokenizer/encoding/${name}`) as {
    countTokens(text: string, options: { disallowedSpecial: Set<string> }): number;
    setMergeCacheSize(size: number): void;
  };
  encoding.setMergeCacheSize(MERGE_CACHE);
  // Written by people, `<|endoftext|>` is text: the API counts its letters, so do we.
  const options = { disallowedSpecial: new Set<string>() };
  const count: Count = (text) => encoding.countTokens(text, options);
  loaded.set(name, count);
  return count;
}

function countExactly(text: string, count: Count): number {
  if (text === "") return 0;
  if (text.length < LONGEST_RUN || !LONG_RUN.test(text)) return count(text);
  let tokens = 0;
  for (const part of text.split(LONG_RUN)) {
    // A cut may undo a merge, which can only add tokens; one more makes up for the other way round.
    if (part !== "") tokens += count(part) + 1;
  }
  return tokens;
}

/** Remembers what was counted lately: prompts repeat nearly all of their text every time. */
function memoised(count: Count): Count {
  const known = new Map<string, number>();
  let characters = 0;
  return (text) => {
    if (text.length < MEMO_SHORTEST || text.length > MEMO_CHARACTERS / 4) return count(text);
    const before = known.get(text);
    if (before !== undefined) return before;
    const tokens = count(text);
    known.set(text, tokens);
    characters += text.length;
    // A Map keeps insertion order: the oldest go first.
    for (const oldest of known.keys()) {
      if (characters <= MEMO_CHARACTERS) break;
      known.delete(oldest);
      characters -= oldest.length;
    }
    return tokens;
  };
}
