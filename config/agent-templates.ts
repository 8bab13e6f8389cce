/**
 * `templates`: agents that the bot's host prepared for people to seat in a channel of theirs. They are
 * plain agents, within the limits of the form in which `/agents add` shows them.
 */
import { Fields } from "./fields.ts";

export interface AgentTemplate {
  /** Unique among the templates, in `[A-Za-z0-9_-]{1,64}`. */
  name: string;
  description: string;
  system_message: string;
  /** Name of a model in `config_list`; the usual one when absent. */
  model?: string;
}

const LONGEST_DESCRIPTION = 300;
const LONGEST_MESSAGE = 4_000;

/** Discord refuses these in the name of a webhook. */
const REFUSED_NAMES = /discord|clyde/i;

/** An agent's name, which is that of its voice too. */
export function readName(fields: Fields, required: string): string | undefined {
  const name = fields.text("name", {
    required,
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    wanted: "1 to 64 of the letters A-Z a-z, digits, _ and -",
  });
  if (name !== undefined && REFUSED_NAMES.test(name)) {
    fields.fault("name", `"${name}"`, "a name without discord or clyde, which Discord refuses");
  }
  return name;
}

export function readTemplates(root: Fields): AgentTemplate[] {
  const items = root.list("templates") ?? [];
  const names = new Set<string>();
  return items.flatMap((item, i) => {
    const fields = new Fields(root.faults, `templates[${i}]`, item);
    const template = readTemplate(fields);
    if (!template) return [];
    const name = template.name.toLowerCase();
    if (names.has(name)) {
      fields.fault("name", `"${template.name}" again`, "a name that no other template has");
    }
    names.add(name);
    return [template];
  });
}

function readTemplate(fields: Fields): AgentTemplate | undefined {
  const name = readName(fields, "a name, such as Critic");
  const description = shortText(fields, "description", LONGEST_DESCRIPTION) ?? "";
  const system_message = shortText(fields, "system_message", LONGEST_MESSAGE);
  if (!fields.has("system_message")) {
    fields.fault("system_message", "nothing", "who the agent is and what it does");
  }
  const model = fields.text("model");
  fields.done();
  if (name === undefined || system_message === undefined) return undefined;
  return { name, description, system_message, ...(model === undefined ? {} : { model }) };
}

function shortText(fields: Fields, key: string, most: number): string | undefined {
  const text = fields.text(key);
  if (text === undefined || text.length <= most) return text;
  fields.fault(key, `a text of ${text.length} characters`, `at most ${most} characters`);
  return undefined;
}
