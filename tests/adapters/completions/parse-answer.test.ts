import { describe, expect, it } from "vitest";
import { parseAnswer } from "../../../src/adapters/completions/parse-answer.ts";
import { tools } from "./completions-setup.ts";

const FORCED = '\n{\n  "function":';

/** The call that is read, its arguments parsed, or the text. */
function read(raw: string, forced = FORCED): unknown {
  const { content, call } = parseAnswer(raw, forced, tools);
  return call ? { thought: content, name: call.name, args: JSON.parse(call.arguments) } : content;
}

const SAID = { thought: "Hm.", name: "send_message", args: { message: "Hi." } };

describe("an answer that goes on from the forced beginning", () => {
  it.each([
    [
      "that is complete",
      ' "send_message",\n  "params": {\n    "inner_thoughts": "Hm.",\n    "message": "Hi."\n  }\n}',
    ],
    [
      "that lacks one brace",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."}',
    ],
    [
      "that lacks both braces",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."',
    ],
    [
      "that ends in its message",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi.',
    ],
    [
      "that ends in a comma",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."},  \n',
    ],
    [
      "that ends in a comma inside",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi.",',
    ],
    [
      "that goes on with a second call",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."}}\n{"function": "x"}',
    ],
    [
      "that goes on in words, braces and all",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."}} That {should} do it.',
    ],
    [
      "with underscores escaped as in Markdown",
      ' "send\\_message", "params": {"inner\\_thoughts": "Hm.", "message": "Hi."}}',
    ],
    [
      "with quotes of another kind",
      " 'send_message', 'params': {'inner_thoughts': 'Hm.', 'message': 'Hi.'}}",
    ],
    [
      "that asks for a heartbeat with its message",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi.", "request_heartbeat": true}}',
    ],
    [
      "that begins anew",
      '{"function": "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."}}',
    ],
    [
      "that nests a new beginning in the old one",
      ' {"function": "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi."}}}',
    ],
    [
      "with its parameters as text",
      ' "send_message", "params": "{\\"inner_thoughts\\": \\"Hm.\\", \\"message\\": \\"Hi.\\"}"}',
    ],
    [
      "in the words of another protocol",
      '{"name": "send_message", "arguments": {"inner_thoughts": "Hm.", "message": "Hi."}}',
    ],
    [
      "with a comma after its last parameter",
      ' "send_message",\n  "params": {\n    "inner_thoughts": "Hm.",\n    "message": "Hi.",\n  }\n}',
    ],
    [
      "with a comma after the heartbeat that it asks for",
      ' "send_message", "params": {"inner_thoughts": "Hm.", "message": "Hi.", "request_heartbeat": true,}}',
    ],
    [
      "that breaks off in the key after its message",
      ' "send_message",\n  "params": {\n    "inner_thoughts": "Hm.",\n    "message": "Hi.",\n    "request_heart',
    ],
    [
      "that goes on in nonsense after its message",
      ' "send_message",\n  "params": {\n    "inner_thoughts": "Hm.",\n    "message": "Hi.",\n    blah: [[[\n',
    ],
    [
      "with its parameters beside the function",
      ' "send_message", "inner_thoughts": "Hm.", "message": "Hi."}',
    ],
  ])("is read: one %s", (_what, raw) => {
    expect(read(raw)).toEqual(SAID);
  });

  it("keeps raw line breaks in a message", () => {
    expect(read(' "send_message", "params": {"message": "One\n\tTwo"}}')).toEqual({
      thought: null,
      name: "send_message",
      args: { message: "One\n\tTwo" },
    });
  });

  it("keeps quotes that were not escaped in a message", () => {
    expect(
      read(' "send_message", "params": {"message": "She said "no", and left."\n  }\n}'),
    ).toEqual({
      thought: null,
      name: "send_message",
      args: { message: 'She said "no", and left.' },
    });
  });

  it("ends a message that comes before other parameters where they begin", () => {
    const raw = ' "send_message", "params": {"message": "Say "hi".", "inner_thoughts": "Hm."}}';
    expect(read(raw)).toMatchObject({ args: { message: 'Say "hi".' } });
  });

  it("finds a message in ruins, with every letter of it", () => {
    const raw =
      ' "send_message", {{ "inner_thoughts": "Grüße…", ]] "message": "Ça va, 東京? 🍵" ((';
    expect(read(raw)).toEqual({
      thought: "Grüße…",
      name: "send_message",
      args: { message: "Ça va, 東京? 🍵" },
    });
  });

  it("keeps the heartbeat of other functions", () => {
    const raw = ' "conversation_search", "params": {"query": "tea", "request_heartbeat": true}}';
    expect(read(raw)).toMatchObject({ args: { query: "tea", request_heartbeat: true } });
  });

  it("passes on a function that nobody has offered, for the agent to refuse", () => {
    expect(read(' "fly", "params": {"to": "Mars"}}')).toMatchObject({ name: "fly" });
  });

  it.each(["Hello there!", "Hello", "  ", 'I think that {this} is "fine".'])(
    "is text when it is prose: %j",
    (raw) => {
      expect(read(raw)).toBe(raw.trim() || null);
    },
  );

  it("does not lose an object of the names that every object has", () => {
    expect(read(' "send_message", "params": {"message": "constructor"}}')).toMatchObject({
      args: { message: "constructor" },
    });
    expect(parseAnswer(' "toString"', FORCED, tools).call).toBeUndefined();
  });
});

describe("an answer whose thoughts stand outside the call", () => {
  const THOUGHTS = '\n{\n  "inner_thoughts":';

  it("is read", () => {
    expect(
      read(' "Hm.", "function": "send_message", "params": {"message": "Hi."}}', THOUGHTS),
    ).toEqual(SAID);
  });

  it.each(["null", '"None"', '"none"'])("may leave the function out as %s", (none) => {
    expect(read(` "Nothing to do.", "function": ${none}}`, THOUGHTS)).toBe("Nothing to do.");
  });

  it("may leave the function out altogether", () => {
    expect(read(' "Nothing to do."}', THOUGHTS)).toBe("Nothing to do.");
  });
});

describe("an answer to a request without functions", () => {
  it("is its text, JSON or not", () => {
    expect(parseAnswer(' {"a": 1}\n', "", [])).toEqual({ content: '{"a": 1}' });
  });
});

it("reads a long answer in no time", () => {
  const raw = ` "send_message", "params": {"message": "${'"{ '.repeat(60_000)}`;
  const start = performance.now();
  parseAnswer(raw, FORCED, tools);
  expect(performance.now() - start).toBeLessThan(1500);
});
