import { expect, test } from "vitest";
import { AnswerTimes } from "../../src/channels/answer-times.ts";
import type { ChatModel, ChatRequest } from "../../src/memgpt/ports.ts";
import { ColloquyError } from "../../src/shared/errors.ts";
import type { SurfacePoint } from "../fakes/recording-surface.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  call,
  endless,
  general,
  line,
  seats,
  start,
  stored,
  transcript,
  until,
  untilAborted,
  type World,
  world,
} from "./channel-world.ts";

/** A plain model that writes as the test says. */
function writer(
  work: (write: (text: string) => void, request: ChatRequest, n: number) => Promise<string>,
): ChatModel & { readonly requests: readonly ChatRequest[] } {
  const requests: ChatRequest[] = [];
  return {
    model: "writer",
    context_window: 32_768,
    offline: false,
    requests,
    async complete(request) {
      requests.push(request);
      const content = await work((text) => request.onText?.(text), request, requests.length);
      return { content, tool_calls: [], finish_reason: "stop", model: "writer" };
    },
  };
}

/** A world whose surface is watched. */
function watched(changes: Partial<World> = {}): World {
  const w = world(changes);
  w.surface.live = true;
  return w;
}

/** The same, with the people and one plain agent, which writes as the test says. */
function solo(work: Parameters<typeof writer>[0]): World {
  const w = watched({ plain: writer(work) });
  return { ...w, seats: seats(w).slice(0, 2) };
}

test("shows both kinds of agents' answers while they are written, then whole, and once", async () => {
  const plain = writer(async (write) => {
    for (const word of ["The ", "plan ", "stands."]) write(word);
    return "The plan stands.";
  });
  const w = watched({ plain, memgpt: endless(() => says("I remember it well.")) });
  await (await start(w)).receive(general, line("Well?"));
  const { seen } = w.surface.shown;
  expect(seen.slice(0, 3)).toEqual(["The ", "The plan ", "The plan stands."]);
  expect(seen).toContain("I remember it well.");
  expect(seen.filter((text) => text.startsWith("I ")).length).toBeGreaterThan(2);
  expect(w.surface.answers).toEqual(["Manager: The plan stands.", "Mem: I remember it well."]);
  expect(w.surface.halves).toEqual([]);
});

test("journals a message before it grows, and the answer before its last edit", async () => {
  const order: string[] = [];
  const w = solo(async (write) => {
    write("half");
    await until(() => w.surface.halves.length > 0);
    write(" and all");
    return "half and all";
  });
  w.surface.at = async ({ method, when, text }: SurfacePoint) => {
    if (when === "after" || method === "speak") return;
    const run = w.store.rows.has(`channel/${general.id}/state`) ? (await stored(w)).run : undefined;
    const journaled = run?.answer
      ? `answer in ${run.answer.drafted?.join()}`
      : `draft in ${run?.draft?.join() ?? "none"}`;
    order.push(`${method} "${text}": ${journaled}`);
  };
  await (await start(w)).receive(general, line("Well?"));
  expect(order.filter((one) => !/^typing|^notify/.test(one))).toEqual([
    'draft "half": draft in none',
    'edit "half and all": draft in m1',
    'piece "half and all": answer in m1',
  ]);
  expect((await stored(w)).run).toBeNull();
});

test("stops typing when the first message stands", async () => {
  const atWork: number[] = [];
  const w = solo(async (write) => {
    atWork.push(w.surface.at_work.length);
    write("half");
    await until(() => w.surface.halves.length > 0);
    await until(() => w.surface.at_work.length === 0);
    return "half and all";
  });
  await (await start(w)).receive(general, line("Well?"));
  expect(atWork).toEqual([1]);
});

test("takes back what people saw of an answer that STOP ends, as the agents do not know it", async () => {
  const w = solo(async (write, { signal }) => {
    write("I was going to");
    return untilAborted(signal);
  });
  const host = await start(w);
  const asked = host.receive(general, line("Well?"));
  await until(() => w.surface.halves.length > 0);
  await host.receive(general, line("STOP"));
  await asked;
  expect(w.surface.halves).toEqual([]);
  expect(w.surface.answers).toEqual([]);
  expect(w.surface.notices).toEqual(["Stopped. The floor is yours."]);
  expect(await transcript(w)).toEqual(["Ada: Well?"]);
  expect((await stored(w)).ended).not.toHaveProperty("draft");
});

test("takes back a skipped speaker's words, and the next one's answer is its own", async () => {
  const plain = writer(async (write, { signal }) => {
    write("I was going to");
    return untilAborted(signal);
  });
  const w = watched({ plain, memgpt: endless(() => says("My turn.")) });
  const host = await start(w);
  const asked = host.receive(general, line("Well?"));
  await until(() => w.surface.halves.length > 0);
  await call(host, "groupchat", "skip");
  await asked;
  expect(w.surface.halves).toEqual([]);
  expect(w.surface.answers).toEqual(["Mem: My turn."]);
});

test("takes back the words of a model that fails in the middle, and says that it failed", async () => {
  const w = solo(async (write) => {
    write("I was going to");
    await until(() => w.surface.halves.length > 0);
    throw new Error("broken");
  });
  await (await start(w)).receive(general, line("Well?"));
  expect(w.surface.halves).toEqual([]);
  expect(w.surface.pieces).toEqual([]);
  expect(w.surface.notices).toHaveLength(1);
});

test("takes back words when nothing was said in the end", async () => {
  const w = solo(async (write) => {
    write("Hm");
    await until(() => w.surface.halves.length > 0);
    return " ";
  });
  await (await start(w)).receive(general, line("Well?"));
  expect(w.surface.halves).toEqual([]);
  expect(w.surface.pieces).toEqual([]);
});

test("takes half an answer back when the bot is stopped, and answers at the next start", async () => {
  const w = solo(async (write, { signal }, n) => {
    if (n > 1) return "The whole.";
    write("Half");
    return untilAborted(signal);
  });
  const host = await start(w);
  void host.receive(general, line("Well?"));
  await until(() => w.surface.halves.length > 0);
  await host.close();
  expect(w.surface.halves).toEqual([]);
  await start(w);
  await until(() => w.surface.answers.length > 0);
  expect(w.surface.answers).toEqual(["Manager: The whole."]);
});

test("leaves half an answer in the journal when it cannot be taken back, and takes it back at the next start", async () => {
  const w = solo(async (write, { signal }, n) => {
    if (n > 1) return "The whole.";
    write("Half");
    return untilAborted(signal);
  });
  const host = await start(w);
  void host.receive(general, line("Well?"));
  await until(() => w.surface.halves.length > 0);
  w.surface.at = ({ method }) => {
    if (method === "retract") throw new Error("out of reach");
  };
  await host.close();
  expect(w.surface.halves).toHaveLength(1);
  expect((await stored(w)).run?.draft).toEqual(["m1"]);
  w.surface.at = () => {};
  await start(w);
  await until(() => w.surface.answers.length > 0);
  expect(w.surface.halves).toEqual([]);
  expect(w.surface.answers).toEqual(["Manager: The whole."]);
});

test("keeps the words of a skipped speaker apart, where they cannot be taken back at once", async () => {
  const plain = writer(async (write, { signal }) => {
    write("I was going to");
    return untilAborted(signal);
  });
  const w = watched({ plain, memgpt: endless(() => says("My turn.")) });
  const host = await start(w);
  const asked = host.receive(general, line("Well?"));
  await until(() => w.surface.halves.length > 0);
  let fails = 1;
  w.surface.at = ({ method, when }) => {
    if (method !== "retract" || when === "after" || fails === 0) return;
    fails -= 1;
    throw new Error("out of reach");
  };
  await call(host, "groupchat", "skip");
  await asked;
  expect(w.surface.posts.map(({ drafted }) => drafted)).toEqual([["m2"]]);
  expect(w.surface.answers).toEqual(["Mem: My turn."]);
  expect(w.surface.halves).toEqual([]);
});

test("takes half an answer back when its run is given up", async () => {
  const w = solo(async (write, { signal }) => {
    write("Half");
    return untilAborted(signal);
  });
  const host = await start(w);
  void host.receive(general, line("Well?"));
  await until(() => w.surface.halves.length > 0);
  const state = await stored(w);
  // As after three starts that ended with the process.
  const dead = watched({ store: w.store, surface: w.surface });
  await dead.store.set(`channel/${general.id}/state`, {
    ...state,
    run: state.run && { ...state.run, restarts: 2 },
  });
  await start(dead);
  await until(() => w.surface.notices.length > 0);
  expect(w.surface.notices[0]).toContain("it was given up");
  expect(w.surface.halves).toEqual([]);
});

test("asks for no streaming where nobody can watch, or where people chose not to", async () => {
  const plain = writer(async () => "Done.");
  const memgpt = endless(() => says("Done."));
  const w = world({ plain, memgpt });
  const host = await start(w);
  const asked = (): boolean[] =>
    [plain.requests.at(-1), memgpt.requests.at(-1)].map(
      (request) => (request?.onText ?? request?.onToolCall) !== undefined,
    );
  await host.receive(general, line("One"));
  expect(asked()).toEqual([false, false]);
  w.surface.live = true;
  await host.receive(general, line("Two"));
  expect(asked()).toEqual([true, true]);
  expect(await call(host, "streaming", "hide")).toContain("are hidden here");
  await host.receive(general, line("Three"));
  expect(asked()).toEqual([false, false]);
  expect((await stored(w)).settings.streaming).toBe(false);
  await call(host, "streaming", "show");
  await host.receive(general, line("Four"));
  expect(asked()).toEqual([true, true]);
});

test("does not show a first answer that is still to be verified", async () => {
  const memgpt = endless(() => says("Hello, I am new."));
  const w = watched({ memgpt });
  w.seats = seats(w).map((seat) =>
    seat.type === "memgpt" ? { ...seat, memgpt: { ...seat.memgpt, skip_verify: false } } : seat,
  );
  await (await start(w)).receive(general, line("Well?"));
  expect(w.surface.shown.seen.filter((text) => text.startsWith("Hello"))).toEqual([]);
  await (await start(w)).receive(general, line("And now?"));
  expect(w.surface.shown.seen).toContain("Hello, I am new.");
});

test("shows the answer that was given in the end, whatever was written first", async () => {
  const w = solo(async (write) => {
    write("Not th");
    return "This instead.";
  });
  await (await start(w)).receive(general, line("Well?"));
  expect(w.surface.shown.seen).toEqual(["Not th"]);
  expect(w.surface.answers).toEqual(["Manager: This instead."]);
});

test("agents that are soon done several times in a row are not asked to stream, until they take long", async () => {
  let ms = 10;
  const w = solo(async () => {
    await w.clock.advance(ms);
    return "Done.";
  });
  const host = await start(w);
  const { requests } = w.plain as ReturnType<typeof writer>;
  const streamed = (): boolean => requests.at(-1)?.onText !== undefined;
  for (let i = 0; i < 8; i += 1) {
    await host.receive(general, line(`Line ${i}`));
    expect(streamed(), `line ${i}`).toBe(true);
  }
  ms = 5_000;
  await host.receive(general, line("Soon?"));
  expect(streamed()).toBe(false);
  await host.receive(general, line("And now?"));
  expect(streamed()).toBe(true);
});

test("one slow agent at the table is reason enough to stream", () => {
  const times = new AnswerTimes();
  for (let i = 0; i < 8; i += 1) {
    times.note("Quick", 999);
    times.note("Slow", i === 3 ? 1_000 : 10);
  }
  expect(times.mayTakeLong(["Quick"])).toBe(false);
  expect(times.mayTakeLong(["Quick", "Slow"])).toBe(true);
  expect(times.mayTakeLong(["Quick", "Unknown"])).toBe(true);
});

test("leaves no half of an answer that cannot be posted", async () => {
  const w = solo(async (write) => {
    write("half");
    await until(() => w.surface.halves.length > 0);
    return "half and all";
  });
  w.surface.at = ({ method, when }) => {
    if (method === "piece" && when === "before") throw new ColloquyError("discord_refused", "No.");
  };
  await (await start(w)).receive(general, line("Well?"));
  expect(w.surface.notices).toEqual(["No."]);
  expect(w.surface.halves).toEqual([]);
});

test("takes half an answer back with the next line, where its run ended while that was not possible", async () => {
  for (const then of ["line", "reset"]) {
    const w = solo(async (write, { signal }, n) => {
      if (n > 1) return "The whole.";
      write("Half");
      return untilAborted(signal);
    });
    const host = await start(w);
    void host.receive(general, line("Well?"));
    await until(() => w.surface.halves.length > 0);
    w.surface.at = ({ method }) => {
      if (method === "retract") throw new Error("out of reach");
    };
    await host.receive(general, line("STOP"));
    expect(w.surface.halves).toHaveLength(1);
    w.surface.at = () => {};
    const again = await start(w);
    if (then === "line") await again.receive(general, line("And now?"));
    else await call(again, "groupchat", "reset");
    expect(w.surface.halves).toEqual([]);
  }
});
