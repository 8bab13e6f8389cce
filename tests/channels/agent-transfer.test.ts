import { expect, test } from "vitest";
import type { ReplyFile } from "../../src/channels/command.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  call,
  endless,
  file,
  general,
  lastLine,
  line,
  memgptSeat,
  seats,
  start,
  stored,
  type World,
  wholeText,
  world,
} from "./channel-world.ts";

const den = { ...general, id: "200", name: "den", scope: "guild-2" };

/** Mem keeps each line in its core memory before it answers. */
function keeping(changes: Partial<World> = {}): World {
  const memgpt = endless((request, n) =>
    n % 2 === 1
      ? {
          calls: [
            {
              name: "core_memory_append",
              args: {
                name: "human",
                content: `KEPT ${lastLine(request)}`,
                request_heartbeat: true,
              },
            },
          ],
        }
      : says(`Mem ${n}`),
  );
  const plain = endless((request) => lastLine(request));
  return world({ plain, memgpt, ...changes });
}

/** `/save`, and the file that comes with its answer. */
async function save(host: Awaited<ReturnType<typeof start>>, options = {}) {
  const files: ReplyFile[] = [];
  const said: string[] = [];
  await call(
    host,
    "save",
    undefined,
    { name: "s", ...options },
    {
      reply: async (text, extra) => {
        said.push(text);
        if (extra?.file) files.push(extra.file);
      },
    },
  );
  const [saved] = files;
  if (!saved) throw new Error(`No file came: ${said.join(" ")}`);
  return { name: saved.name, text: new TextDecoder().decode(saved.bytes) };
}

/** `/load file:` in another channel. */
function takeIn(host: Awaited<ReturnType<typeof start>>, text: string): Promise<string> {
  return call(host, "load", undefined, { file: file("f", text) }, { place: den });
}

test("gives the agent as a file, which another channel takes in", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("the boat is blue"));
  const saved = await save(host);
  expect(saved.name).toBe("Mem.colloquy.json");
  expect(saved.text).not.toContain("guild-1");

  await host.receive(den, line("den talk"));
  const answer = await takeIn(host, saved.text);
  expect(answer).toContain("Mem has taken in what the file holds");
  expect(answer).toContain("`/load name:before import 2026-01-05 09.00.00`");
  for (const now of [host, await start(w)]) {
    const core = await call(now, "memory", "core", {}, { place: den });
    expect(core).toContain("KEPT the boat is blue");
    expect(core).not.toContain("KEPT den talk");
    const found = await call(now, "memory", "recall", { query: '"boat is blue"' }, { place: den });
    expect(found).toContain("the boat is blue");
    const kept = await call(now, "memory", "recall", { query: '"den talk"' }, { place: den });
    expect(kept).toContain("den talk");
  }
  const memgpt = w.memgpt as ReturnType<typeof endless>;
  const asked = memgpt.requests.length;
  await host.receive(den, line("and now?"));
  expect(wholeText(memgpt.requests[asked] as never)).toContain("the boat is blue");
  expect((await stored(w, den)).run).toBeNull();
});

test("leads back to what was there before", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("one"));
  const saved = await save(host);
  await host.receive(den, line("den talk"));
  await takeIn(host, saved.text);
  const name = "before import 2026-01-05 09.00.00";
  expect(await call(host, "load", undefined, { name }, { place: den })).toContain("is back");
  const core = await call(host, "memory", "core", {}, { place: den });
  expect(core).toContain("KEPT den talk");
  expect(core).not.toContain("KEPT one");
});

test("keeps the way back from the last imports, however many there are, and other snapshots", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("one"));
  const saved = await save(host);
  for (let i = 0; i < 49; i += 1) await call(host, "save", undefined, { name: `s${i}` });
  const load = (): Promise<string> =>
    call(host, "load", undefined, { file: file("f", saved.text) });
  expect(await load(), "50 of the people's own").toContain("50 snapshots already");
  const other = await start(w);
  await other.receive(den, line("den talk"));
  for (let i = 0; i < 7; i += 1) {
    w.clock.jump(1000);
    await takeIn(other, saved.text);
  }
  const names = JSON.parse(w.store.rows.get("channel/200/snapshot") ?? "[]");
  expect(names).toEqual(
    ["03", "04", "05", "06", "07"].map((second) => `before import 2026-01-05 09.00.${second}`),
  );
  const kept = [...w.store.rows.keys()].filter((key) => key.startsWith("channel/200/snapshot/"));
  expect(kept).toHaveLength(5);
});

test("leaves out what is about people who opted out where it comes to", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("Ada was here"));
  const saved = await save(host);
  await host.receive(den, line("Hi"));
  await call(host, "memory", "opt-out", {}, { place: den });
  const answer = await takeIn(host, saved.text);
  expect(answer).toContain("0 notes came in");
  const found = await call(
    host,
    "memory",
    "recall",
    { query: '"Ada was here"' },
    { place: den, person: { id: "2", display_name: "Grace" } },
  );
  expect(found).not.toContain("**Ada**");
});

test("names the documents that the file's agent had", async () => {
  const w = keeping();
  const host = await start(w);
  await call(host, "attach", undefined, {
    file: file("paper.txt", `Contexts.\n${"Words. ".repeat(60)}\nThe end of it.`),
  });
  const saved = await save(host);
  expect(saved.text).not.toContain("The end of it");
  const answer = await takeIn(host, saved.text);
  expect(answer).toContain("attach them again: paper.txt");
  expect(await call(host, "sources", "list", {}, { place: den })).toContain(
    "There are no data sources here",
  );
});

test("lets one choose the agent, and takes the file's namesake by itself", async () => {
  const base = keeping();
  const w = { ...base, seats: [...seats(base), memgptSeat("Max", base.memgpt)] };
  const host = await start(w);
  await host.receive(general, line("Hello"));
  const saved = await save(host, { agent: "max" });
  expect(saved.name).toBe("Max.colloquy.json");
  const load = (agent?: string): Promise<string> =>
    call(host, "load", undefined, { file: file("f", saved.text), ...(agent ? { agent } : {}) });
  expect(await load()).toContain("Max has taken in what the file holds");
  w.clock.jump(1000);
  expect(await load("mem")).toContain("Mem has taken in what Max knew");
  expect(await load("nobody")).toContain('No MemGPT agent here is called "nobody"');
});

test("refuses what is no agent's file, and changes nothing", async () => {
  const w = keeping();
  const host = await start(w);
  await host.receive(general, line("Hello"));
  const before = new Map(w.store.rows);
  const load = (options: Record<string, never> | object): Promise<string> =>
    call(host, "load", undefined, options as never);
  expect(await load({ file: file("f", "not json") })).toContain("This file is no saved agent");
  const huge = file("f", "{}", { size: 17_000_000 });
  expect(await load({ file: huge })).toContain("too large for an agent's");
  const liar = file("f", "x".repeat(16_000_001), { size: 3 });
  expect(await load({ file: liar })).toContain("too large for an agent's");
  const bytes = new Uint8Array([0xff, 0xfe, 0x00]);
  expect(await load({ file: file("f", "", { read: async () => bytes }) })).toContain("UTF-8");
  expect(await load({})).toContain("Give either a name or a file");
  expect(await load({ name: "s", file: file("f", "{}") })).toContain("Give either");
  expect(w.store.rows).toEqual(before);
  expect(w.surface.answers).toHaveLength(2);
});

test("saves a channel without a MemGPT agent, without a file", async () => {
  const base = keeping();
  const host = await start({ ...base, seats: seats(base).slice(0, 2) });
  expect(await call(host, "save", undefined, { name: "s" })).toBe(
    'Saved as "s". Bring it back with `/load name:s`.',
  );
});
