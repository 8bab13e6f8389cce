import { describe, expect, it } from "vitest";
import { HistoryWindow } from "../../src/autogen/history-window.ts";
import type { AgentMessage } from "../../src/autogen/index.ts";
import { MessageThread } from "../../src/autogen/message-thread.ts";
import { toChatMessages } from "../../src/autogen/model-request.ts";
import type { TokenCounter } from "../../src/memgpt/ports.ts";

/** A token a character; a message costs 8 more. */
const letters: TokenCounter = { count: (text) => text.length };

const line = (content: string): AgentMessage => ({ role: "user", content });
const called = (id: string): AgentMessage => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id, type: "function", function: { name: "f", arguments: "{}" } }],
});
const result = (id: string, content = "ok"): AgentMessage => ({
  role: "tool",
  content,
  tool_responses: [{ tool_call_id: id, role: "tool", content }],
});

function threadOf(...lines: readonly AgentMessage[]): MessageThread {
  const thread = new MessageThread();
  for (const one of lines) thread.append(one);
  return thread;
}

const texts = (lines: readonly AgentMessage[]) => lines.map((one) => one.content);

describe("HistoryWindow", () => {
  it("sends everything that fits", () => {
    const window = new HistoryWindow(letters);
    expect(texts(window.select(threadOf(line("a"), line("b")), 18))).toEqual(["a", "b"]);
  });

  it("sends the newest lines that fit of a long thread", () => {
    const window = new HistoryWindow(letters);
    const thread = threadOf(...Array.from({ length: 100 }, (_, i) => line(`${i % 10}`)));
    expect(texts(window.select(thread, 30))).toEqual(["7", "8", "9"]);
  });

  it("keeps its beginning while it grows, and lets go of a quarter at once when it is full", () => {
    const window = new HistoryWindow(letters);
    const thread = threadOf();
    const starts: (string | null | undefined)[] = [];
    for (let i = 0; i < 12; i += 1) {
      thread.append(line(String.fromCharCode(97 + i)));
      starts.push(window.select(thread, 72)[0]?.content);
    }
    expect(starts).toEqual(["a", "a", "a", "a", "a", "a", "a", "a", "d", "d", "d", "g"]);
  });

  it("counts each line once", () => {
    let counted = 0;
    const window = new HistoryWindow({
      count: (text) => {
        counted += 1;
        return text.length;
      },
    });
    const thread = threadOf();
    for (let i = 0; i < 50; i += 1) {
      thread.append(line("x"));
      window.select(thread, 100);
    }
    expect(counted).toBe(50);
  });

  it("never begins with a result whose call is gone", () => {
    const window = new HistoryWindow(letters);
    const thread = threadOf(line("a"), called("1"), result("1"), line("b"), line("c"));
    expect(texts(window.select(thread, 30))).toEqual(["b", "c"]);
  });

  it("always sends the newest line, cut when it is larger than the window", () => {
    const window = new HistoryWindow(letters);
    const [only] = window.select(threadOf(line("a"), line("x".repeat(500))), 100);
    expect(only?.content).toMatch(/^x{50,90}\n\[The rest/);
  });

  it("stays right when the thread is trimmed or cleared under it", () => {
    const window = new HistoryWindow(letters);
    const thread = threadOf(line("a"), line("b"), line("c"));
    window.select(thread, 100);
    thread.trim(1);
    thread.append(line("d"));
    expect(texts(window.select(thread, 100))).toEqual(["c", "d"]);
    thread.clear();
    thread.append(line("e"));
    expect(texts(window.select(thread, 100))).toEqual(["e"]);
  });
});

describe("the request made of a thread", () => {
  it("unrolls tool responses behind their call, even when somebody spoke in between", () => {
    const messages = toChatMessages([called("1"), line("wait"), result("1", "42")]);
    expect(messages.map((one) => one.role)).toEqual(["assistant", "tool", "user"]);
    expect(messages[1]).toEqual({ role: "tool", tool_call_id: "1", content: "42" });
  });

  it("gives a call without a result one that says so", () => {
    const messages = toChatMessages([called("1"), line("hello")]);
    expect(messages[1]).toMatchObject({ role: "tool", tool_call_id: "1" });
    expect(messages[1]?.content).toContain("No result");
  });

  it("keeps what a person typed over a call beside the interrupted results", () => {
    const typed: AgentMessage = {
      role: "user",
      name: "User proxy",
      content: "stop",
      tool_responses: [{ tool_call_id: "1", role: "tool", content: "USER INTERRUPTED" }],
    };
    expect(toChatMessages([called("1"), typed]).slice(1)).toEqual([
      { role: "tool", tool_call_id: "1", content: "USER INTERRUPTED" },
      { role: "user", name: "User_proxy", content: "stop" },
    ]);
  });

  it("shows a result without its call as a user's line", () => {
    expect(toChatMessages([result("9", "42")])).toEqual([{ role: "user", content: "42" }]);
  });

  it("sends legacy function calls as tool calls with their results", () => {
    const function_call = { name: "f", arguments: "{}" };
    const messages = toChatMessages([
      { role: "assistant", content: null, function_call },
      { role: "function", name: "f", content: "1" },
    ]);
    expect(messages[0]?.tool_calls?.[0]?.function.name).toBe("f");
    expect(messages[1]).toEqual({
      role: "tool",
      tool_call_id: messages[0]?.tool_calls?.[0]?.id,
      content: "1",
    });
  });
});
