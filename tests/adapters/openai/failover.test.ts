import { describe, expect, it } from "vitest";
import type { ModelEntry } from "../../../src/adapters/model-http/model-entry.ts";
import { createRequestLimit } from "../../../src/adapters/model-http/request-limit.ts";
import { AbortSource } from "../../../src/shared/abort.ts";
import { CountingIds, FakeClock } from "../../fakes/fake-clock.ts";
import {
  clock,
  createChatModel,
  entry,
  failure,
  freshServers,
  logger,
  messages,
  model,
  other,
  server,
} from "./chat-setup.ts";

freshServers();

describe("failover", () => {
  const second = (): ModelEntry => entry({ model: "backup", base_url: other.base_url });

  it("goes to the next entry after one quick retry, and begins at the first each time", async () => {
    server.script({ status: 500 }, { status: 500 }, "First again.");
    other.script("Backup.");
    const answering = model([entry(), second()]);
    expect(await answering.complete({ messages })).toMatchObject({
      content: "Backup.",
      model: "backup",
    });
    expect(server.requests).toHaveLength(2);
    expect((await answering.complete({ messages })).content).toBe("First again.");
  });

  it("leaves an entry that hangs while there is time for the next", async () => {
    server.script({ fault: "stall_before_headers" });
    other.script("Backup.");
    const started = performance.now();
    const answering = model([entry(), second()], { timeout_ms: 300 });
    expect((await answering.complete({ messages })).content).toBe("Backup.");
    expect(performance.now() - started).toBeLessThan(290);
  });

  it("tells what was wrong with each entry when all fail", async () => {
    server.script({ status: 401, error: "no" });
    other.script({ status: 503 }, { status: 503 });
    const error = await failure(model([entry(), second()]).complete({ messages }));
    expect(error.code).toBe("unavailable");
    expect(error.message).toBe("None of the 2 configured models answered.");
    expect(error.why).toContain("refused the API key");
    expect(error.why).toContain("backup at");
  });

  it("reckons with the smallest window of the list", () => {
    const windows = (...models: string[]): number =>
      model(models.map((name) => entry({ model: name }))).context_window;
    expect(windows("gpt-4")).toBe(8192);
    expect(windows("gpt-4-32k")).toBe(32_768);
    expect(windows("gpt-4o-2024-11-20", "gpt-3.5-turbo-16k")).toBe(16_385);
    expect(windows("gpt-35-turbo")).toBe(4096);
    expect(windows("gpt-5.2")).toBe(400_000);
    expect(windows("llama")).toBe(8192);
    expect(model([entry({ context_window: 2000 }), entry()]).context_window).toBe(2000);
  });
});

describe("stopping", () => {
  it.each(["stall_before_headers", "stall_mid_body", "trickle"] as const)(
    "ends a request at once during %s",
    async (fault) => {
      server.script({ fault });
      const source = new AbortSource();
      const pending = failure(
        model().complete({ messages, signal: source.signal, onText: () => {} }),
      );
      await new Promise((resolve) => setTimeout(resolve, 40));
      const stopped = performance.now();
      source.abort("enough");
      expect((await pending).code).toBe("aborted");
      expect(performance.now() - stopped).toBeLessThan(100);
    },
  );

  it("does not begin when stopped before", async () => {
    const source = new AbortSource();
    source.abort("enough");
    const error = await failure(model().complete({ messages, signal: source.signal }));
    expect(error.code).toBe("aborted");
    expect(server.requests).toHaveLength(0);
  });

  it("wakes from the pause between two attempts", async () => {
    const source = new AbortSource();
    const patient = new FakeClock();
    server.script({ status: 500 });
    const answering = createChatModel([entry()], {
      clock: patient,
      ids: new CountingIds(),
      logger,
      limit: createRequestLimit(),
    });
    const pending = failure(answering.complete({ messages, signal: source.signal }));
    while (patient.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    source.abort("enough");
    expect((await pending).code).toBe("aborted");
  });
});

describe("the limit on concurrent requests", () => {
  it("lets no more through at once, in the order they came", async () => {
    server.handler = async (body) => ({ content: `${body.messages?.[0]?.content}`, delay_ms: 10 });
    const limit = createRequestLimit(2);
    const answering = createChatModel([entry()], { clock, ids: new CountingIds(), logger, limit });
    const order: string[] = [];
    await Promise.all(
      ["1", "2", "3", "4", "5"].map(async (content) => {
        await answering.complete({ messages: [{ role: "user", content }] });
        order.push(content);
      }),
    );
    expect(server.peak).toBe(2);
    expect(order.slice(-1)).toEqual(["5"]);
    expect(server.requests.map((request) => request.body.messages?.[0]?.content).at(-1)).toBe("5");
  });

  it("frees the place of a waiter that gives up", async () => {
    const limit = createRequestLimit(1);
    const source = new AbortSource();
    let finish = (): void => {};
    const running = limit.run(undefined, () => new Promise<void>((resolve) => (finish = resolve)));
    const given = limit.run(source.signal, () => Promise.resolve("never"));
    const last = limit.run(undefined, () => Promise.resolve("served"));
    source.abort("enough");
    expect((await failure(given)).code).toBe("aborted");
    finish();
    await running;
    expect(await last).toBe("served");
  });
});
