import { describe, expect, it } from "vitest";
import { says } from "../fakes/scripted-chat-model.ts";
import { create, line, results, world } from "./agent-fixture.ts";

const ARGS = '{"message": "Grüß dich, \\"Ada\\" 🍵", "inner_thoughts": "Hm."}';

describe("a call that the model wrote out as its text", () => {
  it.each([
    ["alone", `{"name": "send_message", "arguments": ${ARGS}}`],
    ["in other words", `{"function": "send_message", "params": ${ARGS}}`],
    ["in a fence", `\`\`\`json\n{"name": "send_message", "parameters": ${ARGS}}\n\`\`\``],
    ["in tags", `<tool_call>\n{"name": "send_message", "arguments": ${ARGS}}\n</tool_call>`],
    ["with its arguments as text", JSON.stringify({ name: "send_message", arguments: ARGS })],
    ["with a comma too many", `{"name": "send_message", "arguments": ${ARGS},}`],
  ])("is made: %s", async (_what, text) => {
    const w = world([text]);
    const agent = create(w);
    expect(await agent.reply([line("Hi")])).toEqual({ messages: ['Grüß dich, "Ada" 🍵'] });
    expect(agent.prompt.at(-2)).toMatchObject({
      content: "Hm.",
      tool_calls: [{ id: "call_4_0", function: { name: "send_message" } }],
    });
    expect(results(agent.prompt)).toMatchObject([{ status: "OK" }]);
  });

  it("counts as the first call of a new agent", async () => {
    const w = world([`{"name": "send_message", "arguments": ${ARGS}}`], {
      options: { skip_verify: false },
    });
    expect((await create(w).reply([line("Hi")])).messages).toHaveLength(1);
    expect(w.model.requests).toHaveLength(1);
  });

  it.each([
    ['{"name": "make_tea", "arguments": {}}'],
    ['{"name": "constructor", "arguments": {}}'],
    ['{"name": "send_message"}'],
    ['{"name": "send_message", "arguments": [1]}'],
    ['I would write {"name": "send_message", "arguments": {"message": "x"}}'],
    ["{ this is no JSON"],
  ])("is a thought where it is none: %s", async (text) => {
    const w = world([text, says("Hello.")]);
    const agent = create(w);
    expect((await agent.reply([line("Hi")])).messages).toEqual(["Hello."]);
    expect(w.model.requests[1]?.messages.at(-2)).toEqual({ role: "assistant", content: text });
  });
});
