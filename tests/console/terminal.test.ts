import { expect, test } from "vitest";
import { gate } from "../channels/channel-world.ts";
import { fakeTerminal, speak, turn } from "./fake-terminal.ts";

test("answers piped lines one after the other, and ends with them", async () => {
  const t = fakeTerminal(false);
  const order: string[] = [];
  t.host.onMessage = async ({ text }) => {
    order.push(`${text} begins`);
    await turn();
    await speak(t, `On ${text}.`);
    order.push(`${text} ends`);
  };
  t.type("one\n\n  \ntwo\n/agents\nthree");
  t.end();
  await t.terminal.run();
  expect(order).toEqual([
    "one begins",
    "one ends",
    "two begins",
    "two ends",
    "three begins",
    "three ends",
  ]);
  expect(t.raw()).toBe("Mem\nOn one.\n\nMem\nOn two.\n\nDone.\n\nMem\nOn three.\n\n");
});

test("reads what was typed before it is ready", async () => {
  const t = fakeTerminal(false);
  t.type("early\n");
  await turn();
  t.end();
  await t.terminal.run();
  expect(t.host.messages.map(({ text }) => text)).toEqual(["early"]);
});

test("ends at /quit and reads no further", async () => {
  const t = fakeTerminal(false);
  t.type("one\n/quit now\ntwo\n");
  await t.terminal.run();
  expect(t.host.messages.map(({ text }) => text)).toEqual(["one"]);
});

test("gives each line an id later than all before, whatever the clock does", async () => {
  const t = fakeTerminal(false);
  t.host.newest = "99000000000000000";
  t.clock.jump(-3_600_000);
  t.type("one\ntwo\n");
  t.end();
  await t.terminal.run();
  const ids = t.host.messages.map(({ id }) => BigInt(id));
  expect(ids[0]).toBe(99_000_000_000_000_001n);
  expect(ids[1]).toBe(99_000_000_000_000_002n);
  expect(t.host.messages[0]).toMatchObject({ addressed: true, text: "one", files: [] });
});

test("calls commands with their options, as one who may do everything", async () => {
  const t = fakeTerminal(false);
  t.type("/memory recall the deadline\n");
  t.end();
  await t.terminal.run();
  expect(t.host.requests[0]).toMatchObject({
    name: "memory",
    subcommand: "recall",
    may_manage: true,
  });
  expect([...(t.host.requests[0]?.options ?? [])]).toEqual([["query", "the deadline"]]);
});

test("says what is wrong with a path, and goes on", async () => {
  const t = fakeTerminal(false);
  t.type("/attach ./missing.pdf\n/agents\n");
  t.end();
  await t.terminal.run();
  expect(t.raw()).toBe("There is no such file.\n\nDone.\n\n");
});

test("tells whoever pipes lines that one could not be taken, and answers the others", async () => {
  const t = fakeTerminal(false);
  t.host.onMessage = async ({ text }) => {
    t.host.takes = text !== "two";
  };
  t.type("one\ntwo\nthree\n");
  t.end();
  expect(await t.terminal.run()).toBe(false);
  expect(t.host.messages.map(({ text }) => text)).toEqual(["one", "two", "three"]);
});

test("writes neither colours nor what is to be replaced where output is piped", async () => {
  const t = fakeTerminal(false);
  t.host.onMessage = async () => {
    const stop = t.host.surface.typing({ name: "Mem" });
    const progress = await t.host.surface.progress("Reading **a** …");
    progress.update("Reading **a**: page 1 …");
    await progress.finish("Attached **a**.");
    stop();
    await t.host.surface.notify("Stopped.");
    await speak(t, "Hello.", ["[inner thoughts] Hm."]);
  };
  t.host.onCommand = async (request) => request.progress("Working …");
  t.type("one\n/agents\n");
  t.end();
  await t.terminal.run();
  expect(t.raw()).toBe("Attached a.\n\nStopped.\n\nMem\n  [inner thoughts] Hm.\nHello.\n\n");
});

test("ends when whoever read its output is gone", async () => {
  const t = fakeTerminal(false);
  const running = t.terminal.run();
  await turn();
  t.output.emit("error", Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
  await running;
});

test("keeps the prompt, and what is being typed, below what is printed", async () => {
  const t = fakeTerminal(true);
  const thinking = gate();
  t.host.onMessage = async () => {
    const stop = t.host.surface.typing({ name: "Mem" });
    await thinking.passed;
    stop();
    await speak(t, "Hello, *you*.", ["[inner thoughts] Hm."]);
  };
  const running = t.terminal.run();
  await turn();
  expect(t.seen()).toBe(">");
  t.type("Hi\r");
  await turn();
  t.type("next li");
  await turn();
  expect(t.seen()).toBe("> Hi\nMem is thinking …\n> next li");
  thinking.open();
  await turn();
  expect(t.seen()).toBe("> Hi\nMem\n  [inner thoughts] Hm.\nHello, *you*.\n\n> next li");
  t.type("ne\r");
  await turn();
  expect(t.host.messages.map(({ text }) => text)).toEqual(["Hi", "next line"]);
  t.type("/quit\r");
  await running;
  expect(t.raw()).toContain("\u001b[1;36mMem\u001b[0m");
});

test("keeps a line that is longer than the screen whole while answers are printed", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  t.type("x".repeat(100));
  await turn();
  await speak(t, "An answer.");
  await turn();
  expect(t.seen()).toContain("Mem\nAn answer.\n\n> xxx");
  expect(t.seen().split("An answer.")).toHaveLength(2);
  t.type("\r");
  await turn();
  expect(t.host.messages[0]?.text).toHaveLength(100);
  t.terminal.stop();
  await running;
});

test("shows progress in one line that the answer replaces", async () => {
  const t = fakeTerminal(true);
  const reading = gate();
  t.host.onCommand = async (request) => {
    request.progress("Reading a\\_b.pdf: page 1 …");
    request.progress("Reading a\\_b.pdf: page 2 …");
    await reading.passed;
    await request.reply("Attached **a\\_b.pdf**.");
  };
  const running = t.terminal.run();
  await turn();
  t.type("/attach a_b.pdf\r");
  await turn();
  expect(t.seen()).toBe("> /attach a_b.pdf\nReading a_b.pdf: page 2 …\n>");
  reading.open();
  await turn();
  expect(t.seen()).toBe("> /attach a_b.pdf\nAttached a_b.pdf.\n\n>");
  expect(t.raw()).toContain("\u001b[1ma_b.pdf\u001b[0m");
  t.terminal.stop();
  await running;
});

test("stops what runs at Ctrl-C, the agents and the commands, and ends at the second", async () => {
  const t = fakeTerminal(true);
  t.host.onMessage = ({ text }) => (text === "STOP" ? Promise.resolve() : new Promise(() => {}));
  t.host.onCommand = () => new Promise(() => {});
  const running = t.terminal.run();
  await turn();
  t.type("Hello\r/attach a.pdf\r");
  await turn();
  t.type("\u0003");
  await turn();
  expect(t.host.messages.map(({ text }) => text)).toEqual(["Hello", "STOP"]);
  expect(t.host.requests[0]?.signal?.aborted).toBe(true);
  t.type("\u0003");
  await running;
});

test("ends at Ctrl-C or Ctrl-D when nothing runs", async () => {
  for (const key of ["\u0003", "\u0004"]) {
    const t = fakeTerminal(true);
    const running = t.terminal.run();
    await turn();
    t.type(key);
    await running;
    expect(t.host.messages).toEqual([]);
  }
});

test("clears what is typed at Ctrl-C, and ends at the next", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  t.type("half a thought\u0003");
  await turn();
  t.type("Hello\r");
  await turn();
  expect(t.host.messages.map(({ text }) => text)).toEqual(["Hello"]);
  t.type("\u0003");
  await running;
});

test("says nothing more to the screen's prompt once it is closed", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  t.terminal.stop();
  await running;
  t.host.surface.typing({ name: "Mem" })();
  await speak(t, "Late.");
  expect(t.seen()).toBe(">\nMem\nLate.\n\n");
});

test("completes commands and their parts", async () => {
  const t = fakeTerminal(true);
  const running = t.terminal.run();
  await turn();
  t.type("/memory ar\t");
  await turn();
  t.type("\r");
  await turn();
  expect(t.host.requests[0]).toMatchObject({ name: "memory", subcommand: "archival" });
  t.terminal.stop();
  await running;
});

test("takes the next line as a password when it is asked for one, and Ctrl-C for none", async () => {
  const t = fakeTerminal(true);
  const given: (string | undefined)[] = [];
  t.host.onCommand = async ({ askPassword }) => {
    given.push(await askPassword?.("a.pdf", false));
  };
  const done = t.terminal.run();
  await turn();
  for (const typed of ["open-sesame\r", "\u0003"]) {
    t.type("/agents\r");
    await turn();
    t.type(typed);
    await turn();
  }
  expect(given).toEqual(["open-sesame", undefined]);
  expect(t.host.messages.map(({ text }) => text)).not.toContain("open-sesame");
  t.type("/quit\r");
  await done;
});

test("asks for one password after the other, so that none becomes a line of the talk", async () => {
  const t = fakeTerminal(true);
  const given: (string | undefined)[] = [];
  t.host.onCommand = async ({ askPassword }) => {
    const files = ["a.pdf", "b.pdf", "c.pdf"];
    given.push(...(await Promise.all(files.map((file) => askPassword?.(file, false)))));
  };
  const done = t.terminal.run();
  await turn();
  for (const typed of ["/agents\r", "of-a\r", "of-b\r", "\u0003"]) {
    t.type(typed);
    await turn();
  }
  expect(given).toEqual(["of-a", "of-b", undefined]);
  expect(t.host.messages.map(({ text }) => text)).toEqual(["STOP"]);
  t.type("/quit\r");
  await done;
});

test("writes a file that an answer comes with, and tells where", async () => {
  const t = fakeTerminal(false);
  t.host.onCommand = (request) =>
    request.reply("Saved.", { file: { name: "Sam.json", bytes: new Uint8Array([1]) } });
  t.type("/save s\n");
  t.end();
  await t.terminal.run();
  expect(t.raw()).toBe("Saved.\nWritten to /exports/Sam.json\n\n");
});

test("asks for what a command's form asks, keeps what stands there, and Ctrl-C gives it up", async () => {
  const t = fakeTerminal(true);
  t.host.onForm = async () => ({
    title: "A new agent",
    fields: [
      { name: "name", label: "Name", max_length: 64, hint: "Letters" },
      { name: "description", label: "Description", max_length: 300, value: "Finds faults." },
    ],
  });
  const done = t.terminal.run();
  await turn();
  for (const typed of ["/agents add\r", "Critic\r", "\r", "/agents add\r", "\u0003"]) {
    t.type(typed);
    await turn();
  }
  expect(t.host.requests.map(({ options }) => Object.fromEntries(options))).toEqual([
    { name: "Critic", description: "Finds faults." },
  ]);
  expect(t.host.messages.map(({ text }) => text)).not.toContain("Critic");
  expect(t.seen()).toContain("Name (Letters):");
  expect(t.seen()).toContain("Description [Finds faults.]:");
  t.type("/quit\r");
  await done;
});

test("takes a command from a pipe as it is, and asks nothing", async () => {
  const t = fakeTerminal(false);
  t.host.onForm = async () => {
    throw new Error("nobody is there to be asked");
  };
  t.type("/agents add name:Critic\n");
  t.end();
  await t.terminal.run();
  expect(t.host.requests.map(({ options }) => Object.fromEntries(options))).toEqual([
    { name: "Critic" },
  ]);
});
