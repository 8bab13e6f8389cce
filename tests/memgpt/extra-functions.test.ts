import { describe, expect, it } from "vitest";
import type { Extras } from "../../src/memgpt/extra-functions.ts";
import { MemoryAgentFiles } from "../fakes/memory-agent-files.ts";
import { type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { ALL_FUNCTIONS, create, line, results, type World, world } from "./agent-fixture.ts";

const EXTRA = [
  "read_from_text_file",
  "append_to_text_file",
  "http_request",
  "message_chatgpt",
] as const;

function extrasWorld(steps: readonly ScriptStep[], extras: Extras): World {
  const w = world(steps, { options: { functions: [...ALL_FUNCTIONS, ...EXTRA] } });
  return { ...w, runtime: { ...w.runtime, extras } };
}

/** Runs the calls in one answer and gives their results. */
async function run(
  calls: readonly { name: string; args: Record<string, unknown> }[],
  extras: Extras,
  between: readonly ScriptStep[] = [],
) {
  const asked = calls.map(({ name, args }) => ({
    name,
    args: { ...args, request_heartbeat: true },
  }));
  const w = extrasWorld([{ calls: asked }, ...between, says("Done.")], extras);
  await create(w).reply([line("Do it.")]);
  return { w, results: results(w.model.requests.at(-1)?.messages ?? []) };
}

describe("the extra functions", () => {
  it("are left out where they are off, with a line in the log", async () => {
    const w = extrasWorld([says("Hello.")], {});
    await create(w).reply([line("Hi")]);
    const offered = w.model.requests[0]?.tools?.map((tool) => tool.function.name);
    expect(offered).toEqual(ALL_FUNCTIONS);
    expect(w.logger.lines).toContainEqual(
      expect.objectContaining({
        level: "info",
        fields: expect.objectContaining({ functions: EXTRA.join(", ") }),
      }),
    );
  });

  it("are not offered by a preset that does not name them, on or off", async () => {
    const w = world([says("Hello.")]);
    const on = { ...w, runtime: { ...w.runtime, extras: { files: new MemoryAgentFiles() } } };
    await create(on).reply([line("Hi")]);
    expect(w.model.requests[0]?.tools).toHaveLength(ALL_FUNCTIONS.length);
  });

  it("have the original's parameters", async () => {
    const http = { request: async () => ({ status_code: 200, headers: {}, body: "" }) };
    const w = extrasWorld([says("Hello.")], {
      files: new MemoryAgentFiles(),
      http,
      message_chatgpt: true,
    });
    await create(w).reply([line("Hi")]);
    const parameters = new Map(
      w.model.requests[0]?.tools?.map(({ function: f }) => [f.name, f.parameters]),
    );
    const shape = (name: string): unknown[] => [
      Object.keys(parameters.get(name)?.properties ?? {}),
      parameters.get(name)?.required,
    ];
    expect(shape("read_from_text_file")).toEqual([
      ["filename", "line_start", "num_lines", "request_heartbeat"],
      ["filename", "line_start", "request_heartbeat"],
    ]);
    expect(shape("append_to_text_file")[1]).toEqual(["filename", "content", "request_heartbeat"]);
    expect(shape("http_request")).toEqual([
      ["method", "url", "payload_json", "request_heartbeat"],
      ["method", "url", "request_heartbeat"],
    ]);
    expect(shape("message_chatgpt")[1]).toEqual(["message", "request_heartbeat"]);
  });

  it("keeps what is appended under the agent's own owner, and reads lines of it", async () => {
    const files = new MemoryAgentFiles();
    const { results: found } = await run(
      [
        { name: "append_to_text_file", args: { filename: "n.txt", content: "one\ntwo" } },
        { name: "append_to_text_file", args: { filename: "n.txt", content: "drei" } },
        { name: "read_from_text_file", args: { filename: "n.txt", line_start: 1 } },
        { name: "read_from_text_file", args: { filename: "n.txt", line_start: 2, num_lines: 9 } },
        { name: "read_from_text_file", args: { filename: "n.txt", line_start: 4 } },
        { name: "read_from_text_file", args: { filename: "n.txt", line_start: 0 } },
        { name: "read_from_text_file", args: { filename: "m.txt", line_start: 1 } },
      ],
      { files },
    );
    expect([...files.texts]).toEqual([["agent/here/Sam/n.txt", "one\ntwo\ndrei\n"]]);
    expect(found.map(({ message }) => message)).toEqual([
      "None",
      "None",
      "one",
      "two\ndrei",
      "There is nothing from line 4 on: the file has 3 lines.",
      "Error calling function read_from_text_file: Both line_start and num_lines must be positive integers.",
      "Error calling function read_from_text_file: The file 'm.txt' does not exist.",
    ]);
  });

  it("reads 500 characters at most, in the original's words", async () => {
    const files = new MemoryAgentFiles();
    files.texts.set("agent/here/Sam/long", "x".repeat(600));
    const { results: found } = await run(
      [{ name: "read_from_text_file", args: { filename: "long", line_start: 1 } }],
      { files },
    );
    expect(found[0]?.message).toBe(
      `${"x".repeat(500)}\n[SYSTEM ALERT - max chars (500) reached during file read]`,
    );
  });

  it("asks by HTTP with the method in capitals, and gives status, headers and body", async () => {
    const asked: unknown[] = [];
    const http = {
      request: async (call: unknown) => {
        asked.push(call);
        return {
          status_code: 404,
          headers: { "content-type": "text/plain" },
          body: "y".repeat(9000),
        };
      },
    };
    const { results: found } = await run(
      [
        { name: "http_request", args: { method: "get", url: " https://a.example/x " } },
        {
          name: "http_request",
          args: { method: "POST", url: "https://a.example", payload_json: "{" },
        },
      ],
      { http },
    );
    expect(asked).toEqual([{ method: "GET", url: "https://a.example/x" }]);
    const answer = JSON.parse(found[0]?.message ?? "");
    expect(answer).toMatchObject({ status_code: 404, headers: { "content-type": "text/plain" } });
    expect(answer.body.length).toBeLessThan(2500);
    expect(found[1]?.message).toContain("'payload_json' argument must be valid JSON");
  });

  it("asks a plain model without tools and memory", async () => {
    const { w, results: found } = await run(
      [{ name: "message_chatgpt", args: { message: "What is 2 + 2?" } }],
      { message_chatgpt: true },
      ["4, I think."],
    );
    expect(found[0]?.message).toBe("4, I think.");
    expect(w.model.requests[1]).toMatchObject({ max_tokens: 1000 });
    expect(w.model.requests[1]?.tools).toBeUndefined();
    expect(w.model.requests[1]?.messages.at(-1)?.content).toBe("What is 2 + 2?");
  });
});
