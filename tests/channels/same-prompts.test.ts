import { expect, it } from "vitest";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { ALL_FUNCTIONS } from "../memgpt/agent-fixture.ts";
import {
  call,
  endless,
  file,
  general,
  grace,
  lastLine,
  line,
  memgptSeat,
  seats,
  start,
  world,
} from "./channel-world.ts";

/** What a MemGPT agent does in its n-th request: edits, searches, mistakes, and answers between. */
function policy(request: ChatRequest, n: number): ScriptStep {
  if (!request.tools) return `We talked (${n}).`;
  const go = (name: string, args: Record<string, unknown>): ScriptStep => ({
    content: `Request ${n}.`,
    calls: [{ name, args: { ...args, request_heartbeat: true } }],
  });
  switch (n % 7) {
    case 1:
      return go("core_memory_append", { name: "human:ada", content: `Fact ${n} of Ada's.` });
    case 2:
      return go("archival_memory_insert", { content: `Passage ${n}, ü 👋.` });
    case 3:
      return go("archival_memory_search", { query: "passage" });
    case 4:
      return go("core_memory_replace", { name: "human", old_content: "none", new_content: "x" });
    case 5:
      return go("conversation_search", { query: "line", page: null });
    default:
      return says(`Answer ${n}. ${"Long words. ".repeat(30)}`);
  }
}

/** Everything both models are asked in one talk, to the byte. */
async function promptsOf(): Promise<{ prompts: string[]; summaries: number }> {
  const memgpt = endless(policy);
  const plain = endless((request, n) => `Manager ${n} on ${lastLine(request).slice(0, 40)}`);
  // Small enough for evictions.
  Object.assign(memgpt, { context_window: 4000 });
  const w = world({ memgpt, plain });
  const table = seats(w);
  const seat = memgptSeat("Mem", memgpt);
  if (seat.type !== "memgpt") throw new Error("Not a MemGPT seat.");
  table[2] = { ...seat, memgpt: { ...seat.memgpt, functions: ALL_FUNCTIONS } };
  w.seats = table;
  let host = await start(w);
  for (let i = 0; i < 12; i += 1) {
    const person = i % 3 === 2 ? { person: grace } : {};
    await host.receive(general, line(`Line ${i}: ${"wind and water ".repeat(20)}`, person));
    if (i === 3) {
      await call(host, "attach", undefined, { file: file("a.txt", "One page about boats.") });
    }
    if (i === 5) await call(host, "memory", "undo");
    if (i === 7) host = await start(w);
  }
  const prompts = [...memgpt.requests, ...plain.requests].map(({ messages, tools }) =>
    JSON.stringify({ messages, tools }),
  );
  return { prompts, summaries: memgpt.requests.filter(({ tools }) => !tools).length };
}

it("asks the same twice, byte by byte: people, edits, files, evictions, a restart and all", async () => {
  const first = await promptsOf();
  const second = await promptsOf();
  expect(first.summaries).toBeGreaterThan(0);
  expect(first.prompts.length).toBeGreaterThan(40);
  expect(second.prompts).toEqual(first.prompts);
  const all = first.prompts.join("\n");
  for (const part of ["human:ada", "a.txt", "undone by people", "Passage 2, ü 👋."]) {
    expect(all).toContain(part);
  }
});
