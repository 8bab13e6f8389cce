import { describe, expect, it } from "vitest";
import { explainError } from "../../../src/shared/errors.ts";
import {
  clock,
  entry,
  failure,
  freshServers,
  KEY,
  logger,
  messages,
  model,
  other,
  server,
  tools,
} from "./chat-setup.ts";

freshServers();

describe("faults of a server", () => {
  it.each([
    ["html", "bad_response"],
    ["broken_json", "bad_response"],
    ["no_body", "bad_response"],
    ["no_choices", "bad_response"],
    ["drop", "unavailable"],
    ["cut", "unavailable"],
  ] as const)("tries once more after %s, then fails with %s", async (fault, code) => {
    server.script({ fault }, { fault });
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe(code);
    expect(server.requests).toHaveLength(2);
    expect(error.next).toBeTruthy();
  });

  it.each(["html", "broken_json", "no_body", "drop", "cut"] as const)(
    "is cured by the second try after %s",
    async (fault) => {
      server.script({ fault }, "Back again.");
      expect((await model().complete({ messages })).content).toBe("Back again.");
    },
  );

  it("treats an empty answer as none", async () => {
    server.script({ content: null }, { content: "  \n" });
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe("bad_response");
    expect(error.message).toContain("answered with nothing");
  });

  it.each(["stall_before_headers", "stall_mid_body", "trickle"] as const)(
    "ends %s at the deadline, streamed or not",
    async (fault) => {
      for (const onText of [undefined, () => {}]) {
        server.script({ fault });
        const started = performance.now();
        const error = await failure(
          model([entry()], { timeout_ms: 120 }).complete({
            messages,
            ...(onText ? { onText } : {}),
          }),
        );
        expect(error.code).toBe("timeout");
        expect(performance.now() - started).toBeLessThan(400);
      }
    },
  );

  it("notices silence in the middle of an answer long before the deadline", async () => {
    server.script({ fault: "stall_mid_body" }, "Recovered.");
    const answering = model([entry()], { stall_ms: 60 });
    expect((await answering.complete({ messages, onText: () => {} })).content).toBe("Recovered.");
  });

  it("refuses a body without end", async () => {
    server.script({ fault: "flood" });
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe("bad_response");
    expect(error.message).toContain("too large");
  });

  it("says so when nobody listens", async () => {
    await server.close();
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe("unavailable");
    expect(explainError(error)).toContain(`Nothing listens at ${server.base_url}`);
  });

  it("names the wrong key without showing it", async () => {
    const echo = { message: `Incorrect API key provided: ${KEY}`, code: "invalid_api_key" };
    server.script({ status: 401, error: echo });
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe("unauthorized");
    expect(server.requests).toHaveLength(1);
    expect(explainError(error)).toContain("refused the API key for gpt-4");
    for (const text of [explainError(error), String(error.cause), JSON.stringify(logger.lines)]) {
      expect(text).not.toContain("canary");
    }
  });

  it("never shows a key that an error text echoes", async () => {
    server.script({ status: 400, error: { message: `bad header Bearer ${KEY} and key=${KEY}` } });
    const error = await failure(model().complete({ messages }));
    expect(explainError(error)).toContain("The server says: 400 bad header Bearer [key]");
    expect(explainError(error)).not.toContain("canary");
  });

  it("says that a model is unknown", async () => {
    server.script({ status: 404, error: { message: "no such model", code: "model_not_found" } });
    const error = await failure(model([entry({ model: "gpt-9" })]).complete({ messages }));
    expect(error.message).toContain("knows no model gpt-9");
  });

  it.each([
    [400, { message: "too long", code: "context_length_exceeded" }],
    [400, { message: "This model's maximum context length is 4096 tokens." }],
    [500, { message: "the request exceeds the available context size", code: 500 }],
    [400, "Trying to keep the first 111490 tokens when context the overflows."],
  ])("recognises a conversation that is too long (%i)", async (status, error) => {
    server.script({ status, error });
    expect((await failure(model([entry(), entry()]).complete({ messages }))).code).toBe(
      "context_length_exceeded",
    );
    expect(server.requests).toHaveLength(1);
  });

  it("recognises it in an answer of status 200 as well", async () => {
    server.script({ error_200: "Context size has been exceeded." });
    expect((await failure(model().complete({ messages }))).code).toBe("context_length_exceeded");
  });

  it("does not try again when the quota is used up", async () => {
    server.script({ status: 429, error: { message: "quota", code: "insufficient_quota" } });
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe("quota_exceeded");
    expect(server.requests).toHaveLength(1);
  });

  it("waits as long as a short Retry-After asks", async () => {
    server.script({ status: 429, error: "slow", headers: { "retry-after": "2" } }, "Now.");
    expect((await model().complete({ messages })).content).toBe("Now.");
    expect(clock.pauses).toEqual([2000]);
  });

  it("does not wait for a long Retry-After, and names it", async () => {
    server.script({ status: 429, error: "slow", headers: { "retry-after": "3600" } });
    const error = await failure(model().complete({ messages }));
    expect(error.code).toBe("rate_limited");
    expect(error.why).toContain("3600 s");
    expect(clock.pauses).toEqual([]);
  });

  it("asks without `required` where the server refuses it, now and later", async () => {
    server.script({ status: 400, error: "tool_choice required is not supported" }, "a", "b");
    const answering = model();
    await answering.complete({ messages, tools, tool_choice: "required" });
    await answering.complete({ messages, tools, tool_choice: "required" });
    expect(server.requests.map((request) => request.body.tool_choice)).toEqual([
      "required",
      undefined,
      undefined,
    ]);
  });

  it("does not follow redirects", async () => {
    server.script({ status: 307, text: "", headers: { location: `${other.base_url}/x` } });
    const error = await failure(model().complete({ messages }));
    expect(error.message).toContain("redirects");
    expect(other.requests).toHaveLength(0);
  });
});
