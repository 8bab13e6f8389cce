/**
 * How much of what a MemGPT agent sends could come from a provider's prefix cache: the share of its
 * prompts' tokens that is byte for byte the beginning of its request before. Real agent, real token
 * counts, stores in memory, a scripted talk. `npm run bench:prompt-cache`.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createTokenCounter } from "../src/adapters/tokens/token-counter.ts";
import { MemgptAgent } from "../src/memgpt/agent.ts";
import { BASE_FUNCTIONS } from "../src/memgpt/base-functions.ts";
import type { ChatRequest, TokenCounter } from "../src/memgpt/ports.ts";
import type { PromptLayout } from "../src/memgpt/runtime.ts";
import { CountingIds, FakeClock } from "../tests/fakes/fake-clock.ts";
import { MemoryPassageStore, MemoryStateStore } from "../tests/fakes/memory-stores.ts";
import { LetterEmbedder, RecordingLogger } from "../tests/fakes/small-fakes.ts";
import { linesOf, ScriptedTalk, TURNS, turnTime } from "./scripted-talk.ts";

export interface CacheFigures {
  /** The agent's, without the summariser's. */
  requests: number;
  evictions: number;
  edits: number;
  /** Tool schemas included. */
  prompt_tokens: number;
  /** Share of `prompt_tokens` that is a prefix of the request before, 0 to 1. */
  share: number;
  /** The same with the time as the first line of each prompt, before the tools. */
  share_with_clock: number;
  /** The same with the time as the first line of the system message, behind the tools. */
  share_with_clock_behind_tools: number;
  /** Prompts of the summariser, which begin with a system message of their own. */
  summary_tokens: number;
}

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8").trim();

/** Plays the talk; the requests are in `model.requests`, in order. */
export async function playTalk(
  layout: PromptLayout,
  context_window: number,
): Promise<{ agent: MemgptAgent; model: ScriptedTalk; tokens: TokenCounter }> {
  const model = new ScriptedTalk(context_window);
  const tokens = createTokenCounter(["gpt-4"]);
  const clock = new FakeClock(turnTime(0));
  const agent = MemgptAgent.create(
    {
      name: "Sam",
      owner: "agent/bench/Sam",
      system: text("../config/prompts/memgpt_chat.txt"),
      persona: text("../config/personas/sam_pov.txt"),
      human: "",
      functions: BASE_FUNCTIONS.map((f) => f.schema.function.name),
      skip_verify: true,
      layout,
    },
    {
      model,
      tokens,
      embedder: new LetterEmbedder({ semantic: false }),
      passages: new MemoryPassageStore(),
      store: new MemoryStateStore(),
      clock,
      ids: new CountingIds(),
      logger: new RecordingLogger(),
      time_zone: "UTC",
    },
  );
  for (let turn = 1; turn <= TURNS; turn += 1) {
    clock.jump(turnTime(turn) - clock.now());
    model.beginTurn(turn);
    await agent.reply(linesOf(turn));
  }
  return { agent, model, tokens };
}

export async function measure(layout: PromptLayout, context_window: number): Promise<CacheFigures> {
  const { agent, model, tokens } = await playTalk(layout, context_window);
  const own = model.requests.filter((request) => request.tools);
  const prompts = own.map(piecesOf);
  const clocked = own.map((request, i) => piecesOf(withClock(request, i)));
  return {
    requests: own.length,
    evictions: agent.snapshot().summary_version,
    edits: agent.core.version - 1,
    ...cached(prompts, tokens),
    share_with_clock: cached(
      prompts.map((pieces, i) => [clockAt(i), ...pieces]),
      tokens,
    ).share,
    share_with_clock_behind_tools: cached(clocked, tokens).share,
    summary_tokens: model.requests
      .filter((request) => !request.tools)
      .reduce((sum, { messages }) => sum + tokens.count(JSON.stringify(messages)), 0),
  };
}

/** A request in the order in which providers read it: tools, then one message after the other. */
export function piecesOf(request: ChatRequest): string[] {
  return [JSON.stringify(request.tools), ...request.messages.map((m) => JSON.stringify(m))];
}

function withClock(request: ChatRequest, i: number): ChatRequest {
  const [system, ...rest] = request.messages;
  const content = `${clockAt(i)}\n${system?.content ?? ""}`;
  return { ...request, messages: [{ role: "system", content }, ...rest] };
}

function clockAt(i: number): string {
  return new Date(turnTime(0) + i * 1000).toISOString();
}

function cached(
  prompts: readonly (readonly string[])[],
  tokens: TokenCounter,
): { prompt_tokens: number; share: number } {
  let all = 0;
  let hit = 0;
  for (const [i, prompt] of prompts.entries()) {
    all += prompt.reduce((sum, piece) => sum + tokens.count(piece), 0);
    hit += prefixTokens(prompts[i - 1] ?? [], prompt, tokens);
  }
  return { prompt_tokens: all, share: hit / all };
}

function prefixTokens(
  before: readonly string[],
  now: readonly string[],
  tokens: TokenCounter,
): number {
  let sum = 0;
  for (const [i, piece] of now.entries()) {
    const same = commonPrefix(before[i] ?? "", piece);
    sum += tokens.count(piece.slice(0, same));
    if (same < piece.length) return sum;
  }
  return sum;
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, i) => (i === 0 ? String(cell).padEnd(20) : String(cell).padStart(14)))
    .join("");
}

async function main(): Promise<void> {
  console.log(`${TURNS} turns; share of prompt tokens that is a prefix of the request before\n`);
  console.log(
    row([
      "layout",
      "window",
      "cached",
      "requests",
      "evictions",
      "edits",
      "prompt tokens",
      "summaries",
    ]),
  );
  for (const window of [8192, 32_768]) {
    const append = await measure("append", window);
    const original = await measure("memgpt_0_3", window);
    for (const [name, f] of [
      ["append", append],
      ["memgpt_0_3", original],
      ["clock in the head", { ...append, share: append.share_with_clock }],
    ] as const) {
      const counts = [f.requests, f.evictions, f.edits, f.prompt_tokens, f.summary_tokens];
      console.log(row([name, window, percent(f.share), ...counts]));
    }
    const behind = percent(append.share_with_clock_behind_tools);
    console.log(`  (${behind} where the tools come before the clock)\n`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
