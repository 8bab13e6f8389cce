/**
 * Makes MemGPT agents for AutoGen from the originals' configuration
 * (`create_memgpt_autogen_agent_from_config`), every parameter of MemGPT 0.3.5 included. Models,
 * stores and texts come in through the runtime; the caller's objects are never changed.
 */
import { MemgptAgent } from "../memgpt/agent.ts";
import { stateKey } from "../memgpt/agent-rows.ts";
import type { ChatModel } from "../memgpt/ports.ts";
import type { MemgptAgentOptions, MemgptRuntime, PromptLayout } from "../memgpt/runtime.ts";
import { AutogenError, NotImplementedError } from "./errors.ts";
import { GroupChat } from "./group-chat.ts";
import { GroupChatManager } from "./group-chat-manager.ts";
import type { HumanInputMode } from "./human-input.ts";
import { type InterfaceKwargs, MemgptConversableAgent } from "./memgpt-conversable-agent.ts";
import {
  type AutogenAgentRecord,
  agentOwner,
  copyOf,
  type LlmConfig,
  recordKey,
  withoutSecrets,
} from "./memgpt-record.ts";
import type { TerminationPredicate } from "./message.ts";
import { metered, UsageMeter } from "./usage.ts";
import { UserProxyAgent } from "./user-proxy-agent.ts";

/** A preset: the prompt's text and the functions that go with it. */
export interface MemgptPreset {
  system: string;
  functions: readonly string[];
}

/** What the program around the agents provides. */
export interface AutogenRuntime {
  /** A model for these entries, all of them, in order; undefined asks for the program's default. */
  chatModel(llm_config: LlmConfig | undefined): ChatModel;
  memgpt: Omit<MemgptRuntime, "model">;
  /** Rejects for a name that is not known. */
  preset(name: string): MemgptPreset | Promise<MemgptPreset>;
  /** The persona `sam_pov`, for an empty `system_message`. */
  default_persona: string;
  /** Sets agents of one program apart: part of their key in the store. Default "library". */
  place?: string;
}

export interface CreateMemgptAgentOptions {
  /** The persona; "" takes the default one. Default "You are a helpful AI Assistant." */
  system_message?: string;
  is_termination_msg?: TerminationPredicate;
  max_consecutive_auto_reply?: number | null;
  /** ALWAYS (default) makes an agent; otherwise a group of cooperating agents is made. */
  human_input_mode?: HumanInputMode;
  /** Refused, as in the original. */
  function_map?: null;
  /** Refused, as in the original. */
  code_execution_config?: null;
  /** `config_list_memgpt` and the like; all entries are used, one after the other on failure. */
  llm_config?: LlmConfig;
  /** For the group's manager; needed unless the mode is ALWAYS. */
  nonmemgpt_llm_config?: LlmConfig;
  /** Said when there is nothing new to answer. Default "". */
  default_auto_reply?: string;
  interface_kwargs?: InterfaceKwargs;
  skip_verify?: boolean;
  /** How prompts are laid out. Default "append". */
  layout?: PromptLayout;
  auto_save?: boolean;
  concat_other_agent_messages?: boolean;
  description?: string;
}

const DEFAULT_PERSONA = "You are a helpful AI Assistant.";
const DEFAULT_PRESET = "memgpt_chat";
const DEFAULT_GROUP_ROUNDS = 12;

/** What a new agent knows of the people: how far it works without them. */
const HUMAN_TEXTS: Readonly<Record<HumanInputMode, string>> = {
  ALWAYS: "",
  TERMINATE:
    "The people answer only when the work is done. Work on alone until then, and say TERMINATE when the task is complete.",
  NEVER: "The people do not answer. Work alone, and go into more detail each time you speak.",
};

export async function createMemgptAutogenAgentFromConfig(
  name: string,
  options: CreateMemgptAgentOptions & { human_input_mode?: "ALWAYS" },
  runtime: AutogenRuntime,
): Promise<MemgptConversableAgent>;
export async function createMemgptAutogenAgentFromConfig(
  name: string,
  options: CreateMemgptAgentOptions,
  runtime: AutogenRuntime,
): Promise<MemgptConversableAgent | GroupChatManager>;
/**
 * A new agent; with `human_input_mode` other than ALWAYS the manager of a group in which the agent
 * works with a copy of itself and either a UserProxyAgent that says `default_auto_reply` or, without
 * one, a second copy. Rejects with `agent_exists` when a saved agent has the name.
 */
export async function createMemgptAutogenAgentFromConfig(
  name: string,
  options: CreateMemgptAgentOptions,
  runtime: AutogenRuntime,
): Promise<MemgptConversableAgent | GroupChatManager> {
  refuse("function_map", options.function_map);
  refuse("code_execution_config", options.code_execution_config);
  const mode = options.human_input_mode ?? "ALWAYS";
  if (mode === "ALWAYS") return newAgent(name, options, runtime);
  const { nonmemgpt_llm_config, default_auto_reply, max_consecutive_auto_reply } = options;
  if (!nonmemgpt_llm_config) {
    throw new AutogenError("invalid_option", `nonmemgpt_llm_config is missing for ${name}`, {
      why: `With human_input_mode ${mode} a group is made, and its manager needs a model`,
      next: "Give `nonmemgpt_llm_config` a `config_list`, or use human_input_mode ALWAYS.",
    });
  }
  const agents = [
    await newAgent(name, options, runtime),
    await newAgent(`${name}_2`, options, runtime),
  ];
  const third = default_auto_reply
    ? new UserProxyAgent({ name: `${name}_3`, human_input_mode: "NEVER", default_auto_reply })
    : await newAgent(`${name}_3`, options, runtime);
  const groupchat = new GroupChat({
    agents: [...agents, third],
    max_round: max_consecutive_auto_reply ?? DEFAULT_GROUP_ROUNDS,
    logger: runtime.memgpt.logger,
  });
  return new GroupChatManager({
    name,
    groupchat,
    llm: runtime.chatModel(copyOf(nonmemgpt_llm_config)),
    ...(options.is_termination_msg ? { is_termination_msg: options.is_termination_msg } : {}),
  });
}

export interface LoadMemgptAgentOptions
  extends Pick<
    CreateMemgptAgentOptions,
    | "is_termination_msg"
    | "max_consecutive_auto_reply"
    | "llm_config"
    | "default_auto_reply"
    | "interface_kwargs"
    | "skip_verify"
    | "layout"
    | "auto_save"
    | "concat_other_agent_messages"
  > {
  /** The saved agent's name; further keys override those of its first `config_list` entry, for good. */
  agent_config: { name: string; user_id?: string; [override: string]: unknown };
}

/**
 * A saved agent. Secrets are never saved: they come from `llm_config`, from the overrides, or from
 * where the runtime's `chatModel` finds them. Rejects with `agent_not_found`.
 */
export async function loadAutogenMemgptAgent(
  options: LoadMemgptAgentOptions,
  runtime: AutogenRuntime,
): Promise<MemgptConversableAgent> {
  const { name, user_id: _user, ...overrides } = options.agent_config;
  const owner = agentOwner(runtime.place, name);
  const record = await runtime.memgpt.store.get<AutogenAgentRecord>(recordKey(owner));
  if (!record) throw notFound(name);
  const saved = options.llm_config ?? record.llm_config;
  const [first, ...others] = saved?.config_list ?? [];
  const overridden = Object.keys(overrides).length > 0;
  const llm_config: LlmConfig | undefined =
    saved || overridden
      ? {
          ...saved,
          config_list: [{ ...first, ...overrides }, ...others.map((one) => ({ ...one }))],
        }
      : undefined;
  const settings = await memgptSettings(name, owner, llm_config, record.preset, options, runtime);
  const usage = new UsageMeter(runtime.memgpt.logger);
  const memgpt = await MemgptAgent.load(
    { ...settings.options, persona: "", human: "" },
    { ...runtime.memgpt, model: metered(runtime.chatModel(llm_config), usage) },
  );
  if (!memgpt) throw notFound(name);
  return wrap(memgpt, { ...options, description: record.description }, runtime, {
    owner,
    usage,
    record: { ...record, preset: settings.preset, ...saving(llm_config) },
  });
}

async function newAgent(
  name: string,
  options: CreateMemgptAgentOptions,
  runtime: AutogenRuntime,
): Promise<MemgptConversableAgent> {
  const owner = agentOwner(runtime.place, name);
  if ((await runtime.memgpt.store.get(stateKey(owner))) !== undefined) {
    throw new AutogenError("agent_exists", `A saved agent is named ${name} already`, {
      why: "A new one of that name would overwrite its memory",
      next: "Load it with loadAutogenMemgptAgent, or choose another name.",
    });
  }
  const llm_config = options.llm_config && copyOf(options.llm_config);
  const settings = await memgptSettings(name, owner, llm_config, undefined, options, runtime);
  const usage = new UsageMeter(runtime.memgpt.logger);
  const memgpt = MemgptAgent.create(
    {
      ...settings.options,
      persona: (options.system_message ?? DEFAULT_PERSONA) || runtime.default_persona,
      human: HUMAN_TEXTS[options.human_input_mode ?? "ALWAYS"],
    },
    { ...runtime.memgpt, model: metered(runtime.chatModel(llm_config), usage) },
  );
  const { description } = options;
  return wrap(memgpt, options, runtime, {
    owner,
    usage,
    record: {
      version: 1,
      preset: settings.preset,
      ...(description === undefined ? {} : { description }),
      ...saving(llm_config),
    },
  });
}

async function memgptSettings(
  name: string,
  owner: string,
  llm_config: LlmConfig | undefined,
  savedPreset: string | undefined,
  { skip_verify, layout }: { skip_verify?: boolean; layout?: PromptLayout },
  runtime: AutogenRuntime,
): Promise<{ preset: string; options: Omit<MemgptAgentOptions, "persona" | "human"> }> {
  const entry = checkedEntries(name, llm_config)?.[0];
  const preset = typeof entry?.preset === "string" ? entry.preset : (savedPreset ?? DEFAULT_PRESET);
  const { system, functions } = await runtime.preset(preset);
  const options = {
    name,
    owner,
    system,
    functions,
    skip_verify: skip_verify ?? false,
    ...(layout ? { layout } : {}),
    first_message_verify_mono: typeof entry?.model === "string" && entry.model.includes("gpt-4"),
  };
  return { preset, options };
}

function wrap(
  agent: MemgptAgent,
  options: Omit<CreateMemgptAgentOptions, "description"> & { description?: string | undefined },
  runtime: AutogenRuntime,
  saved: { owner: string; usage: UsageMeter; record: AutogenAgentRecord },
): MemgptConversableAgent {
  const { is_termination_msg, max_consecutive_auto_reply, default_auto_reply, description } =
    options;
  const { interface_kwargs, auto_save, concat_other_agent_messages } = options;
  let stored = false;
  return new MemgptConversableAgent({
    agent,
    clock: runtime.memgpt.clock,
    usage: saved.usage,
    auto_save: auto_save ?? false,
    concat_other_agent_messages: concat_other_agent_messages ?? false,
    ...(description === undefined ? {} : { description }),
    ...(is_termination_msg ? { is_termination_msg } : {}),
    ...(typeof max_consecutive_auto_reply === "number" ? { max_consecutive_auto_reply } : {}),
    ...(default_auto_reply === undefined ? {} : { default_auto_reply }),
    ...(interface_kwargs ? { interface_kwargs } : {}),
    // How the agent was made is written before its state: a state without it could not be loaded.
    before_save: async () => {
      if (stored) return;
      await runtime.memgpt.store.set(recordKey(saved.owner), saved.record);
      stored = true;
    },
  });
}

function checkedEntries(name: string, llm_config: LlmConfig | undefined) {
  if (!llm_config) return undefined;
  if (Array.isArray(llm_config.config_list) && llm_config.config_list.length > 0) {
    return llm_config.config_list;
  }
  throw new AutogenError("invalid_option", `llm_config of ${name} has no config_list`, {
    next: "Give `config_list` at least one entry.",
  });
}

function saving(llm_config: LlmConfig | undefined): { llm_config?: LlmConfig } {
  return llm_config ? { llm_config: withoutSecrets(llm_config) } : {};
}

function refuse(option: string, value: unknown): void {
  if (value === undefined || value === null) return;
  throw new NotImplementedError(`${option} is not available for MemGPT agents`, {
    why: "A MemGPT agent runs the functions of its preset and never executes code",
    next: `Leave ${option} out, or give it to a UserProxyAgent of the same group.`,
  });
}

function notFound(name: string): AutogenError {
  return new AutogenError("agent_not_found", `No saved agent is named ${name}`, {
    next: "Check the name, or make the agent with createMemgptAutogenAgentFromConfig and save it.",
  });
}
