import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ConsoleSurface } from "../../src/console/console-surface.ts";
import { PlainScreen } from "../../src/console/screen.ts";
import { fakeTerminal, speak, turn } from "./fake-terminal.ts";

test("lets an answer grow above the prompt while it is written, its whole lines for good", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  t.type("next li");
  const stop = t.host.surface.typing({ name: "Mem" });
  const draft = t.host.surface.draft(
    { id: "p1", voice: { name: "Mem" }, after: "1" },
    async () => {},
  );
  await turn();
  const steps: [text: string, seen: string][] = [
    ["It is", "Mem\n  [function] x()\nIt is\n> next li"],
    ["It is so:\n- o", "Mem\n  [function] x()\nIt is so:\n- o\n> next li"],
    ["It is so:\n- one\n", "Mem\n  [function] x()\nIt is so:\n- one\n> next li"],
  ];
  for (const [text, seen] of steps) {
    draft.update(text, ["[function] x()"]);
    await turn();
    expect(t.seen()).toBe(seen);
  }
  await draft.end();
  draft.update("too late", []);
  stop();
  await speak(t, "It is so:\n- one\n- two", ["[function] x()", "[inner thoughts] Hm."]);
  await turn();
  expect(t.seen()).toBe(
    "Mem\n  [function] x()\nIt is so:\n- one\n- two\n  [inner thoughts] Hm.\n\n> next li",
  );
  await speak(t, "Another.");
  await turn();
  expect(t.seen()).toMatch(/Hm\.\n\nMem\nAnother\.\n\n> next li$/);
  t.terminal.stop();
  await running;
});

test("shows a growing paragraph whole, over several rows, and of a very long one the end", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  const draft = t.host.surface.draft(
    { id: "p1", voice: { name: "Mem" }, after: "1" },
    async () => {},
  );
  const text = Array.from({ length: 600 }, (_, i) => `word${i}`).join(" ");
  for (let length = 1; length < text.length; length += 37) {
    draft.update(text.slice(0, length), []);
    await turn();
    if (length > 700) continue;
    const shown = t
      .seen()
      .replace(/\n> ?$/, "")
      .split("\n");
    expect(shown[0]).toBe("Mem");
    // A line ends without its space.
    expect(shown.slice(1).join("").replaceAll(" ", "")).toBe(
      text.slice(0, length).replaceAll(" ", ""),
    );
  }
  expect(t.seen().split("\n").length).toBeLessThanOrEqual(22);
  await draft.end();
  await speak(t, text);
  await turn();
  expect(t.seen().replaceAll(/\s/g, "")).toBe(`Mem${text.replaceAll(" ", "")}>`);
  t.terminal.stop();
  await running;
});

test("leaves no status above a line that was typed under it", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  const stop = t.host.surface.typing({ name: "Mem" });
  const long = "x".repeat(100);
  t.type(`one\r${long}\r`);
  await turn();
  expect(t.seen()).toBe(`> one\n> ${long.slice(0, 78)}\n${long.slice(78)}\nMem is thinking …\n>`);
  stop();
  await turn();
  expect(t.seen()).toBe(`> one\n> ${long.slice(0, 78)}\n${long.slice(78)}\n>`);
  t.terminal.stop();
  await running;
});

test("breaks what is said between words", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  await speak(t, `${"word ".repeat(15)}longer words`);
  await turn();
  expect(t.seen()).toContain(`word word\nlonger words\n`);
  t.terminal.stop();
  await running;
});

test("marks what was printed of an answer that is taken back, or that became another", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  const begin = (text: string): void => {
    const start = { id: "p1", voice: { name: "Mem" }, after: "1" };
    t.host.surface.draft(start, async () => {}).update(text, []);
  };
  begin("One.\nTw");
  await t.host.surface.retract([]);
  await t.host.surface.retract([]);
  begin("Three.\nFo");
  await speak(t, "Five.");
  await turn();
  expect(t.seen()).toBe(
    [
      "Mem\nOne.\n  [not finished, so not kept]\n",
      "Mem\nThree.\n  [it was written anew]\nFive.\n",
      ">",
    ].join("\n"),
  );
  t.terminal.stop();
  await running;
});

test("lets nobody watch where output is piped", () => {
  expect(new ConsoleSurface(new PlainScreen(new PassThrough())).live).toBe(false);
});
