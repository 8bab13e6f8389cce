import { expect, test } from "vitest";
import { addTrace, traceLine } from "../../src/channels/trace-lines.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  call,
  endless,
  general,
  line,
  start,
  stored,
  type World,
  wholeText,
  world,
} from "./channel-world.ts";

/** Mem thinks, searches, and answers. */
function thinking(): { w: World; plain: ReturnType<typeof endless> } {
  const plain = endless((_, n) => `Manager ${n}`);
  const memgpt = endless((_, n) =>
    n % 2 === 1
      ? {
          content: "SECRET-THOUGHT",
          calls: [
            {
              name: "archival_memory_search",
              args: { query: "SECRET-QUERY", request_heartbeat: true },
            },
          ],
        }
      : says(`Mem ${n}`, "SECRET-SECOND"),
  );
  return { w: world({ plain, memgpt }), plain };
}

const tracesOf = (w: World): string[] =>
  w.surface.pieces.filter(({ voice }) => voice === "Mem").flatMap(({ traces }) => traces);

test("hides thoughts and function traces until they are switched on, each by itself", async () => {
  const { w } = thinking();
  const host = await start(w);
  await host.receive(general, line("one"));
  expect(tracesOf(w)).toEqual([]);
  await call(host, "inner-thoughts", "show");
  await host.receive(general, line("two"));
  expect(tracesOf(w)).toEqual([
    "[inner thoughts] SECRET-THOUGHT",
    "[inner thoughts] SECRET-SECOND",
  ]);
  await call(host, "inner-thoughts", "hide");
  await call(host, "function-outputs", "show");
  w.surface.pieces.length = 0;
  await host.receive(general, line("three"));
  expect(tracesOf(w)).toEqual([
    "[function] archival_memory_search(query: SECRET-QUERY)",
    expect.stringMatching(/^\[function - OK\] /),
  ]);
});

test("remembers the choice of a channel, and of that channel alone", async () => {
  const { w } = thinking();
  const host = await start(w);
  await call(host, "inner-thoughts", "show");
  await call(host, "groupchat", "stop");
  const place = { ...general, id: "200" };
  expect(await call(host, "groupchat", "show", {}, { place })).toContain(
    "Inner thoughts are hidden",
  );
  const later = await call(await start(w), "groupchat", "show");
  expect(later).toContain("Inner thoughts are shown, function outputs are hidden.");
  expect(later).toContain("answer when the bot is mentioned");
  expect((await stored(w)).settings).toEqual({
    active: false,
    show_inner_thoughts: true,
    show_function_outputs: false,
  });
});

test("keeps thoughts and traces from the other agents, shown or not", async () => {
  const { w, plain } = thinking();
  const host = await start(w);
  await call(host, "inner-thoughts", "show");
  await call(host, "function-outputs", "show");
  await host.receive(general, line("one"));
  await (await start(w)).receive(general, line("two"));
  expect(plain.requests).toHaveLength(2);
  expect(plain.requests.map(wholeText).join("\n")).not.toContain("SECRET");
});

test("posts the traces of an answer that was journaled before a crash", async () => {
  const { w } = thinking();
  const host = await start(w);
  await call(host, "inner-thoughts", "show");
  w.surface.at = ({ method, post }) =>
    method === "speak" && post?.voice.name === "Mem" ? new Promise(() => {}) : undefined;
  void host.receive(general, line("one"));
  for (let i = 0; i < 2000; i += 1) await Promise.resolve();
  w.surface.at = () => {};
  await start(w);
  for (let i = 0; i < 2000; i += 1) await Promise.resolve();
  expect(tracesOf(w)).toContain("[inner thoughts] SECRET-THOUGHT");
});

test("puts a trace in one line of bounded length", () => {
  const settings = { active: true, show_inner_thoughts: true, show_function_outputs: true };
  const text = `a\n\n b ${"🎈".repeat(500)}`;
  const shown = traceLine({ type: "inner_thoughts", agent: "Mem", text }, settings) ?? "";
  expect(shown).toMatch(/^\[inner thoughts\] a b 🎈+…$/u);
  expect([...shown]).toHaveLength(300);
});

test("says once that traces are left out, and never traces what is said anyway", () => {
  const traces: string[] = [];
  for (let i = 0; i < 60; i += 1) addTrace(traces, `line ${i}`);
  expect(traces).toHaveLength(41);
  expect(traces.at(-1)).toBe("[…] further lines are left out");
  const settings = { active: true, show_inner_thoughts: true, show_function_outputs: true };
  const call = {
    type: "function_call",
    agent: "Mem",
    name: "send_message",
    arguments: {},
  } as const;
  expect(traceLine(call, settings)).toBeUndefined();
  const result = { type: "function_result", agent: "Mem", name: "send_message" } as const;
  expect(traceLine({ ...result, ok: true, text: "None" }, settings)).toBeUndefined();
  expect(traceLine({ ...result, ok: false, text: "Error: unexpected" }, settings)).toBe(
    "[function - error] Error: unexpected",
  );
});

test("shows notices whatever is hidden", () => {
  const settings = { active: true, show_inner_thoughts: false, show_function_outputs: false };
  const notice = { type: "notice", agent: "Mem", text: "Mem found no answer." } as const;
  expect(traceLine(notice, settings)).toBe("[notice] Mem found no answer.");
});
