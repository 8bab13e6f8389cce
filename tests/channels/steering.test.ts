import { expect, test } from "vitest";
import { ANSWER_WITHIN_MS } from "../../src/channels/speaker-question.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
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
import { labels, menus, press, slowMem, steer, voices } from "./steering-world.ts";

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
