import { expect, test } from "vitest";
import { ColloquyError } from "../../src/shared/errors.ts";
import {
  call,
  endless,
  gate,
  general,
  lastLine,
  line,
  start,
  stored,
  transcript,
  until,
  untilAborted,
  world,
} from "./channel-world.ts";

const unreachable = (): ColloquyError =>
  new ColloquyError("discord_unavailable", "Discord is out of reach.");

test("tries again when the surface is out of reach, comparing what is there already", async () => {
  const w = world();
  let failures = 2;
  w.surface.at = ({ method, when }) => {
    if (method !== "piece" || when !== "after" || failures === 0) return;
    failures -= 1;
    throw unreachable();
  };
  const host = await start(w);
  const run = host.receive(general, line("one"));
  await until(() => failures === 1 && w.clock.waiting === 1);
  await w.clock.advance(2_000);
  await until(() => failures === 0 && w.clock.waiting === 1);
  await w.clock.advance(2_000);
  await run;
  expect(w.surface.posts.map((post) => post.recovering)).toEqual([false, true, false, true]);
  expect(w.surface.pieces).toHaveLength(2);
});

test("leaves an answer to be posted later when the surface stays out of reach", async () => {
  const w = world();
  let tries = 0;
  w.surface.at = ({ method }) => {
    if (method !== "piece" && method !== "notify") return;
    tries += 1;
    throw unreachable();
  };
  const host = await start(w);
  const run = host.receive(general, line("one"));
  for (const [i, pause] of [2_000, 10_000, 30_000].entries()) {
    await until(() => tries === i + 1 && w.clock.waiting === 1);
    await w.clock.advance(pause);
  }
  await run;
  expect((await stored(w)).run?.answer?.text).toBe("Manager 1 on one");
  w.surface.at = () => {};
  await w.clock.advance(5_000);
  await until(() => w.surface.answers.length === 2);
  expect(await transcript(w)).toHaveLength(3);
  expect(w.surface.answers).toEqual([
    "Manager: Manager 1 on one",
    "Mem: Mem 1 on Manager 1 on one",
  ]);
});

test("ends a run whose answer the surface refuses for good, and says so", async () => {
  const w = world();
  w.surface.at = ({ method }) => {
    if (method !== "piece") return;
    throw new ColloquyError("discord_forbidden", "I may not post here.");
  };
  const host = await start(w);
  await host.receive(general, line("one"));
  expect(w.surface.notices).toEqual(["I may not post here."]);
  expect((await stored(w)).run).toBeNull();
});

test("keeps count of an answer's pieces from the second on", async () => {
  const w = world({ plain: endless(() => "aaaabbbbccccdddd") });
  w.surface.piece_size = 4;
  const counts: number[] = [];
  w.surface.at = async ({ method, when, post }) => {
    if (method !== "piece" || when !== "before" || post?.voice.name !== "Manager") return;
    counts.push((await stored(w)).run?.answer?.posted ?? -1);
  };
  await (await start(w)).receive(general, line("one"));
  expect(counts).toEqual([0, 0, 2, 3]);
});

test("gives a turn up that has ended the program three times, and answers what waits", async () => {
  const w = world();
  const never = { ...w, plain: endless(() => new Promise<never>(() => {})) };
  const host = await start(never);
  void host.receive(general, line("poison"));
  await until(() => w.surface.at_work.length === 1);
  void host.receive(general, line("waits"));
  await until(() => w.store.rows.get("channel/100/state")?.includes("waits") ?? false);
  for (let i = 1; i <= 2; i += 1) {
    await start(never);
    await until(() => w.store.rows.get("channel/100/state")?.includes(`"restarts":${i}`) ?? false);
    await until(() => w.surface.at_work.length === 1 + i);
  }
  expect(w.surface.notices).toEqual([]);
  await start(w);
  await until(() => w.surface.answers.length === 2);
  expect(w.surface.notices).toHaveLength(1);
  expect(w.surface.notices[0]).toContain("given up");
  expect((await transcript(w)).slice(0, 3)).toEqual([
    "Ada: poison",
    "Ada: waits",
    expect.stringMatching(/^Manager: /),
  ]);
});

test("counts a turn's restarts anew after each answer", async () => {
  const w = world();
  const counts: (number | undefined)[] = [];
  const stuck = { ...w, plain: endless(() => new Promise<never>(() => {})) };
  void (await start(stuck)).receive(general, line("one"));
  await until(() => w.surface.at_work.length === 1);
  w.surface.at = async ({ method, when }) => {
    if (method === "speak" && when === "before") counts.push((await stored(w)).run?.restarts);
  };
  await start(stuck);
  await until(() => w.store.rows.get("channel/100/state")?.includes('"restarts":1') ?? false);
  await start(w);
  await until(() => w.store.rows.get("channel/100/state")?.includes('"run":null') ?? false);
  expect(counts).toEqual([0, 0]);
});

test("leaves a run to the next start when it is closed, without a word", async () => {
  const w = world({ plain: endless(({ signal }) => untilAborted(signal)) });
  const host = await start(w);
  void host.receive(general, line("one"));
  await until(() => w.surface.at_work.length === 1);
  void host.receive(general, line("two"));
  await host.close();
  expect(w.surface.notices).toEqual([]);
  expect((await stored(w)).run).not.toBeNull();
  await host.receive(general, line("three"));
  expect(await call(host, "help")).toContain("shutting down");
  await start({ ...w, plain: endless((request) => `Back, on ${lastLine(request)}`) });
  await until(() => w.surface.answers.length === 2);
  expect(await transcript(w)).toEqual([
    "Ada: one",
    "Ada: two",
    "Manager: Back, on two",
    "Mem: Mem 1 on Back, on two",
  ]);
});

test("finishes the answer that is being posted when it is closed", async () => {
  const posting = gate();
  const w = world();
  w.surface.at = ({ method }) => (method === "piece" ? posting.passed : undefined);
  const host = await start(w);
  const run = host.receive(general, line("one"));
  await until(() => w.surface.posts.length === 1);
  const closed = host.close();
  posting.open();
  await Promise.all([run, closed]);
  expect(w.surface.answers).toEqual(["Manager: Manager 1 on one"]);
  w.surface.at = () => {};
  await start(w);
  await until(() => w.surface.answers.length === 2);
  expect(w.surface.pieces).toHaveLength(2);
});

test("keeps a line that is written as the bot is closed, whatever the moment", async () => {
  for (let ticks = 0; ticks < 60; ticks += 1) {
    const w = world();
    const host = await start(w);
    const received = host.receive(general, line("one"));
    for (let i = 0; i < ticks; i += 1) await Promise.resolve();
    await Promise.all([received, host.close()]);
    await start(w);
    await until(() => w.surface.answers.length === 2);
    expect(await transcript(w), `after ${ticks} ticks`).toHaveLength(3);
  }
});
