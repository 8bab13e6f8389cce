import { expect, test } from "vitest";
import type { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import { ANSWER_WITHIN_MS } from "../../src/channels/speaker-question.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  call,
  endless,
  gate,
  general,
  grace,
  line,
  memgptSeat,
  seats,
  start,
  stored,
  until,
  untilAborted,
  type World,
  world,
} from "./channel-world.ts";

const voices = (w: World): string[] => w.surface.pieces.map(({ voice }) => voice);
const menus = (w: World) => w.surface.controls.filter(({ options }) => options);
const labels = (w: World): string[] => w.surface.standing.map(({ label }) => label);
const steer = (host: ChannelRegistry, what: string, agent: string): Promise<string> =>
  call(host, "groupchat", what, what === "order" ? { agents: agent } : { agent });
const press = (host: ChannelRegistry, id: string | undefined, person = ada, value?: string) =>
  host.press(general, { id: id ?? "", person, ...(value === undefined ? {} : { value }) });

/** Manager answers at once, Mem when it is let; both are told when they are stopped. */
function slowMem(): { w: World; open(): void } {
  const { passed, open } = gate();
  const memgpt = endless(async ({ signal }, n) => {
    await Promise.race([passed, untilAborted(signal)]);
    return says(`Mem ${n}`);
  });
  return { w: world({ memgpt, plain: endless((_, n) => `Manager ${n}`) }), open };
}

test("changes the order, mutes and removes, and remembers it after a restart", async () => {
  const w = world();
  const host = await start(w);
  expect(await steer(host, "order", "mem, Manager")).toBe(
    "In turn from now on: User_proxy, Mem, Manager.",
  );
  await host.receive(general, line("one"));
  expect(voices(w)).toEqual(["Mem", "Manager"]);
  expect(await steer(host, "mute", "MANAGER")).toContain("Manager is muted");
  const again = await start(w);
  await again.receive(general, line("two"));
  expect(voices(w)).toEqual(["Mem", "Manager", "Mem"]);
  expect(await call(again, "groupchat", "show")).toContain("Manager (muted)");
  await steer(again, "unmute", "Manager");
  await steer(again, "remove", "Mem");
  await again.receive(general, line("three"));
  expect(voices(w).slice(3)).toEqual(["Manager"]);
  expect(await call(again, "groupchat", "show")).toContain("Mem (removed)");
  await call(again, "groupchat", "defaults");
  await again.receive(general, line("four"));
  expect(voices(w).slice(4)).toEqual(["Manager", "Mem"]);
});

test("somebody added again has heard what was said meanwhile, also over a restart", async () => {
  const memgpt = endless((_, n) => says(`Mem ${n}`));
  const w = world({ memgpt });
  const host = await start(w);
  await steer(host, "remove", "Mem");
  await host.receive(general, line("the word is PLUM"));
  const again = await start(w);
  await again.receive(general, line("second"));
  await steer(again, "add", "Mem");
  await again.receive(general, line("third"));
  expect(voices(w)).toEqual(["Manager", "Manager", "Manager", "Mem"]);
  expect(JSON.stringify(memgpt.requests[0]?.messages)).toContain("PLUM");
});

test("refuses what would leave nobody, who is not there, and what is so already", async () => {
  const w = world();
  const host = await start(w);
  await steer(host, "mute", "Manager");
  expect(await steer(host, "remove", "Mem")).toContain("nobody would be left to answer");
  expect(await steer(host, "mute", "Manager")).toContain("is muted already");
  expect(await steer(host, "add", "Manager")).toContain("sits at the table already");
  expect(await steer(host, "mute", "User_proxy")).toContain("is the people");
  expect(await steer(host, "remove", "constructor")).toContain(
    "There is: User_proxy, Manager, Mem",
  );
  await host.receive(general, line("one"));
  expect(voices(w)).toEqual(["Mem"]);
});

test("a member removed while speaking ends its answer, and the talk goes on behind its place", async () => {
  const { w, open } = slowMem();
  const three = {
    ...w,
    seats: [
      ...seats(w),
      memgptSeat(
        "Third",
        endless(() => says("Third.")),
      ),
    ],
  };
  const host = await start(three);
  const run = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  expect(await steer(host, "remove", "Mem")).toContain("in the making is its last one");
  open();
  await run;
  await host.receive(general, line("two"));
  expect(voices(w)).toEqual(["Manager", "Mem", "Third", "Manager", "Third"]);
});

test("passes over who is at work, and says so when nobody is", async () => {
  const { w } = slowMem();
  const three = {
    ...w,
    seats: [
      ...seats(w),
      memgptSeat(
        "Third",
        endless(() => says("Third.")),
      ),
    ],
  };
  const host = await start(three);
  expect(await call(host, "groupchat", "skip")).toContain("Nobody is at work");
  const run = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  expect(await call(host, "groupchat", "show")).toContain(
    "turn 3 of 12, next: Third; Mem is at work.",
  );
  expect(await call(host, "groupchat", "skip")).toBe("Mem is passed over.");
  await run;
  expect(voices(w)).toEqual(["Manager", "Third"]);
  expect(w.surface.notices).toEqual([]);
});

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

test("goes on after a stop and a restart, from the terminal's command too", async () => {
  const { w, open } = slowMem();
  const host = await start(w);
  const run = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Mem"));
  await host.receive(general, line("STOP"));
  await run;
  open();
  const again = await start(w);
  expect(await call(again, "groupchat", "continue")).toBe("The agents go on.");
  expect(voices(w)).toEqual(["Manager", "Mem"]);
  await call(again, "groupchat", "reset");
  expect(await call(again, "groupchat", "continue")).toContain("nothing here to go on with");
});

test("asks the floor who speaks next; a late choice and a strange one are told", async () => {
  const w = world();
  const host = await start(w);
  await call(host, "groupchat", "set", { speaker_selection: "manual", max_round: 3 });
  const run = host.receive(general, line("one"));
  await until(() => menus(w).length === 1);
  const [menu] = menus(w);
  expect(menu?.options).toEqual(["Manager", "Mem", "User_proxy"]);
  expect(await call(host, "groupchat", "show")).toContain("you are asked who speaks next");
  expect((await press(host, menu?.id, ada, "Nobody")).where).toBe("alone");
  const chosen = await Promise.all([
    press(host, menu?.id, ada, "Mem"),
    press(host, menu?.id, grace, "Manager"),
  ]);
  expect(chosen.map(({ text }) => text)).toEqual([
    "Ada gives the word to Mem.",
    "It is settled already who speaks next.",
  ]);
  await until(() => menus(w).length === 2);
  expect(await steer(host, "next", "manager")).toBe("Manager speaks next.");
  await run;
  expect(voices(w)).toEqual(["Mem", "Manager"]);
});

test("takes the next in the list when nobody chooses, and ends at once on STOP", async () => {
  const w = world();
  const host = await start(w);
  await call(host, "groupchat", "set", { speaker_selection: "manual" });
  const run = host.receive(general, line("one"));
  await until(() => w.clock.waiting === 1);
  w.clock.advance(ANSWER_WITHIN_MS);
  await until(() => menus(w).length === 2 && w.clock.waiting === 1);
  expect(voices(w)).toEqual(["Manager"]);
  await host.receive(general, line("STOP"));
  await run;
  expect(w.surface.notices.at(-1)).toBe("Stopped. The floor is yours.");
  expect(w.clock.waiting).toBe(0);
});

test("never gives the people the word right after their own line, by chance or by a model", async () => {
  for (const speaker_selection of ["random", "auto"]) {
    const w = world({ max_round: 4 });
    const host = await start(w);
    await call(host, "groupchat", "set", { speaker_selection });
    for (let n = 0; n < 8; n += 1) await host.receive(general, line(`line ${n}`));
    expect(voices(w).length, speaker_selection).toBeGreaterThanOrEqual(8);
  }
});

test("keeps settings over a restart, and gives them back to the configuration", async () => {
  const w = world();
  const host = await start(w);
  await call(host, "groupchat", "set", { max_round: 4, human_input: "NEVER" });
  const again = await start(w);
  await again.receive(general, line("one"));
  expect(w.surface.notices[0]).toContain("The round limit is reached (4 messages)");
  await call(again, "groupchat", "defaults");
  expect(await call(again, "groupchat", "show")).toContain("Human input: ALWAYS.");
  expect((await stored(w)).settings.steering).toEqual({});
});

test("offers the names that fit", async () => {
  const host = await start(world());
  const offered = (subcommand: string, option: string, typed = "") =>
    host.complete(general, { name: "groupchat", subcommand, option, typed });
  await steer(host, "mute", "Manager");
  expect(await offered("mute", "agent")).toEqual(["Mem"]);
  expect(await offered("unmute", "agent")).toEqual(["Manager"]);
  expect(await offered("add", "agent")).toEqual([]);
  expect(await offered("order", "agents", "Mem, Man")).toEqual(["Mem, Manager"]);
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

test("ends at once on stop in any case of letters, though the model hangs and lines wait", async () => {
  for (const word of ["STOP", "stop", " Stop "]) {
    const memgpt = endless(({ signal }) => untilAborted(signal));
    const w = world({ memgpt });
    const host = await start(w);
    const run = host.receive(general, line("one"));
    await until(() => memgpt.requests.length === 1);
    const waiting = host.receive(general, line("and another thing"));
    await host.receive(general, line(word, { person: grace }));
    await Promise.all([run, waiting]);
    expect(w.surface.notices).toEqual(["Stopped. The floor is yours."]);
    expect(labels(w)).toEqual(["Continue"]);
    expect(voices(w)).toEqual(["Manager"]);
    expect(memgpt.requests).toHaveLength(1);
  }
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
