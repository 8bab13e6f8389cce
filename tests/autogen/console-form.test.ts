import { describe, expect, it } from "vitest";
import { formatMessage, formatTrace } from "../../src/autogen/index.ts";
import { people, table, talker } from "./table.ts";

const RULE = "-".repeat(80);

describe("the console form", () => {
  it("is name, blank line, text, blank line, eighty dashes", () => {
    expect(formatMessage("User_proxy", "chat_manager", { role: "user", content: "Hi" })).toBe(
      `User_proxy (to chat_manager):\n\nHi\n\n${RULE}`,
    );
  });

  it("shows suggested calls and results under starred headers", () => {
    const call = { id: "c1", type: "function" as const, function: { name: "f", arguments: "{}" } };
    expect(
      formatMessage("A", "B", { role: "assistant", content: null, tool_calls: [call] }),
    ).toContain("***** Suggested tool call (c1): f *****\nArguments: \n{}\n*****");
    const function_call = { name: "f", arguments: "{}" };
    expect(formatMessage("A", "B", { role: "assistant", content: null, function_call })).toContain(
      "***** Suggested function call: f *****",
    );
    expect(formatMessage("A", "B", { role: "function", name: "f", content: "1" })).toContain(
      "***** Response from calling function (f) *****\n1\n",
    );
    const tool_responses = [{ tool_call_id: "c1", role: "tool" as const, content: "1" }];
    expect(formatMessage("A", "B", { role: "tool", content: "", tool_responses })).toContain(
      "***** Response from calling tool (c1) *****\n1\n",
    );
  });

  it("gives each response to a tool call a head and a rule of its own, as 0.2.40 does", () => {
    const tool_responses = ["1", "2"].map((content) => ({
      tool_call_id: `c${content}`,
      role: "tool" as const,
      content,
    }));
    const stars = "***** Response from calling tool (c1) *****";
    const head = "A (to B):\n\n";
    const one = (n: string) =>
      `${head}${stars.replace("c1", `c${n}`)}\n${n}\n${"*".repeat(stars.length)}\n\n${RULE}`;
    expect(formatMessage("A", "B", { role: "tool", content: "1 2", tool_responses })).toBe(
      `${head}${one("1")}\n${one("2")}`,
    );
    expect(formatMessage("A", "B", { role: "user", content: "No.", tool_responses })).toBe(
      `${head}${one("1")}\n${one("2")}\nNo.\n\n${RULE}`,
    );
  });

  it("prints a run as the originals do: messages to the manager, next speakers, auto replies", async () => {
    const user = people({ default_auto_reply: "...", get_human_input: () => "" });
    const manager = table([user, talker("A")], { max_round: 3 });
    const printed: string[] = [];
    await user.initiateChat(manager, { message: "Go", print: (block) => printed.push(block) });
    expect(printed).toEqual([
      `User_proxy (to chat_manager):\n\nGo\n\n${RULE}`,
      "\nNext speaker: A\n",
      `A (to chat_manager):\n\nA 1\n\n${RULE}`,
      "\nNext speaker: User_proxy\n",
      "\n>>>>>>>> NO HUMAN INPUT RECEIVED.",
      "\n>>>>>>>> USING AUTO REPLY...",
      `User_proxy (to chat_manager):\n\n...\n\n${RULE}`,
    ]);
  });

  it("leaves out what a silent agent says, and the whole run of a silent manager", async () => {
    const [user, printed] = [people({ silent: true }), [] as string[]];
    const print = (block: string) => void printed.push(block);
    await user.initiateChat(talker("A"), { message: "Go", max_turns: 1, print });
    expect(printed).toEqual([`A (to User_proxy):\n\nA 1\n\n${RULE}`]);
    printed.length = 0;
    const loud = people();
    const quiet = table([loud, talker("A")], { max_round: 3 }, { silent: true });
    await loud.initiateChat(quiet, { message: "Go", print });
    expect(printed).toEqual([`User_proxy (to chat_manager):\n\nGo\n\n${RULE}`]);
  });

  it.each([
    ["clear history", "Clearing history for all agents."],
    ["CLEAR HISTORY 2", "Clearing history for all agents except last 2 messages."],
    ["clear history A", "Clearing history for A."],
    ["clear history A 1.", "Clearing history for A except last 1 messages."],
  ])("says what %j clears", async (typed, told) => {
    const user = people({ get_human_input: () => typed });
    const manager = table([talker("A"), user], { max_round: 3, enable_clear_history: true });
    const printed: string[] = [];
    await user.initiateChat(manager, { message: "Go", print: (block) => printed.push(block) });
    expect(printed).toContain(told);
  });

  it("prints nothing of a silent run", async () => {
    const user = people();
    const printed: string[] = [];
    await user.initiateChat(table([user, talker("A")]), {
      message: "Go",
      silent: true,
      print: (block) => printed.push(block),
    });
    expect(printed).toEqual([]);
  });

  it.each([
    [
      { type: "inner_thoughts", agent: "M", text: "Hm." } as const,
      "[inner thoughts] Hm.",
      "💭 Hm.",
    ],
    [
      {
        type: "function_call",
        agent: "M",
        name: "archival_memory_search",
        arguments: { query: "q", page: 0, request_heartbeat: true },
      } as const,
      "[function] query: q, page: 0",
      "⚡ [function] query: q, page: 0",
    ],
    [
      {
        type: "function_call",
        agent: "M",
        name: "core_memory_replace",
        arguments: { name: "human", old_content: "a", new_content: "b" },
      } as const,
      "[old -> new] a -> b",
      "⚡ [old -> new] a -> b",
    ],
    [
      { type: "function_result", agent: "M", name: "f", ok: true, text: "fine" } as const,
      "[function - OK] Success: fine",
      "⚡🟢 [function - OK] Success: fine",
    ],
    [
      { type: "function_result", agent: "M", name: "f", ok: false, text: "no" } as const,
      "[function - error] Error: no",
      "⚡🔴 [function - error] Error: no",
    ],
    [
      { type: "function_call", agent: "M", name: "send_message", arguments: {} } as const,
      undefined,
      undefined,
    ],
  ])("words a MemGPT trace plainly and with symbols", (event, plain, fancy) => {
    expect(formatTrace(event)).toBe(plain);
    expect(formatTrace(event, true)).toBe(fancy);
  });
});
