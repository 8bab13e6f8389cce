import { expect, test } from "vitest";
import {
  call,
  endless,
  general,
  grace,
  line,
  memgptSeat,
  seats,
  start,
  stored,
  until,
  untilAborted,
  world,
} from "./channel-world.ts";
import { labels, press, slowMem, steer, voices } from "./steering-world.ts";

test("goes on after the round limit when somebody presses, once, with posts of their own", async () => {
  const w = world({ max_round: 2 });
  const host = await start(w);
  await host.receive(general, line("one"));
  const [button] = w.surface.controls;
  expect(button?.label).toBe("Continue");
  const [first, second] = await Promise.all([
    press(host, button?.id),
    press(host, button?.id, grace),
  ]);
  expect(first).toMatchObject({ text: "Ada lets the agents go on.", where: "below" });
  expect(first?.controls?.map(({ label }) => label)).toEqual(["Stop", "Skip"]);
  expect(second).toMatchObject({ where: "alone" });
  expect(second?.text).toContain("Somebody was faster");
  await until(() => voices(w).length === 2);
  expect(voices(w)).toEqual(["Manager", "Mem"]);
  expect(new Set(w.surface.posts.map(({ id }) => id)).size).toBe(2);
});

test("goes on without the people where the limit is reached just when it is their turn", async () => {
  const w = world({ max_round: 3 });
  const host = await start(w);
  await host.receive(general, line("one"));
  expect(w.surface.notices).toEqual(["The round limit is reached (3 messages). Write to go on."]);
  await press(host, w.surface.controls[0]?.id);
  await until(() => voices(w).length === 4);
  expect(voices(w)).toEqual(["Manager", "Mem", "Manager", "Mem"]);
});

test("offers nothing at the limit where one agent answers and the floor is the people's next", async () => {
  const w = world({ max_round: 2 });
  const host = await start(w);
  await steer(host, "remove", "Manager");
  await host.receive(general, line("one"));
  expect(w.surface.notices).toEqual(["The round limit is reached (2 messages). Write to go on."]);
  expect(labels(w)).toEqual([]);
});

test("posts of a run that somebody goes on with are looked for behind that wish", async () => {
  const w = world({ max_round: 2 });
  const host = await start(w);
  const written = line("one");
  await host.receive(general, written);
  const id = w.surface.controls[0]?.id ?? "";
  const at = "99999999999999999999";
  await host.press(general, { at, id, person: grace });
  await until(() => voices(w).length === 2);
  expect(w.surface.posts.map(({ after }) => after)).toEqual([written.id, at]);
});

test("a button of a finished run does nothing to a later one", async () => {
  const { w, open } = slowMem();
  const host = await start({ ...w, max_round: 3 });
  const first = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  const stop = `stop:${(await stored(w)).run?.id}`;
  const stopped = await Promise.all([press(host, stop), press(host, stop, grace)]);
  expect(stopped.map(({ text }) => text)).toContain(undefined);
  expect(w.surface.notices).toEqual(["Stopped by Ada. The floor is yours."]);
  await first;
  open();
  const go = w.surface.controls[0]?.id;
  await host.receive(general, line("two"));
  expect((await press(host, stop)).text).toContain("That run is over");
  expect((await press(host, go)).text).toContain("nothing here to go on with");
  expect((await press(host, "stop:constructor:x")).text).toContain("no longer does anything");
});

test("has Stop and Skip under the newest answer once the next is slow, and Continue when the run ended", async () => {
  const { w, open } = slowMem();
  const host = await start(w);
  const run = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  expect(labels(w)).toEqual([]);
  await w.clock.advance(1_000);
  expect(labels(w)).toEqual(["Stop", "Skip"]);
  open();
  await run;
  expect(labels(w)).toEqual(["Continue"]);
  const [go] = w.surface.standing;
  expect((await press(host, go?.id)).text).toBe("Ada lets the agents go on.");
  await until(() => voices(w).length === 4);
  expect(voices(w)).toEqual(["Manager", "Mem", "Manager", "Mem"]);
  await host.receive(general, line("two"));
  expect((await press(host, go?.id)).text).toContain("nothing here to go on with");
  expect(w.surface.notices).toEqual([]);
});

test("has no buttons where one agent answers and the floor is the people's again", async () => {
  const w = world();
  const host = await start(w);
  await steer(host, "remove", "Manager");
  await host.receive(general, line("one"));
  expect(w.surface.standing).toEqual([]);
  expect(await call(host, "groupchat", "continue")).toContain("nothing here to go on with");
});

test("takes the buttons away where a run ended otherwise than was to be seen, and at a reset", async () => {
  const plain = endless(() => "That is all. TERMINATE");
  const w = world({ plain });
  const host = await start(w);
  await call(host, "groupchat", "set", { speaker_selection: "auto" });
  await steer(host, "remove", "Mem");
  await host.receive(general, line("one"));
  expect(w.surface.standing).toEqual([]);
  await call(host, "groupchat", "defaults");
  await host.receive(general, line("two"));
  const other = await start(world());
  await other.receive(general, line("three"));
  await call(host, "groupchat", "reset");
  expect(w.surface.standing).toEqual([]);
});

test("passes over one when two press Skip at once, and the next one by the button of the skip", async () => {
  const hang = () => endless(({ signal }) => untilAborted(signal));
  const w = world({ plain: endless((_, n) => `Manager ${n}`), memgpt: hang() });
  const three = { ...w, seats: [...seats(w), memgptSeat("Third", hang())] };
  const host = await start(three);
  const run = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  await w.clock.advance(1_000);
  const [, skip] = w.surface.standing;
  const [one, two] = await Promise.all([press(host, skip?.id), press(host, skip?.id, grace)]);
  expect(one).toMatchObject({ text: "Ada passes over Mem.", where: "below" });
  expect(two).toEqual({ text: "That turn is over already.", where: "alone" });
  await until(() => w.surface.at_work.includes("Third"));
  expect((await press(host, skip?.id, grace)).text).toBe("That turn is over already.");
  const next = one?.controls?.find(({ label }) => label === "Skip");
  expect((await press(host, next?.id, grace)).text).toBe("Grace passes over Third.");
  await run;
  expect(voices(w)).toEqual(["Manager"]);
});

test("leaves no Continue where another state was put in, which knows nothing of that run", async () => {
  const w = world();
  const host = await start(w);
  const commands = [
    () => call(host, "load", undefined, { name: "before" }),
    () => call(host, "agents", "add", { name: "Critic", system_message: "You find faults." }),
    () => call(host, "forget", "me", { confirm: true }),
    () => call(host, "groupchat", "reset"),
  ];
  await call(host, "save", undefined, { name: "before" });
  for (const [i, work] of commands.entries()) {
    await host.receive(general, line(`line ${i}`));
    expect(labels(w)).toEqual(["Continue"]);
    await work();
    expect(labels(w), `after command ${i}`).toEqual([]);
  }
});

test("goes on when Continue is pressed, though no session may stay open", async () => {
  const w = world({ most_open_sessions: 0 });
  const host = await start(w);
  await host.receive(general, line("one"));
  expect((await press(host, w.surface.standing[0]?.id)).text).toContain("lets the agents go on");
  await until(() => voices(w).length === 4);
});
