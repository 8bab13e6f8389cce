import { expect, test } from "vitest";
import { PlaceIndex } from "../../src/channels/place-index.ts";
import type { Place } from "../../src/channels/ports.ts";
import { StoreError } from "../../src/shared/errors.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
import {
  call,
  endless,
  gate,
  general,
  line,
  start,
  until,
  untilAborted,
  withSession,
  world,
} from "./channel-world.ts";

const place = (id: string): Place => ({ ...general, id });

/** Counts how often each place's state is read: once for each opening. */
class CountingStore extends MemoryStateStore {
  readonly opened: string[] = [];
  failing = false;

  override async getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    const id = /^channel\/(.+)\/state$/.exec(keys[0] ?? "")?.[1];
    if (id !== undefined && keys.length === 2) {
      if (this.failing) throw new StoreError("store_locked", "The database is locked.");
      this.opened.push(id);
    }
    return super.getMany<T>(keys);
  }
}

test("opens a place once, however many ask for it at the same time", async () => {
  const store = new CountingStore();
  const host = await start(world({ store }));
  await Promise.all([
    host.receive(general, line("one")),
    call(host, "groupchat", "show"),
    host.newestMessageId(general),
    host.receive(general, line("two")),
  ]);
  await host.receive(general, line("three"));
  expect(store.opened).toEqual(["100"]);
});

test("opens a place again after it could not be opened", async () => {
  const store = new CountingStore();
  store.failing = true;
  const w = world({ store });
  const host = await start(w);
  expect(await call(host, "groupchat", "show")).toBe("The database is locked.");
  store.failing = false;
  expect(await call(host, "groupchat", "show")).toContain("The floor is yours.");
});

test("lets go of the places that are idle for longest, never of one in use", async () => {
  const store = new CountingStore();
  const plain = endless(({ signal, messages }) =>
    JSON.stringify(messages).includes("wait") ? untilAborted(signal) : "Yes.",
  );
  const w = world({ store, plain, most_open_sessions: 2 });
  const host = await start(w);
  const busy = host.receive(place("busy"), line("wait"));
  await until(() => plain.requests.length === 1);
  for (const id of ["a", "b", "c"]) await host.receive(place(id), line("Hello"));
  await host.receive(place("c"), line("Hello again"));
  expect(store.opened).toEqual(["busy", "a", "b", "c"]);
  await host.receive(place("a"), line("Do you remember?"));
  expect(store.opened.filter((id) => id === "a")).toHaveLength(2);
  expect(await call(host, "memory", "recall", { query: "Hello" }, { place: place("a") })).toContain(
    "Hello",
  );
  expect(await call(host, "groupchat", "show", {}, { place: place("busy") })).toContain(
    "Manager is at work",
  );
  expect(store.opened.filter((id) => id === "busy")).toHaveLength(1);
  await host.receive(place("busy"), line("STOP"));
  await busy;
});

test("answers other places while one of them waits for its model", async () => {
  const thinking = gate();
  const w = world({
    plain: endless(async ({ messages }) => {
      if (JSON.stringify(messages).includes("slow")) await thinking.passed;
      return "Yes.";
    }),
  });
  const host = await start(w);
  const slow = host.receive(place("a"), line("slow"));
  await host.receive(place("b"), line("quick"));
  expect(w.surface.answers).toHaveLength(2);
  thinking.open();
  await slow;
  expect(w.surface.answers).toHaveLength(4);
});

test("looks, changes settings and saves while a run goes on", async () => {
  const thinking = gate();
  const w = world({
    plain: endless(async () => {
      await thinking.passed;
      return "Yes.";
    }),
  });
  const host = await start(w);
  const run = host.receive(general, line("Hello"));
  await until(() => w.surface.at_work.includes("Manager"));
  const looks = await Promise.all([
    call(host, "groupchat", "show"),
    call(host, "inner-thoughts", "show"),
    call(host, "memory", "core"),
    call(host, "agents", "list"),
    call(host, "sources", "list"),
  ]);
  for (const answer of looks) expect(answer).not.toBe("");
  thinking.open();
  await run;
  expect(w.surface.pieces.at(-1)?.traces).toEqual(["[inner thoughts] Thinking."]);
});

test("names nothing for completion when it cannot know", async () => {
  const w = world();
  const host = await start(w);
  const ask = (name: string, option: string, subcommand?: string) =>
    host.complete(general, { name, subcommand, option, typed: "" });
  expect(await ask("attach", "agent")).toEqual(["Mem"]);
  expect(await ask("agents", "x")).toEqual([]);
  expect(await ask("constructor", "x")).toEqual([]);
  await host.close();
  expect(await ask("attach", "agent")).toEqual([]);
  expect(w.logger.lines.some(({ message }) => message === "autocomplete failed")).toBe(true);
});

test("tells of a lasting failure once, and again after it was over", async () => {
  const store = new CountingStore();
  const w = world({ store });
  const host = await start(w);
  const ask = () => host.receive(general, line("Hello", { addressed: true }));
  store.failing = true;
  await Promise.all([ask(), ask(), ask()]);
  expect(w.surface.notices).toEqual(["The database is locked."]);
  store.failing = false;
  await ask();
  await host.close();
  const later = await start(w);
  store.failing = true;
  await later.receive(general, line("Hello", { addressed: true }));
  expect(w.surface.notices).toHaveLength(2);
});

test("says nothing about lines that may not be for it", async () => {
  const store = new CountingStore();
  const w = world({ store });
  const host = await start(w);
  store.failing = true;
  await host.receive(general, line("Hello"));
  expect(w.surface.notices).toEqual([]);
});

test("finds all places with something unanswered at the start, and no others", async () => {
  const w = world({ plain: endless(() => new Promise<never>(() => {})) });
  const host = await start(w);
  for (let i = 0; i < 6; i += 1) void host.receive(place(`p${i}`), line("Hello"));
  await until(() => w.surface.at_work.length === 6);
  await withSession(w, async (session) => session.changeSettings({ active: false }), place("idle"));
  const unfinished = await new PlaceIndex(w.store).unfinished();
  expect(unfinished.map(({ id }) => id)).toEqual(["p0", "p1", "p2", "p3", "p4", "p5"]);
});

test("notes a place that could not be noted the first time", async () => {
  const store = new MemoryStateStore();
  const index = new PlaceIndex(store);
  await index.add(place("a"));
  const setMany = store.setMany.bind(store);
  store.setMany = async () => {
    throw new StoreError("store_full", "The disk is full.");
  };
  await expect(index.add(place("b"))).rejects.toThrow("full");
  store.setMany = setMany;
  await Promise.all([index.add(place("b")), index.add(place("c")), index.add(place("b"))]);
  expect(await store.get("places")).toEqual({ version: 1, length: 3 });
  expect(await store.get<Place>("place/1")).toMatchObject({ id: "b" });
});
