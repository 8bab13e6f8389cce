import { describe, expect, it } from "vitest";
import {
  type AgentMessage,
  ConversableAgent,
  FLOOR,
  type HumanInput,
  type HumanInputMode,
  type Reply,
  type Stop,
} from "../../src/autogen/index.ts";
import { people, talker } from "./table.ts";

const PLAIN: AgentMessage = { role: "user", name: "B", content: "hello" };
const LAST: AgentMessage = { role: "user", name: "B", content: "TERMINATE" };

interface Turn {
  reply: Reply;
  stops: Stop[];
  prompts: string[];
  printed: string;
  counter: number;
}

async function turn(options: {
  mode: HumanInputMode;
  typed?: HumanInput;
  message?: AgentMessage;
  limit?: number;
  given?: number;
}): Promise<Turn> {
  const prompts: string[] = [];
  const stops: Stop[] = [];
  const printed: string[] = [];
  const agent = new ConversableAgent({
    name: "A",
    human_input_mode: options.mode,
    default_auto_reply: "auto",
    max_consecutive_auto_reply: options.limit ?? 5,
    get_human_input: (prompt) => {
      prompts.push(prompt);
      return options.typed ?? "";
    },
  });
  const sender = talker("B");
  agent.setAutoReplyCounter(sender, options.given ?? 0);
  const reply = await agent.generateReply({
    messages: [options.message ?? PLAIN],
    sender,
    onStop: (stop) => stops.push(stop),
    print: (block) => printed.push(block),
  });
  const counter = agent.consecutiveAutoReplyCounter(sender);
  return { reply, stops, prompts, printed: printed.join("\n"), counter };
}

describe("human_input_mode ALWAYS", () => {
  it("asks each turn and sends what was typed, with the counter at 0", async () => {
    const told = await turn({ mode: "ALWAYS", typed: "my words", given: 3 });
    expect(told.reply).toEqual({ role: "user", content: "my words" });
    expect(told.counter).toBe(0);
    expect(told.prompts).toEqual([
      "Replying as A. Provide feedback to B. Press enter to skip and use auto-reply, or type 'exit' to end the conversation: ",
    ]);
    expect(told.printed).toBe("");
  });

  it("replies automatically to nothing typed, counts it and says both", async () => {
    const told = await turn({ mode: "ALWAYS" });
    expect(told.reply).toBe("auto");
    expect(told.counter).toBe(1);
    expect(told.printed).toContain(">>>>>>>> NO HUMAN INPUT RECEIVED.");
    expect(told.printed).toContain(">>>>>>>> USING AUTO REPLY...");
  });

  it("takes nothing typed on a termination message as the end", async () => {
    const told = await turn({ mode: "ALWAYS", message: LAST });
    expect(told.reply).toBeNull();
    expect(told.stops[0]?.reason).toBe("termination");
  });

  it("ends on exit, and only on exactly exit", async () => {
    const told = await turn({ mode: "ALWAYS", typed: "exit", given: 2 });
    expect(told.reply).toBeNull();
    expect(told.stops[0]?.reason).toBe("human_stop");
    expect(told.counter).toBe(0);
    for (const typed of ["Exit", " exit", "exit "]) {
      expect((await turn({ mode: "ALWAYS", typed })).reply).toMatchObject({ content: typed });
    }
  });

  it("leaves the floor to the people when they are not waited for", async () => {
    const told = await turn({ mode: "ALWAYS", typed: FLOOR });
    expect(told.reply).toBeNull();
    expect(told.stops[0]?.reason).toBe("floor");
  });

  it("leaves the floor to the people by default", async () => {
    const stops: Stop[] = [];
    const agent = new ConversableAgent({ name: "A", human_input_mode: "ALWAYS" });
    await agent.generateReply({ messages: [PLAIN], onStop: (stop) => stops.push(stop) });
    expect(stops[0]?.reason).toBe("floor");
  });

  it("answers a pending legacy function call as interrupted too", async () => {
    const agent = people({ get_human_input: () => "stop that" });
    const call = { name: "f", arguments: "{}" };
    const reply = await agent.generateReply({
      messages: [{ role: "assistant", content: null, function_call: call }],
    });
    expect(reply).toEqual({
      role: "user",
      content: "stop that",
      tool_responses: [{ role: "function", name: "f", content: "USER INTERRUPTED" }],
    });
  });

  it("answers a pending tool call as interrupted when somebody types over it", async () => {
    const message: AgentMessage = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
    };
    expect((await turn({ mode: "ALWAYS", typed: "stop that", message })).reply).toEqual({
      role: "user",
      content: "stop that",
      tool_responses: [{ tool_call_id: "c1", role: "tool", content: "USER INTERRUPTED" }],
    });
  });
});

describe("human_input_mode TERMINATE", () => {
  it("does not ask on an ordinary message", async () => {
    const told = await turn({ mode: "TERMINATE", typed: "unasked" });
    expect(told.reply).toBe("auto");
    expect(told.prompts).toEqual([]);
    expect(told.printed).toBe("\n>>>>>>>> USING AUTO REPLY...");
  });

  it("asks on a termination message, where nothing typed is the end", async () => {
    const told = await turn({ mode: "TERMINATE", message: LAST });
    expect(told.prompts).toEqual([
      "Please give feedback to B. Press enter or type 'exit' to stop the conversation: ",
    ]);
    expect(told.reply).toBeNull();
    expect(told.stops[0]?.reason).toBe("termination");
  });

  it("asks at the limit, where nothing typed is one more automatic reply", async () => {
    const told = await turn({ mode: "TERMINATE", limit: 2, given: 2 });
    expect(told.prompts).toEqual([
      "Please give feedback to B. Press enter to skip and use auto-reply, or type 'exit' to stop the conversation: ",
    ]);
    expect(told.reply).toBe("auto");
    expect(told.counter).toBe(3);
  });
});

describe("human_input_mode NEVER", () => {
  it("ends on a termination message and at the limit without asking", async () => {
    const ended = await turn({ mode: "NEVER", message: LAST, given: 1 });
    expect(ended.stops[0]?.reason).toBe("termination");
    expect(ended.counter).toBe(0);
    const limited = await turn({ mode: "NEVER", limit: 2, given: 2 });
    expect(limited.stops[0]).toEqual({
      reason: "auto_reply_limit",
      detail: "A has given 2 replies",
    });
    expect([...ended.prompts, ...limited.prompts]).toEqual([]);
  });

  it("never announces an automatic reply", async () => {
    const told = await turn({ mode: "NEVER" });
    expect(told.reply).toBe("auto");
    expect(told.printed).toBe("");
  });

  it("never replies automatically with a limit of 0", async () => {
    expect((await turn({ mode: "NEVER", limit: 0 })).reply).toBeNull();
    expect((await turn({ mode: "ALWAYS", limit: 0 })).reply).toEqual({ role: "user", content: "" });
  });
});

it("counts automatic replies per sender", async () => {
  const agent = new ConversableAgent({ name: "A", human_input_mode: "NEVER" });
  const [b, c] = [talker("B"), talker("C")];
  await agent.generateReply({ messages: [PLAIN], sender: b });
  await agent.generateReply({ messages: [PLAIN], sender: b });
  await agent.generateReply({ messages: [PLAIN], sender: c });
  expect(agent.consecutiveAutoReplyCounter(b)).toBe(2);
  expect(agent.consecutiveAutoReplyCounter(c)).toBe(1);
});
