import { describe, expect, it } from "vitest";
import { callGrammar } from "../../../src/adapters/completions/grammar.ts";
import type { ToolSchema } from "../../../src/memgpt/ports.ts";
import { grammarAccepts } from "../../fakes/gbnf.ts";
import { tools } from "./completions-setup.ts";

const call = (name: string, params: unknown, more: object = {}): string =>
  JSON.stringify({ ...more, function: name, params }, null, 2);

describe("a grammar for calls with thoughts among the parameters", () => {
  const accepts = (text: string): boolean => grammarAccepts(callGrammar(tools, "params"), text);

  it.each([
    call("send_message", { inner_thoughts: "Hm.", message: 'Ça va? "Ja" \\ {x} 🍵\n' }),
    call("conversation_search", { inner_thoughts: "", query: "tea", request_heartbeat: true }),
    call("conversation_search", {
      inner_thoughts: "",
      query: "tea",
      request_heartbeat: true,
      page: 2,
    }),
    '{"function":"send_message","params":{"inner_thoughts":"a","message":"b"}}',
  ])("takes %s", (text) => {
    expect(accepts(text)).toBe(true);
  });

  it.each([
    ["prose", "Hello."],
    ["an unknown function", call("fly", { inner_thoughts: "", message: "x" })],
    ["a call without thoughts", call("send_message", { message: "x" })],
    ["a missing parameter", call("conversation_search", { inner_thoughts: "", query: "tea" })],
    ["a parameter of another function", call("send_message", { inner_thoughts: "", query: "x" })],
    ["a wrong type", call("send_message", { inner_thoughts: "", message: 3 })],
    ["two calls", `${call("send_message", { inner_thoughts: "", message: "x" })}{}`],
    [
      "a raw line break in a text",
      '{"function":"send_message","params":{"inner_thoughts":"a\nb","message":"c"}}',
    ],
  ])("takes no %s", (_what, text) => {
    expect(accepts(text)).toBe(false);
  });
});

describe("a grammar with thoughts outside", () => {
  const accepts = (text: string): boolean => grammarAccepts(callGrammar(tools, "top"), text);

  it("takes thoughts with a call, and with none", () => {
    expect(accepts(call("send_message", { message: "x" }, { inner_thoughts: "Hm." }))).toBe(true);
    expect(accepts('{"inner_thoughts": "Hm.", "function": null}')).toBe(true);
    expect(accepts(call("send_message", { message: "x" }))).toBe(false);
  });
});

describe("a grammar without thoughts", () => {
  const schema: ToolSchema = {
    type: "function",
    function: {
      name: "odd-name.1",
      description: "",
      parameters: {
        type: "object",
        properties: {
          mode: { type: "string", enum: ["a", 'b"c'] },
          list: { type: "array" },
          ratio: { type: "number" },
        },
      },
    },
  };
  const accepts = (params: unknown): boolean =>
    grammarAccepts(callGrammar([...tools, schema], "none"), call("odd-name.1", params));

  it("lets every optional parameter be left out, and holds to enumerations", () => {
    expect(accepts({})).toBe(true);
    expect(accepts({ mode: 'b"c', list: [1, "x", { y: null }], ratio: -1.5 })).toBe(true);
    expect(accepts({ mode: "b" })).toBe(false);
  });
});
