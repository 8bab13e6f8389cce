import { describe, expect, it } from "vitest";
import { measure, piecesOf, playTalk } from "../../bench/prompt-cache.ts";
import { EDITS } from "../../bench/scripted-talk.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import { ALL_FUNCTIONS, create, line, NINE, type World, world } from "./agent-fixture.ts";

/** A request's bytes as they are sent, without the end of the list of messages. */
function sent(request: ChatRequest | undefined): string {
  return request ? piecesOf(request).join(",") : "(none)";
}

const edit = (content: string, heartbeat = true) => ({
  calls: [
    { name: "core_memory_append", args: { name: "human", content, request_heartbeat: heartbeat } },
  ],
});

describe("a prompt", () => {
  it("grows at its end only, tools first, in a talk with edits, until an eviction", async () => {
    const { model } = await playTalk("append", 8192);
    const own = model.requests.filter((request) => request.tools);
    const breaks = own.filter((request, i) => i > 0 && !sent(request).startsWith(sent(own[i - 1])));
    const evictions = model.requests.length - own.length;
    expect(evictions).toBeGreaterThan(10);
    expect(breaks.length).toBe(evictions);
  });

  it("is the same byte by byte in two runs of a talk with evictions", async () => {
    const runs = await Promise.all([playTalk("append", 8192), playTalk("append", 8192)]);
    const [first, second] = runs.map(({ model }) => JSON.stringify(model.requests));
    expect(first).toBe(second);
  });

  it.each([
    [8192, 0.92],
    [32_768, 0.97],
  ])("at a window of %i tokens is to %d a prefix of the one before", async (window, share) => {
    const figures = await measure("append", window);
    expect(figures.edits).toBe(EDITS);
    expect(figures.evictions).toBeGreaterThan(0);
    expect(figures.share).toBeGreaterThanOrEqual(share);
  });

  it("has its tools in one order, whatever order the preset names them in", async () => {
    const orders = await Promise.all(
      [ALL_FUNCTIONS, [...ALL_FUNCTIONS].reverse()].map(async (functions) => {
        const w = world([says("Hi.")], { options: { functions } });
        await create(w).reply([line("Hello")]);
        return JSON.stringify(w.model.requests[0]?.tools);
      }),
    );
    expect(orders[0]).toBe(orders[1]);
  });

  it("tells at its end what changes in between: the time, an edit, the archive's count", async () => {
    const keep = {
      name: "archival_memory_insert",
      args: { content: "x", request_heartbeat: true },
    };
    const w = world([edit("Ada"), { calls: [keep] }, says("Hi.")]);
    const agent = create(w);
    const front = agent.prompt[0];
    w.clock.jump(60_000);
    await agent.reply([line("Hello", "Ada", w.clock.now())]);
    expect(agent.prompt[0]).toEqual(front);
    const told = agent.prompt.map((message) => message.content ?? "").join("\n");
    expect(told).toContain("09:01:00 AM");
    expect(told).toContain("human now has 15 of 2000 characters.");
    expect(told).toContain("Saved to archival memory, which now holds 1 passage.");
  });

  it("ends its front with what changes most, so that an eviction leaves the longest prefix", async () => {
    const w = world([edit("Ada"), says("Hi.")]);
    const agent = create(w);
    await agent.reply([line("Hello")]);
    const system = agent.prompt[0]?.content ?? "";
    expect(system.slice(0, system.indexOf("<human"))).not.toMatch(/\d{4}-\d\d-\d\d|previous/);
  });
});

describe("layout memgpt_0_3", () => {
  const original = { options: { layout: "memgpt_0_3" as const } };

  function front(w: World, request: number): string {
    return w.model.requests[request]?.messages[0]?.content ?? "";
  }

  it("has the original's system message", async () => {
    const w = world([says("Hi.")], original);
    await create(w).reply([line("Hello")]);
    expect(front(w, 0)).toBe(
      [
        "You remember.",
        "",
        `### Memory [last modified: ${NINE}]`,
        "0 previous messages between you and the people are stored in recall memory (use functions to access them)",
        "0 total memories are stored in archival memory (use functions to access them)",
        "",
        "Core memory shown below (limited in size; what does not fit is in archival / recall memory):",
        '<persona characters="9/2000">',
        "I am Sam.",
        "</persona>",
        '<human characters="11/2000">',
        "Nobody yet.",
        "</human>",
      ].join("\n"),
    );
  });

  it("rebuilds it at each edit of core memory, and not between", async () => {
    const w = world(
      [edit("Ada"), says("Noted."), says("Yes."), edit("Tea"), says("Ok.")],
      original,
    );
    const agent = create(w);
    await agent.reply([line("I am Ada")]);
    w.clock.jump(60_000);
    await agent.reply([line("Still there?")]);
    await agent.reply([line("I like tea")]);
    expect(front(w, 0)).not.toContain("Ada");
    expect(front(w, 1)).toContain('<human characters="15/2000">\nNobody yet.\nAda\n</human>');
    expect(front(w, 1)).toContain("1 previous messages");
    expect(front(w, 3)).toBe(front(w, 1));
    expect(front(w, 4)).toContain("Ada\nTea");
    expect(front(w, 4)).toContain("[last modified: 2026-01-05 09:01:00 AM UTC+0000]");
    expect(agent.prompt[0]?.content).toBe(front(w, 4));
  });

  it("does not go on saying that archival memory is empty when a source is attached", () => {
    const agent = create(world([], original));
    agent.attachSource({ id: "s", name: "a.pdf", owner: "source/1", kind: "pdf", passages: 65 });
    expect(agent.prompt[0]?.content).toContain("65 total memories");
  });
});
