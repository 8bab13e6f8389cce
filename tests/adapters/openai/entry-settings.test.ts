import { describe, expect, it } from "vitest";
import { clock, entry, freshServers, messages, model, server } from "./chat-setup.ts";

freshServers();

describe("an entry's settings", () => {
  it("go before the request's limit", async () => {
    server.script("x");
    await model([entry({ max_tokens: 5 })]).complete({ messages, max_tokens: 99 });
    expect(server.requests[0]?.body.max_tokens).toBe(5);
  });

  it("give the answer its cost", async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 };
    server.script({ content: "x", usage }, { content: "x", usage });
    const priced = await model([entry({ price: [0.01, 0.02] })]).complete({ messages });
    expect(priced.cost).toBe(0.03);
    expect(await model([entry()]).complete({ messages })).not.toHaveProperty("cost");
  });

  it("keep answers only with a cache_seed, streamed ones too", async () => {
    server.script("one", "two", "three");
    const plain = model([entry()]);
    await plain.complete({ messages });
    expect((await plain.complete({ messages })).content).toBe("two");
    const cached = model([entry({ cache_seed: 41 })]);
    await cached.complete({ messages });
    let shown = "";
    const again = await cached.complete({ messages, onText: (delta) => (shown += delta) });
    expect(again).toMatchObject({ content: "three", cached: true });
    expect(shown).toBe("three");
    expect(server.requests).toHaveLength(3);
  });

  it("space requests by api_rate_limit", async () => {
    server.script("one", "two");
    const slow = model([entry({ api_rate_limit: 0.5 })]);
    await slow.complete({ messages });
    await slow.complete({ messages });
    expect(clock.pauses).toEqual([2000]);
  });

  it("rewrite messages for what the backend cannot take", async () => {
    server.script("x");
    await model([entry({ no_names: true, one_system_message: true })]).complete({
      messages: [
        { role: "user", content: "Hi", name: "Ada" },
        { role: "system", content: "Who?" },
      ],
    });
    expect(server.requests[0]?.body.messages).toEqual([
      { role: "user", content: "Ada: Hi" },
      { role: "user", content: "Who?" },
    ]);
  });
});
