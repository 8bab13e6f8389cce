import { describe, expect, it } from "vitest";
import { OfflineChatModel } from "../../../src/adapters/offline/offline-chat-model.ts";
import { BASE_FUNCTIONS } from "../../../src/memgpt/base-functions.ts";
import type { ChatMessage, ChatRequest } from "../../../src/memgpt/ports.ts";
import { AbortSource } from "../../../src/shared/abort.ts";

const model = new OfflineChatModel();

const BRIEF =
  "You are the product manager. Think of what customers would pay for. Reply TERMINATE when the app is done.";

const says = (name: string, content: string): ChatMessage => ({ role: "user", name, content });

async function answer(...lines: ChatMessage[]): Promise<string> {
  const messages: ChatMessage[] = [{ role: "system", content: BRIEF }, ...lines];
  const { content, tool_calls, finish_reason } = await model.complete({ messages });
  expect(tool_calls).toEqual([]);
  expect(finish_reason).toBe("stop");
  return content ?? "";
}

describe("offline model for plain agents", () => {
  it("says what it is", () => {
    expect(model).toMatchObject({ model: "offline", offline: true, context_window: 8192 });
  });

  it("answers with the sentences of the talk that bear on the last line, and who said them", async () => {
    const text = await answer(
      says("Ada", "Our budget is 500 euros. The weather is fine today."),
      says("Bob", "The launch is on Friday."),
      says("Ada", "What budget do we have for this?"),
    );
    expect(text).toBe("Ada said: “Our budget is 500 euros.”");
  });

  it("answers with its own brief where that bears on the line", async () => {
    const text = await answer(says("Ada", "Would customers want an app for cats?"));
    expect(text).toBe("My brief says: “Think of what customers would pay for.”");
  });

  it("says in one short sentence that nothing bears, and once that it has no model", async () => {
    const first = await answer(says("Ada", "Good grief!"));
    expect(first).toBe(
      "Nothing said so far bears on that; I have no model behind me to think with.",
    );
    const second = await answer(
      says("Ada", "Good grief!"),
      { role: "assistant", content: first },
      says("Ada", "Oh dear."),
    );
    expect(second).toBe("Nothing said so far bears on that.");
  });

  it("never repeats the last line, nor a question, nor a word that would end the run", async () => {
    const line = "The app should be about cats.";
    const text = await answer(
      says("Bob", "Should the app be about cats?"),
      says("Bob", line),
      says("Ada", line),
    );
    expect(text).not.toContain("cats");
    expect(text).not.toContain("TERMINATE");
  });

  it("does not quote quotations", async () => {
    const text = await answer(
      says("Coder", "Ada said: “Our budget is 500 euros.”"),
      says("Ada", "What budget do we have?"),
    );
    expect(text).not.toContain("500");
  });

  it("quotes nothing of what agents answered offline, citations and echoes included", async () => {
    const text = await answer(
      says("Ada", "Our budget is 500 euros."),
      says(
        "MemGPT_coder",
        "From archival memory on “budget”:\n- “The budget of tokens is small. It is fixed.” (memgpt_paper.pdf, p. 1)",
      ),
      says("MemGPT_coder", "Saved in core memory (human): “Ada: the budget is 500 euros”."),
      says("Ada", "What is the token budget of the paper?"),
      says("MemGPT_coder", "I found nothing on “token budget” in core memory."),
    );
    expect(text).toBe("Ada said: “Our budget is 500 euros.”");
  });

  it("does not tell people their own words unless they ask, nor answers that something was said", async () => {
    const text = await answer(
      says("Ada", "Remember that I prefer tabs over spaces."),
      says("Ada", "Forget that I prefer tabs over spaces!"),
    );
    expect(text).toContain("Nothing said so far bears");
    const { content } = await model.complete({
      messages: [
        { role: "system", content: "You say in plain words who would pay." },
        says("Ada", "What did I say first?"),
      ],
    });
    expect(content).toContain("Nothing said so far bears");
  });

  it("takes a single word of many for chance", async () => {
    const text = await answer(
      says("Bob", "The launch is on Friday."),
      says("Ada", "My sister paints enormous murals of whales every single Friday morning."),
    );
    expect(text).toContain("Nothing said so far bears");
  });

  it("takes a person's line for talk, not for a request for a summary", async () => {
    const text = await answer(
      says("Bob", "The launch is on Friday."),
      says("Ada", "Summarize the paper."),
    );
    expect(text).toContain("Nothing said so far bears");
  });

  it("reads hostile talk in linear time", async () => {
    for (const unit of ["_", "1", " ", "please ", "the paper ", "\n"]) {
      const text = unit.repeat(50_000);
      const started = performance.now();
      await answer(says("Bob", text), says("Ada", "What about Bob?"), says("Bob", text));
      expect(performance.now() - started, unit).toBeLessThan(5_000);
    }
  });

  it("stays short", async () => {
    const talk = Array.from({ length: 50 }, (_, i) =>
      says("Bob", `Budget item ${i} costs ${"a lot of ".repeat(60)}money.`),
    );
    const text = await answer(...talk, says("Ada", "What about the budget items?"));
    expect(text.split("\n").length).toBeLessThanOrEqual(2);
    expect(text.length).toBeLessThan(1000);
  });

  it("answers when there is nothing to answer", async () => {
    const { content } = await model.complete({ messages: [] });
    expect(content).toContain("Nothing said so far");
  });
});

describe("offline model as summariser", () => {
  it("gives sentences of the material, in their order, within a hundred words", async () => {
    const talk = Array.from({ length: 40 }, (_, i) => `Ada: the launch plan has step ${i} in it.`);
    const { content } = await model.complete({
      messages: [
        { role: "system", content: "Summarize the conversation in at most 100 words." },
        { role: "user", content: talk.join("\n") },
      ],
    });
    const lines = content ?? "";
    expect(lines.split(/\s+/).length).toBeLessThanOrEqual(100);
    const steps = [...lines.matchAll(/step (\d+)/g)].map((match) => Number(match[1]));
    expect(steps.length).toBeGreaterThan(3);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

describe("offline model as summariser of a groupchat", () => {
  it("leaves out what was said offline", async () => {
    const { content } = await model.complete({
      messages: [
        says("Ada", "The launch is on Friday."),
        says("Coder", "Heard, Ada."),
        says("Bob", "Heard, Carol is ill."),
        says("Pm", "Ada said: “The launch is on Friday.”"),
        { role: "system", content: "Summarize the takeaway from the conversation." },
      ],
    });
    expect(content).toBe("The launch is on Friday. Heard, Carol is ill.");
  });
});

describe("offline model on the wire", () => {
  const request: ChatRequest = {
    messages: [
      { role: "system", content: BRIEF },
      says("Ada", "Our budget is 500 euros, and the customers would pay for an app about cats."),
      says("Bob", "What would customers pay for?"),
    ],
  };

  it("streams pieces that join to the answer", async () => {
    const pieces: string[] = [];
    const { content } = await model.complete({ ...request, onText: (piece) => pieces.push(piece) });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe(content);
  });

  it("streams what it says in pieces that join to the call", async () => {
    const tools = BASE_FUNCTIONS.map(({ schema }) => schema);
    const event = { type: "user_message", message: "Who are you?", time: "now" };
    let told = "";
    const { tool_calls } = await model.complete({
      messages: [{ role: "system", content: BRIEF }, says("Ada", JSON.stringify(event))],
      tools,
      onToolCall: ({ index, arguments: piece }) => {
        told += `${index === 0 ? "" : index}${piece}`;
      },
    });
    expect(tool_calls[0]?.function.arguments).toBe(told);
    expect(told).not.toBe("");
  });

  it("stops with a typed error when it is aborted, also while streaming", async () => {
    const source = new AbortSource();
    const pieces: string[] = [];
    const stopped = model.complete({
      ...request,
      signal: source.signal,
      onText: (piece) => {
        pieces.push(piece);
        source.abort(new Error("enough"));
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    expect(pieces).toHaveLength(1);
    await expect(model.complete({ ...request, signal: source.signal })).rejects.toMatchObject({
      code: "aborted",
    });
  });

  it("calls no function where none is to be called", async () => {
    const send = {
      type: "function" as const,
      function: {
        name: "send_message",
        description: "",
        parameters: { type: "object" as const, properties: {} },
      },
    };
    const { tool_calls } = await model.complete({ ...request, tools: [send], tool_choice: "none" });
    expect(tool_calls).toEqual([]);
  });
});
