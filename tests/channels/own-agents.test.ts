import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import {
  call,
  endless,
  general,
  line,
  runtimeOf,
  start,
  wholeText,
  world,
} from "./channel-world.ts";

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

async function withTemplates() {
  const w = world();
  const templates = [
    { name: "Critic", description: "Finds faults.", system_message: "You find FAULTS." },
  ];
  const { table, ...runtime } = runtimeOf(w);
  const own_models = [endless(() => "First."), { ...endless(() => "Second."), model: "small" }];
  const host = new ChannelRegistry({
    commands,
    runtime: { ...runtime, templates, table: { ...table, own_models } },
  });
  await host.connect(() => w.surface);
  const form = (subcommand: string, options: Record<string, string>, may_manage = true) =>
    host.form(general, {
      name: "agents",
      subcommand,
      options: new Map(Object.entries(options)),
      may_manage,
    });
  return { w, host, form };
}

test("begins an agent as a template says, in a form or at once", async () => {
  const { host, form } = await withTemplates();
  const filled = await form("add", { template: "critic", description: "Mine." });
  expect(filled?.fields.map(({ name, value }) => [name, value])).toEqual([
    ["name", "Critic"],
    ["description", "Mine."],
    ["system_message", "You find FAULTS."],
    ["model", ""],
  ]);
  expect(filled?.fields.at(-1)?.hint).toContain("There is: endless, small");
  expect(await call(host, "agents", "add", { template: "critic" })).toContain("Critic sits");
  const other = { template: "Critic", name: "Judge", description: "" };
  await call(host, "agents", "add", other);
  const list = await call(host, "agents", "list");
  expect(list).toContain("**Critic** (plain agent, endless): Finds faults.");
  expect(list).toContain("**Judge** (plain agent, endless)\n".trimEnd());
  expect(await call(host, "agents", "add", { template: "x" })).toContain("There is: Critic.");
  const offered = { name: "agents", subcommand: "add", option: "template", typed: "" };
  expect(await host.complete(general, offered)).toEqual(["Critic"]);
});

test("has no form for what is refused, or is said already", async () => {
  const { host, form } = await withTemplates();
  expect(await form("add", {}, false)).toBeUndefined();
  expect(await form("add", { name: "A", system_message: "B" })).toBeUndefined();
  expect(await form("edit", { name: "Nobody" })).toBeUndefined();
  expect(await form("list", {})).toBeUndefined();
  expect(await form("add", { constructor: "x" })).toBeUndefined();
  expect(await call(host, "agents", "add", { name: "A" })).toContain("needs a system message");
});

test("an edit may empty a description and give the usual model back, and changes nothing unasked", async () => {
  const { host, form } = await withTemplates();
  const agent = { name: "Poet", system_message: "You rhyme.", description: "X.", model: "small" };
  await call(host, "agents", "add", agent);
  expect(await call(host, "agents", "list")).toContain("**Poet** (plain agent, small): X.");
  const fields = (await form("edit", { name: "poet" }))?.fields;
  expect(fields?.map(({ value }) => value)).toEqual(["X.", "You rhyme.", "small"]);
  await call(host, "agents", "edit", { name: "poet", description: "", model: "" });
  expect(await call(host, "agents", "list")).toMatch(/\*\*Poet\*\* \(plain agent, endless\)$/);
  expect(await call(host, "agents", "edit", { name: "poet" })).toContain("Nothing was given");
  expect(await call(host, "agents", "edit", { name: "poet", system_message: " " })).toContain(
    "needs a system message",
  );
});
