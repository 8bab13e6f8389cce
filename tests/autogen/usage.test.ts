import { describe, expect, it } from "vitest";
import {
  AssistantAgent,
  GroupChat,
  GroupChatManager,
  gatherUsageSummary,
  metered,
  UsageMeter,
} from "../../src/autogen/index.ts";
import type { ChatCompletion } from "../../src/memgpt/ports.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { chained, table } from "./table.ts";

const answer = (fields: Partial<ChatCompletion>): ChatCompletion => ({
  content: "x",
  tool_calls: [],
  finish_reason: "stop",
  model: "gpt-4",
  usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
  ...fields,
});

describe("an agent's usage", () => {
  it("counts tokens and cost by model, and cached answers only in the total", () => {
    const { usage } = chained("A");
    usage.add(answer({}));
    usage.add(answer({ cached: true }));
    usage.add(answer({ model: "own", cost: 0.5 }));
    const actual = usage.summary("actual");
    expect(actual?.total_cost).toBeCloseTo(0.56);
    expect(actual?.models.get("gpt-4")).toEqual({
      prompt_tokens: 1000,
      completion_tokens: 500,
      total_tokens: 1500,
      cost: 0.06,
    });
    expect(usage.summary("total")?.total_cost).toBeCloseTo(0.62);
  });

  it("is nothing before anything was used", () => {
    const agent = chained("A");
    expect(agent.getActualUsage()).toBeUndefined();
    expect(agent.getTotalUsage()).toBeUndefined();
    const printed: string[] = [];
    agent.printUsageSummary((block) => printed.push(block));
    expect(printed).toEqual(["No cost incurred from agent 'A'."]);
  });

  it("costs nothing with a model of unknown price, and says so once", () => {
    const logger = new RecordingLogger();
    const meter = new UsageMeter(logger);
    meter.add(answer({ model: "home-made" }));
    meter.add(answer({ model: "home-made" }));
    expect(meter.summary("total")?.total_cost).toBe(0);
    const warnings = JSON.stringify(logger).split("Model home-made is not found").length - 1;
    expect(warnings).toBe(1);
  });

  it("is printed in the original's form, actual and total", () => {
    const agent = chained("A");
    agent.usage.add(answer({}));
    const printed: string[] = [];
    agent.printUsageSummary((block) => printed.push(block));
    const rule = "-".repeat(100);
    expect(printed[0]?.split("\n")).toEqual([
      "Agent 'A':",
      rule,
      "Usage summary excluding cached usage: ",
      "Total cost: 0.06",
      "* Model 'gpt-4': cost: 0.06, prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500",
      "",
      "All completions are non-cached: the total cost with cached completions is the same as actual cost.",
      rule,
    ]);
    agent.usage.add(answer({ cached: true }));
    agent.printUsageSummary((block) => printed.push(block), "total");
    expect(printed[1]).toContain("Usage summary including cached usage: \nTotal cost: 0.12");
  });

  it("tells cached tokens apart also where nothing has a price, and knows its modes", () => {
    const agent = new AssistantAgent({ name: "A" });
    agent.usage.add(answer({ model: "mine" }));
    agent.usage.add(answer({ model: "mine", cached: true }));
    const printed: string[] = [];
    agent.printUsageSummary((block) => printed.push(block));
    expect(printed[0]).toContain("Usage summary including cached usage: \nTotal cost: 0");
    expect(printed[0]).toContain("prompt_tokens: 2000");
    for (const mode of ["both", []] as never[]) {
      expect(() => agent.printUsageSummary(() => {}, mode)).toThrow(/Invalid mode/);
    }
  });

  it("counts a model that somebody else talks through", async () => {
    const meter = new UsageMeter();
    const model = metered(new ScriptedChatModel([{ content: "x", total_tokens: 7 }]), meter);
    await model.complete({ messages: [] });
    expect(meter.get("scripted")?.total_tokens).toBe(7);
  });
});

describe("a group's usage", () => {
  it("counts the members, the manager's selections and nested groups, each agent once", async () => {
    const say = (content: string) => ({ content, total_tokens: 10 });
    const inner = table([
      new AssistantAgent({ name: "I", llm: new ScriptedChatModel([say("i")]) }),
    ]);
    inner.llm = undefined;
    const llm = new ScriptedChatModel([say("B"), say("b")]);
    const agents = ["A", "B", "C"].map((name) => new AssistantAgent({ name, llm }));
    const groupchat = new GroupChat({ agents, max_round: 2 });
    const manager = new GroupChatManager({ groupchat, llm });
    const result = await chained("Ada").initiateChat(manager, { message: "go" });
    expect(manager.getTotalUsage()?.models.get("scripted")?.total_tokens).toBe(10);
    expect(result.usage.get("scripted")?.total_tokens).toBe(20);
    const { usage_excluding_cached_inference: gathered } = gatherUsageSummary([manager, ...agents]);
    expect(gathered.models.get("scripted")?.total_tokens).toBe(20);
    expect(result.cost.usage_including_cached_inference.total_cost).toBe(0);
  });
});
