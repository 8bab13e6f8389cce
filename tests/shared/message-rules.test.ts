import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/memgpt/ports.ts";
import { applyMessageRules } from "../../src/shared/message-rules.ts";

const system = (content: string): ChatMessage => ({ role: "system", content });
const user = (content: string, name?: string): ChatMessage => ({
  role: "user",
  content,
  ...(name ? { name } : {}),
});
const own = (content: string | null): ChatMessage => ({ role: "assistant", content });
const call: ChatMessage = {
  role: "assistant",
  content: null,
  tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
};
const result: ChatMessage = { role: "tool", content: "r", tool_call_id: "1" };

describe("message rules", () => {
  it("change nothing where a backend takes everything", () => {
    const messages = [system("S"), user("1", "Ada"), system("T")];
    expect(applyMessageRules(messages)).toBe(messages);
    expect(applyMessageRules(messages, {})).toBe(messages);
  });

  it("leave one system message: those at the start as one, later ones as a user's", () => {
    const rules = { one_system_message: true };
    expect(applyMessageRules([system("S"), system("T"), user("1"), system("U")], rules)).toEqual([
      system("S\n\nT"),
      user("1"),
      user("U"),
    ]);
    expect(applyMessageRules([user("1"), system("U")], rules)).toEqual([user("1"), user("U")]);
  });

  it("alternate roles, with every speaker's name kept, and a user first", () => {
    const rules = { alternate_roles: true };
    expect(
      applyMessageRules(
        [system("S"), own("0"), user("1", "Ada"), user("2", "Bob"), own("3")],
        rules,
      ),
    ).toEqual([system("S"), user("..."), own("0"), user("Ada: 1\n\nBob: 2"), own("3")]);
  });

  it("keep calls and results as they are", () => {
    const messages = [user("1"), call, result, own("2")];
    expect(applyMessageRules(messages, { alternate_roles: true })).toEqual(messages);
  });

  it("put names into the text, once", () => {
    const rules = { no_names: true };
    const named = { ...own("2"), name: "Me" };
    expect(applyMessageRules([user("1", "Ada"), user("Ada: 1", "Ada"), named], rules)).toEqual([
      user("Ada: 1"),
      user("Ada: 1"),
      own("2"),
    ]);
  });

  it("fill empty content, but not beside calls", () => {
    expect(applyMessageRules([user(""), call], { no_empty_content: true })).toEqual([
      user("..."),
      call,
    ]);
  });
});
