import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { type Budget, dayOf } from "../../src/channels/budget.ts";
import { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import type { ChatModel, ChatRequest } from "../../src/memgpt/ports.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  call,
  endless,
  gate,
  general,
  grace,
  line,
  runtimeOf,
  seats,
  stored,
  until,
  untilAborted,
  type World,
  world,
} from "./channel-world.ts";

const DAY_MS = 86_400_000;

/** Each answer uses 100 tokens of prompt and 20 of completion; gpt-4 has a known price. */
function paid(model: ChatModel, changes: Partial<{ model: string; cached: true }> = {}): ChatModel {
  return {
    ...model,
    model: "gpt-4",
    complete: async (request) => ({
      ...(await model.complete(request)),
      model: "gpt-4",
      usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
      ...changes,
    }),
  };
}

function paidWorld(changes: Partial<{ model: string; cached: true }> = {}): World {
  const plain = paid(
    endless((_, n) => `Manager ${n}`),
    changes,
  );
  return world({
    plain,
    memgpt: paid(
      endless((_, n) => says(`Mem ${n}`)),
      changes,
    ),
  });
}

async function startWith(w: World, budget: Budget = {}): Promise<ChannelRegistry> {
  const registry = new ChannelRegistry({ commands, runtime: { ...runtimeOf(w), budget } });
  await registry.connect(() => w.surface);
  return registry;
}

const usage = (host: ChannelRegistry, person = ada) =>
  call(host, "groupchat", "usage", {}, { person });

test("counts per agent and together, over restarts, and forgets nothing with a deleted agent", async () => {
  const w = paidWorld();
  const host = await startWith(w);
  expect(await usage(host)).toBe("No model has been paid for here yet.");
  await host.receive(general, line("one"));
  const again = await startWith(w);
  await again.receive(general, line("two"));
  const text = await usage(again);
  expect(text).toContain("Manager: 2 requests, 200 tokens asked, 40 answered, $0.0084");
  expect(text).toContain("Mem: 2 requests");
  expect(text).toContain("Together: 4 requests, 400 tokens asked, 80 answered, $0.0168.");
  expect(text).toContain("Today (UTC): 480 tokens");
  const elsewhere = { place: { ...general, id: "200" } };
  expect(await call(again, "groupchat", "usage", {}, elsewhere)).toContain("paid for here yet");
});

test("counts a request that chooses the speaker, none that a cache answered, and says what has no price", async () => {
  const w = paidWorld();
  const host = await startWith({ ...w, max_round: 2 });
  await call(host, "groupchat", "set", { speaker_selection: "auto" });
  await host.receive(general, line("one"));
  expect(await usage(host)).toContain("(speaker selection): ");
  const cached = paidWorld({ cached: true });
  const free = await startWith(cached);
  await free.receive(general, line("one"));
  expect(await usage(free)).toContain("paid for here yet");
  const local = await startWith(paidWorld({ model: "llama*local" }));
  await local.receive(general, line("one"));
  expect(await usage(local)).toContain("No price is known for llama\\*local, so it counts as $0");
});

test("counts by letters where a server does not report tokens", async () => {
  const w = world();
  const host = await startWith(w, { run: { tokens: 20 } });
  await host.receive(general, line(`one ${"x".repeat(200)}`));
  expect(await usage(host)).toContain("counted by its letters");
  expect(w.surface.notices[0]).toContain("The budget of one run is used up");
});

test("ends the run before the next request when its budget is used up, and Continue begins another", async () => {
  const w = paidWorld();
  const host = await startWith(w, { run: { tokens: 120 } });
  await host.receive(general, line("one"));
  expect(w.surface.pieces.map(({ voice }) => voice)).toEqual(["Manager"]);
  expect(w.surface.notices).toEqual([
    "The budget of one run is used up: 120 of 120 tokens. Write, or press Continue, to go on.",
  ]);
  const [go] = w.surface.standing;
  expect(go?.label).toBe("Continue");
  await host.press(general, { id: go?.id ?? "", person: grace });
  await until(() => w.surface.pieces.length === 2);
  expect(w.surface.pieces.map(({ voice }) => voice)).toEqual(["Manager", "Mem"]);
});

test("has a budget in dollars for a channel's day, which a restart does not renew and midnight does", async () => {
  const w = paidWorld();
  const budget = { channel_per_day: { cost: 0.0084 } };
  const host = await startWith(w, budget);
  await host.receive(general, line("one"));
  await host.receive(general, line("two"));
  expect(w.surface.pieces).toHaveLength(2);
  expect(w.surface.notices).toEqual([
    "This channel's budget for today is used up: $0.0084 of $0.0084. It begins anew at 00:00 UTC; `/groupchat usage` tells more.",
  ]);
  expect(w.surface.standing).toEqual([]);
  const again = await startWith(w, budget);
  await again.receive(general, line("three"));
  expect(w.surface.pieces).toHaveLength(2);
  expect(await usage(again)).toContain("Budget: this channel today $0.0084 of $0.0084.");
  w.clock.advance(DAY_MS);
  await again.receive(general, line("four"));
  expect(w.surface.pieces).toHaveLength(4);
});

test("has a budget for a person's day, wherever the bot is, and over a restart", async () => {
  const w = paidWorld();
  const budget = { person_per_day: { tokens: 240 } };
  const host = await startWith(w, budget);
  await host.receive(general, line("one"));
  const elsewhere = { ...general, id: "200" };
  const again = await startWith(w, budget);
  await again.receive(elsewhere, line("two"));
  expect(w.surface.pieces).toHaveLength(2);
  expect(w.surface.notices[0]).toContain("The budget for today of the person who began this run");
  await again.receive(elsewhere, line("three", { person: grace }));
  expect(w.surface.pieces).toHaveLength(4);
  expect(await usage(again, grace)).toContain("you today 240 of 240 tokens");
});

test("a MemGPT agent that spoke before it was refused a request does not hide the budget", async () => {
  const chain = endless((_, n) => ({
    content: null,
    calls: [{ name: "send_message", args: { message: `Part ${n}.`, request_heartbeat: true } }],
  }));
  const w = world({ memgpt: paid(chain) });
  const host = await startWith({ ...w, seats: seats(w) }, { run: { tokens: 150 } });
  await call(host, "groupchat", "remove", { agent: "Manager" });
  await host.receive(general, line("one"));
  expect(w.surface.notices.at(-1)).toContain("The budget of one run is used up");
  expect((await stored(w)).run).toBeNull();
});

test("adds no write of its own: what was spent goes along with the commits", async () => {
  const count = async (budget: Budget): Promise<number> => {
    const w = paidWorld();
    let writes = 0;
    const { setMany } = w.store;
    w.store.setMany = (rows) => {
      writes += 1;
      return setMany.call(w.store, rows);
    };
    const host = await startWith(w, budget);
    await host.receive(general, line("one"));
    return writes;
  };
  const limit = { tokens: 1_000_000 };
  const all = { run: limit, channel_per_day: limit, person_per_day: limit };
  expect(await count(all)).toBe(await count({}));
});

test("counts agents whatever they are called", async () => {
  for (const name of ["constructor", "__proto__"]) {
    const w = paidWorld();
    const table = seats(w).map((seat) => (seat.type === "assistant" ? { ...seat, name } : seat));
    const host = await startWith({ ...w, seats: table });
    await host.receive(general, line("one"));
    await host.receive(general, line("two"));
    expect(await usage(host)).toContain(": 2 requests, 200 tokens asked, 40 answered, $0.0084");
    expect(await usage(host)).toContain("Together: 4 requests");
  }
});

test("a person without a budget does not use up the Continue of others", async () => {
  const w = paidWorld();
  const host = await startWith({ ...w, max_round: 2 }, { person_per_day: { tokens: 120 } });
  await host.receive(general, line("one", { person: grace }));
  await host.receive(general, line("two"));
  const { standing } = w.surface;
  expect(standing.map(({ label }) => label)).toEqual(["Continue"]);
  const before = w.surface.pieces.length;
  await host.press(general, { id: standing[0]?.id ?? "", person: grace });
  await until(() => w.surface.notices.at(-1)?.includes("of the person who began") ?? false);
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
  expect(w.surface.standing.map(({ label }) => label)).toEqual(["Continue"]);
  await host.press(general, { id: w.surface.standing[0]?.id ?? "", person: { ...ada, id: "3" } });
  await until(() => w.surface.pieces.length > before);
});

test("what was asked before somebody stopped it is counted by its letters", async () => {
  const w = paidWorld();
  let asked = 0;
  const complete = ({ signal }: ChatRequest): Promise<never> => {
    asked += 1;
    return untilAborted(signal);
  };
  const plain = { ...w.plain, complete };
  const host = await startWith({ ...w, plain }, { run: { tokens: 1_000_000 } });
  const run = host.receive(general, line("x".repeat(400)));
  await until(() => asked === 1);
  await host.receive(general, line("STOP"));
  await run;
  expect(await usage(host)).toMatch(/Manager: 1 request, 1\d\d tokens asked, 0 answered/);
  expect((await stored(w)).usage?.today.tokens).toBeGreaterThan(100);
});

test("what idle work used is not laid to a person who comes meanwhile", async () => {
  const { passed, open } = gate();
  let idle = 0;
  const memgpt = endless(async ({ tools = [] }) => {
    if (!tools.some((tool) => tool.function.name === "finish")) return says("Mem");
    idle += 1;
    await passed;
    return { calls: [{ name: "finish", args: {} }] };
  });
  // It is done although it was ended.
  const deaf = { ...memgpt, complete: ({ signal: _, ...r }: ChatRequest) => memgpt.complete(r) };
  const w = { ...paidWorld(), memgpt: paid(deaf) };
  const table = seats(w).filter(({ type }) => type !== "assistant");
  await w.store.set("people/1/spent", { day: dayOf(w.clock.now()), tokens: 500, cost: 0 });
  const host = new ChannelRegistry({
    commands,
    runtime: { ...runtimeOf({ ...w, seats: table }), budget: { person_per_day: { tokens: 5000 } } },
    idle_work: { quiet_ms: 60_000, tokens_per_day: 100_000 },
  });
  await host.connect(() => w.surface);
  await host.receive(general, line("one", { person: grace }));
  await w.clock.advance(60_000);
  await until(() => idle === 1);
  const run = host.receive(general, line("two"));
  await until(() => w.store.rows.get("channel/100/state")?.includes('"payer":"1"') ?? false);
  open();
  await run;
  expect(await usage(host)).toContain("you today 620 of 5,000 tokens");
  await host.close();
});
