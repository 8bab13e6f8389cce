import { describe, expect, it } from "vitest";
import type { ChatModel } from "../../../src/memgpt/ports.ts";
import { entry, failure, freshServers, KEY, messages, model, server, tools } from "./chat-setup.ts";

freshServers();

describe("a whole answer", () => {
  it("is given with text, calls, usage and finish reason", async () => {
    server.script({
      content: "Thinking.",
      calls: [{ name: "send_message", args: { message: "Hi" }, id: "a" }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(await model().complete({ messages, tools })).toEqual({
      content: "Thinking.",
      tool_calls: [
        {
          id: "a",
          type: "function",
          function: { name: "send_message", arguments: '{"message":"Hi"}' },
        },
      ],
      finish_reason: "tool_calls",
      model: "gpt-4",
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
  });

  it("carries the request's messages, tools and limits in the wire shape", async () => {
    server.script("Hi.");
    await model([entry({ temperature: 0.5 })]).complete({
      messages,
      tools,
      tool_choice: "required",
      max_tokens: 7,
    });
    expect(server.requests[0]?.path).toBe("/v1/chat/completions");
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(server.requests[0]?.body).toEqual({
      model: "gpt-4",
      messages,
      tools,
      tool_choice: "required",
      max_tokens: 7,
      temperature: 0.5,
    });
  });

  it("sends no tools and no tool choice where there are no tools", async () => {
    server.script("Hi.");
    await model().complete({ messages, tools: [], tool_choice: "auto" });
    expect(server.requests[0]?.body).toEqual({ model: "gpt-4", messages });
  });

  it("reaches Azure under the deployment's path with its own key header", async () => {
    server.script("Hi.");
    const azure = entry({ api_type: "azure", base_url: server.origin, api_version: "2024-10-21" });
    await model([azure]).complete({ messages });
    expect(server.requests[0]?.path).toBe("/openai/deployments/gpt-4/chat/completions");
    expect(server.requests[0]?.query.get("api-version")).toBe("2024-10-21");
    expect(server.requests[0]?.headers["api-key"]).toBe(KEY);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("survives half an emoji in the conversation", async () => {
    server.script("Hi.");
    await model().complete({
      messages: [{ role: "user", content: "cut \ud83d here, whole \u{1f600}, text \\ud83d" }],
    });
    expect(server.requests[0]?.body.messages?.[0]?.content).toBe(
      "cut \ufffd here, whole \u{1f600}, text \\ud83d",
    );
  });

  it("accepts arguments as an object and content in parts", async () => {
    server.script({
      calls: [{ name: "send_message", args: { message: "Hi" } }],
      object_arguments: true,
    });
    const answer = await model().complete({ messages, tools });
    expect(answer.tool_calls[0]?.function.arguments).toBe('{"message":"Hi"}');
    expect(answer.content).toBeNull();
    expect(answer.usage).toBeUndefined();
  });

  it("gives calls of one answer different ids", async () => {
    server.script({
      calls: [
        { name: "a", args: {}, id: "same" },
        { name: "b", args: {}, id: "same" },
      ],
    });
    const { tool_calls } = await model().complete({ messages, tools });
    expect(tool_calls.map((call) => call.function.name)).toEqual(["a", "b"]);
    expect(new Set(tool_calls.map((call) => call.id)).size).toBe(2);
  });

  it("reports an answer that was cut at the token limit as such, even an empty one", async () => {
    server.script({ content: "", finish_reason: "length" });
    const answer = await model().complete({ messages });
    expect(answer.finish_reason).toBe("length");
  });
});

describe("a streamed answer", () => {
  async function stream(
    answering: ChatModel = model(),
  ): Promise<{ deltas: string[]; answer: Awaited<ReturnType<ChatModel["complete"]>> }> {
    const deltas: string[] = [];
    const answer = await answering.complete({
      messages,
      tools,
      onText: (delta) => deltas.push(delta),
    });
    return { deltas, answer };
  }

  it("hands out its text in pieces and returns the whole", async () => {
    server.script({ content: "A long enough answer.", piece: 5 });
    const { deltas, answer } = await stream();
    expect(server.requests[0]?.body.stream).toBe(true);
    expect(deltas).toEqual(["A lon", "g eno", "ugh a", "nswer", "."]);
    expect(answer.content).toBe("A long enough answer.");
    expect(answer.finish_reason).toBe("stop");
  });

  it("keeps calls apart that come without index, type, role, finish reason and end mark", async () => {
    server.script({
      calls: [
        { name: "first", args: { a: "one" } },
        { name: "second", args: { b: "two" } },
      ],
      careless: ["index", "type", "role", "finish_reason", "done"],
    });
    const { answer } = await stream();
    expect(answer.tool_calls.map((call) => call.function)).toEqual([
      { name: "first", arguments: '{"a":"one"}' },
      { name: "second", arguments: '{"b":"two"}' },
    ]);
    expect(answer.finish_reason).toBe("tool_calls");
  });

  it("keeps calls apart that have neither index nor id", async () => {
    server.script({
      calls: [
        { name: "same", args: { a: 1 } },
        { name: "same", args: { a: 2 } },
      ],
      careless: ["index", "id"],
    });
    const { answer } = await stream();
    expect(answer.tool_calls.map((call) => call.function.arguments)).toEqual([
      '{"a":1}',
      '{"a":2}',
    ]);
    expect(new Set(answer.tool_calls.map((call) => call.id)).size).toBe(2);
  });

  it("accepts arguments as an object", async () => {
    server.script({ calls: [{ name: "f", args: { a: 1 } }], object_arguments: true });
    expect((await stream()).answer.tool_calls[0]?.function.arguments).toBe('{"a":1}');
  });

  it("accepts a whole JSON answer instead of a stream", async () => {
    server.script({ content: "All at once.", whole: true });
    const { deltas, answer } = await stream();
    expect(answer.content).toBe("All at once.");
    expect(deltas).toEqual(["All at once."]);
  });

  it("reads the usage that comes after the last choice", async () => {
    server.script({
      content: "Hi.",
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
    expect((await stream()).answer.usage?.total_tokens).toBe(2);
  });

  it("does not say twice what was shown before a retry", async () => {
    server.script({ fault: "cut" }, { content: "Half an answer is now whole.", piece: 4 });
    const { deltas, answer } = await stream();
    expect(answer.content).toBe("Half an answer is now whole.");
    expect(deltas.join("")).toBe("Half an answer is now whole.");
  });

  it("shows nothing more where a retry says something else", async () => {
    server.script({ fault: "cut" }, "Something else entirely.");
    const { deltas, answer } = await stream();
    expect(answer.content).toBe("Something else entirely.");
    expect(deltas.join("")).toBe("Half an ");
  });

  it("fails on an error event in the stream", async () => {
    server.script({ error_200: { message: "boom" } }, { error_200: "boom" });
    const error = await failure(model().complete({ messages, onText: () => {} }));
    expect(error.code).toBe("bad_response");
  });

  it("keeps its connections for the next request", async () => {
    const answering = model();
    server.handler = () => "Hi.";
    for (let i = 0; i < 6; i += 1) await stream(answering);
    // One socket may still be reading its stream's end while the next request goes out.
    expect(new Set(server.requests.map((request) => request.port)).size).toBeLessThanOrEqual(2);
  });
});
