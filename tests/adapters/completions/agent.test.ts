import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemgptAgent } from "../../../src/memgpt/agent.ts";
import { FakeCompletionServer } from "../../fakes/completion-server.ts";
import { line, world } from "../../memgpt/agent-fixture.ts";
import { model } from "./completions-setup.ts";

let server: FakeCompletionServer;

beforeEach(async () => {
  server = await FakeCompletionServer.start("koboldcpp");
});

afterEach(() => server.close());

function agent(): MemgptAgent {
  const w = world([]);
  const local = model("koboldcpp", server.origin, { wrapper: "airoboros-l2-70b-2.1" });
  return MemgptAgent.create(w.options, { ...w.runtime, model: local });
}

const prompts = (): string[] => server.requests.map(({ body }) => String(body.prompt));

describe("a MemGPT agent on a local model", () => {
  it("remembers, is called again for it, and sees its own call in the next prompt", async () => {
    server.script(
      ' "core_memory_append",\n  "params": {\n    "inner_thoughts": "Tea!",\n    "name": "human",\n    "content": "Likes tea.",\n    "request_heartbeat": true\n  }\n}\n',
      ' "send_message", "params": {"inner_thoughts": "Done.", "message": "I will remember."}}',
    );
    const sam = agent();
    const reply = await sam.reply([line("I like tea.")], {});
    expect(reply.messages).toEqual(["I will remember."]);
    expect(sam.core.human).toContain("Likes tea.");
    expect(prompts()[0]).toContain("\nUSER (Ada): I like tea.");
    expect(prompts()[1]).toContain('"inner_thoughts": "Tea!"');
    expect(prompts()[1]).toContain('FUNCTION RETURN: {"status":"OK"');
  });

  it("is heard while it writes, and its thoughts are not", async () => {
    server.script(
      ' "core_memory_append", "params": {"inner_thoughts": "Tea!", "name": "human", "content": "Likes tea.", "request_heartbeat": true}}',
      ' "send_message", "params": {"inner_thoughts": "Done.", "message": "I will remember,\\n\\"Ada\\" 🍵."}}',
    );
    const told: string[] = [];
    const reply = await agent().reply([line("I like tea.")], {
      stream: true,
      onEvent: (event) => {
        if (event.type === "text_delta") told.push(event.text);
      },
    });
    expect(reply.messages).toEqual(['I will remember,\n"Ada" 🍵.']);
    expect(told.length).toBeGreaterThan(2);
    expect(told.join("")).toBe(reply.messages[0]);
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/api/extra/generate/stream",
      "/api/extra/generate/stream",
    ]);
  });

  it("is asked once more when it answers in prose, and then taken at its word", async () => {
    server.script("Hello Ada, nice to meet you", "Hello Ada, nice to meet you");
    const reply = await agent().reply([line("Hi.")], {});
    expect(reply.messages).toEqual(["Hello Ada, nice to meet you"]);
    expect(prompts()).toHaveLength(2);
    expect(prompts()[1]).toContain("You called no function");
  });
});
