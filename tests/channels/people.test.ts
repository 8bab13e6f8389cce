import { expect, test } from "vitest";
import type { ChatMessage } from "../../src/memgpt/ports.ts";
import { MemoryAgentFiles } from "../fakes/memory-agent-files.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  call,
  endless,
  grace,
  lastLine,
  line,
  seats,
  start,
  stored,
  transcript,
  type World,
  wholeText,
  withSession,
  world,
} from "./channel-world.ts";

/** A MemGPT agent alone at the table; it writes to memory what "keep …", "archive …" ask for. */
function noting(changes: Partial<World> = {}) {
  const memgpt = endless((request) => {
    const last = lastLine(request);
    const name = request.messages.findLast((m) => m.role === "user")?.name?.toLowerCase();
    const [, verb, content = ""] = /^(keep|archive|shared|file) (.*)$/s.exec(last) ?? [];
    if (verb === undefined) return says(`On it: ${last}`);
    const write =
      verb === "archive" || verb === "file"
        ? {
            name: verb === "file" ? "append_to_text_file" : "archival_memory_insert",
            args: {
              ...(verb === "file" ? { filename: "notes.txt" } : {}),
              content,
              request_heartbeat: false,
            },
          }
        : {
            name: "core_memory_append",
            args: {
              name: verb === "keep" ? `human:${name}` : "human",
              content,
              request_heartbeat: false,
            },
          };
    return { calls: [write, { name: "send_message", args: { message: `Kept: ${content}` } }] };
  });
  const w = world({ memgpt, ...changes });
  const table = seats({ plain: w.plain, memgpt })
    .filter((seat) => seat.type !== "assistant")
    .map((seat) =>
      seat.type === "memgpt"
        ? {
            ...seat,
            memgpt: {
              ...seat.memgpt,
              functions: [
                ...seat.memgpt.functions,
                "archival_memory_insert",
                "append_to_text_file",
              ],
            },
          }
        : seat,
    );
  return { ...w, seats: table, model: memgpt };
}

/** Everything that is stored, as one text. */
async function everything(w: World): Promise<string> {
  const notes = await w.passages.page("agent/100/Mem/archival", 0, 100);
  const rows = [...w.store.rows].map(([key, value]) => `${key} ${value}`);
  return [...rows, JSON.stringify(notes)].join("\n");
}

const general = { id: "100", kind: "channel", scope: "guild-1", name: "general" } as const;

test("brings a person's block in with their first line, as an event, and then leaves the front alone", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep likes tea"));
  await registry.receive(general, line("hello", { person: grace }));
  await registry.receive(general, line("and?"));
  const [first, , third] = w.model.requests.map((request) => wholeText(request));
  expect(first).toContain('Ada has a block of core memory, \\\\\\"human:ada\\\\\\"');
  expect(third?.match(/has a block of core memory/g)).toHaveLength(2);
  const fronts = w.model.requests.map((request) => request.messages[0]?.content);
  expect(new Set(fronts).size).toBe(1);
});

test("shows everybody what is kept about them, and others only to managers", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep likes tea"));
  await registry.receive(general, line("keep likes jam", { person: grace }));
  const mine = await call(registry, "memory", "me", {}, { may_manage: false });
  expect(mine).toContain(
    "Mem: 1 lines in recall memory. **human:ada** (9/2000 characters)\nlikes tea",
  );
  const core = await call(registry, "memory", "core", {}, { may_manage: false });
  expect(core).toContain("likes tea");
  expect(core).not.toContain("likes jam");
  const refused = await call(registry, "memory", "me", { person: "Grace" }, { may_manage: false });
  expect(refused).toContain("You may only ask about yourself here");
  expect(await call(registry, "memory", "me", { person: "Grace" })).toContain("likes jam");
  expect(await call(registry, "memory", "me", { person: "Nemo" })).toContain(
    "Nobody here is known",
  );
});

test("lets people correct their own block, tells the agent, and no undo brings it back", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep likes tea"));
  const wrong = { old: "tee", new: "coffee" };
  expect(await call(registry, "memory", "correct", wrong, { may_manage: false })).toContain(
    "Content not found in human:ada",
  );
  const options = { old: "tea", new: "coffee" };
  const answer = await call(registry, "memory", "correct", options, { may_manage: false });
  expect(answer).toContain("likes coffee");
  const others = { ...options, person: "Ada" };
  const refused = await call(registry, "memory", "correct", others, {
    may_manage: false,
    person: grace,
  });
  expect(refused).toContain("You may only ask about yourself");
  expect(await call(registry, "memory", "undo")).toBe(
    "There is no edit of core memory to take back.",
  );
  await registry.receive(general, line("go on"));
  expect(wholeText(w.model.requests.at(-1) ?? { messages: [] })).toContain("likes coffee");
});

test("takes the agent's last edits back, also after a restart, and tells it at the prompt's end", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("shared the sky is green"));
  await registry.close();
  const again = await start(w);
  expect(await call(again, "memory", "undo", {}, { may_manage: false })).toContain(
    "You may not use",
  );
  expect(await call(again, "memory", "undo")).toContain("Taken back: 1 edit, in `human`.");
  await again.receive(general, line("go on"));
  const { messages } = w.model.requests.at(-1) ?? { messages: [] };
  expect(messages[0]).toEqual(w.model.requests[0]?.messages[0]);
  expect(messages.at(-2)?.content).toContain("Your last edit of core memory was undone by people");
  expect(messages.at(-2)?.content).not.toContain("the sky is green");
});

test("forgets what agents wrote to files about a person, and nothing else in them", async () => {
  const files = new MemoryAgentFiles();
  const w = noting({ files });
  const registry = await start(w);
  await registry.receive(general, line("file the boat is blue\n- it leaks"));
  await registry.receive(general, line("file Ada: tea", { person: grace }));
  await registry.receive(general, line("file Grace met Ada", { person: grace }));
  expect(files.texts.get("agent/100/Mem/notes.txt")).toBe(
    "the boat is blue\n- it leaks\nAda: tea\nGrace met Ada\n",
  );
  await call(registry, "forget", "me", { confirm: true });
  expect(files.texts.get("agent/100/Mem/notes.txt")).toBe("Grace met Ada\n");
});

test("gives no trace of a forgotten person with an agent's file", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep likes tea"));
  await registry.receive(general, line("hello", { person: grace }));
  await call(registry, "forget", "me", { confirm: true });
  const { text } = await withSession(w, (session) => session.saves.exportAgent());
  const file = JSON.parse(text);
  const contents = file.queue.map((entry: { message: ChatMessage }) => entry.message.content);
  expect(contents).not.toContain("");
  expect(JSON.stringify(contents)).toContain("hello");
  expect(text).not.toMatch(/\bada\b|likes tea|"person"/i);
});

test("keeps nothing in files of what somebody says who is not to be remembered", async () => {
  const files = new MemoryAgentFiles();
  const w = noting({ files });
  const registry = await start(w);
  await call(registry, "memory", "opt-out");
  await registry.receive(general, line("file my secret"));
  expect(files.texts.size).toBe(0);
  expect(wholeText(w.model.requests.at(-1) ?? { messages: [] })).toContain("does not want to be");
});

test("forgets a person down to the last stored row, and nobody else", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep CANARY is my code"));
  await registry.receive(general, line("shared CANARY in public"));
  await registry.receive(general, line("archive CANARY notes"));
  await registry.receive(general, line("keep likes jam", { person: grace }));
  await call(registry, "save", undefined, { name: "before" });
  expect(await w.passages.count("agent/100/Mem/archival")).toBe(1);
  expect(await everything(w)).toContain("CANARY");
  expect(await call(registry, "forget", "me", { confirm: false })).toContain("Nothing was deleted");
  expect(await everything(w)).toContain("CANARY");
  const answer = await call(registry, "forget", "me", { confirm: true }, { may_manage: false });
  expect(answer).toContain("3 lines with the answers to them, 1 archival note,");
  expect(await everything(w)).not.toContain("CANARY");
  expect(await everything(w)).toContain("likes jam");
  expect(await w.passages.count("agent/100/Mem/archival")).toBe(0);
  expect(await transcript(w)).toEqual([
    ...["User_proxy", "Mem", "User_proxy", "Mem", "User_proxy", "Mem"].map(
      (n) => `${n}: [removed]`,
    ),
    "Grace: keep likes jam",
    "Mem: Kept: likes jam",
  ]);
  await registry.receive(general, line("go on", { person: grace }));
  const prompt = w.model.requests.at(-1);
  expect(wholeText(prompt ?? { messages: [] })).not.toContain("CANARY");
  expect(prompt?.messages[0]?.content).toContain("likes jam");
  expect(prompt?.messages[0]?.content).not.toContain("human:ada");
  expect(await call(registry, "memory", "me")).toContain("0 lines");
  await call(registry, "load", undefined, { name: "before" });
  await registry.receive(general, line("and now?", { person: grace }));
  expect(wholeText(w.model.requests.at(-1) ?? { messages: [] })).not.toContain("CANARY");
  expect((await stored(w)).run).toBeNull();
});

test("forgets nothing when the store fails half-way, and can be asked again", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep CANARY is my code"));
  await registry.close();
  const failing = new MemoryStateStore();
  for (const [key, value] of w.store.rows) failing.rows.set(key, value);
  const broken = await start({ ...w, store: failing });
  const setMany = failing.setMany.bind(failing);
  failing.setMany = async () => {
    throw new Error("disk full");
  };
  const failed = await call(broken, "forget", "me", { confirm: true });
  expect(failed).not.toContain("Forgotten");
  failing.setMany = setMany;
  expect(await call(broken, "forget", "me", { confirm: true })).toContain("Forgotten here: 1 line");
  expect([...failing.rows.values()].join()).not.toContain("CANARY");
});

test("hears who opted out in the live run only, and keeps and finds nothing of it", async () => {
  const w = noting();
  const registry = await start(w);
  await registry.receive(general, line("keep likes jam", { person: grace }));
  await call(registry, "memory", "opt-out", {}, { may_manage: false });
  await registry.receive(general, line("keep CANARY is my code"));
  expect(wholeText(w.model.requests.at(-1) ?? { messages: [] })).toContain("CANARY");
  const said = w.surface.posts.map((post) => post.text).join();
  expect(said).toContain("CANARY");
  expect(await everything(w)).not.toContain("CANARY");
  expect(await call(registry, "memory", "recall", { query: "CANARY" })).toContain("Nothing found");
  await registry.receive(general, line("hello", { person: grace }));
  expect(wholeText(w.model.requests.at(-1) ?? { messages: [] })).not.toContain("CANARY");
  await registry.close();
  const again = await start(w);
  await again.receive(general, line("still CANARY"));
  expect(await everything(w)).not.toContain("CANARY");
  await call(again, "memory", "opt-in");
  await again.receive(general, line("keep TEAPOT"));
  expect(await everything(w)).toContain("TEAPOT");
});

test("leaves no run of a forgotten person to go on with, and no id of theirs", async () => {
  const w = noting({ max_round: 1 });
  const registry = await start(w);
  await registry.receive(general, line("hello"));
  const [button] = w.surface.standing;
  expect(button?.label).toBe("Continue");
  await call(registry, "forget", "me", { confirm: true });
  expect((await stored(w)).ended).toBeNull();
  const { text } = await registry.press(general, { id: button?.id ?? "", person: grace });
  expect(text).toContain("There is nothing here to go on with");
});
