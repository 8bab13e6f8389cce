import { describe, expect, it } from "vitest";
import {
  GroupChat,
  GroupChatManager,
  type GroupChatOptions,
  UndefinedNextAgentError,
} from "../../src/autogen/index.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, table } from "./table.ts";

const agents = () => ["A", "B", "C"].map((name) => chained(name));
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe("a group is not made", () => {
  const wrong: [what: string, options: Record<string, unknown>][] = [
    ["without agents", { agents: undefined }],
    [
      "with allow_repeat_speaker that is neither a bool nor a list",
      { allow_repeat_speaker: "yes" },
    ],
    ["with an empty first message", { select_speaker_message_template: "" }],
    ["with no text for several names", { select_speaker_auto_multiple_template: "" }],
    ["with no text for no name", { select_speaker_auto_none_template: null }],
    ["with an empty role", { role_for_select_speaker_messages: "" }],
    ["with retries below 0", { max_retries_for_selecting_speaker: -1 }],
    ["with half a retry", { max_retries_for_selecting_speaker: 0.5 }],
    ["with a selector's llm_config", { select_speaker_auto_llm_config: { config_list: [] } }],
    ["with transforms in a bare list", { select_speaker_transform_messages: [] }],
  ];

  it.each(wrong)("%s", (_what, options) => {
    const make = () => new GroupChat({ agents: agents(), ...options } as GroupChatOptions);
    expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });

  it("around a manager that may call tools", () => {
    const groupchat = new GroupChat({ agents: agents() });
    const parameters = { type: "object" as const, properties: {} };
    const tools = [
      { type: "function" as const, function: { name: "f", description: "f", parameters } },
    ];
    expect(() => new GroupChatManager({ groupchat, tools })).toThrow(/no function or tool calls/);
  });
});

describe("a group", () => {
  it("keeps lists of its own, so that the caller's may change", () => {
    const [mine, messages] = [agents(), [{ role: "user" as const, content: "old" }]];
    const group = new GroupChat({ agents: mine, messages });
    mine.push(chained("D"));
    messages.push({ role: "user", content: "new" });
    expect(group.agent_names).toEqual(["A", "B", "C"]);
    expect(group.messages.map(({ content }) => content)).toEqual(["old"]);
  });

  it("does not run for ever when max_round is no number", async () => {
    const manager = table(agents(), { max_round: Number.NaN });
    const result = await manager.runChat({ opening: { message: "Go", speaker: "Ada" } });
    expect(result.reason).toBe("max_round");
  });

  it("has its texts and limits as fields, read at each selection", async () => {
    const llm = new ScriptedChatModel(["nobody", "nobody", "C"]);
    const manager = table(agents(), { speaker_selection_method: "auto" }, { llm });
    const { groupchat } = manager;
    expect(groupchat.max_retries_for_selecting_speaker).toBe(2);
    groupchat.max_retries_for_selecting_speaker = 0;
    groupchat.select_speaker_message_template = "Who of {agentlist}?";
    groupchat.select_speaker_prompt_template = "Say a name.";
    groupchat.role_for_select_speaker_messages = "user";
    expect((await groupchat.selectSpeaker(groupchat.agents[0], manager)).name).toBe("B");
    expect(llm.requests.map(({ messages }) => messages)).toEqual([
      [
        { role: "system", content: "Who of ['A', 'B', 'C']?" },
        { role: "user", content: "Say a name." },
      ],
    ]);
  });

  it("shows who may follow whom, with disallowed transitions turned round", () => {
    const [a, b, c] = agents();
    if (!a || !b || !c) throw new Error();
    const group = new GroupChat({
      agents: [a, b, c],
      allowed_or_disallowed_speaker_transitions: new Map([[a, [a, b]]]),
      speaker_transitions_type: "disallowed",
    });
    const may = group.allowed_speaker_transitions_dict;
    expect(names(may.get(a) ?? [])).toEqual(["C"]);
    expect(names(may.get(b) ?? [])).toEqual(["A", "B", "C"]);
    const alone = new GroupChat({ agents: [a, b], allow_repeat_speaker: [b] });
    expect(names(alone.allowed_speaker_transitions_dict.get(a) ?? [])).toEqual(["B"]);
    expect(names(alone.allowed_speaker_transitions_dict.get(b) ?? [])).toEqual(["A", "B"]);
  });

  it("has no next agent among agents of whom one is a stranger", () => {
    const [a, b, c] = agents();
    const group = new GroupChat({ agents: [a, b, c].filter((one) => one !== undefined) });
    expect(() =>
      group.nextAgent(
        a,
        [b, chained("X")].filter((one) => one !== undefined),
      ),
    ).toThrow(UndefinedNextAgentError);
    expect(() => group.nextAgent(a, [])).toThrow(UndefinedNextAgentError);
  });

  it("finds agents of the groups inside it, and says when a name is theirs too", () => {
    const inner = table([chained("A"), chained("Deep")], {}, { name: "inner" });
    const group = new GroupChat({ agents: [chained("A"), inner] });
    expect(names(group.nestedAgents())).toEqual(["A", "inner", "A", "Deep"]);
    expect(group.agentByName("Deep")).toBeUndefined();
    expect(group.agentByName("Deep", { recursive: true })?.name).toBe("Deep");
    const strict = { recursive: true, raise_on_name_conflict: true };
    expect(() => group.agentByName("A", strict)).toThrow(
      expect.objectContaining({ code: "duplicate_agent_name" }),
    );
    expect(group.agentByName("A", { raise_on_name_conflict: true })).toBe(group.agents[0]);
    expect(group.agentByName("nobody", strict)).toBeUndefined();
  });

  it("chooses by hand and by chance among all or some", async () => {
    const typed = ["2", "x", "0", "q"];
    const group = new GroupChat({
      agents: agents(),
      random: () => 0.99,
      manual_input: () => typed.shift() ?? "",
    });
    const [a, , c] = group.agents;
    expect((await group.manualSelectSpeaker())?.name).toBe("B");
    expect(await group.manualSelectSpeaker()).toBeUndefined();
    expect(await group.manualSelectSpeaker()).toBeUndefined();
    expect(group.randomSelectSpeaker()).toBe(c);
    expect(group.randomSelectSpeaker(a ? [a] : [])).toBe(a);
  });
});
