import { describe, expect, it } from "vitest";
import { gradeFirstMessage } from "../../src/memgpt/first-message.ts";
import type { ChatCompletion } from "../../src/memgpt/ports.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import { create, line, world } from "./agent-fixture.ts";

function answer(content: string | null, ...names: string[]): ChatCompletion {
  return {
    content,
    tool_calls: names.map((name, i) => ({
      id: `c${i}`,
      type: "function",
      function: { name, arguments: "{}" },
    })),
    finish_reason: "tool_calls",
    model: "m",
  };
}

describe("a first message", () => {
  it.each(["send_message", "archival_memory_search"])("may call %s", (name) => {
    expect(gradeFirstMessage(answer("Hello.", name), true)).toBe(2);
    expect(gradeFirstMessage(answer(null, name), false)).toBe(2);
  });

  it.each(["conversation_search", "core_memory_append", "pause_heartbeats"])(
    "may not call only %s",
    (name) => {
      expect(gradeFirstMessage(answer("Hello.", name), false)).toBe(0);
      expect(gradeFirstMessage(answer("Hello.", name, "send_message"), false)).toBe(2);
    },
  );

  it("needs a monologue where one is required", () => {
    for (const content of [null, "", "  "]) {
      expect(gradeFirstMessage(answer(content, "send_message"), true)).toBe(1);
    }
  });

  it.each(["(", ")", "{", "}", "[", "]", '"', "functions", "send_message"])(
    "may not have %s in its monologue",
    (mark) => {
      expect(gradeFirstMessage(answer(`I say ${mark} now`, "send_message"), false)).toBe(1);
    },
  );

  it("is verified also where several lines came before it", async () => {
    const w = world(["Hm.", says("Hi all.")], { options: { skip_verify: false } });
    const reply = await create(w).reply([line("One"), line("Two", "Bob"), line("Three")]);
    expect(reply.messages).toEqual(["Hi all."]);
    w.model.assertDone();
  });
});
