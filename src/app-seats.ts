/**
 * From the configured agents to the seats of a table: presets, personas and humans become texts,
 * and each agent gets the model of its list.
 */
import type { AgentConfig, AppConfig } from "../config/config.ts";
import type { Models } from "./app-models.ts";
import type { Seat } from "./channels/channel-table.ts";
import type { ChatModel } from "./memgpt/ports.ts";
import { filterConfig } from "./shared/entry-filter.ts";
import { ColloquyError } from "./shared/errors.ts";

type MemgptConfig = Extract<AgentConfig, { type: "memgpt" }>;

export function seatsFrom(config: AppConfig, models: Models): readonly Seat[] {
  return config.groupchat.agents.map((agent) => seatFrom(agent, config, models));
}

/** What agents made in channels may have: the whole list first, then each further model of it. */
export function ownModelsFrom({ models: lists }: AppConfig, models: Models): readonly ChatModel[] {
  const names = new Set(lists.config_list.map(({ model }) => model));
  names.delete(models.plain.model);
  const others = [...names].map((name) => models.filtered("config_list", { model: [name] }));
  return [models.plain, ...others];
}

function seatFrom(agent: AgentConfig, config: AppConfig, models: Models): Seat {
  const { groupchat } = config;
  const base = {
    name: agent.name,
    ...(agent.description ? { description: agent.description } : {}),
    ...(agent.avatar_url ? { avatar_url: agent.avatar_url } : {}),
  };
  switch (agent.type) {
    case "user_proxy":
      return {
        ...base,
        type: "user_proxy",
        human_input_mode: groupchat.human_input_mode,
        default_auto_reply: groupchat.default_auto_reply,
        max_consecutive_auto_reply: groupchat.max_consecutive_auto_reply,
      };
    case "assistant":
      return {
        ...base,
        type: "assistant",
        model: agent.filter_dict ? models.filtered("config_list", agent.filter_dict) : models.plain,
        ...(agent.system_message === undefined ? {} : { system_message: agent.system_message }),
      };
    case "memgpt": {
      const model = agent.filter_dict
        ? models.filtered("config_list_memgpt", agent.filter_dict)
        : models.memgpt;
      return {
        ...base,
        type: "memgpt",
        model,
        default_auto_reply: groupchat.default_auto_reply,
        interface_kwargs: groupchat.interface_kwargs,
        memgpt: memgptOptions(agent, config, model),
      };
    }
  }
}

function memgptOptions(
  agent: MemgptConfig,
  config: AppConfig,
  model: ChatModel,
): Extract<Seat, { type: "memgpt" }>["memgpt"] {
  const { texts } = config;
  const [entry] = filterConfig(config.models.config_list_memgpt, agent.filter_dict);
  const name = agent.preset ?? entry?.preset ?? "memgpt_chat";
  const preset = named(texts.presets, name, "preset");
  const human = agent.human ?? preset.human;
  return {
    system: named(texts.prompts, preset.system_prompt, "prompt"),
    persona:
      agent.system_message || named(texts.personas, agent.persona ?? preset.persona, "persona"),
    // Mostly none, as MemGPT's AutoGen factory does where people are asked: they have their own blocks.
    human: human === undefined ? "" : named(texts.humans, human, "human"),
    functions: preset.functions,
    max_chain: config.limits.max_chain,
    first_message_verify_mono: model.model.includes("gpt-4"),
    // The offline model stores first and answers then; asking it again gets the same answer.
    skip_verify: agent.skip_verify ?? model.offline,
    ...(agent.layout === undefined ? {} : { layout: agent.layout }),
  };
}

/** A text that the configuration names. Checked when it is read; this guards a call without that. */
function named<T>(texts: ReadonlyMap<string, T>, name: string, kind: string): T {
  const text = texts.get(name);
  if (text !== undefined) return text;
  throw new ColloquyError("text_unknown", `There is no ${kind} called "${name}"`, {
    next: `Add it under config/${kind}s/, or name another one.`,
  });
}
