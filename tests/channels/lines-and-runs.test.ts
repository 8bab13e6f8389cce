import { expect, test } from "vitest";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  call,
  endless,
  gate,
  general,
  grace,
  lastLine,
  line,
  memgptSeat,
  seats,
  start,
  stored,
  transcript,
  until,
  type World,
  wholeText,
  world,
} from "./channel-world.ts";

test("answers a line by all agents in turn, and gives the floor back", async () => {
  const w = world();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  expect(w.surface.answers).toEqual([
    "Manager: Manager 1 on Hello",
    "Mem: Mem 1 on Manager 1 on Hello",
  ]);
  expect(w.surface.notices).toEqual([]);
  expect(w.surface.at_work).toEqual([]);
  expect(await call(host, "groupchat", "show")).toContain("The floor is yours.");
});

test("has stored a line before anybody is asked to answer it", async () => {
  const w = world({
    plain: endless(async () => {
      expect(await transcript(w)).toEqual(["Ada: Hello"]);
      expect((await stored(w)).run).toMatchObject({ round: 1, answers: 0, answer: null });
      return "Hello, Ada.";
    }),
  });
  await (await start(w)).receive(general, line("Hello"));
  expect(w.surface.answers[0]).toBe("Manager: Hello, Ada.");
});

test("has stored an answer, with all that led to it, before it is posted", async () => {
  const w = world();
  const seen: string[] = [];
  w.surface.at = async ({ method, when, post }) => {
    if (method !== "speak" || when !== "before") return;
    const { run, agents } = await stored(w);
    expect(run?.answer?.text).toBe(post?.text);
    const heard = agents.Mem?.heard ?? 0;
    seen.push(`${(await transcript(w)).at(-1)} (heard ${heard})`);
  };
  const host = await start(w);
  await host.receive(general, line("Hello"));
  expect(seen).toEqual([
    "Manager: Manager 1 on Hello (heard 0)",
    "Mem: Mem 1 on Manager 1 on Hello (heard 2)",
  ]);
});

test("gives posts ids that depend on the line and the turn alone", async () => {
  const first = world();
  const second = world();
  const message = line("Hello");
  for (const w of [first, second]) await (await start(w)).receive(general, message);
  const ids = first.surface.posts.map((post) => post.id);
  expect(new Set(ids).size).toBe(2);
  expect(second.surface.posts.map((post) => post.id)).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]{1,20}$/);
  for (const { after } of first.surface.posts) expect(after).toBe(message.id);
});

test("shows who is at work while an answer is made, and nobody while it is posted", async () => {
  const w = world({
    plain: endless(() => {
      expect(w.surface.at_work).toEqual(["Manager"]);
      return "Done.";
    }),
  });
  w.surface.at = ({ method }) => {
    if (method === "piece") expect(w.surface.at_work).toEqual([]);
  };
  await (await start(w)).receive(general, line("Hello"));
  expect(w.surface.answers).toHaveLength(2);
});

test("answers lines that come at once by one run that has heard them all, each once and in order", async () => {
  const w = world();
  const host = await start(w);
  await Promise.all([
    host.receive(general, line("one")),
    host.receive(general, line("two", { person: grace })),
    host.receive(general, line("three")),
  ]);
  expect(await transcript(w)).toEqual([
    "Ada: one",
    "Grace: two",
    "Ada: three",
    "Manager: Manager 1 on three",
    "Mem: Mem 1 on Manager 1 on three",
  ]);
});

test("lets the next speaker hear a line that comes in mid-run, without moving the turns", async () => {
  const thinking = gate();
  const w = world({
    plain: endless(async (request, n) => {
      await thinking.passed;
      return `Manager ${n} on ${lastLine(request)}`;
    }),
  });
  const host = await start(w);
  const first = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Manager"));
  const second = host.receive(general, line("two", { person: grace }));
  await until(() => w.store.rows.get("channel/100/state")?.includes('"two"') ?? false);
  expect((await stored(w)).inbox.map((waiting) => waiting.text)).toEqual(["two"]);
  thinking.open();
  await Promise.all([first, second]);
  expect(await transcript(w)).toEqual([
    "Ada: one",
    "Manager: Manager 1 on one",
    "Grace: two",
    "Mem: Mem 1 on two",
  ]);
});

test("begins another run for a line that comes while the last speaker answers", async () => {
  const thinking = gate();
  const w = world({
    memgpt: endless(async (request, n) => {
      await thinking.passed;
      return says(`Mem ${n} on ${lastLine(request)}`);
    }),
  });
  const host = await start(w);
  const first = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  const second = host.receive(general, line("two"));
  thinking.open();
  await Promise.all([first, second]);
  expect(w.surface.answers).toEqual([
    "Manager: Manager 1 on one",
    "Mem: Mem 1 on Manager 1 on one",
    "Manager: Manager 2 on two",
    "Mem: Mem 2 on Manager 2 on two",
  ]);
});

test("answers a line whenever it comes, also in the very moment in which a run ends", async () => {
  for (let ticks = 0; ticks < 150; ticks += 1) {
    const w = world();
    const host = await start(w);
    const first = host.receive(general, line("one"));
    for (let i = 0; i < ticks; i += 1) await Promise.resolve();
    await Promise.all([first, host.receive(general, line("two"))]);
    const said = await transcript(w);
    expect(
      said.filter((one) => one === "Ada: two"),
      `after ${ticks} ticks`,
    ).toHaveLength(1);
    expect(said.at(-1)).toMatch(/^Mem: /);
    const { run, inbox } = await stored(w);
    expect([run, inbox]).toEqual([null, []]);
  }
});

test("never stores a line both as waiting and as said, whatever is stored when", async () => {
  let writes = 0;
  class CheckedStore extends MemoryStateStore {
    override async setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
      await super.setMany(entries);
      const w = { store: this } as unknown as World;
      if (!this.rows.has("channel/100/state")) return;
      const said = await transcript(w);
      const waiting = (await stored(w)).inbox.map(({ text }) => `Ada: ${text}`);
      expect(new Set([...said, ...waiting]).size).toBe(said.length + waiting.length);
      writes += 1;
    }
  }
  for (let ticks = 0; ticks < 60; ticks += 1) {
    const w = world({ store: new CheckedStore() });
    const host = await start(w);
    const all = ["one", "two", "three"].map((text) => host.receive(general, line(text)));
    for (let i = 0; i < ticks; i += 1) await Promise.resolve();
    all.push(host.receive(general, line("four")));
    const settings = ["show", "hide", "show"].map((sub) => call(host, "inner-thoughts", sub));
    await Promise.all([...all, ...settings]);
  }
  expect(writes).toBeGreaterThan(300);
});

test("passes over a message that it has had", async () => {
  const w = world();
  const message = line("Hello");
  const host = await start(w);
  await Promise.all([host.receive(general, message), host.receive(general, message)]);
  await host.receive(general, message);
  await (await start(w)).receive(general, message);
  expect(await transcript(w)).toHaveLength(3);
  expect(await host.newestMessageId(general)).toBe(message.id);
});

test("leaves lines alone that are not for it where it is not switched on", async () => {
  const w = world({ active: false });
  const host = await start(w);
  await host.receive(general, line("Just us."));
  expect(w.surface.answers).toEqual([]);
  expect([...w.store.rows.keys()]).toEqual([]);
  await host.receive(general, line("Bot?", { addressed: true }));
  expect(await transcript(w)).toEqual([
    "Ada: Bot?",
    "Manager: Manager 1 on Bot?",
    "Mem: Mem 1 on Manager 1 on Bot?",
  ]);
});

test("gives people aliases that models take, each its own and none an agent's", async () => {
  const w = world();
  const host = await start(w);
  const named = (id: string, display_name: string) => ({ person: { id, display_name } });
  await host.receive(general, line("1", named("11", "Žofie K.")));
  await host.receive(general, line("2", named("12", "Zofie K")));
  await host.receive(general, line("3", named("13", "mem")));
  await host.receive(general, line("4", named("14", "🎈")));
  await host.receive(general, line("5", named("11", "Manager")));
  const people = (await transcript(w)).filter((one) => /: \d$/.test(one));
  expect(people).toEqual(["Zofie_K: 1", "Zofie_K_2: 2", "mem_2: 3", "balloon: 4", "Zofie_K: 5"]);
  await (await start(w)).receive(general, line("6", named("13", "mem")));
  expect((await transcript(w)).filter((one) => one.endsWith(": 6"))).toEqual(["mem_2: 6"]);
});

test("takes a person's alias away when an agent of that name comes to the table", async () => {
  const w = world({ plain: endless(() => "Noted."), memgpt: endless(() => says("Noted.")) });
  await (await start(w)).receive(general, line("I was here first."));
  const newcomer = endless(() => says("I am new."));
  const later = { ...w, seats: [...seats(w), memgptSeat("Ada", newcomer)] };
  await (await start(later)).receive(general, line("And now?"));
  const said = await transcript(w);
  expect(said).toContain("Ada: I am new.");
  expect(said).toContain("Ada_2: And now?");
  expect(wholeText(newcomer.requests[0] as never)).toContain("I was here first.");
});
