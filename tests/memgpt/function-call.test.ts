import { describe, expect, it } from "vitest";
import type { AgentFunction, FunctionContext } from "../../src/memgpt/agent-function.ts";
import { BASE_FUNCTIONS } from "../../src/memgpt/base-functions.ts";
import { FunctionTable, parseCall } from "../../src/memgpt/function-call.ts";
import type { ToolCall } from "../../src/memgpt/ports.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { ALL_FUNCTIONS } from "./agent-fixture.ts";

function call(name: string, args: string): ToolCall {
  return { id: "x", type: "function", function: { name, arguments: args } };
}

/** Records the arguments it is run with. */
function recorder(changes: Partial<AgentFunction> = {}): AgentFunction & { seen: unknown[] } {
  const seen: unknown[] = [];
  return {
    seen,
    schema: {
      type: "function",
      function: {
        name: "look",
        description: "",
        parameters: {
          type: "object",
          properties: {
            query: { type: "string" },
            page: { type: "integer" },
            request_heartbeat: { type: "boolean" },
          },
          required: ["query", "request_heartbeat"],
        },
      },
    },
    run: (args) => {
      seen.push(Object.fromEntries(args));
      return null;
    },
    ...changes,
  };
}

const nothing = {} as FunctionContext;

function run(look: AgentFunction, args: string, name = "look", logger = new RecordingLogger()) {
  const send = BASE_FUNCTIONS[0] as AgentFunction;
  const table = new FunctionTable(["look", "send_message"], [look, send], logger);
  const raw = call(name, args);
  return table.execute(parseCall(raw, "id"), raw.function.arguments, nothing);
}

describe("base functions", () => {
  it("have MemGPT's names and parameters, and ask for request_heartbeat where it does", () => {
    const shown = BASE_FUNCTIONS.map(({ schema }) => {
      const { name, parameters } = schema.function;
      return [name, Object.keys(parameters.properties).join(" "), parameters.required?.join(" ")];
    });
    expect(shown).toEqual([
      ["send_message", "message", "message"],
      ["pause_heartbeats", "minutes", "minutes"],
      ["core_memory_append", "name content request_heartbeat", "name content request_heartbeat"],
      [
        "core_memory_replace",
        "name old_content new_content request_heartbeat",
        "name old_content new_content request_heartbeat",
      ],
      ["conversation_search", "query page request_heartbeat", "query request_heartbeat"],
      [
        "conversation_search_date",
        "start_date end_date page request_heartbeat",
        "start_date end_date request_heartbeat",
      ],
      ["archival_memory_insert", "content request_heartbeat", "content request_heartbeat"],
      ["archival_memory_search", "query page source request_heartbeat", "query request_heartbeat"],
    ]);
    expect(shown.map(([name]) => name)).toEqual(ALL_FUNCTIONS);
  });

  it("must exist and let the agent speak", () => {
    const logger = new RecordingLogger();
    expect(() => new FunctionTable(["send_message", "rm"], BASE_FUNCTIONS, logger)).toThrow("rm");
    expect(() => new FunctionTable(["pause_heartbeats"], BASE_FUNCTIONS, logger)).toThrow(
      "send_message",
    );
  });
});

describe("parseCall", () => {
  it("honours only a true request_heartbeat, on every function", () => {
    const heartbeat = (json: string) =>
      parseCall(call("send_message", `{"message":"x","request_heartbeat":${json}}`), "id")
        .request_heartbeat;
    expect(["true", '"true"', "1", "false", "null"].map(heartbeat)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("repairs broken JSON and keeps every character", () => {
    const parsed = parseCall(call("send_message", `{"message": "Grüße\n👋 'ja'", `), "id");
    expect(parsed.args).toEqual({ message: "Grüße\n👋 'ja'" });
    expect(JSON.parse(parsed.call.function.arguments)).toEqual(parsed.args);
  });

  it("puts a name and arguments into the history that every backend takes back", () => {
    const { call: kept } = parseCall(call("rm -rf /; drop", "certainly not JSON ["), "call_7");
    expect(kept).toEqual({
      id: "call_7",
      type: "function",
      function: { name: "rm_-rf_drop", arguments: "{}" },
    });
  });
});

describe("FunctionTable", () => {
  it("runs a function without request_heartbeat in its arguments; null reads None", async () => {
    const look = recorder();
    expect(await run(look, '{"query":"a","page":2,"request_heartbeat":true}')).toEqual({
      ok: true,
      text: "None",
    });
    expect(look.seen).toEqual([{ query: "a", page: 2 }]);
  });

  it.each([
    ["null", {}],
    ['"none"', {}],
    ['"NONE"', {}],
    ['"3"', { page: 3 }],
    ["0", { page: 0 }],
  ])("accepts page %s", async (page, seen) => {
    const look = recorder();
    await run(look, `{"query":"a","page":${page}}`);
    expect(look.seen).toEqual([{ query: "a", ...seen }]);
  });

  it.each([
    [
      '{"query":"a","page":"two"}',
      "Error calling function look: 'page' argument must be an integer",
    ],
    ['{"query":"a","page":1.5}', "Error calling function look: 'page' argument must be an integer"],
    ['{"query":["a"]}', "Error calling function look: 'query' argument must be a string"],
    ["{}", "Error calling function look: missing required argument 'query'"],
    ['{"query":"a","depth":1}', "Error calling function look: got an unexpected argument 'depth'"],
    [
      '{"query":"a","__proto__":{"x":1}}',
      "Error calling function look: got an unexpected argument '__proto__'",
    ],
    ["[1, 2]", "Error parsing JSON for function 'look' arguments: [1, 2]"],
    ["never mind", "Error parsing JSON for function 'look' arguments: never mind"],
  ])("gives the model a failure for %s", async (args, text) => {
    const look = recorder();
    expect(await run(look, args)).toEqual({ ok: false, text });
    expect(look.seen).toEqual([]);
  });

  it.each(["toString", "constructor", "__proto__", "core_memory_append"])(
    "knows no function %s that the preset does not list",
    async (name) => {
      expect(await run(recorder(), "{}", name)).toEqual({
        ok: false,
        text: `No function named ${name}`,
      });
    },
  );

  it("cuts output over 3000 characters, but not that of a search", async () => {
    const long = "x".repeat(3001);
    const cut = await run(recorder({ run: () => long }), '{"query":"a"}');
    expect(cut.text).toBe(
      `${"x".repeat(3000)}... [NOTE: function output was truncated since it exceeded the character limit (3001 > 3000)]`,
    );
    const whole = await run(recorder({ run: () => long, whole_output: true }), '{"query":"a"}');
    expect(whole.text).toBe(long);
    const fits = await run(recorder({ run: () => "x".repeat(3000) }), '{"query":"a"}');
    expect(fits.text).toHaveLength(3000);
    expect(BASE_FUNCTIONS.filter((f) => f.whole_output).map((f) => f.schema.function.name)).toEqual(
      ["conversation_search", "conversation_search_date", "archival_memory_search"],
    );
  });

  it("keeps the text of an unknown error from the model and logs it", async () => {
    const logger = new RecordingLogger();
    const run1 = () => {
      throw new Error("key sk-123 rejected");
    };
    const result = await run(recorder({ run: run1 }), '{"query":"a"}', "look", logger);
    expect(result.ok).toBe(false);
    expect(result.text).toMatch(/^Error calling function look: /);
    expect(result.text).not.toContain("sk-123");
    expect(logger.lines[0]).toMatchObject({ level: "error", fields: { function: "look" } });
  });
});
