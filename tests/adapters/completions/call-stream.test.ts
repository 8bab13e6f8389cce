import { describe, expect, it } from "vitest";
import { CallStream } from "../../../src/adapters/completions/call-stream.ts";
import type { ToolCallDelta } from "../../../src/memgpt/ports.ts";

const PROMPT = { forced: '\n{\n  "function":', stop: ["<|im_end|>", "\nUSER:"] };

/** What is told of a text that comes one unit at a time, and of the call it is then read as. */
function told(text: string, name = "send_message", args = ""): string[] {
  const deltas: ToolCallDelta[] = [];
  const stream = new CallStream((delta) => deltas.push(delta), PROMPT);
  for (let i = 0; i < text.length; i += 1) stream.push(text.charAt(i));
  stream.end(name === "" ? [] : [{ name, arguments: args }]);
  return deltas.map((delta) => delta.arguments);
}

function call(message: string): string {
  return ` "send_message",\n  "params": {\n    "inner_thoughts": "A \\"message\\": yes.",\n    "message": "${message}"\n  }\n}`;
}

describe("a send_message call that is being written", () => {
  it.each([
    ["plain words", "Hi there."],
    ["escapes", 'One\\n\\"Two\\" \\u00fc \\\\'],
    ["raw line breaks", "One\n\tTwo"],
    ["letters in two halves", "👋 \\ud83c\\udf75 👋"],
    ["what looks like a mark", "a < b <| c"],
  ])("is told so that the pieces join to its arguments: %s", (_what, message) => {
    const args = JSON.stringify({
      message: JSON.parse(`"${message.replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`),
    });
    const pieces = told(call(message), "send_message", args);
    expect(pieces.join("")).toBe(args);
    expect(pieces.length).toBeGreaterThan(5);
  });

  it("is told up to a stop sequence that the server left in", () => {
    const text = call("Hi.\nUSER: and more");
    expect(told(text, "send_message", '{"message":"Hi."}').join("")).toBe('{"message":"Hi."}');
  });

  it("is told in bounded time however long it is, and its rest at the end", () => {
    const message = "words ".repeat(20_000);
    const started = performance.now();
    const pieces = told(call(message), "send_message", JSON.stringify({ message }));
    expect(pieces.join("")).toBe(JSON.stringify({ message }));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("is told no further where the whole reads differently", () => {
    const pieces = told(call("Hello"), "send_message", '{"message":"Good day"}');
    expect(pieces.join("")).toBe('{"message":"Hello');
  });
});

it("tells other calls as a whole, and nothing where there is none", () => {
  const search = ' "conversation_search", "params": {"query": "a \\"message\\": b"}}';
  expect(told(search, "conversation_search", '{"query":"x"}')).toEqual(['{"query":"x"}']);
  expect(told('Just prose, "message": "quoted".', "")).toEqual([]);
});
