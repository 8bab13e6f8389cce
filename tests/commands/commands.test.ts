import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { matching } from "../../commands/options.ts";
import {
  call,
  endless,
  file,
  gate,
  general,
  line,
  start,
  until,
  world,
} from "../channels/channel-world.ts";
import { says } from "../fakes/scripted-chat-model.ts";

const NAME = /^[a-z0-9_-]{1,32}$/;

const parts = commands.flatMap((command) => [
  { path: command.name, ...command },
  ...(command.subcommands ?? []).map((sub) => ({ path: `${command.name} ${sub.name}`, ...sub })),
]);

test.each(parts.map((part) => [part.path, part] as const))(
  "/%s stays within Discord's limits",
  (_, { name, description, options = [] }) => {
    expect(name).toMatch(NAME);
    expect(description.length).toBeGreaterThan(0);
    expect(description.length).toBeLessThanOrEqual(100);
    expect(options.length).toBeLessThanOrEqual(25);
    expect(new Set(options.map((option) => option.name)).size).toBe(options.length);
    let optionalSeen = false;
    for (const option of options) {
      expect(option.name).toMatch(NAME);
      expect(option.description.length).toBeGreaterThan(0);
      expect(option.description.length).toBeLessThanOrEqual(100);
      expect(option.required === true && optionalSeen, "required ones come first").toBe(false);
      optionalSeen ||= option.required !== true;
    }
  },
);

test("registers commands of different names, each with options or subcommands, all with help", () => {
  expect(commands.map(({ name }) => name)).toEqual([
    "help",
    "groupchat",
    "agents",
    "attach",
    "sources",
    "memory",
    "forget",
    "inner-thoughts",
    "function-outputs",
    "streaming",
    "save",
    "load",
  ]);
  for (const { name, help, options, subcommands } of commands) {
    expect(options === undefined || subcommands === undefined, name).toBe(true);
    expect(help, name).toContain(`/${name}`);
    expect(help.length, name).toBeLessThan(1500);
  }
});

test("lets everybody look and attach, and only managers change what all share", () => {
  const allowed = (permission: string): string[] =>
    commands
      .flatMap(({ name, permission: own = "everyone", subcommands }) =>
        subcommands
          ? subcommands.map((sub) => ({ path: `${name} ${sub.name}`, needs: sub.permission }))
          : [{ path: name, needs: own }],
      )
      .filter(({ needs }) => needs === permission)
      .map(({ path }) => path);
  expect(allowed("manage_channel")).toEqual([
    "groupchat start",
    "groupchat stop",
    "groupchat reset",
    "groupchat set",
    "groupchat order",
    "groupchat mute",
    "groupchat unmute",
    "groupchat add",
    "groupchat remove",
    "groupchat defaults",
    "agents add",
    "agents edit",
    "agents delete",
    "sources detach",
    "sources rename",
    "sources refresh",
    "sources delete",
    "sources dropped",
    "memory undo",
    "forget person",
    "inner-thoughts show",
    "inner-thoughts hide",
    "function-outputs show",
    "function-outputs hide",
    "streaming show",
    "streaming hide",
    "save",
    "load",
  ]);
  expect(allowed("manage_server")).toEqual(["sources publish"]);
  expect(allowed("everyone")).toHaveLength(20);
});

test("/help lists the commands, explains one, and is kind to a wrong name", async () => {
  const host = await start(world());
  const list = await call(host, "help");
  for (const { name, description } of commands)
    expect(list).toContain(`\`/${name}\`: ${description}`);
  const one = await call(host, "help", undefined, { command: "/Sources" });
  expect(one).toContain("- `/sources detach name [agent]`: ");
  expect(one).toContain("(needs Manage Channels)");
  expect(one).toContain("`/sources list` shows what is there");
  const none = await call(host, "help", undefined, { command: "constructor" });
  expect(none).toMatch(/^There is no such command/);
  expect(none).toContain("`/attach`");
  const request = { name: "help", subcommand: undefined, option: "command", typed: "s" };
  expect(await host.complete(general, request)).toEqual([
    "save",
    "sources",
    "streaming",
    "agents",
    "function-outputs",
    "inner-thoughts",
  ]);
});

test("/agents lists who sits here, in turn", async () => {
  const base = world();
  const host = await start(base);
  expect(await call(host, "agents", "list")).toBe(
    [
      "1. **User_proxy** (the people who write here)",
      "2. **Manager** (plain agent, endless)",
      "3. **Mem** (MemGPT agent, endless)",
    ].join("\n"),
  );
});

test("/agents lists them as people have steered the table", async () => {
  const host = await start(world());
  await call(host, "groupchat", "order", { agents: "Mem" });
  await call(host, "groupchat", "mute", { agent: "Mem" });
  expect(await call(host, "agents", "list")).toBe(
    [
      "1. **User_proxy** (the people who write here)",
      "2. **Mem** (MemGPT agent, endless, muted)",
      "3. **Manager** (plain agent, endless)",
    ].join("\n"),
  );
  await call(host, "groupchat", "unmute", { agent: "Mem" });
  await call(host, "groupchat", "remove", { agent: "Manager" });
  expect(await call(host, "agents", "list")).toContain(
    "**Manager** (plain agent, endless, removed)",
  );
});

test("/groupchat shows where the talk is", async () => {
  const thinking = gate();
  const w = world({
    active: false,
    memgpt: endless(async () => {
      await thinking.passed;
      return says("Yes.");
    }),
  });
  const host = await start(w);
  expect(await call(host, "groupchat", "show")).toBe(
    [
      "The floor is yours.",
      "The agents answer when the bot is mentioned; `/groupchat start` has them answer every line.",
      "In turn: User_proxy, Manager, Mem.",
      "Speaker selection: round_robin. Human input: ALWAYS.",
      "Inner thoughts are hidden, function outputs are hidden. Answers in the making are shown.",
      "Lines so far: 0. Messages in one run: 12 at most.",
    ].join("\n"),
  );
  expect(await call(host, "groupchat", "start")).toBe(
    "The agents now answer every line written here.",
  );
  const run = host.receive(general, line("Hello"));
  await until(() => w.surface.at_work.includes("Mem"));
  expect(await call(host, "groupchat", "show")).toContain(
    "The agents are answering: turn 3 of 12, next: User_proxy; Mem is at work.\nThe agents answer every line written here.",
  );
  thinking.open();
  await run;
  expect(await call(host, "groupchat", "stop")).toBe(
    "The agents now answer only when the bot is mentioned.",
  );
  expect(await call(host, "groupchat", "reset")).toBe(
    "A new talk begins. Memory and attached documents are kept.",
  );
});

test("/groupchat stop switches nothing off where every line is meant for the agents", async () => {
  const host = await start(world());
  const place = { id: "200", kind: "dm" as const, scope: "200", name: "direct message" };
  expect(await call(host, "groupchat", "start", {}, { place })).toContain("every line");
  expect(await call(host, "groupchat", "stop", {}, { place })).toBe(
    "Nothing is running. What you write here is always meant for them: they answer it.",
  );
  expect(await call(host, "groupchat", "show", {}, { place })).toContain("answer every line");
});

test("/inner-thoughts and /function-outputs say what they did", async () => {
  const host = await start(world());
  expect(await call(host, "inner-thoughts", "show")).toBe(
    "From now on, inner thoughts are shown here.",
  );
  expect(await call(host, "function-outputs", "hide")).toBe(
    "From now on, function calls and their results are hidden here.",
  );
});

test("/memory core shows the blocks as text, with how full they are", async () => {
  const memgpt = endless((_, n) =>
    n > 1
      ? says("Kept.")
      : {
          content: "Kept.",
          calls: [
            {
              name: "core_memory_append",
              args: { name: "human", content: "*Ada* likes <@1>", request_heartbeat: true },
            },
          ],
        },
  );
  const host = await start(world({ memgpt }));
  expect(await call(host, "memory", "core")).toBe(
    "**persona** (13/2000 characters)\nI keep notes.\n\n**human** (0/2000 characters)\n(empty)",
  );
  await host.receive(general, line("I am Ada."));
  expect(await call(host, "memory", "core")).toContain("\\*Ada\\* likes \\<@1>");
});

test("/memory recall counts and searches what was said, a page at a time", async () => {
  const host = await start(
    world({ plain: endless(() => "ok"), memgpt: endless(() => says("yes")) }),
  );
  for (let i = 0; i < 7; i += 1) await host.receive(general, line(`needle *${i}*`));
  expect(await call(host, "memory", "recall")).toBe(
    "Recall memory holds 21 lines. Search them with `/memory recall query:…`.",
  );
  const first = await call(host, "memory", "recall", { query: "needle" });
  expect(first.split("\n")).toHaveLength(6);
  expect(first).toMatch(
    /^7 found, page 1 of 2\.\n- 2026-01-05 \d\d:\d\d \*\*Ada\*\*: needle \\\*0\\\*\n/,
  );
  const second = await call(host, "memory", "recall", { query: "needle", page: 2 });
  expect(second.split("\n")).toHaveLength(3);
  expect(await call(host, "memory", "recall", { query: "needle", page: 99 })).toBe(second);
  expect(await call(host, "memory", "recall", { query: "zebra" })).toBe("Nothing found.");
});

test("/memory archival names source and page, and cuts long passages", async () => {
  const host = await start(world());
  const text = `About virtual context. ${"x ".repeat(400)}\fOn [page] two: paging.`;
  await call(host, "attach", undefined, { file: file("paper.pdf", text) });
  expect(await call(host, "memory", "archival")).toMatch(/^Archival memory holds \d passages\. /);
  const found = await call(host, "memory", "archival", { query: "paging" });
  expect(found).toContain("- **paper.pdf**, p. 2: On \\[page\\] two: paging.");
  const long = await call(host, "memory", "archival", { query: "virtual context" });
  expect(long).toMatch(/\*\*paper\.pdf\*\*, p\. 1: About virtual context\. [x ]+…$/m);
});

test("/memory archival shows a text of two sources once, with both and their links", async () => {
  const host = await start(world());
  const link = "https://discord.com/channels/1/2/3";
  await call(host, "attach", undefined, { file: file("a.pdf", "Of tea.\fOf cups.", { link }) });
  await call(host, "attach", undefined, { file: file("b.txt", "Of  CUPS.") });
  expect(await call(host, "memory", "archival", { query: "cups" })).toBe(
    `1 found, page 1 of 1.\n- **a.pdf**, p. 2, <${link}>; **b.txt**: Of cups.`,
  );
});

test("/memory archival searches one document where it is named, and completes its name", async () => {
  const host = await start(world());
  await call(host, "attach", undefined, { file: file("a.txt", "Of tea.") });
  await call(host, "attach", undefined, { file: file("b.txt", "More tea.") });
  const search = (source: string) => call(host, "memory", "archival", { query: "tea", source });
  expect(await search("B.txt")).toBe("1 found, page 1 of 1.\n- **b.txt**: More tea.");
  expect(await search("c.txt")).toBe(
    "No attached source is called 'c.txt'. Attached are: a.txt, b.txt.",
  );
  const asked = { name: "memory", subcommand: "archival", option: "source", typed: "b" };
  expect(await host.complete(general, asked)).toEqual(["b.txt"]);
});

test("/attach takes several files; what is wrong with one keeps no other back", async () => {
  const host = await start(world());
  const [a, b, c] = [file("a.txt", "Of tea."), file("b.txt", ""), file("c.txt", "Of cups.")];
  const said = (await call(host, "attach", undefined, { file: a, file2: b, file3: c })).split("\n");
  expect(said[0]).toMatch(/^Attached data source a\.txt to agent Mem, .* has 1 embeddings/);
  expect(said[1]).toMatch(/^b\.txt: /);
  expect(said[2]).toMatch(/^Attached data source c\.txt to agent Mem, .* has 2 embeddings/);
});

test("/memory and /attach say which agents there are when there is no such one", async () => {
  const host = await start(world());
  const none = 'No MemGPT agent here is called "Manager". There is: Mem.';
  expect(await call(host, "memory", "core", { agent: "Manager" })).toBe(none);
  const options = { file: file("a.txt", "x"), agent: "Manager" };
  expect(await call(host, "attach", undefined, options)).toBe(none);
});

test("/sources lists and completes what is attached, its names as text", async () => {
  const host = await start(world());
  expect(await call(host, "sources", "list")).toMatch(/^There are no data sources here\./);
  const attach = (name: string, text: string) =>
    call(host, "attach", undefined, { file: file(name, text) });
  await attach("b*.txt", "Notes, *mine*, on paging");
  await attach("a.txt", "Other.");
  expect(await call(host, "sources", "list")).toBe(
    [
      "- **b\\*.txt** (text): 1 passage, 1 page, 24 bytes, embedded with letters, attached to Mem. Notes, \\*mine\\*, on paging",
      "- **a.txt** (text): 1 passage, 1 page, 6 bytes, embedded with letters, attached to Mem. Other.",
    ].join("\n"),
  );
  const ask = (option: string, typed: string) =>
    host.complete(general, { name: "sources", subcommand: "detach", option, typed });
  expect(await ask("name", "")).toEqual(["a.txt", "b*.txt"]);
  expect(await ask("name", "B*")).toEqual(["b*.txt"]);
  expect(await ask("agent", "m")).toEqual(["Mem"]);
});

test("/save and /load say what they did", async () => {
  const host = await start(world());
  expect(await call(host, "save", undefined, { name: "one" })).toBe(
    'Saved as "one". Bring it back with `/load name:one`. The file is Mem with all that it remembers; `/load file:` takes it in, here or elsewhere.',
  );
  expect(await call(host, "load", undefined, { name: "one" })).toBe(
    '"one" is back. What was said since is still in recall memory.',
  );
  const request = { name: "load", subcommand: undefined, option: "name", typed: "" };
  expect(await host.complete(general, request)).toEqual(["one"]);
});

test("offers names that begin with what is typed before those that hold it", () => {
  expect(matching(["band", "an", "Ann", "bob"], "an")).toEqual(["an", "Ann", "band"]);
  expect(matching(["b", "a"], " ")).toEqual(["a", "b"]);
});
