/**
 * Who sits in a channel and by which rules they talk: the `agents` and the group chat's settings,
 * in the words of AutoGen 0.2.
 */
import type { FilterDict } from "../src/shared/entry-filter.ts";
import { readFilter } from "./agent-models.ts";
import { type AgentTemplate, readName, readTemplates } from "./agent-templates.ts";
import { type BudgetConfig, readBudget } from "./budget-section.ts";
import { describe, Fields } from "./fields.ts";
import type { ConfigTexts } from "./texts.ts";

interface CommonAgentConfig {
  /** Unique, in `[A-Za-z0-9_-]{1,64}`; also the name of its voice. */
  name: string;
  /** One line for people and for `/agents`. */
  description?: string;
  avatar_url?: string;
}

/** The people of the channel. */
export interface UserProxyConfig extends CommonAgentConfig {
  type: "user_proxy";
}

export interface AssistantConfig extends CommonAgentConfig {
  type: "assistant";
  /** AutoGen's default when absent. */
  system_message?: string;
  /** Entries of `config_list` that it may use; all when absent. */
  filter_dict?: FilterDict;
}

export interface MemgptConfig extends CommonAgentConfig {
  type: "memgpt";
  /** Name in `texts.presets`; the first `config_list_memgpt` entry's when absent. */
  preset?: string;
  /** Name in `texts.personas`; the preset's when absent. */
  persona?: string;
  /** The persona itself, as text; never beside `persona`. */
  system_message?: string;
  /** Name in `texts.humans`; the preset's when absent. */
  human?: string;
  skip_verify?: boolean;
  /** Entries of `config_list_memgpt` that it may use; all when absent. */
  filter_dict?: FilterDict;
  /** How its prompts are laid out; "append" when absent. */
  layout?: "append" | "memgpt_0_3";
}

export type AgentConfig = UserProxyConfig | AssistantConfig | MemgptConfig;

export interface InterfaceKwargs {
  debug: boolean;
  show_inner_thoughts: boolean;
  show_function_outputs: boolean;
  /** Lets other agents read what is shown. */
  share_with_agents: boolean;
}

export interface GroupchatConfig {
  /** In the order of the rotation; exactly one is the user_proxy. */
  agents: readonly AgentConfig[];
  /** Messages per run, the opening one included. */
  max_round: number;
  human_input_mode: "ALWAYS" | "TERMINATE" | "NEVER";
  max_consecutive_auto_reply: number;
  default_auto_reply: string;
  /** A message that ends with this ends the run. */
  termination_text: string;
  speaker_selection_method: "round_robin" | "auto" | "random" | "manual";
  interface_kwargs: InterfaceKwargs;
  /** Shows answers while they are written, where a channel has not chosen otherwise. */
  streaming: boolean;
  /** Agents that people may seat in a channel of theirs with `/agents add`. */
  templates: readonly AgentTemplate[];
  budget: BudgetConfig;
}

/** The table of MemGPT's example `agent_groupchat`, in our own words. */
export const DEFAULT_AGENTS: readonly AgentConfig[] = [
  {
    type: "user_proxy",
    name: "User_proxy",
    description: "The people in this channel.",
  },
  {
    type: "assistant",
    name: "Product_manager",
    description: "Invents software products and says what makes them worth building.",
    system_message:
      "As Product_manager you invent software products and say in plain words who would want each of them, and why. Keep to what is asked.",
  },
  {
    type: "memgpt",
    name: "MemGPT_coder",
    description: "A programmer who remembers the conversation and reads attached documents.",
    preset: "memgpt_chat",
    system_message:
      "I am MemGPT_coder, a very experienced programmer, most at home in Python. I sit in a group chat with the people of this channel (User_proxy) and a product manager (Product_manager). I answer briefly, remember what matters, and say when I do not know something.",
  },
];

export const GROUPCHAT_KEYS = [
  "agents",
  "max_round",
  "human_input_mode",
  "max_consecutive_auto_reply",
  "default_auto_reply",
  "termination_text",
  "speaker_selection_method",
  "interface_kwargs",
  "streaming",
  "templates",
  "budget",
] as const;

export function readGroupchat(root: Fields, texts: ConfigTexts, notes: string[]): GroupchatConfig {
  return {
    agents: root.has("agents") ? readAgents(root, texts) : DEFAULT_AGENTS,
    max_round: root.whole("max_round", { min: 1, max: 1000 }) ?? 12,
    human_input_mode:
      root.oneOf("human_input_mode", ["ALWAYS", "TERMINATE", "NEVER"] as const) ?? "ALWAYS",
    max_consecutive_auto_reply:
      root.whole("max_consecutive_auto_reply", { min: 0, max: 10_000 }) ?? 100,
    default_auto_reply: root.text("default_auto_reply") ?? "...",
    termination_text:
      root.text("termination_text", { pattern: /\S/, wanted: "a text that is not blank" }) ??
      "TERMINATE",
    speaker_selection_method:
      root.oneOf("speaker_selection_method", [
        "round_robin",
        "auto",
        "random",
        "manual",
      ] as const) ?? "round_robin",
    interface_kwargs: readInterface(root.section("interface_kwargs"), notes),
    streaming: root.flag("streaming") ?? true,
    templates: readTemplates(root),
    budget: readBudget(root.section("budget")),
  };
}

function readInterface(fields: Fields, notes: string[]): InterfaceKwargs {
  for (const key of ["show_user_message", "fancy"]) {
    if (fields.flag(key) !== undefined) {
      notes.push(`${fields.at(key)} is accepted and has no effect here.`);
    }
  }
  const result = {
    debug: fields.flag("debug") ?? false,
    show_inner_thoughts: fields.flag("show_inner_thoughts") ?? true,
    show_function_outputs: fields.flag("show_function_outputs") ?? false,
    share_with_agents: fields.flag("share_with_agents") ?? false,
  };
  fields.done();
  return result;
}

function readAgents(root: Fields, texts: ConfigTexts): AgentConfig[] {
  const items = root.list("agents");
  if (!items) return [];
  const agents = items.flatMap((item, i) => {
    const fields = new Fields(root.faults, `agents[${i}]`, item);
    const agent = readAgent(fields, texts);
    return agent ? [agent] : [];
  });
  // Counting the members of a list with a broken one would only report the same fault twice.
  if (agents.length < items.length) return agents;
  const names = new Set<string>();
  for (const [i, { name }] of agents.entries()) {
    if (names.has(name.toLowerCase())) {
      root.faults.add(`agents[${i}].name`, `"${name}" again`, "a name that no other agent has");
    }
    names.add(name.toLowerCase());
  }
  const people = agents.filter((agent) => agent.type === "user_proxy").length;
  if (people !== 1) {
    root.fault("agents", `${people} agents of type user_proxy`, "exactly one: the people");
  }
  if (agents.length - people < 1) {
    root.fault("agents", "nobody who answers", "at least one agent of type memgpt or assistant");
  }
  return agents;
}

const AGENT_TYPES = ["user_proxy", "assistant", "memgpt"] as const;

function readAgent(fields: Fields, texts: ConfigTexts): AgentConfig | undefined {
  const type = fields.oneOf("type", AGENT_TYPES);
  if (!fields.has("type")) fields.fault("type", "nothing", `one of ${AGENT_TYPES.join(", ")}`);
  const name = readName(fields, "a name, such as MemGPT_coder");
  const description = fields.text("description");
  const avatar_url = fields.url("avatar_url");
  const common = {
    name: name ?? "",
    ...(description === undefined ? {} : { description }),
    ...(avatar_url === undefined ? {} : { avatar_url }),
  };
  const agent = type ? ofType(type, common, fields, texts) : undefined;
  if (type) fields.done();
  return name === undefined ? undefined : agent;
}

function ofType(
  type: (typeof AGENT_TYPES)[number],
  common: CommonAgentConfig,
  fields: Fields,
  texts: ConfigTexts,
): AgentConfig {
  if (type === "user_proxy") return { type, ...common };
  const system_message = fields.text("system_message");
  const filter_dict = readFilter(fields);
  const own = {
    ...(system_message ? { system_message } : {}),
    ...(filter_dict ? { filter_dict } : {}),
  };
  if (type === "assistant") return { type, ...common, ...own };
  const preset = nameIn(fields, "preset", texts.presets);
  const persona = nameIn(fields, "persona", texts.personas);
  const human = nameIn(fields, "human", texts.humans);
  const skip_verify = fields.flag("skip_verify");
  const layout = fields.oneOf("layout", ["append", "memgpt_0_3"] as const);
  if (persona !== undefined && system_message) {
    fields.fault("persona", "both persona and system_message", "one of them: both say who it is");
  }
  return {
    type,
    ...common,
    ...own,
    ...(preset === undefined ? {} : { preset }),
    ...(persona === undefined ? {} : { persona }),
    ...(human === undefined ? {} : { human }),
    ...(skip_verify === undefined ? {} : { skip_verify }),
    ...(layout === undefined ? {} : { layout }),
  };
}

/** The name of a text or preset that exists. */
function nameIn(
  fields: Fields,
  key: string,
  known: ReadonlyMap<string, unknown>,
): string | undefined {
  const name = fields.text(key);
  if (name === undefined || known.has(name)) return name;
  fields.fault(key, describe(name), `one of ${[...known.keys()].join(", ") || "(there are none)"}`);
  return undefined;
}
