import { describe, expect, it } from "vitest";
import {
  type AgentFunction,
  ConversableAgent,
  type FunctionCall,
} from "../../src/autogen/index.ts";
import { type Logger, silentLogger } from "../../src/shared/logger.ts";
import { chained } from "./table.ts";

const functions: Record<string, AgentFunction> = {
  add: ({ a, b }) => Number(a) + Number(b),
  list: () => [1, { two: 2 }],
  nothing: () => undefined,
  later: async () => "late",
  echo: ({ text }) => text,
  fails: () => {
    throw new Error("no luck");
  },
};

async function run(name: string, args: string | undefined): Promise<readonly [boolean, string]> {
  const agent = chained("Executor", { function_map: functions });
  const call = (args === undefined ? { name } : { name, arguments: args }) as FunctionCall;
  const [ok, result] = await agent.executeFunction(call);
  expect(result).toMatchObject({ name, role: "function" });
  return [ok, result.content];
}

describe("executeFunction", () => {
  it.each([
    ["add", '{"a": 1, "b": 2}', "3"],
    ["list", "{}", '[1,{"two":2}]'],
    ["nothing", "{}", ""],
    ["nothing", undefined, ""],
    ["later", "{}", "late"],
    ["echo", '{\n"text": "a\nb\tc"\n}', "a\nb\tc"],
  ])("makes what %s of %j returns a text", async (name, args, text) => {
    expect(await run(name, args)).toEqual([true, text]);
  });

  it("makes every failure a text that begins with Error", async () => {
    expect(await run("missing", "{}")).toEqual([false, "Error: Function missing not found."]);
    expect(await run("fails", "{}")).toEqual([false, "Error: no luck"]);
    for (const args of ["{a", "", "[1]", "null"]) {
      const [ok, text] = await run("add", args);
      expect(ok).toBe(false);
      expect(text).toMatch(/^Error: .+\n The argument must be in JSON format\.$/);
    }
  });

  it("is what calls are answered by, so a subclass can answer them in its own way", async () => {
    class Dry extends ConversableAgent {
      override async executeFunction(
        call: FunctionCall,
      ): ReturnType<ConversableAgent["executeFunction"]> {
        return [true, { name: call.name, role: "function", content: "not really" }];
      }
    }
    const dry = new Dry({ name: "Dry", human_input_mode: "NEVER" });
    const called = { name: "f", arguments: "{}" };
    const tool_calls = [{ id: "c1", type: "function" as const, function: called }];
    const answer = (message: object) =>
      dry.generateReply({ messages: [{ role: "assistant", content: null, ...message }] });
    expect(await answer({ function_call: called })).toEqual({
      role: "function",
      name: "f",
      content: "not really",
    });
    expect(await answer({ tool_calls })).toEqual({
      role: "tool",
      tool_responses: [{ tool_call_id: "c1", role: "tool", content: "not really" }],
      content: "Tool Call Id: c1\nnot really",
    });
  });
});

describe("a function's name", () => {
  it.each(["a b", "a.b", "", "é", "x".repeat(65)])(
    "may not be %j, wherever it is given",
    (name) => {
      const invalid = expect.objectContaining({ code: "invalid_option" });
      expect(() => chained("A", { function_map: { [name]: () => 1 } })).toThrow(invalid);
      expect(() => chained("A").registerFunction({ [name]: () => 1 })).toThrow(invalid);
      const parameters = { type: "object" as const, properties: {} };
      const schema = {
        type: "function" as const,
        function: { name, description: "d", parameters },
      };
      expect(() => chained("A").updateToolSignature(schema)).toThrow(invalid);
    },
  );

  it("that is taken, or not there to be removed, is warned of", () => {
    const warned: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (text) => void warned.push(text) };
    const agent = chained("A", { logger });
    agent.registerFunction({ f: () => 1 });
    agent.registerFunction({ f: () => 2 });
    agent.registerFunction({ g: null });
    expect(warned).toEqual([
      "Function 'f' is being overridden.",
      "The function g to remove doesn't exist",
    ]);
  });
});
