import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  AssistantAgent,
  MemgptConversableAgent,
  registerFunction,
  tool,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { chained, table, talker } from "./table.ts";

describe("hooks", () => {
  it("change the last received text for the reply, not in the thread, in order", async () => {
    const llm = new ScriptedChatModel(["ok"]);
    const agent = new AssistantAgent({ name: "A", llm });
    agent.registerHook("process_last_received_message", (text) => `${text} 1`);
    agent.registerHook("process_last_received_message", async (text) => `${text} 2`);
    const b = chained("B");
    await b.initiateChat(agent, { message: "say", max_turns: 1 });
    expect(llm.requests[0]?.messages.at(-1)?.content).toBe("say 1 2");
    expect(agent.threadWith(b).messages[0]?.content).toBe("say");
  });

  it("leave calls, contexts and the people's exit alone", async () => {
    const agent = chained("A");
    const seen: string[] = [];
    agent.registerHook("process_last_received_message", (text) => {
      seen.push(text);
      return text;
    });
    const call = { name: "f", arguments: "{}" };
    for (const message of [
      { role: "user" as const, content: "exit" },
      { role: "user" as const, content: "c", context: {} },
      { role: "assistant" as const, content: "c", function_call: call },
    ]) {
      await agent.generateReply({ messages: [message] });
    }
    expect(seen).toEqual([]);
  });

  it("change all messages before a reply, before the last one's hooks", async () => {
    const llm = new ScriptedChatModel(["ok"]);
    const agent = new AssistantAgent({ name: "A", llm, system_message: "" });
    agent.registerHook("process_last_received_message", (text) => `${text}!`);
    agent.registerHook("process_all_messages_before_reply", (messages) => messages.slice(-1));
    const messages = ["one", "two"].map((content) => ({ role: "user" as const, content }));
    await agent.generateReply({ messages });
    expect(llm.requests[0]?.messages).toEqual([{ role: "user", content: "two!" }]);
  });

  it("change what is said, in a talk of two and in a group", async () => {
    const shout = (_sender: unknown, message: unknown) => String(message).toUpperCase();
    const [a, b] = [chained("A"), chained("B")];
    a.registerHook("process_message_before_send", shout);
    await a.send("hey", b);
    expect(b.lastMessage(a)?.content).toBe("HEY");
    const loud = talker("Loud", ["quiet words"]);
    loud.registerHook("process_message_before_send", shout);
    const manager = table([loud, talker("C")], { max_round: 2 });
    await chained("Ada").initiateChat(manager, { message: "go" });
    expect(manager.groupchat.messages.at(-1)?.content).toBe("QUIET WORDS");
  });

  it("are refused twice and under unknown names", () => {
    const agent = chained("A");
    const hook = (text: string) => text;
    agent.registerHook("process_last_received_message", hook);
    expect(() => agent.registerHook("process_last_received_message", hook)).toThrow(/already/);
    expect(() => agent.registerHook("process_thoughts" as never, hook as never)).toThrow(
      /not a hookable method/,
    );
  });

  it("do not let a MemGPT agent hear a line twice or miss one", async () => {
    const heard: string[] = [];
    const voice = {
      name: "M",
      reply: async (lines: readonly { text: string }[]) => {
        heard.push(...lines.map(({ text }) => text));
        return { messages: ["yes"] };
      },
      save: async () => {},
      attachSource: () => {},
    };
    const agent = new MemgptConversableAgent({ agent: voice as never, clock: new FakeClock() });
    agent.registerHook("process_all_messages_before_reply", (messages) => messages.slice(-1));
    const b = chained("B");
    await b.initiateChat(agent, { message: "one", max_turns: 2 });
    expect(heard).toEqual(["one", "B here"]);
  });
});

const weather = tool({
  name: "weather",
  description: "Tells the weather of a city.",
  parameters: z.object({ city: z.string().describe("Its name"), days: z.number().default(1) }),
  execute: ({ city, days }) => ({ city, days, sky: "grey" }),
});

describe("tools with a schema", () => {
  it("are told to the caller's model and run by the executor", async () => {
    const llm = new ScriptedChatModel([
      { calls: [{ name: "weather", args: { city: "Ulm" } }] },
      "It is grey.",
    ]);
    const caller = new AssistantAgent({ name: "Caller", llm });
    const executor = new UserProxyAgent({ name: "Executor", human_input_mode: "NEVER" });
    registerFunction(weather, { caller, executor });
    const result = await executor.initiateChat(caller, { message: "Sky?", max_turns: 2 });
    expect(llm.requests[0]?.tools).toEqual([
      {
        type: "function",
        function: {
          name: "weather",
          description: "Tells the weather of a city.",
          parameters: {
            type: "object",
            properties: {
              city: { type: "string", description: "Its name" },
              days: { type: "number", default: 1 },
            },
            required: ["city"],
          },
        },
      },
    ]);
    expect(result.chat_history[2]?.tool_responses).toEqual([
      { tool_call_id: "call_1_0", role: "tool", content: '{"city":"Ulm","days":1,"sky":"grey"}' },
    ]);
    expect(result.summary).toBe("It is grey.");
  });

  it("never see arguments that do not fit: the model is told what is wrong", async () => {
    const executor = chained("E");
    executor.registerForExecution(weather);
    const call = { name: "weather", arguments: '{"city": 5}' };
    const reply = await executor.generateReply({
      messages: [{ role: "assistant", content: null, function_call: call }],
    });
    expect(reply).toMatchObject({ role: "function", name: "weather" });
    expect((reply as { content: string }).content).toMatch(/^Error: city: .*string/i);
  });

  it("may be registered one by one, under other words, with a JSON schema", () => {
    const caller = new AssistantAgent({ name: "C", llm: new ScriptedChatModel([]) });
    const plain = {
      name: "ping",
      parameters: { type: "object" as const, properties: {} },
      execute: () => "pong",
    };
    const executor = chained("E");
    executor.registerForExecution(
      caller.registerForLlm(plain, { name: "ping_it", description: "Pings." }),
      { name: "ping_it" },
    );
    expect(caller.tools[0]?.function).toMatchObject({ name: "ping_it", description: "Pings." });
    expect(executor.canExecuteFunction("ping_it")).toBe(true);
    expect(executor.canExecuteFunction(["ping_it", "ping"])).toBe(false);
  });

  it("need a description, a fit name and a model", () => {
    const caller = new AssistantAgent({ name: "C", llm: new ScriptedChatModel([]) });
    expect(() => caller.registerForLlm({ ...weather, description: "" })).toThrow(
      "Function description is required, none found.",
    );
    expect(() => caller.registerForLlm({ ...weather, name: "no spaces" })).toThrow(/Invalid name/);
    expect(() => chained("X").registerForLlm(weather)).toThrow(/has no model/);
    expect(() => chained("X").registerFunction({ "no spaces": () => 1 })).toThrow(/Invalid name/);
  });

  it("are overridden with a warning, and taken out again", () => {
    const logger = new RecordingLogger();
    const caller = new AssistantAgent({ name: "C", llm: new ScriptedChatModel([]), logger });
    caller.registerForLlm(weather);
    caller.registerForLlm(weather, { description: "Other words." });
    expect(caller.tools).toHaveLength(1);
    expect(JSON.stringify(logger)).toContain("Function 'weather' is being overridden.");
    caller.updateToolSignature("weather", { is_remove: true });
    expect(caller.tools).toHaveLength(0);
    expect(() => caller.updateToolSignature("weather", { is_remove: true })).toThrow(/no tool/);
  });

  it("stand in a group's log with empty text, never null", async () => {
    const llm = new ScriptedChatModel([{ calls: [{ name: "weather", args: { city: "Ulm" } }] }]);
    const caller = new AssistantAgent({ name: "Caller", llm });
    const manager = table([caller, talker("B")], { max_round: 2 });
    await chained("Ada").initiateChat(manager, { message: "Sky?" });
    expect(manager.groupchat.messages[1]).toMatchObject({ role: "assistant", content: "" });
  });

  it("make a member of a group the one who runs them", async () => {
    const llm = new ScriptedChatModel([{ calls: [{ name: "weather", args: { city: "Ulm" } }] }]);
    const caller = new AssistantAgent({ name: "Caller", llm });
    const executor = chained("Executor");
    registerFunction(weather, { caller, executor });
    const manager = table([caller, talker("Other"), executor], { max_round: 3 });
    await chained("Ada").initiateChat(manager, { message: "Sky?" });
    expect(manager.groupchat.messages.map(({ name }) => name)).toEqual([
      "Ada",
      "Caller",
      "Executor",
    ]);
  });
});
