/**
 * Which entries of its list an agent may use: `model`, or AutoGen's `filter_dict`. That the lists have
 * what agents and templates ask for is checked when both are read.
 */
import { type FilterDict, filterConfig } from "../src/shared/entry-filter.ts";
import type { AgentTemplate } from "./agent-templates.ts";
import { describe, type Fields } from "./fields.ts";
import type { ModelConfig } from "./model-lists.ts";

/** Fields by which entries are told apart; keys are no way to. */
const FILTERS = ["model", "tags", "api_type", "base_url", "api_version"] as const;

export function readFilter(fields: Fields): FilterDict | undefined {
  const model = fields.text("model");
  const given = fields.has("filter_dict") ? fields.section("filter_dict") : undefined;
  if (model !== undefined && given) {
    fields.fault("model", "both model and filter_dict", "one of them");
  }
  if (!given) return model === undefined ? undefined : { model: [model] };
  const filter: Record<string, readonly unknown[]> = {};
  for (const key of FILTERS) {
    if (!given.has(key)) continue;
    const values = [given.raw(key)].flat();
    const areTexts = values.every((value) => typeof value === "string" || value === null);
    if (areTexts) filter[key] = values;
    else given.fault(key, describe(given.raw(key)), "a text or a list of texts");
  }
  given.done();
  return filter;
}

interface Lists {
  config_list: readonly ModelConfig[];
  config_list_memgpt: readonly ModelConfig[];
}

interface Asking {
  agents: readonly { type: string; filter_dict?: FilterDict }[];
  templates: readonly AgentTemplate[];
}

/** To be called where nothing else is at fault: places in the lists are those of the file then. */
export function checkAgentModels(root: Fields, { agents, templates }: Asking, lists: Lists): void {
  for (const [i, { type, filter_dict }] of agents.entries()) {
    if (!filter_dict) continue;
    const name = type === "memgpt" ? "config_list_memgpt" : "config_list";
    if (filterConfig(lists[name], filter_dict).length > 0) continue;
    const got = Object.entries(filter_dict).map(([key, value]) => `${key} ${[value].join(", ")}`);
    root.fault(
      `agents[${i}].filter_dict`,
      got.join(" and "),
      `what an entry of ${name} has: ${told(lists[name])}`,
    );
  }
  for (const [i, { model }] of templates.entries()) {
    if (model === undefined || lists.config_list.some((entry) => entry.model === model)) continue;
    root.fault(
      `templates[${i}].model`,
      describe(model),
      `a model of config_list: ${told(lists.config_list)}`,
    );
  }
}

function told(entries: readonly ModelConfig[]): string {
  const models = new Set(entries.map(({ model }) => model));
  const tags = new Set(entries.flatMap((entry) => entry.tags ?? []));
  if (models.size === 0) return "(it has none)";
  return [...models].join(", ") + (tags.size > 0 ? `; tags ${[...tags].join(", ")}` : "");
}
