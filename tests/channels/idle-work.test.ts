import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import { IdleBudget } from "../../src/channels/idle-budget.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
import { type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { quarterTokens } from "../fakes/small-fakes.ts";
import {
  call,
  endless,
  general,
  lastLine,
  line,
  runtimeOf,
  until,
  untilAborted,
  type World,
  world,
} from "./channel-world.ts";

const MINUTE = 60_000;

function isIdleWork({ tools = [] }: ChatRequest): boolean {
  return tools.some((tool) => tool.function.name === "finish");
}

/** Mem answers, and does `idle` when it is quiet. */
function quietWorld(
  idle: (request: ChatRequest) => ScriptStep | Promise<ScriptStep> = () => note("Tidy."),
): World & { idle: ChatRequest[] } {
  const requests: ChatRequest[] = [];
  const memgpt = endless((request) => {
    if (!isIdleWork(request)) return says(`Mem on ${lastLine(request)}`);
    requests.push(request);
    return idle(request);
  });
  return { ...world({ memgpt }), idle: requests };
}

function note(content: string): ScriptStep {
  return {
    calls: [
      { name: "core_memory_append", args: { name: "human", content } },
      { name: "finish", args: {} },
    ],
  };
}

async function start(w: World, tokens_per_day = 100_000): Promise<ChannelRegistry> {
  const registry = new ChannelRegistry({
    commands,
    runtime: runtimeOf(w),
    idle_work: { quiet_ms: 30 * MINUTE, tokens_per_day },
  });
  await registry.connect(() => w.surface);
  return registry;
}

/** Lets the time pass, and the work that it brings. */
async function pass(w: World, minutes: number): Promise<void> {
  await w.clock.advance(minutes * MINUTE);
  for (let i = 0; i < 2000; i += 1) await Promise.resolve();
}

test("works once it has been quiet for so long, and not again until something is said", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await pass(w, 29);
  expect(w.idle).toHaveLength(0);
  await host.receive(general, line("Still here"));
  await pass(w, 29);
  expect(w.idle).toHaveLength(0);
  await pass(w, 2);
  expect(w.idle).toHaveLength(1);
  await pass(w, 500);
  await call(host, "agents");
  await pass(w, 500);
  expect(w.idle).toHaveLength(1);
  await host.receive(general, line("Back"));
  await pass(w, 31);
  expect(w.idle).toHaveLength(2);
  expect(w.surface.notices).toEqual([]);
});

test("shows what it did in /memory, and once with the next answer", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await pass(w, 31);
  const core = await call(host, "memory", "core");
  expect(core).toContain("Tidy.");
  expect(core).toContain("Mem put its memory in order:\n- added to human: Tidy.");
  await host.receive(general, line("Back"));
  await host.receive(general, line("Again"));
  const traces = w.surface.pieces.map((piece) => piece.traces);
  expect(traces.flat()).toEqual([
    "[notice] Mem put its memory in order while it was quiet: 1 change; /memory core tells them, /load name:before idle work undoes them.",
  ]);
});

test("is undone by the snapshot from before it, and keeps both versions", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await pass(w, 31);
  expect(w.store.rows.get("agent/100/Mem/core/1")).not.toContain("Tidy.");
  expect(w.store.rows.get("agent/100/Mem/core/2")).toContain("Tidy.");
  expect(JSON.parse(w.store.rows.get("channel/100/idle") ?? "").reports[0]).toMatchObject({
    agent: "Mem",
    core: [1, 2],
    summary: [0, 0],
  });
  await call(host, "load", undefined, { name: "before idle work" });
  const { memory } = { memory: await call(host, "memory", "core") };
  expect(memory.split("While it was quiet")[0]).not.toContain("Tidy.");
});

test("ends at once when somebody writes, who is answered as ever", async () => {
  const w = quietWorld(({ signal }) => untilAborted(signal));
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await w.clock.advance(31 * MINUTE);
  await until(() => w.idle.length === 1);
  await host.receive(general, line("Wait"));
  expect(w.surface.answers.at(-1)).toContain("Mem on");
  expect(w.surface.answers).toHaveLength(4);
  expect(await call(host, "memory", "core")).not.toContain("While it was quiet");
  await pass(w, 31);
  expect(w.idle, "what was cut short is taken up again").toHaveLength(2);
  await host.close();
});

test("does not begin while a run goes on", async () => {
  let open = (): void => {};
  const door = new Promise<void>((resolve) => {
    open = resolve;
  });
  const w = quietWorld();
  const plain = endless(async () => {
    await door;
    return "At last.";
  });
  const host = await start({ ...w, plain });
  const run = host.receive(general, line("Hello"));
  await pass(w, 500);
  expect(w.idle).toHaveLength(0);
  open();
  await run;
  await pass(w, 31);
  expect(w.idle).toHaveLength(1);
});

test("uses no more tokens a day than it may, across restarts and clocks set back", async () => {
  const w = quietWorld();
  for (let i = 0; i < 6; i += 1) {
    const host = await start(w, 4000);
    await host.receive(general, line(`Line ${i}`));
    await pass(w, 31);
    if (i === 3) w.clock.jump(-60 * MINUTE);
    await host.close();
  }
  const { length } = w.idle;
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThan(4);
  w.clock.jump(24 * 60 * MINUTE);
  const host = await start(w, 4000);
  await host.receive(general, line("A new day"));
  await pass(w, 31);
  expect(w.idle.length).toBe(length + 1);
});

test("does nothing where it is not switched on", async () => {
  const w = quietWorld();
  const host = new ChannelRegistry({ commands, runtime: runtimeOf(w) });
  await host.connect(() => w.surface);
  await host.receive(general, line("Hello"));
  await pass(w, 5000);
  expect(w.idle).toHaveLength(0);
});

test("leaves the channel as it is where no snapshot can be made", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  for (let i = 0; i < 50; i += 1) await call(host, "save", undefined, { name: `s${i}` });
  await pass(w, 31);
  expect(w.idle).toHaveLength(0);
  expect(w.logger.lines.map((one) => one.message).join()).toContain("no room for the snapshot");
});

test("charges what the model reports, and refuses before it asks", async () => {
  const store = new MemoryStateStore();
  const clock = new FakeClock(Date.UTC(2026, 0, 5, 23, 30));
  const budget = new IdleBudget({ tokens_per_day: 2500, store, clock, tokens: quarterTokens });
  const model = budget.through({
    model: "m",
    context_window: 100,
    offline: false,
    complete: async () => ({
      content: "",
      tool_calls: [],
      finish_reason: "stop",
      model: "m",
      usage: { prompt_tokens: 900, completion_tokens: 100, total_tokens: 1000 },
    }),
  });
  const ask = (): Promise<unknown> => model.complete({ messages: [], max_tokens: 1000 });
  await ask();
  expect(await store.get("idle/spent")).toEqual({ day: "2026-01-05", tokens: 1000 });
  await ask();
  await expect(ask()).rejects.toMatchObject({ code: "idle_budget_spent" });
  clock.jump(60 * MINUTE);
  await ask();
  clock.jump(-60 * MINUTE);
  await ask();
  expect(await store.get("idle/spent")).toEqual({ day: "2026-01-06", tokens: 2000 });
});
