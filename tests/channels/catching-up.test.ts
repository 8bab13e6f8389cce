import { expect, test } from "vitest";
import {
  call,
  general,
  line,
  start,
  stored,
  transcript,
  withSession,
  world,
} from "./channel-world.ts";

test("knows all places and the newest line of each, without opening them", async () => {
  const w = world();
  const host = await start(w);
  const [first, second] = [line("one"), line("two")];
  await host.receive(general, first);
  await host.receive({ ...general, id: "200", name: "other" }, second);
  const before = w.store.rows.size;
  const known = await (await start(w)).knownPlaces();
  expect(known).toEqual([
    { place: general, newest_message_id: first.id },
    { place: { ...general, id: "200", name: "other" }, newest_message_id: second.id },
  ]);
  expect(w.store.rows.size).toBe(before);
});

test("answers fifty lines that were missed in one run, in order, once", async () => {
  const w = world();
  await (await start(w)).receive(general, line("before"));
  const asked = w.surface.answers.length;
  const missed = Array.from({ length: 50 }, (_, i) => line(`missed ${i}`));
  const host = await start(w);
  await Promise.all([...missed, ...missed].map((one) => host.receive(general, one)));
  expect(w.surface.answers).toHaveLength(asked + 2);
  const heard = (await transcript(w)).filter((text) => text.startsWith("Ada: missed"));
  expect(heard).toEqual(missed.map(({ text }) => `Ada: ${text}`));
  expect((await stored(w)).last_message_id).toBe(missed.at(-1)?.id);
});

test("does not answer later what was written before it was switched on", async () => {
  const w = world({ active: false });
  const host = await start(w);
  const before = line("Just us.");
  const startId = line("").id;
  expect(await call(host, "groupchat", "start", {}, { id: startId })).toContain("every line");
  await host.close();
  const again = await start(w);
  expect(await again.knownPlaces()).toEqual([{ place: general, newest_message_id: startId }]);
  await again.receive(general, before);
  expect(w.surface.answers).toEqual([]);
  await again.receive(general, line("Now you."));
  expect(w.surface.answers).toHaveLength(2);
});

test("passes no missed line over when it is switched on a second time", async () => {
  const w = world();
  await withSession(w, (session) => session.changeSettings({ active: true }));
  const missed = line("Are you there?");
  const host = await start(w);
  await call(host, "groupchat", "start", {}, { id: line("").id });
  await host.receive(general, missed);
  expect(w.surface.answers).toHaveLength(2);
});
