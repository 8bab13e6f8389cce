import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import { IdleBudget } from "../../src/channels/idle-budget.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { ColloquyError, StoreError } from "../../src/shared/errors.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
import type { ScriptStep } from "../fakes/scripted-chat-model.ts";
import { quarterTokens } from "../fakes/small-fakes.ts";
import {
  call,
  endless,
  general,
  grace,
  lastLine,
  line,
  runtimeOf,
  seats,
  until,
  untilAborted,
  type World,
  wholeText,
  world,
} from "./channel-world.ts";

const MINUTE = 60_000;

function isIdleWork({ tools = [] }: ChatRequest): boolean {
  return tools.some((tool) => tool.function.name === "finish");
}

/** Mem keeps what it hears in its core memory, and does `idle` when it is quiet. */
function quietWorld(
  idle: (request: ChatRequest) => ScriptStep | Promise<ScriptStep> = archiveNewest,
): World & { idle: ChatRequest[] } {
  const requests: ChatRequest[] = [];
  const memgpt = endless((request) => {
    if (isIdleWork(request)) {
      requests.push(request);
      return idle(request);
    }
    const name = request.messages.findLast((m) => m.role === "user")?.name?.toLowerCase();
    const content = `Told: ${lastLine(request)}`;
    return {
      calls: [
        { name: "core_memory_append", args: { name: "human", content } },
        { name: "core_memory_append", args: { name: `human:${name}`, content: "Here.\nHere" } },
        { name: "send_message", args: { message: `Mem on ${lastLine(request)}` } },
      ],
    };
  });
  const w = world({ memgpt });
  const alone = seats(w).filter((seat) => seat.type !== "assistant");
  return { ...w, seats: alone, idle: requests };
}

/** The newest line of the human block goes to archival memory. */
function archiveNewest(request: ChatRequest): ScriptStep {
  const lines = /^Told: .*$/gm;
  const newest = request.messages.at(-1)?.content?.match(lines)?.at(-1) ?? "";
  return {
    calls: [
      { name: "move_to_archival", args: { name: "human", lines: newest } },
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

test("shows what it did in /memory, and once with the next answer, after a restart too", async () => {
  const w = quietWorld();
  const before = await start(w);
  await before.receive(general, line("Hello"));
  await pass(w, 31);
  await before.close();
  const host = await start(w);
  const core = await call(host, "memory", "core");
  expect(core).toContain(
    "Mem put its memory in order:\n- merged lines of human:ada\n- moved 1 line of human to archival memory: Told: Hello",
  );
  await host.receive(general, line("Back"));
  await host.receive(general, line("Again"));
  const traces = w.surface.pieces.map((piece) => piece.traces);
  expect(traces.flat()).toEqual([
    "[notice] Mem put its memory in order while it was quiet: 2 changes. /memory core tells them, /memory undo takes edits of core memory back, the newest first, /load name:before idle work all of it.",
  ]);
});

test("is taken back by /memory undo, or by the snapshot from before it", async () => {
  for (const way of ["undo", "load"]) {
    const w = quietWorld();
    const host = await start(w);
    await host.receive(general, line("Hello"));
    const core = await call(host, "memory", "core");
    expect(core).toContain("Told: Hello");
    await pass(w, 31);
    const shown = async (): Promise<string | undefined> =>
      (await call(host, "memory", "core")).split("\n\nWhile it was quiet")[0];
    expect(await shown()).not.toContain("Told: Hello");
    if (way === "undo") await call(host, "memory", "undo", { count: 2 });
    else await call(host, "load", undefined, { name: "before idle work" });
    expect(await shown()).toBe(core);
  }
});

test("does not do again what people have taken back", async () => {
  const w = quietWorld(() => ({ calls: [{ name: "finish", args: {} }] }));
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await pass(w, 31);
  expect(await call(host, "memory", "core")).toContain("- merged lines of human:ada");
  await call(host, "memory", "undo");
  await host.receive(general, line("Hello", { person: grace }));
  await pass(w, 31);
  const core = await call(host, "memory", "core");
  expect(core).toContain("**human:ada** (10/2000 characters)\nHere.\nHere");
  expect(core).toContain("- merged lines of human:grace");
});

test("keeps the rows of both versions, and their numbers", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await pass(w, 31);
  const [report] = JSON.parse(w.store.rows.get("channel/100/idle") ?? "").reports;
  expect(report).toMatchObject({ agent: "Mem", summary: [0, 0] });
  const [before, after] = report.core;
  expect(w.store.rows.get(`agent/100/Mem/core/${before}`)).toContain("Told: Hello");
  const { human } = JSON.parse(w.store.rows.get(`agent/100/Mem/core/${after}`) ?? "");
  expect(human).not.toContain("Told: Hello");
});

test("leaves alone what is about people who opted out", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await host.receive(general, line("Hi", { person: grace }));
  await call(host, "memory", "opt-out");
  await pass(w, 31);
  const core = await call(host, "memory", "core");
  expect(core).toContain("merged lines of human:grace");
  expect(core).not.toContain("merged lines of human:ada");
  expect(wholeText(w.idle[0] as never)).not.toContain("human:ada");
});

test("what it wrote is forgotten with the person it is about", async () => {
  const w = quietWorld((request) => ({
    calls: [
      { name: "move_to_archival", args: { name: "human:ada", lines: "Here." } },
      ...(archiveNewest(request) as { calls: [] }).calls,
    ],
  }));
  const host = await start(w);
  await host.receive(general, line("my word is swordfish"));
  await pass(w, 31);
  const rows = (): string => [...w.store.rows.values()].join("\n");
  expect(rows()).toContain('"parts":["ada: Here."]');
  expect(rows()).toContain("swordfish");
  await call(host, "forget", "me", { confirm: true });
  expect(rows()).not.toMatch(/ada: Here\.|swordfish/);
  expect(await call(host, "memory", "core")).not.toContain("While it was quiet");
  await host.receive(general, line("Hello"));
  await pass(w, 31);
  expect(w.idle, "and it goes on as before").toHaveLength(2);
});

test("ends at once when somebody writes, who is answered as ever", async () => {
  const w = quietWorld(({ signal }) => untilAborted(signal));
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await w.clock.advance(31 * MINUTE);
  await until(() => w.idle.length === 1);
  await host.receive(general, line("Wait"));
  expect(w.surface.answers.at(-1)).toContain("Mem on");
  expect(w.surface.answers).toHaveLength(2);
  expect(await call(host, "memory", "core")).not.toContain("moved 1 line");
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
  const host = await start({ ...w, seats: seats({ ...w, plain }) });
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

test("changes nothing where the snapshot that leads back cannot be stored", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  const { setMany } = w.store;
  w.store.setMany = async (rows) => {
    if (rows.some(([key]) => key.includes("/snapshot")))
      throw new StoreError("store_full", "Full.");
    await setMany.call(w.store, rows);
  };
  await pass(w, 31);
  expect(w.idle).toHaveLength(1);
  w.store.setMany = setMany;
  await host.receive(general, line("Back"));
  expect(await call(host, "memory", "core")).toContain("Told: Hello");
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

test("asks no model where nothing can be said", async () => {
  const w = quietWorld();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  w.surface.parked_by = new ColloquyError("discord_parked", "I may not write in this channel.");
  await pass(w, 31);
  expect(w.idle).toHaveLength(0);
  w.surface.parked_by = undefined;
  await call(host, "memory", "core");
  await pass(w, 31);
  expect(w.idle).toHaveLength(1);
});
