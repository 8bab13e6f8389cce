import { describe, expect, it } from "vitest";
import {
  packageFunctionResult,
  packageSummary,
  packageUserMessage,
} from "../../src/memgpt/packaging.ts";
import type { ChatMessage } from "../../src/memgpt/ports.ts";
import { summarize } from "../../src/memgpt/recursive-summary.ts";
import { AbortSource } from "../../src/shared/abort.ts";
import { ModelError } from "../../src/shared/errors.ts";
import { ScriptedChatModel, type ScriptStep } from "../fakes/scripted-chat-model.ts";
import { quarterTokens, RecordingLogger } from "../fakes/small-fakes.ts";

function said(speaker: string, text: string): ChatMessage {
  return packageUserMessage(speaker, text, "now");
}

function answered(message: string): ChatMessage {
  const call = { name: "send_message", arguments: JSON.stringify({ message }) };
  return {
    role: "assistant",
    content: "Hm.",
    tool_calls: [{ id: "c", type: "function", function: call }],
  };
}

function options(steps: readonly ScriptStep[], context_window = 2000) {
  const model = new ScriptedChatModel(steps, { context_window });
  return { model, tokens: quarterTokens, logger: new RecordingLogger(), agent: "Sam" };
}

describe("summarize", () => {
  it("asks the model for it, with who said what", async () => {
    const o = options(["Ada wants tea."]);
    expect(await summarize([said("Ada", "Tea, please."), answered("Coming.")], o)).toBe(
      "Ada wants tea.",
    );
    const request = o.model.requests[0]?.messages.at(-1)?.content ?? "";
    expect(request).toContain("Ada: Tea, please.");
    expect(request).toContain("Sam said: Coming.");
    const brief = o.model.requests[0]?.messages[0]?.content ?? "";
    expect(brief).toContain("first person");
    expect(brief).toContain("at most 100 words");
  });

  it("is not told the results that say nothing", async () => {
    const o = options(["Tea."]);
    const result = (message: string | null) => packageFunctionResult("c", true, message, "now");
    await summarize([answered("Coming."), result("None"), result(null), result("Found: tea")], o);
    const request = o.model.requests[0]?.messages.at(-1)?.content ?? "";
    expect(request.split("\n").slice(2)).toEqual([
      "Sam thought: Hm.",
      "Sam said: Coming.",
      "[result: Found: tea]",
    ]);
  });

  it("splits what is larger than the window, and no request is larger than it", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => said("Ada", `${i} ${"word ".repeat(80)}`));
    const o = options(["one", "two", "three", "four", "five", "six"]);
    const summary = await summarize(lines, o);
    expect(o.model.requests.length).toBeGreaterThan(1);
    expect(summary).toBe(
      ["one", "two", "three", "four", "five", "six"][o.model.requests.length - 1],
    );
    for (const { messages } of o.model.requests) {
      const text = messages.map((m) => m.content).join("");
      expect(quarterTokens.count(text)).toBeLessThan(2000);
    }
  });

  it("asks a bounded number of times, however much there is", async () => {
    const lines = Array.from({ length: 3 }, () => said("Ada", "w".repeat(400_000)));
    const o = options(Array.from({ length: 6 }, (_, i) => `part ${i}`));
    await summarize(lines, o);
    expect(o.model.requests.length).toBeLessThanOrEqual(6);
  });

  it.each([
    ["fails", new ModelError("unavailable", "down")],
    ["overflows", new ModelError("context_length_exceeded", "too long")],
    ["says nothing", ""],
  ])("keeps excerpts when the summariser %s", async (_, step) => {
    const o = options([step]);
    const text = await summarize([said("Ada", "My dog is Rex. He is old."), answered("Noted!")], o);
    expect(text).toBe("Ada said: My dog is Rex.\nI said: Noted!");
    expect(o.logger.lines.some((l) => l.level === "warn")).toBe(true);
  });

  it("asks no model when there is only the offline one", async () => {
    const o = options([]);
    const model = Object.assign(o.model, { offline: true as boolean });
    const text = await summarize([said("Ada", "Hello there")], { ...o, model });
    expect(text).toBe("Ada said: Hello there");
  });

  it("carries an earlier summary over into the excerpts, within the limit", async () => {
    const earlier = packageSummary({ text: "Ada is a pilot.", covers: 9 }, 9, 20, "now");
    const talk = Array.from({ length: 300 }, (_, i) => said("Ada", `Line ${i}.`));
    const o = options([new ModelError("unavailable", "down")]);
    const text = await summarize([earlier, ...talk], o);
    expect(text).toMatch(/^Ada is a pilot\.\n/);
    expect(text).toContain("Line 299.");
    expect(quarterTokens.count(text)).toBeLessThanOrEqual(250);
  });

  it("cuts a summary that is too long to be progress", async () => {
    const text = await summarize([said("Ada", "x")], options(["long ".repeat(5000)]));
    expect(quarterTokens.count(text)).toBeLessThanOrEqual(250);
  });

  it("ends when it is aborted", async () => {
    const source = new AbortSource();
    source.abort(new Error("stopped"));
    await expect(
      summarize([said("Ada", "x")], { ...options(["s"]), signal: source.signal }),
    ).rejects.toThrow("stopped");
  });
});
