import { describe, expect, it } from "vitest";
import { MainContext, planEviction } from "../../src/memgpt/main-context.ts";
import type { ChatMessage, ChatRole } from "../../src/memgpt/ports.ts";
import { quarterTokens } from "../fakes/small-fakes.ts";
import { pairsAreWhole } from "./agent-fixture.ts";

function items(roles: readonly ChatRole[]): { role: ChatRole; tokens: number }[] {
  return roles.map((role) => ({ role, tokens: 10 }));
}

describe("planEviction", () => {
  it("summarises 48 of 64 messages, as the original was seen to do", () => {
    const queue = Array.from({ length: 63 }, (_, i): ChatRole => (i % 2 ? "user" : "assistant"));
    expect(planEviction(items(queue))).toBe(48);
  });

  it("never touches the last three", () => {
    expect(planEviction(items(["user", "assistant", "user"]))).toBe(0);
    expect(planEviction([{ role: "user", tokens: 1 }, ...items(["user", "user", "user"])])).toBe(1);
  });

  it("makes progress even when the first message alone is above the target", () => {
    const huge = [{ role: "user" as const, tokens: 9000 }, ...items(["assistant", "user", "user"])];
    expect(planEviction(huge)).toBe(1);
  });

  it("takes more than an earlier summary", () => {
    const queue = [
      { role: "user" as const, tokens: 9000 },
      ...items(["assistant", "user", "assistant", "user"]),
    ];
    expect(planEviction(queue, 1)).toBe(2);
    expect(planEviction(items(["user", "assistant", "user", "user"]), 1)).toBe(0);
  });

  it("lets an assistant's message come first after the cut", () => {
    const roles = Array.from({ length: 16 }, (_, i): ChatRole => (i % 2 ? "assistant" : "user"));
    // Three quarters are twelve, but the thirteenth is a person's line: it goes with them.
    expect(planEviction(items(roles))).toBe(13);
    expect(planEviction(items([...roles.slice(1), "user"]))).toBe(12);
  });

  it("does not part a call from its results, forwards or backwards", () => {
    expect(
      planEviction(items(["user", "user", "assistant", "tool", "tool", "user", "user", "user"]), 0),
    ).toBe(5);
    // All that follows the call are its results: the cut goes back before it.
    expect(
      planEviction(items(["user", "user", "assistant", "tool", "tool", "tool", "tool", "tool"])),
    ).toBe(2);
    expect(planEviction(items(["assistant", "tool", "tool", "tool", "tool", "tool"]))).toBe(0);
  });
});

function context(window: number, summarize = async () => "We talked."): MainContext {
  const main = new MainContext({
    tokens: quarterTokens,
    toolTokens: 0,
    window: () => window,
    prompt: "Be.",
    renderFront: () => ({ layout: "append", text: "Memory." }),
    formatNow: () => "now",
    logLength: () => 99,
    summarize,
  });
  main.renderFront();
  return main;
}

function turns(main: MainContext, count: number, size = 400): void {
  for (let i = 0; i < count; i += 1) {
    const id = `c${i}`;
    const call = { id, type: "function" as const, function: { name: "f", arguments: "{}" } };
    const turn: ChatMessage[] = [
      { role: "user", content: "u".repeat(size) },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: "t".repeat(size), tool_call_id: id },
    ];
    for (const message of turn) main.push(main.start + main.queue.length, message);
  }
}

describe("MainContext", () => {
  it("warns once above 75 % of the window, and again only after an eviction", async () => {
    const main = context(1000);
    expect([main.pressure(750), main.pressure(751), main.pressure(900)]).toEqual([
      false,
      true,
      false,
    ]);
    turns(main, 4);
    await main.evict();
    expect(main.pressure(800)).toBe(true);
  });

  it("evicts before a request would overflow, keeps pairs whole and puts one summary first", async () => {
    const main = context(2000);
    turns(main, 9);
    expect(main.promptTokens).toBeGreaterThan(1750);
    await main.makeRoom();
    expect(main.promptTokens).toBeLessThan(1000);
    const prompt = main.prompt();
    expect(pairsAreWhole(prompt)).toBe(true);
    expect(prompt[1]?.content).toContain("The following is a summary of the previous");
    expect(prompt[1]?.content).toContain("We talked.");
    expect(prompt.filter((m) => m.content?.includes("We talked."))).toHaveLength(1);
  });

  it("keeps what is being answered, and what was found for it, as long as something else can go", async () => {
    const main = context(2000);
    turns(main, 6);
    main.turn = main.start + main.queue.length;
    const question: ChatMessage = { role: "user", content: "What is it?" };
    main.push(main.turn, question);
    turns(main, 2, 1200);
    await main.evict();
    expect(main.queue[0]).toBe(question);
    expect(main.queue).toHaveLength(7);
    // Nothing else is left, and a request must still be possible.
    expect(await main.evict()).toBe(true);
    expect(main.queue).not.toContain(question);
  });

  it("asks for the window each time, so that a smaller model after a failover is not overrun", async () => {
    let window = 8000;
    const main = new MainContext({
      tokens: quarterTokens,
      toolTokens: 0,
      window: () => window,
      prompt: "Be.",
      renderFront: () => ({ layout: "append", text: "Memory." }),
      formatNow: () => "now",
      logLength: () => 99,
      summarize: async () => "We talked.",
    });
    turns(main, 9);
    await main.makeRoom();
    expect(main.summary_version).toBe(0);
    window = 2000;
    await main.makeRoom();
    expect(main.promptTokens).toBeLessThanOrEqual(1750);
    expect(main.summary_version).toBe(1);
  });

  it("says in the summary how much is hidden, and how many messages it stands for", async () => {
    const main = context(2000);
    turns(main, 9);
    await main.evict();
    const alert = JSON.parse(main.prompt()[1]?.content ?? "{}");
    expect(Object.keys(alert)).toEqual(["type", "message", "time"]);
    expect(alert.type).toBe("system_alert");
    expect(main.prompt()[1]?.role).toBe("user");
    expect(alert.message).toMatch(
      new RegExp(
        `^Note: prior messages \\(${main.start} of 99\\) .*summary of the previous ${main.start} messages:\nWe talked\\.$`,
        "s",
      ),
    );
  });

  it("summarises the earlier summary again", async () => {
    const given: string[][] = [];
    let count = 0;
    const main = new MainContext({
      tokens: quarterTokens,
      toolTokens: 0,
      window: () => 2000,
      prompt: "Be.",
      renderFront: () => ({ layout: "append", text: "Memory." }),
      formatNow: () => "now",
      logLength: () => 99,
      summarize: async (messages) => {
        given.push(messages.map((m) => m.content ?? ""));
        count += 1;
        return `Summary ${count}.`;
      },
    });
    turns(main, 9);
    await main.evict();
    turns(main, 9);
    await main.evict();
    expect(given[1]?.[0]).toContain("Summary 1.");
    expect(main.prompt()[1]?.content).toContain("Summary 2.");
    expect(main.summary_version).toBe(2);
  });

  it("cuts single messages that are larger than the window, as the last resort", async () => {
    const main = context(1000);
    main.push(0, {
      role: "user",
      content: JSON.stringify({ type: "user_message", message: "é".repeat(40_000) }),
    });
    await main.makeRoom();
    expect(main.promptTokens).toBeLessThanOrEqual(875);
    const event = JSON.parse(main.prompt()[1]?.content ?? "");
    expect(event.message).toMatch(/^é+ \[NOTE: cut to save space\]$/);
    expect(main.trims).toHaveLength(1);
  });

  it("cuts arguments so that they stay JSON", async () => {
    const main = context(1000);
    const args = JSON.stringify({ message: "m".repeat(9000), request_heartbeat: true });
    const call = {
      id: "c",
      type: "function" as const,
      function: { name: "send_message", arguments: args },
    };
    main.push(0, { role: "assistant", content: null, tool_calls: [call] });
    main.push(1, { role: "tool", content: "{}", tool_call_id: "c" });
    await main.makeRoom();
    const shown = JSON.parse(main.prompt()[1]?.tool_calls?.[0]?.function.arguments ?? "");
    expect(shown.request_heartbeat).toBe(true);
    expect(shown.message.length).toBeLessThan(3500);
  });

  it("lets even the newest exchange go where nothing else makes room, but not its last message", async () => {
    const main = context(1000);
    const ids = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const messages: ChatMessage[] = [
      { role: "user", content: "Look it all up." },
      {
        role: "assistant",
        content: null,
        tool_calls: ids.map((id) => ({
          id,
          type: "function",
          function: { name: "f", arguments: "{}" },
        })),
      },
      ...ids.map(
        (id): ChatMessage => ({ role: "tool", content: "r".repeat(400), tool_call_id: id }),
      ),
      { role: "user", content: "go on" },
    ];
    for (const [i, message] of messages.entries()) main.push(i, message);
    await main.makeRoom();
    expect(main.promptTokens).toBeLessThanOrEqual(875);
    expect(main.queue).toEqual([messages.at(-1)]);
    expect(main.prompt()[1]?.content).toContain("summary of the previous 22 messages");
  });

  it("ends, and does not grow, when nothing helps", async () => {
    const main = context(100, async () => "s".repeat(100_000));
    turns(main, 5, 4000);
    const before = main.promptTokens;
    await main.makeRoom();
    expect(main.promptTokens).toBeLessThan(before);
    expect(pairsAreWhole(main.prompt())).toBe(true);
  });

  it("leaves the queue whole when the summary is not finished", async () => {
    const main = context(2000, async () => {
      throw new Error("aborted");
    });
    turns(main, 9);
    const before = main.prompt();
    await expect(main.makeRoom()).rejects.toThrow("aborted");
    expect(main.prompt()).toEqual(before);
  });

  it("is cut the same way after a restart", async () => {
    const main = context(1000);
    const messages: ChatMessage[] = [{ role: "user", content: "x".repeat(9000) }];
    main.push(5, messages[0] as ChatMessage);
    await main.makeRoom();
    const again = context(1000);
    again.restore({
      start: 5,
      messages: messages.map((message, i) => ({ index: 5 + i, message })),
      trims: main.trims,
      summary_version: 0,
      front_version: 0,
    });
    expect(again.prompt()).toEqual(main.prompt());
    expect(again.promptTokens).toBe(main.promptTokens);
  });
});
