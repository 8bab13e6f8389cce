import { expect, test } from "vitest";
import { ColloquyError, ModelError, StoreError } from "../../src/shared/errors.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
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
  world,
} from "./channel-world.ts";

/** A store whose calls fail while it is told to. */
class FailingStore extends MemoryStateStore {
  writes: (keys: readonly string[]) => Error | undefined = () => undefined;
  reads: () => Error | undefined = () => undefined;

  override async get<T>(key: string): Promise<T | undefined> {
    const error = this.reads();
    if (error) throw error;
    return super.get<T>(key);
  }

  override async setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    const error = this.writes(entries.map(([key]) => key));
    if (error) throw error;
    for (const [key, value] of entries) await super.set(key, value);
  }
}

const full = (): StoreError =>
  new StoreError("store_full", "The disk is full.", { next: "Free some space." });

const _unreachable = (): ColloquyError =>
  new ColloquyError("discord_unavailable", "Discord is out of reach.");

test("tells of a failing model in one sentence, keeps the line, and answers the next", async () => {
  const w = world({
    plain: endless((request, n) =>
      n === 1
        ? new ModelError("unavailable", "The model is not available.", { next: "Try again later." })
        : `Manager ${n} on ${lastLine(request)}`,
    ),
  });
  const host = await start(w);
  expect(await host.receive(general, line("one"))).toBe(false);
  expect(w.surface.notices).toEqual(["The model is not available. Try again later."]);
  expect(
    w.logger.lines.some(
      ({ message, fields }) =>
        message === "a run ended with an error" && fields.error instanceof ModelError,
    ),
  ).toBe(true);
  expect(await host.receive(general, line("two"))).toBe(true);
  expect(await transcript(w)).toEqual([
    "Ada: one",
    "Ada: two",
    "Manager: Manager 2 on two",
    "Mem: Mem 1 on Manager 2 on two",
  ]);
});

test("says of an unknown failure only that there was one", async () => {
  const w = world({ plain: endless(() => new Error("the key is sk-123")) });
  await (await start(w)).receive(general, line("one"));
  expect(w.surface.notices).toEqual([
    "Something went wrong inside the bot. The log has the cause; nothing was lost.",
  ]);
});

test("posts nothing that could not be stored, and goes on when the store is back", async () => {
  const store = new FailingStore();
  const w = world({ store });
  const host = await start(w);
  store.writes = (keys) => (keys.some((key) => key.includes("/line/1")) ? full() : undefined);
  await host.receive(general, line("one"));
  expect(w.surface.answers).toEqual([]);
  expect(w.surface.notices).toEqual(["The disk is full. Free some space."]);
  expect(await transcript(w)).toEqual(["Ada: one"]);
  await host.receive(general, line("two"));
  expect(w.surface.notices).toHaveLength(1);
  store.writes = () => undefined;
  await host.receive(general, line("three"));
  expect((await transcript(w)).filter((one) => one.startsWith("Ada"))).toEqual([
    "Ada: one",
    "Ada: two",
    "Ada: three",
  ]);
  expect(w.surface.answers.length).toBe((await transcript(w)).length - 3);
});

test("takes an unanswered line up by itself when the store is back", async () => {
  const store = new FailingStore();
  const w = world({ store });
  const host = await start(w);
  store.writes = (keys) => (keys.some((key) => key.includes("/line/1")) ? full() : undefined);
  await host.receive(general, line("one"));
  await w.clock.advance(5_000);
  expect(w.surface.answers).toEqual([]);
  store.writes = () => undefined;
  await w.clock.advance(30_000);
  await until(() => w.surface.answers.length === 2);
  expect(await transcript(w)).toHaveLength(3);
});

test("is not stopped by one write that fails: the answer comes, once", async () => {
  for (let failing = 1; failing <= 4; failing += 1) {
    const store = new FailingStore();
    const w = world({ store });
    const host = await start(w);
    await call(host, "groupchat", "start");
    let writes = 0;
    store.writes = () => {
      writes += 1;
      return writes === failing ? full() : undefined;
    };
    await host.receive(general, line("one"));
    expect(w.surface.answers, `write ${failing} fails`).toHaveLength(2);
    expect(await transcript(w)).toHaveLength(3);
    expect(w.surface.notices).toEqual([]);
  }
});

test("does not take a failed read for an empty channel", async () => {
  const store = new FailingStore();
  const w = world({ store });
  await (await start(w)).receive(general, line("one"));
  const before = new Map(store.rows);
  const host = await start(w);
  store.reads = () => new StoreError("store_locked", "The database is locked.");
  await host.receive(general, line("two", { addressed: true }));
  expect(w.surface.notices).toEqual(["The database is locked."]);
  expect(store.rows).toEqual(before);
  store.reads = () => undefined;
  await host.receive(general, line("three"));
  expect((await transcript(w))[3]).toBe("Ada: three");
});

test("refuses a state of another version, and leaves it as it is", async () => {
  const w = world();
  const host = await start(w);
  await host.receive(general, line("one"));
  const newer = { ...(await stored(w)), version: 2, run: {} };
  await w.store.set("channel/100/state", newer);
  const before = new Map(w.store.rows);
  const later = await start(w);
  await until(() => w.surface.notices.length > 0);
  expect(w.surface.notices[0]).toContain("version 2");
  await later.receive(general, line("two", { addressed: true }));
  expect(await call(later, "groupchat", "show")).toContain("Nothing was changed.");
  expect(w.store.rows).toEqual(before);
});

test("lets a session whose store failed come to its end before a new one begins", async () => {
  const store = new FailingStore();
  const w = world({ store });
  const posting = gate();
  w.surface.at = ({ method }) => (method === "piece" ? posting.passed : undefined);
  const host = await start(w);
  const first = host.receive(general, line("one"));
  await until(() => w.surface.posts.length === 1);
  store.writes = () => full();
  expect(await call(host, "inner-thoughts", "show")).toBe("The disk is full. Free some space.");
  store.writes = () => undefined;
  const second = host.receive(general, line("two"));
  for (let i = 0; i < 1000; i += 1) await Promise.resolve();
  posting.open();
  await Promise.all([first, second]);
  expect(w.surface.answers).toEqual([
    "Manager: Manager 1 on one",
    expect.stringMatching(/^Mem: Mem \d on /),
    ...w.surface.answers.slice(2),
  ]);
  const said = (await transcript(w)).filter((one) => !one.startsWith("Ada"));
  expect(w.surface.answers).toEqual(said);
  expect((await transcript(w)).filter((one) => one === "Ada: two")).toHaveLength(1);
});
