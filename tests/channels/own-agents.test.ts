import { expect, test } from "vitest";
import { call, endless, general, line, start, wholeText, world } from "./channel-world.ts";

test("makes an agent for one channel, changes it, and deletes it, over restarts", async () => {
  const plain = endless((_, n) => `Answer ${n}`);
  const w = world({ plain });
  const host = await start(w);
  const critic = {
    name: "Critic",
    system_message: "You find FAULTS.",
    description: "Finds faults.",
  };
  expect(await call(host, "agents", "add", critic)).toBe(
    "Critic sits at the table now, as the last.",
  );
  await host.receive(general, line("one"));
  const again = await start(w);
  expect(await call(again, "agents", "list")).toContain(
    "4. **Critic** (plain agent, endless): Finds faults.",
  );
  await call(again, "agents", "edit", { name: "critic", system_message: "You PRAISE." });
  await again.receive(general, line("two"));
  expect(w.surface.pieces.map(({ voice }) => voice)).toEqual([
    "Manager",
    "Mem",
    "Critic",
    "Manager",
    "Mem",
    "Critic",
  ]);
  expect(wholeText(plain.requests[1] ?? { messages: [] })).toContain("FAULTS");
  expect(wholeText(plain.requests[3] ?? { messages: [] })).toContain("PRAISE");
  expect(await call(again, "groupchat", "mute", { agent: "Critic" })).toContain("is muted");
  await call(again, "agents", "delete", { name: "Critic" });
  expect(await call(again, "agents", "list")).not.toContain("Critic");
  const other = { ...general, id: "200" };
  expect(await call(again, "agents", "list", {}, { place: other })).not.toContain("Critic");
});

test("refuses names that are taken or cannot be one, strange models, and agents of the host", async () => {
  const host = await start(world());
  const add = (name: string, more = {}) =>
    call(host, "agents", "add", { name, system_message: "x", ...more });
  expect(await add("manager")).toContain("There is an agent called manager already");
  expect(await add("a b")).toContain("cannot be an agent's name");
  expect(await add("MyClyde")).toContain("cannot be an agent's name");
  expect(await add("Fine", { model: "constructor" })).toContain("There is: endless.");
  expect(await add("Fine", { system_message: "x".repeat(6_001) })).toContain("too long");
  expect(await call(host, "agents", "edit", { name: "Mem" })).toContain("made here");
  expect(await call(host, "agents", "list")).not.toContain("Fine");
});
