import { describe, expect, it } from "vitest";
import type { AgentMessage } from "../../src/autogen/index.ts";
import {
  type ConversableAgent,
  GroupChat,
  GroupChatManager,
  type GroupChatOptions,
  mentionedAgents,
} from "../../src/autogen/index.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { chained } from "./table.ts";

const [a, b, c] = [chained("A"), chained("B"), chained("C")];

function group(options: Partial<GroupChatOptions> = {}): GroupChat {
  return new GroupChat({ agents: [a, b, c], speaker_selection_method: "round_robin", ...options });
}

async function nextAfter(
  last: ConversableAgent | undefined,
  options: Partial<GroupChatOptions> = {},
  llm?: ScriptedChatModel,
): Promise<string> {
  const groupchat = group(options);
  const manager = new GroupChatManager({ groupchat, ...(llm ? { llm } : {}) });
  return (await groupchat.selectSpeaker(last, manager)).name;
}

const calling = (...names: string[]): AgentMessage => ({
  role: "assistant",
  name: "A",
  content: null,
  tool_calls: names.map((name, i) => ({
    id: `c${i}`,
    type: "function",
    function: { name, arguments: "{}" },
  })),
});

describe("a group's options", () => {
  it("have the originals' defaults", () => {
    const plain = new GroupChat({ agents: [a, b] });
    expect(plain).toMatchObject({
      max_round: 10,
      admin_name: "Admin",
      func_call_filter: true,
      speaker_selection_method: "auto",
      allow_repeat_speaker: true,
      enable_clear_history: false,
      send_introductions: false,
    });
    expect(plain.messages).toEqual([]);
  });

  it("reject duplicate names, at once and when an agent is added", () => {
    expect(() => group({ agents: [a, chained("A")] })).toThrow(/named A/);
    const groupchat = group();
    expect(() => groupchat.addAgent(chained("B"))).toThrow(/named B/);
    expect(groupchat.agentNames).toEqual(["A", "B", "C"]);
  });

  it("find members by name", () => {
    expect(group().agentByName("B")).toBe(b);
    expect(group().agentByName("D")).toBeUndefined();
    expect(group().removeAgent("D")).toBe(false);
  });

  it.each<[string, Partial<GroupChatOptions>]>([
    [
      "transitions beside allow_repeat_speaker",
      {
        allow_repeat_speaker: false,
        allowed_or_disallowed_speaker_transitions: new Map([[a, [b]]]),
        speaker_transitions_type: "allowed",
      },
    ],
    [
      "transitions without a type",
      { allowed_or_disallowed_speaker_transitions: new Map([[a, [b]]]) },
    ],
    [
      "transitions to a stranger",
      {
        allowed_or_disallowed_speaker_transitions: new Map([[a, [chained("X")]]]),
        speaker_transitions_type: "allowed",
      },
    ],
    [
      "transitions that lead nowhere",
      {
        allowed_or_disallowed_speaker_transitions: new Map([[a, []]]),
        speaker_transitions_type: "allowed",
      },
    ],
    ["an empty selection message", { select_speaker_message_template: "" }],
    ["negative retries", { max_retries_for_selecting_speaker: -1 }],
  ])("reject %s", (_what, options) => {
    expect(() => group(options)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

describe("round robin", () => {
  it("goes round in the order of the list", async () => {
    expect(await nextAfter(a)).toBe("B");
    expect(await nextAfter(c)).toBe("A");
  });

  it("begins with the first member after nobody or a stranger", async () => {
    expect(await nextAfter(undefined)).toBe("A");
    expect(await nextAfter(chained("X"))).toBe("A");
  });

  it("walks on to the first candidate of a subset", () => {
    expect(group().nextAgent(a, [a, c]).name).toBe("C");
    expect(group().nextAgent(c, [b]).name).toBe("B");
    expect(group().nextAgent(undefined, [b, c]).name).toBe("B");
  });

  it("throws when the subset shares nothing with the group", () => {
    expect(() => group().nextAgent(a, [chained("X")])).toThrow(
      expect.objectContaining({ code: "undefined_next_agent" }),
    );
  });

  it("knows the last speaker by name", () => {
    expect(group().nextAgent(chained("B")).name).toBe("C");
  });
});

describe("before a method chooses", () => {
  it("takes method names in any case and refuses unknown ones", async () => {
    expect(await nextAfter(a, { speaker_selection_method: "Round_Robin" })).toBe("B");
    await expect(nextAfter(a, { speaker_selection_method: "psychic" })).rejects.toMatchObject({
      code: "invalid_option",
    });
  });

  it("refuses a group of fewer than two", async () => {
    await expect(nextAfter(a, { agents: [a] })).rejects.toMatchObject({
      code: "underpopulated_group",
    });
  });

  it("warns about a group of two, unless they take turns or cannot repeat", async () => {
    const warnings = async (options: Partial<GroupChatOptions>) => {
      const logger = new RecordingLogger();
      await nextAfter(a, { agents: [a, b], logger, random: () => 0, ...options });
      return logger.lines.filter((line) => line.level === "warn").length;
    };
    expect(await warnings({ speaker_selection_method: "random" })).toBe(1);
    expect(await warnings({ speaker_selection_method: "round_robin" })).toBe(0);
    expect(
      await warnings({ speaker_selection_method: "random", allow_repeat_speaker: false }),
    ).toBe(0);
  });

  it("uses a custom function's agent at once, even against the transitions", async () => {
    const options: Partial<GroupChatOptions> = {
      speaker_selection_method: () => c,
      allowed_or_disallowed_speaker_transitions: new Map([[a, [b]]]),
      speaker_transitions_type: "allowed",
    };
    expect(await nextAfter(a, options)).toBe("C");
  });

  it("uses a custom function's method, and refuses strangers and other things", async () => {
    expect(await nextAfter(a, { speaker_selection_method: async () => "round_robin" })).toBe("B");
    await expect(
      nextAfter(a, { speaker_selection_method: () => chained("X") }),
    ).rejects.toMatchObject({
      code: "unknown_agent",
    });
    await expect(
      nextAfter(a, { speaker_selection_method: () => 7 as never }),
    ).rejects.toMatchObject({
      code: "invalid_option",
    });
    await expect(nextAfter(a, { speaker_selection_method: () => null })).rejects.toMatchObject({
      code: "no_eligible_speaker",
    });
  });
});

describe("the function-call filter", () => {
  const f = chained("F", { function_map: { f: () => 1 } });
  const fg = chained("FG", { function_map: { f: () => 1, g: () => 2 } });

  it("gives the word to the only member that runs all called functions, even again", async () => {
    const options = { agents: [a, fg, f], messages: [calling("f", "g")] };
    expect(await nextAfter(fg, { ...options, allow_repeat_speaker: false })).toBe("FG");
  });

  it("chooses among several able members by the method", async () => {
    expect(await nextAfter(a, { agents: [a, b, f, fg], messages: [calling("f")] })).toBe("F");
  });

  it("falls back to members with any function, and refuses when there are none", async () => {
    expect(await nextAfter(a, { agents: [a, b, f], messages: [calling("h")] })).toBe("F");
    await expect(nextAfter(a, { messages: [calling("h")] })).rejects.toMatchObject({
      code: "no_function_executor",
    });
  });

  it("does nothing when it is off", async () => {
    const options = { agents: [a, b, f], messages: [calling("f")], func_call_filter: false };
    expect(await nextAfter(a, options)).toBe("B");
  });
});

describe("repeats and transitions", () => {
  it("drop the last speaker when repeats are off, or off for that speaker", async () => {
    const random = () => 0;
    const options = { speaker_selection_method: "random", random };
    expect(await nextAfter(a, options)).toBe("A");
    expect(await nextAfter(a, { ...options, allow_repeat_speaker: false })).toBe("B");
    expect(await nextAfter(a, { ...options, allow_repeat_speaker: [b] })).toBe("B");
    expect(await nextAfter(b, { ...options, agents: [b, a, c], allow_repeat_speaker: [b] })).toBe(
      "B",
    );
  });

  it("let only allowed followers speak, one of them without asking a model", async () => {
    const options: Partial<GroupChatOptions> = {
      speaker_selection_method: "auto",
      allowed_or_disallowed_speaker_transitions: new Map([[a, [c]]]),
      speaker_transitions_type: "allowed",
    };
    expect(await nextAfter(a, options, new ScriptedChatModel([]))).toBe("C");
    await expect(nextAfter(b, options)).rejects.toMatchObject({ code: "no_eligible_speaker" });
  });

  it("turn disallowed followers into allowed ones", async () => {
    const options: Partial<GroupChatOptions> = {
      allowed_or_disallowed_speaker_transitions: new Map([[a, [a, b]]]),
      speaker_transitions_type: "disallowed",
    };
    expect(await nextAfter(a, options)).toBe("C");
    expect(await nextAfter(b, options)).toBe("C");
  });

  it("ask everybody when a member's list of followers is empty", async () => {
    const options: Partial<GroupChatOptions> = {
      allowed_or_disallowed_speaker_transitions: new Map([
        [a, []],
        [b, [c]],
      ]),
      speaker_transitions_type: "allowed",
    };
    expect(await nextAfter(a, options)).toBe("B");
  });
});

describe("manual selection", () => {
  const typing = (...typed: string[]) => {
    const prompts: string[] = [];
    const manual_input = (prompt: string) => {
      prompts.push(prompt);
      return typed.shift() ?? "";
    };
    return { prompts, options: { speaker_selection_method: "manual", manual_input } };
  };

  it("shows a numbered list and takes the number", async () => {
    const { prompts, options } = typing("3");
    expect(await nextAfter(a, options)).toBe("C");
    expect(prompts[0]).toContain("1: A\n2: B\n3: C");
  });

  it("takes the next in the list for nothing, for q and after wrong answers", async () => {
    expect(await nextAfter(a, typing("").options)).toBe("B");
    expect(await nextAfter(b, typing("q").options)).toBe("C");
    const { prompts, options } = typing("9", "x", "0", "1");
    expect(await nextAfter(a, options)).toBe("B");
    expect(prompts).toHaveLength(3);
    expect(await nextAfter(a, typing("9", "x", "3").options)).toBe("C");
    expect(await nextAfter(a, { speaker_selection_method: "manual" })).toBe("B");
  });
});

describe("automatic selection", () => {
  const auto: Partial<GroupChatOptions> = {
    speaker_selection_method: "auto",
    messages: [{ role: "user", name: "Ada", content: "Who is next?" }],
  };

  it("sends the roles, the log and the question, and takes the one name in the answer", async () => {
    const llm = new ScriptedChatModel(["I think C."]);
    const options = {
      ...auto,
      select_speaker_message_template: "Roles: {roles} of {agentlist}",
      select_speaker_prompt_template: "Next of {agentlist}?",
    };
    expect(await nextAfter(a, options, llm)).toBe("C");
    const messages = llm.requests[0]?.messages ?? [];
    expect(messages.map((message) => message.role)).toEqual(["system", "user", "system"]);
    expect(messages[0]?.content).toContain("of ['A', 'B', 'C']");
    expect(messages[1]).toEqual({ role: "user", name: "Ada", content: "Who is next?" });
    expect(messages[2]?.content).toBe("Next of ['A', 'B', 'C']?");
  });

  it("leaves the last message out when its template is null", async () => {
    const llm = new ScriptedChatModel(["C"]);
    await nextAfter(a, { ...auto, select_speaker_prompt_template: null }, llm);
    expect(llm.requests[0]?.messages).toHaveLength(2);
  });

  it("asks again twice, telling what was wrong, then takes the next in the list", async () => {
    const llm = new ScriptedChatModel(["nobody", "A or B", "?"]);
    const options = {
      ...auto,
      select_speaker_auto_none_template: "none of {agentlist}",
      select_speaker_auto_multiple_template: "several of {agentlist}",
      role_for_select_speaker_messages: "user" as const,
    };
    expect(await nextAfter(a, options, llm)).toBe("B");
    llm.assertDone();
    expect(llm.requests[2]?.messages.slice(-4).map((message) => message.content)).toEqual([
      "nobody",
      "none of ['A', 'B', 'C']",
      "A or B",
      "several of ['A', 'B', 'C']",
    ]);
  });

  it("does not ask again with no retries", async () => {
    const llm = new ScriptedChatModel(["?"]);
    expect(await nextAfter(c, { ...auto, max_retries_for_selecting_speaker: 0 }, llm)).toBe("A");
  });

  it("takes the next in the list without a model", async () => {
    expect(await nextAfter(b, auto)).toBe("C");
  });

  it("asks its own model rather than the manager's", async () => {
    const own = new ScriptedChatModel(["B"]);
    const options = { ...auto, select_speaker_auto_llm: own };
    expect(await nextAfter(a, options, new ScriptedChatModel([]))).toBe("B");
  });

  it("blanks a pending call at the end of the log", async () => {
    const llm = new ScriptedChatModel(["B"]);
    const options = { ...auto, messages: [calling("f")], func_call_filter: false };
    await nextAfter(a, options, llm);
    expect(llm.requests[0]?.messages[1]).toEqual({ role: "assistant", name: "A", content: "" });
  });
});

describe("names in a selector's answer", () => {
  const bob = chained("Bob_Smith");
  const rob = chained("Bob");
  const odd = chained("C++ (dev)");
  const names = (text: string) => mentionedAgents(text, [bob, rob, odd]).map(({ name }) => name);

  it("are whole words, case-sensitive", () => {
    expect(names("Bob")).toEqual(["Bob"]);
    expect(names("bob")).toEqual([]);
    expect(names("Bobby")).toEqual([]);
    expect(names("**Bob**, please")).toEqual(["Bob"]);
  });

  it("may have a space or an escaped underscore for the underscore", () => {
    expect(names("Bob_Smith")).toEqual(["Bob_Smith"]);
    expect(mentionedAgents("Bob\\_Smith", [bob])).toEqual([bob]);
    expect(names("Bob Smith")).toEqual(["Bob_Smith", "Bob"]);
  });

  it("may hold any character", () => {
    expect(names("It is C++ (dev).")).toEqual(["C++ (dev)"]);
  });
});

describe("random selection", () => {
  it("reaches everybody with the built-in sequence and stays in the list", async () => {
    const groupchat = group({ speaker_selection_method: "random" });
    const manager = new GroupChatManager({ groupchat });
    const seen = new Set<string>();
    for (let i = 0; i < 50; i += 1) seen.add((await groupchat.selectSpeaker(a, manager)).name);
    expect([...seen].sort()).toEqual(["A", "B", "C"]);
  });
});
