import { describe, expect, it } from "vitest";
import {
  type AutogenRuntime,
  createMemgptAutogenAgentFromConfig,
  GroupChatManager,
  type LlmConfig,
  loadAutogenMemgptAgent,
  MemgptConversableAgent,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import { CountingIds, FakeClock } from "../fakes/fake-clock.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { ScriptedChatModel, type ScriptStep, says } from "../fakes/scripted-chat-model.ts";
import { LetterEmbedder, quarterTokens, RecordingLogger } from "../fakes/small-fakes.ts";
import { people, runAll, table } from "./table.ts";

interface World {
  runtime: AutogenRuntime;
  store: MemoryStateStore;
  /** What `chatModel` was asked for, in order. */
  configs: (LlmConfig | undefined)[];
  models: ScriptedChatModel[];
}

function world(steps: readonly ScriptStep[] = [], store = new MemoryStateStore()): World {
  const configs: World["configs"] = [];
  const models: ScriptedChatModel[] = [];
  const runtime: AutogenRuntime = {
    chatModel: (config) => {
      configs.push(config);
      const model = new ScriptedChatModel(steps, { context_window: 32_768 });
      models.push(model);
      return model;
    },
    memgpt: {
      tokens: quarterTokens,
      embedder: new LetterEmbedder(),
      passages: new MemoryPassageStore(),
      store,
      clock: new FakeClock(),
      ids: new CountingIds(),
      logger: new RecordingLogger(),
      time_zone: "UTC",
    },
    preset: (name) => {
      if (!["memgpt_chat", "memgpt_docs"].includes(name)) throw new Error(`No preset ${name}`);
      return {
        system: `The prompt of ${name}.`,
        functions: ["send_message", "core_memory_append"],
      };
    },
    default_persona: "I am Sam.",
  };
  return { runtime, store, configs, models };
}

const llm_config = {
  config_list: [
    { model: "gpt-4", preset: "memgpt_docs", openai_key: "sk-secret", context_window: 8192 },
    { model: "backup", openai_key: "sk-other" },
  ],
  seed: 42,
};

describe("createMemgptAutogenAgentFromConfig", () => {
  it("counts what the agent's model used, for a group's sum too", async () => {
    const said = { calls: [{ name: "send_message", args: { message: "Yes." } }], total_tokens: 70 };
    const { runtime } = world([said]);
    const agent = await createMemgptAutogenAgentFromConfig("M", { skip_verify: true }, runtime);
    const manager = table([people({ human_input_mode: "NEVER" }), agent], { max_round: 2 });
    const result = await people().initiateChat(manager, { message: "Well?" });
    expect(agent.getTotalUsage()?.models.get("scripted")?.total_tokens).toBe(70);
    expect(result.usage.get("scripted")?.total_tokens).toBe(70);
  });

  it("makes an agent with the system message as persona and nothing known of the human", async () => {
    const { runtime } = world();
    const agent = await createMemgptAutogenAgentFromConfig(
      "MemGPT_agent",
      { llm_config, system_message: "I am a coder." },
      runtime,
    );
    expect(agent).toBeInstanceOf(MemgptConversableAgent);
    expect(agent.name).toBe("MemGPT_agent");
    const blocks = agent.memgpt.core.blocks();
    expect(blocks.map((block) => [block.label, block.value])).toEqual([
      ["persona", "I am a coder."],
      ["human", ""],
    ]);
  });

  it("takes the default persona for an empty system message, the helpful assistant for none", async () => {
    const { runtime } = world();
    const empty = await createMemgptAutogenAgentFromConfig("A", { system_message: "" }, runtime);
    expect(empty.memgpt.core.blocks()[0]?.value).toBe("I am Sam.");
    const none = await createMemgptAutogenAgentFromConfig("B", {}, runtime);
    expect(none.memgpt.core.blocks()[0]?.value).toBe("You are a helpful AI Assistant.");
  });

  it("passes all entries on and leaves the caller's objects as they were, for a second agent too", async () => {
    const { runtime, configs } = world();
    const before = structuredClone(llm_config);
    await createMemgptAutogenAgentFromConfig("A", { llm_config }, runtime);
    await createMemgptAutogenAgentFromConfig("B", { llm_config }, runtime);
    expect(llm_config).toEqual(before);
    expect(configs).toEqual([llm_config, llm_config]);
    expect(configs[0]?.config_list[0]).not.toBe(llm_config.config_list[0]);
  });

  it("uses the preset of the first entry and the layout it is told, memgpt_chat without an entry", async () => {
    const { runtime, models } = world([says("Hi")]);
    const agent = await createMemgptAutogenAgentFromConfig(
      "A",
      { llm_config, skip_verify: true, layout: "memgpt_0_3" },
      runtime,
    );
    const manager = table([people(), agent], { max_round: 2 });
    await runAll(manager, { opening: { message: "Go", speaker: "User_proxy" } });
    expect(models[0]?.requests[0]?.messages[0]?.content).toContain("The prompt of memgpt_docs.");
    expect(models[0]?.requests[0]?.messages[0]?.content).toContain("### Memory [last modified:");
    const unknown = { config_list: [{ model: "m", preset: "nope" }] };
    await expect(
      createMemgptAutogenAgentFromConfig("B", { llm_config: unknown }, runtime),
    ).rejects.toThrow("No preset nope");
  });

  it("refuses function_map, code execution and an empty config_list in clear words", async () => {
    const { runtime } = world();
    const make = (options: object) => createMemgptAutogenAgentFromConfig("A", options, runtime);
    await expect(make({ function_map: {} })).rejects.toMatchObject({
      code: "not_implemented",
      message: expect.stringContaining("function_map"),
    });
    await expect(make({ code_execution_config: {} })).rejects.toMatchObject({
      code: "not_implemented",
    });
    await expect(make({ llm_config: { config_list: [] } })).rejects.toMatchObject({
      code: "invalid_option",
    });
    await make({ function_map: null, code_execution_config: null });
  });

  it("hands its options to the agent", async () => {
    const { runtime } = world();
    const agent = await createMemgptAutogenAgentFromConfig(
      "A",
      {
        default_auto_reply: "...",
        max_consecutive_auto_reply: 3,
        is_termination_msg: (message) => message.content === "END",
        interface_kwargs: { show_inner_thoughts: false },
        auto_save: true,
      },
      runtime,
    );
    expect(agent).toMatchObject({
      default_auto_reply: "...",
      auto_save: true,
      interface_kwargs: { show_inner_thoughts: false },
    });
    expect(agent.maxConsecutiveAutoReply()).toBe(3);
    expect(agent.isTerminationMsg({ role: "user", content: "END" })).toBe(true);
  });
});

describe("a human_input_mode other than ALWAYS", () => {
  it("makes a group of the agent, a copy and a user proxy that says default_auto_reply", async () => {
    const { runtime, configs } = world();
    const manager = await createMemgptAutogenAgentFromConfig(
      "Team",
      {
        human_input_mode: "TERMINATE",
        llm_config,
        nonmemgpt_llm_config: { config_list: [{ model: "plain" }] },
        default_auto_reply: "Go on.",
      },
      runtime,
    );
    if (!(manager instanceof GroupChatManager)) throw new Error("no manager");
    expect(manager.name).toBe("Team");
    expect(manager.groupchat.agentNames).toEqual(["Team", "Team_2", "Team_3"]);
    expect(manager.groupchat.max_round).toBe(12);
    const proxy = manager.groupchat.agents[2];
    expect(proxy).toBeInstanceOf(UserProxyAgent);
    expect(proxy).toMatchObject({ human_input_mode: "NEVER", default_auto_reply: "Go on." });
    expect(configs.at(-1)?.config_list[0]).toEqual({ model: "plain" });
    const first = manager.groupchat.agents[0] as MemgptConversableAgent;
    expect(first.memgpt.core.blocks()[1]?.value).toContain("TERMINATE");
  });

  it("makes a third MemGPT agent without default_auto_reply, and max_round of the reply limit", async () => {
    const { runtime } = world();
    const manager = await createMemgptAutogenAgentFromConfig(
      "Team",
      {
        human_input_mode: "NEVER",
        nonmemgpt_llm_config: { config_list: [{ model: "plain" }] },
        max_consecutive_auto_reply: 5,
      },
      runtime,
    );
    if (!(manager instanceof GroupChatManager)) throw new Error("no manager");
    expect(manager.groupchat.agents[2]).toBeInstanceOf(MemgptConversableAgent);
    expect(manager.groupchat.max_round).toBe(5);
  });

  it("needs nonmemgpt_llm_config", async () => {
    const { runtime } = world();
    await expect(
      createMemgptAutogenAgentFromConfig("Team", { human_input_mode: "NEVER" }, runtime),
    ).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("saving and loading", () => {
  const remembers: ScriptStep[] = [
    {
      content: "Keep it.",
      calls: [
        {
          name: "core_memory_append",
          args: { name: "human", content: "Likes birds.", request_heartbeat: true },
        },
      ],
    },
    says("Noted."),
  ];

  async function saved(): Promise<World> {
    const w = world(remembers);
    const agent = await createMemgptAutogenAgentFromConfig(
      "MemGPT_agent",
      { llm_config, skip_verify: true, auto_save: true },
      w.runtime,
    );
    const manager = table([people(), agent], { max_round: 2 });
    await runAll(manager, { opening: { message: "I like birds", speaker: "User_proxy" } });
    return w;
  }

  it("bring the agent back with its memory, by its name alone", async () => {
    const { store } = await saved();
    const later = world([], store);
    const agent = await loadAutogenMemgptAgent(
      { agent_config: { name: "MemGPT_agent" } },
      later.runtime,
    );
    expect(agent.memgpt.core.blocks()[1]?.value).toContain("Likes birds.");
  });

  it("never store a key", async () => {
    const { store } = await saved();
    expect([...store.rows.values()].join("\n")).not.toContain("sk-");
    const later = world([], store);
    await loadAutogenMemgptAgent({ agent_config: { name: "MemGPT_agent" } }, later.runtime);
    expect(later.configs[0]?.config_list).toEqual([
      { model: "gpt-4", preset: "memgpt_docs", context_window: 8192 },
      { model: "backup" },
    ]);
  });

  it("take overrides for the first entry, and keep them with the next save", async () => {
    const { store } = await saved();
    const agent_config = { name: "MemGPT_agent", user_id: "x", context_window: 4096 };
    const agent = await loadAutogenMemgptAgent({ agent_config }, world([], store).runtime);
    await agent.save();
    const later = world([], store);
    await loadAutogenMemgptAgent({ agent_config: { name: "MemGPT_agent" } }, later.runtime);
    expect(later.configs[0]?.config_list[0]).toMatchObject({ context_window: 4096 });
  });

  it("reject a name that was never saved", async () => {
    await expect(
      loadAutogenMemgptAgent({ agent_config: { name: "Nobody" } }, world().runtime),
    ).rejects.toMatchObject({ code: "agent_not_found" });
  });

  it("do not let a new agent overwrite a saved one", async () => {
    const { store } = await saved();
    await expect(
      createMemgptAutogenAgentFromConfig("MemGPT_agent", {}, world([], store).runtime),
    ).rejects.toMatchObject({ code: "agent_exists" });
  });
});
