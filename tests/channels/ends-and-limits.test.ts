import { expect, test } from "vitest";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  call,
  endless,
  gate,
  general,
  grace,
  line,
  start,
  stored,
  transcript,
  until,
  untilAborted,
  wholeText,
  world,
} from "./channel-world.ts";

test("ends a run at STOP; what waited behind it is heard, not answered", async () => {
  const plain = endless(({ signal }, n) => (n > 1 ? `Manager ${n}` : untilAborted(signal)));
  const w = world({ plain });
  const host = await start(w);
  const first = host.receive(general, line("one"));
  await until(() => plain.requests.length === 1);
  const second = host.receive(general, line("two"));
  const stop = host.receive(general, line("stop", { person: grace }));
  await Promise.all([first, second, stop]);
  expect(w.surface.notices).toEqual(["Stopped. The floor is yours."]);
  expect(w.surface.answers).toEqual([]);
  expect(await transcript(w)).toEqual(["Ada: one", "Ada: two"]);
  await host.receive(general, line("three"));
  expect(w.surface.answers[0]).toBe("Manager: Manager 2");
  expect(await transcript(w)).toHaveLength(5);
});

test("answers a line that is written after STOP, even before the run has ended", async () => {
  const stopped = gate();
  const plain = endless(async (_, n) => {
    if (n === 1) await stopped.passed;
    return `Manager ${n}`;
  });
  const w = world({ plain });
  const host = await start(w);
  const runs = [host.receive(general, line("one"))];
  await until(() => plain.requests.length === 1);
  runs.push(host.receive(general, line("STOP")), host.receive(general, line("two")));
  stopped.open();
  await Promise.all(runs);
  expect(await transcript(w)).toEqual([
    "Ada: one",
    "Ada: two",
    "Manager: Manager 2",
    "Mem: Mem 1 on Manager 2",
  ]);
});

test("does not take STOP for a line when nothing runs", async () => {
  const w = world();
  const host = await start(w);
  await host.receive(general, line("STOP"));
  await host.receive(general, line(" stop ", { addressed: true }));
  expect(w.surface.notices).toEqual(["Nothing is running."]);
  expect(w.surface.answers).toEqual([]);
});

test("stops by command at once, and is silent from then on unless addressed", async () => {
  const w = world({ plain: endless(({ signal }) => untilAborted(signal)) });
  const host = await start(w);
  const run = host.receive(general, line("one"));
  await until(() => w.surface.at_work.includes("Manager"));
  expect(await call(host, "groupchat", "show")).toContain("Manager is at work");
  expect(await call(host, "groupchat", "stop")).toBe(
    "The agents were stopped, and now answer only when the bot is mentioned.",
  );
  await run;
  await host.receive(general, line("two"));
  expect(await transcript(w)).toEqual(["Ada: one"]);
});

test("says in one line that the limit of rounds ended a run", async () => {
  const w = world({ max_round: 2 });
  await (await start(w)).receive(general, line("Hello"));
  expect(w.surface.answers).toEqual(["Manager: Manager 1 on Hello"]);
  expect(w.surface.notices).toEqual(["The round limit is reached (2 messages). Write to go on."]);
});

test("ends a run at the termination message", async () => {
  const w = world({ plain: endless(() => "That is all. TERMINATE") });
  await (await start(w)).receive(general, line("Hello"));
  expect(w.surface.answers).toEqual(["Manager: That is all. TERMINATE"]);
  expect(w.surface.notices).toEqual(["The last message ends the run. The floor is yours."]);
});

test("says once that too many lines wait, and answers those that do", async () => {
  const thinking = gate();
  const w = world({
    plain: endless(async (_, n) => {
      await thinking.passed;
      return `Manager ${n}`;
    }),
  });
  const host = await start(w);
  const runs = [host.receive(general, line("first"))];
  await until(() => w.surface.at_work.includes("Manager"));
  for (let i = 0; i < 103; i += 1) runs.push(host.receive(general, line(`line ${i}`)));
  await until(() => w.surface.notices.length > 0);
  expect((await stored(w)).inbox).toHaveLength(100);
  thinking.open();
  const taken = await Promise.all(runs);
  expect(taken.filter((one) => !one)).toHaveLength(3);
  expect(w.surface.notices).toHaveLength(1);
  expect(w.surface.notices[0]).toContain("More lines are waiting");
  expect(await transcript(w)).toHaveLength(103);
});

test("keeps what agents see bounded over hundreds of lines", async () => {
  const plain = endless(() => "Yes.");
  const w = world({ plain, memgpt: endless(() => says("Yes.")) });
  const host = await start(w);
  for (let i = 0; i < 150; i += 1) await host.receive(general, line(`line ${i}.`));
  const last = plain.requests.at(-1);
  expect(last?.messages.length).toBeLessThanOrEqual(1 + 400 + 3);
  expect(wholeText(last as never)).toContain("line 149.");
  expect(wholeText(last as never)).not.toContain("line 10.");
});

test("keeps lines for a MemGPT agent that has not come to hear them", async () => {
  let isDown = true;
  const plain = endless(() => (isDown ? new Error("down") : "I am back."));
  const memgpt = endless(() => says("I heard."));
  const w = world({ plain, memgpt });
  const host = await start(w);
  for (let i = 0; i < 420; i += 1) await host.receive(general, line(`line ${i}.`));
  isDown = false;
  await host.receive(general, line("Do you know?"));
  const heard = memgpt.requests.map(wholeText).join("\n");
  expect(heard).toContain("line 3.");
  expect(heard).toContain("line 419.");
});
