import { describe, expect, it } from "vitest";
import type { ChatCompletion, ToolCallDelta } from "../../../src/memgpt/ports.ts";
import { entry, freshServers, messages, model, server, tools } from "./chat-setup.ts";

freshServers();

async function stream(answering = model()): Promise<{
  deltas: ToolCallDelta[];
  answer: ChatCompletion;
}> {
  const deltas: ToolCallDelta[] = [];
  const onToolCall = (delta: ToolCallDelta) => deltas.push(delta);
  return { answer: await answering.complete({ messages, tools, onToolCall }), deltas };
}

/** The pieces of each call, joined. */
function joined(deltas: readonly ToolCallDelta[]): string[] {
  const texts = new Map<string, string>();
  for (const { index, name, arguments: piece } of deltas) {
    const key = `${index} ${name}`;
    texts.set(key, (texts.get(key) ?? "") + piece);
  }
  return [...texts].map(([key, text]) => `${key} ${text}`);
}

const call = (message: string) => ({ name: "send_message", args: { message } });

describe("the calls of a streamed answer", () => {
  it("are told piece by piece, each under its place and name", async () => {
    server.script({ calls: [call("Hello, Ada."), call("Tea?")], piece: 4 });
    const { deltas, answer } = await stream();
    expect(server.requests[0]?.body.stream).toBe(true);
    expect(deltas.length).toBeGreaterThan(8);
    expect(joined(deltas)).toEqual([
      '0 send_message {"message":"Hello, Ada."}',
      '1 send_message {"message":"Tea?"}',
    ]);
    expect(answer.tool_calls.map((one) => one.function.arguments)).toEqual([
      '{"message":"Hello, Ada."}',
      '{"message":"Tea?"}',
    ]);
  });

  it("are told in one piece where the server does not stream, or writes objects", async () => {
    for (const liberty of [{ whole: true }, { object_arguments: true }]) {
      server.script({ calls: [call("Hi")], ...liberty });
      const { deltas } = await stream();
      expect(deltas).toEqual([{ index: 0, name: "send_message", arguments: '{"message":"Hi"}' }]);
    }
  });

  it.each([
    ["Hello, Ada.", ['0 send_message {"message":"Hello, Ada."}']],
    ["Bye.", ['0 send_message {"message":"Hel']],
  ])("are not told twice after a retry that says %s", async (second, told) => {
    const torn = '{"message":"Hel';
    const chunk = {
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              { index: 0, id: "a", function: { name: "send_message", arguments: torn } },
            ],
          },
        },
      ],
    };
    server.script(
      {
        status: 200,
        text: `data: ${JSON.stringify(chunk)}\n\nevent: error\ndata: {"message":"overloaded"}\n\n`,
        headers: { "content-type": "text/event-stream" },
      },
      { calls: [call(second)] },
    );
    const { deltas, answer } = await stream();
    expect(answer.tool_calls[0]?.function.arguments).toBe(JSON.stringify({ message: second }));
    expect(joined(deltas)).toEqual(told);
  });

  it("are asked for whole where the server refuses to stream them, now and later", async () => {
    server.script(
      { status: 500, error: "Cannot use tools with stream" },
      { calls: [call("a")] },
      { calls: [call("b")] },
    );
    const answering = model([entry()]);
    await stream(answering);
    const { deltas } = await stream(answering);
    expect(server.requests.map((request) => request.body.stream)).toEqual([
      true,
      undefined,
      undefined,
    ]);
    expect(joined(deltas)).toEqual(['0 send_message {"message":"b"}']);
  });
});
