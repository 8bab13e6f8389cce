/**
 * MemGPT's nested key-value task: 140 pairs in archival memory, where a value may itself be a key,
 * to be followed to its end. The model is a policy of a few lines, so what is measured is the rest:
 * search, its result pages, and the step loop. `npm run bench:nested-kv`.
 */
import { pathToFileURL } from "node:url";
import { createTokenCounter } from "../src/adapters/tokens/token-counter.ts";
import { MemgptAgent } from "../src/memgpt/agent.ts";
import { parseObject } from "../src/memgpt/packaging.ts";
import type { ChatCompletion, ChatModel, ChatRequest, ToolCall } from "../src/memgpt/ports.ts";
import { CountingIds, FakeClock } from "../tests/fakes/fake-clock.ts";
import { MemoryPassageStore, MemoryStateStore } from "../tests/fakes/memory-stores.ts";
import { LetterEmbedder, RecordingLogger } from "../tests/fakes/small-fakes.ts";

export const LEVELS = [0, 1, 2, 3, 4];
/** As in the paper. */
const PAIRS = 140;
const QUESTIONS = 20;

export interface LookupFigures {
  questions: number;
  found: number;
  /** Most model calls that an answer took, the one that says it included. */
  calls: number;
}

/**
 * Asks for the ends of chains of `level` + 1 pairs.
 * @param told whether a value shows that it is no key ("end-…"). Where it does not, as in the paper,
 * only a search for it can tell.
 */
export async function lookUp(level: number, told: boolean): Promise<LookupFigures> {
  const { pairs, questions } = pairsOf(level, told);
  const model = new FollowingModel();
  const agent = MemgptAgent.create(
    {
      name: "Sam",
      owner: "agent/bench/Sam",
      system: "You look values up.",
      persona: "",
      human: "",
      functions: ["send_message", "archival_memory_search"],
      skip_verify: true,
    },
    {
      model,
      tokens: createTokenCounter([]),
      embedder: new LetterEmbedder({ semantic: false }),
      passages: new MemoryPassageStore(),
      store: new MemoryStateStore(),
      clock: new FakeClock(),
      ids: new CountingIds(),
      logger: new RecordingLogger(),
      time_zone: "UTC",
    },
  );
  for (const [key, value] of pairs) await agent.archival.insert(pairText(key, value), 0);
  let found = 0;
  let calls = 0;
  for (const [key, end] of questions) {
    const before = model.calls;
    const { messages } = await agent.reply([{ speaker: "Ada", text: key, created_at: 0 }]);
    if (messages.length === 1 && messages[0] === end) found += 1;
    calls = Math.max(calls, model.calls - before);
  }
  return { questions: questions.length, found, calls };
}

function pairText(key: string, value: string): string {
  return `Key-value pair: key = ${key}, value = ${value}`;
}

/** Chains for the questions, and single pairs until there are enough; mixed, the same in every run. */
function pairsOf(level: number, told: boolean) {
  let serial = 0;
  const uuid = (): string => {
    serial += 1;
    const hex = (salt: number): string =>
      (Math.imul(serial * 97 + salt, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
    const [a, b, c, d] = [hex(1), hex(2), hex(3), hex(4)];
    return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
  };
  const end = (): string => (told ? `end-${uuid()}` : uuid());
  const pairs: [key: string, value: string][] = [];
  const questions: (readonly [key: string, end: string])[] = [];
  while (questions.length < QUESTIONS) {
    const chain = [...Array.from({ length: level + 1 }, uuid), end()];
    chain.slice(1).forEach((value, i) => {
      pairs.push([chain[i] ?? "", value]);
    });
    questions.push([chain[0] ?? "", chain.at(-1) ?? ""]);
  }
  while (pairs.length < PAIRS) pairs.push([uuid(), end()]);
  const mixed = pairs
    .map((pair, i) => ({ pair, place: Math.imul(i + 1, 0x85ebca6b) >>> 0 }))
    .sort((a, b) => a.place - b.place)
    .map(({ pair }) => pair);
  return { pairs: mixed, questions };
}

/** Searches for the key it is asked for, then for each value, until a value is no key. */
class FollowingModel implements ChatModel {
  readonly model = "following";
  readonly context_window = 128_000;
  readonly offline = false;
  calls = 0;

  async complete({ messages }: ChatRequest): Promise<ChatCompletion> {
    this.calls += 1;
    const last = messages.findLast((m) => m.role === "tool" || m.name !== undefined);
    const event = parseObject(last?.content ?? "");
    const text = String(event?.message ?? "");
    if (last?.role === "user") return this.#call("archival_memory_search", { query: text });
    const asked = messages.findLast((m) => m.role === "assistant")?.tool_calls?.[0];
    const query = String(parseObject(asked?.function.arguments ?? "")?.query ?? "");
    const value = valueFor(query, text);
    if (value === undefined) return this.#call("send_message", { message: query });
    if (value.startsWith("end-")) return this.#call("send_message", { message: value });
    return this.#call("archival_memory_search", { query: value });
  }

  #call(name: string, args: Record<string, unknown>): ChatCompletion {
    const search = name === "archival_memory_search";
    const written = JSON.stringify(search ? { ...args, request_heartbeat: true } : args);
    const call: ToolCall = { id: "c", type: "function", function: { name, arguments: written } };
    return {
      content: "I follow the chain.",
      tool_calls: [call],
      finish_reason: "tool_calls",
      model: this.model,
    };
  }
}

/** The value that the first page of results gives for the key. */
function valueFor(key: string, page: string): string | undefined {
  const mark = `key = ${key}, value = `;
  const at = page.indexOf(mark);
  return at < 0 ? undefined : /^[\w-]+/.exec(page.slice(at + mark.length))?.[0];
}

async function main(): Promise<void> {
  console.log(`${PAIRS} pairs, ${QUESTIONS} questions a level; most model calls for an answer\n`);
  console.log("level   found   calls   calls where only a search tells that a value is the last");
  for (const level of LEVELS) {
    const told = await lookUp(level, true);
    const untold = await lookUp(level, false);
    const found = `${told.found}/${told.questions}`;
    console.log(
      `${level}       ${found}   ${told.calls}       ${untold.calls} (${untold.found}/${untold.questions})`,
    );
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
