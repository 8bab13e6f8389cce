import { expect, test } from "vitest";
import { ColloquyError } from "../../src/shared/errors.ts";
import {
  endless,
  file,
  general,
  line,
  start,
  stored,
  transcript,
  until,
  world,
} from "./channel-world.ts";

const parked = new ColloquyError("discord_parked", "I may not write in this channel.");

test("asks no model and says nothing where nothing can be said, and hears the lines later", async () => {
  const plain = endless((_, n) => `Manager ${n}`);
  const w = world({ plain });
  const host = await start(w);
  w.surface.parked_by = parked;
  await host.receive(general, line("one"));
  await host.receive(general, line("two", { files: [file("a.pdf", "x")] }));
  await host.receive(general, line("STOP", { addressed: true }));
  expect(plain.requests).toHaveLength(0);
  expect([w.surface.notices, w.surface.offers, w.surface.posts]).toEqual([[], [], []]);
  expect((await stored(w)).inbox.map(({ text }) => text)).toEqual(["one", "two"]);
  expect(w.logger.lines.filter(({ level }) => level !== "info")).toEqual([]);
  w.surface.parked_by = undefined;
  await host.receive(general, line("three"));
  expect(await transcript(w)).toEqual([
    "Ada: one",
    "Ada: two",
    "Ada: three",
    "Manager: Manager 1",
    "Mem: Mem 1 on Manager 1",
  ]);
});

test("ends the run in which writing is refused, without another request or a line about it", async () => {
  const plain = endless((_, n) => `Manager ${n}`);
  const w = world({ plain });
  w.surface.at = ({ method }) => {
    if (method !== "piece") return;
    w.surface.parked_by = parked;
    throw new ColloquyError("discord_forbidden", "I may not post here.");
  };
  const host = await start(w);
  await host.receive(general, line("one"));
  await host.receive(general, line("two"));
  expect(plain.requests).toHaveLength(1);
  expect(w.surface.notices).toEqual([]);
  expect((await stored(w)).run).toBeNull();
  expect(w.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
});

test("takes no more lines than may wait, however long it lasts", async () => {
  const w = world();
  const host = await start(w);
  w.surface.parked_by = parked;
  for (let i = 0; i < 150; i += 1) await host.receive(general, line(`line ${i}`));
  expect((await stored(w)).inbox).toHaveLength(100);
  expect(w.surface.notices).toEqual([]);
});

test("takes a run that was cut short up again only where it can be said, and does not count it", async () => {
  const w = world({ plain: endless(() => new Promise<never>(() => {})) });
  void (await start(w)).receive(general, line("one"));
  await until(() => w.surface.at_work.length === 1);
  const plain = endless(() => "Back.");
  w.surface.parked_by = parked;
  for (let i = 0; i < 5; i += 1) {
    const host = await start({ ...w, plain });
    await host.receive(general, line(`again ${i}`));
    await host.close();
  }
  expect(plain.requests).toHaveLength(0);
  expect((await stored(w)).run?.restarts).toBe(0);
  w.surface.parked_by = undefined;
  await start({ ...w, plain });
  await until(() => w.surface.answers.length === 2);
});
