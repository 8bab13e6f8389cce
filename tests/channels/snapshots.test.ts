import { expect, test } from "vitest";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  call,
  endless,
  file,
  gate,
  general,
  lastLine,
  line,
  start,
  stored,
  transcript,
  until,
  untilAborted,
  type World,
  wholeText,
  world,
} from "./channel-world.ts";

/** Mem keeps each line in its core memory before it answers. */
function keeping(): World & { plain: ReturnType<typeof endless> } {
  const plain = endless((request, n) => `Manager ${n} on ${lastLine(request)}`);
  const memgpt = endless((_, n) =>
    n % 2 === 1
      ? {
          content: "To be kept.",
          calls: [
            {
              name: "core_memory_append",
              args: { name: "human", content: `KEPT ${n}`, request_heartbeat: true },
            },
          ],
        }
      : says(`Mem ${n}`),
  );
  return { ...world({ plain, memgpt }), plain };
}

test("begins a new talk that knows nothing of the old one but what Mem remembers", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("old talk"));
  expect(await call(host, "groupchat", "reset")).toContain("A new talk begins");
  await host.receive(general, line("new talk"));
  await (await start(w)).receive(general, line("newer talk"));
  expect(wholeText(w.plain.requests[1] as never)).not.toContain("old talk");
  expect(wholeText(w.plain.requests[2] as never)).not.toContain("old talk");
  expect(wholeText(w.plain.requests[2] as never)).toContain("new talk");
  expect(await call(host, "memory", "recall", { query: "old talk" })).toContain("old talk");
  expect(await call(host, "memory", "core")).toContain("KEPT 1");
});

test("ends a run before it begins a new talk, and hears what is written meanwhile after it", async () => {
  const plain = endless(({ signal }, n) => (n > 1 ? `Manager ${n}` : untilAborted(signal)));
  const w = world({ plain });
  const host = await start(w);
  const run = host.receive(general, line("old"));
  await until(() => plain.requests.length === 1);
  const reset = call(host, "groupchat", "reset");
  const next = host.receive(general, line("new"));
  await Promise.all([run, reset, next]);
  expect(await transcript(w)).toEqual([
    "Ada: old",
    "Ada: new",
    "Manager: Manager 2",
    "Mem: Mem 1 on Manager 2",
  ]);
  expect(wholeText(plain.requests[1] as never)).not.toContain('"old"');
});

test("brings core memory, talk, settings and documents back, and keeps what came since in recall", async () => {
  const w = keeping();
  const host = await start(w);
  await call(host, "attach", undefined, { file: file("paper.txt", "About virtual context.") });
  await host.receive(general, line("first talk"));
  await call(host, "inner-thoughts", "show");
  expect(await call(host, "save", undefined, { name: " before it " })).toContain(
    'Saved as "before it". Bring it back with `/load name:before it`.',
  );
  await call(host, "inner-thoughts", "hide");
  await call(host, "sources", "detach", { name: "paper.txt" });
  await host.receive(general, line("second talk"));
  expect(await call(host, "memory", "core")).toContain("KEPT 3");

  expect(await call(host, "load", undefined, { name: "before it" })).toContain("is back");
  for (const now of [host, await start(w)]) {
    const core = await call(now, "memory", "core");
    expect(core).toContain("KEPT 1");
    expect(core).not.toContain("KEPT 3");
    expect(await call(now, "sources", "list")).toContain("paper.txt");
    expect(await call(now, "groupchat", "show")).toContain("Inner thoughts are shown");
    expect(await call(now, "memory", "recall", { query: "second talk" })).toContain("second talk");
    const recalled = await call(now, "memory", "recall", { query: "first talk" });
    expect(recalled.split("first talk"), "what is brought back is not said again").toHaveLength(3);
  }
  const asked = w.plain.requests.length;
  await host.receive(general, line("third talk"));
  const seen = wholeText(w.plain.requests[asked] as never);
  expect(seen).toContain("first talk");
  expect(seen).not.toContain("second talk");
});

test("answers or stops, but never loses, what is written while a state is being loaded", async () => {
  const ends = new Set<string>();
  for (let ticks = 0; ticks < 120; ticks += 5) {
    const w = keeping();
    const host = await start(w);
    await host.receive(general, line("first"));
    await call(host, "save", undefined, { name: "s" });
    const loaded = call(host, "load", undefined, { name: "s" });
    for (let i = 0; i < ticks; i += 1) await Promise.resolve();
    await Promise.all([loaded, host.receive(general, line("meanwhile"))]);
    const { answers, notices } = w.surface;
    await until(() => answers.length + notices.length > 2);
    const { run, inbox } = await stored(w);
    expect([run, inbox], `${ticks} ticks`).toEqual([null, []]);
    expect((await transcript(w)).filter((one) => one === "Ada: meanwhile")).toHaveLength(1);
    ends.add([...notices, `${answers.length} answers`].join(" "));
    await host.receive(general, line("after"));
    expect(w.surface.answers.at(-2)).toMatch(/ on after$/);
  }
  expect([...ends].sort()).toEqual(["4 answers", "Stopped. The floor is yours. 2 answers"]);
});

test("saves between two steps while a run goes on", async () => {
  const thinking = gate();
  const w = world({
    memgpt: endless(async () => {
      await thinking.passed;
      return says("At last.");
    }),
  });
  const host = await start(w);
  const run = host.receive(general, line("Hello"));
  await until(() => w.surface.at_work.includes("Mem"));
  const saved = call(host, "save", undefined, { name: "s" });
  thinking.open();
  expect(await saved).toContain("Saved");
  await run;
  const { log_length } = await stored(w);
  const snapshot = await w.store.get<{ log_length: number }>("channel/100/snapshot/s");
  expect([log_length, snapshot?.log_length]).toEqual([3, 3]);
});

test("refuses a name that cannot be one, and one that nothing is saved under", async () => {
  const plain = endless(({ signal }) => untilAborted(signal));
  const w = world({ plain });
  const host = await start(w);
  for (const name of ["", "../x", "a/b", "-a", "x".repeat(61), "**bold**"]) {
    expect(await call(host, "save", undefined, { name })).toContain("cannot be a snapshot's name");
  }
  expect(await call(host, "load", undefined, { name: "x" })).toBe(
    'Nothing is saved here as "x". Make one with `/save`.',
  );
  await call(host, "save", undefined, { name: "b" });
  await call(host, "save", undefined, { name: "a" });
  await call(host, "save", undefined, { name: "b" });
  void host.receive(general, line("Hello"));
  await until(() => plain.requests.length === 1);
  expect(await call(host, "load", undefined, { name: "c" })).toContain("There is: b, a.");
  expect(await call(host, "groupchat", "show")).toContain("Manager is at work");
  await host.close();
});

test("refuses a snapshot of another version, and changes nothing", async () => {
  const w = world();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  await call(host, "save", undefined, { name: "s" });
  await w.store.set("channel/100/snapshot/s", { version: 9 });
  const before = new Map(w.store.rows);
  expect(await call(host, "load", undefined, { name: "s" })).toContain("version 9");
  expect(w.store.rows).toEqual(before);
});

test("holds fifty snapshots at most, and offers them", async () => {
  const w = world();
  const host = await start(w);
  for (let i = 0; i < 50; i += 1) await call(host, "save", undefined, { name: `s${i}` });
  expect(await call(host, "save", undefined, { name: "s50" })).toContain("50 snapshots already");
  expect(await call(host, "save", undefined, { name: "s49" })).toContain("Saved");
  const request = { name: "load", subcommand: undefined, option: "name", typed: "9" };
  expect(await host.complete(general, request)).toEqual(["s19", "s29", "s39", "s49", "s9"]);
});

test("goes back and forth without end", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("one", { person: ada }));
  await call(host, "save", undefined, { name: "s" });
  for (let i = 0; i < 5; i += 1) {
    await host.receive(general, line(`try ${i}`));
    expect(await call(host, "load", undefined, { name: "s" })).toContain("is back");
    expect(await call(host, "memory", "core")).not.toContain("KEPT 3");
  }
});
