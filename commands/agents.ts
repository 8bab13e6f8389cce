/** `/agents`: who sits at the table of this channel, and the agents that were made here. */
import type { AgentInfo, ChannelSession } from "../src/channels/channel-session.ts";
import type {
  Command,
  CommandCall,
  CommandOption,
  Form,
  FormField,
  FormRequest,
} from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import {
  LONGEST_DESCRIPTION,
  LONGEST_MESSAGE,
  LONGEST_NAME,
  type OwnAgent,
  ownNamed,
  templateNamed,
  withAgent,
  withEdit,
  withoutAgent,
} from "../src/channels/own-agents.ts";
import { matching, textOption } from "./options.ts";

const KINDS: Readonly<Record<AgentInfo["kind"], string>> = {
  user_proxy: "the people who write here",
  assistant: "plain agent",
  memgpt: "MemGPT agent",
};

const TEXTS: readonly CommandOption[] = [
  {
    type: "string",
    name: "system_message",
    description: "Who it is and what it does, told to its model",
  },
  { type: "string", name: "description", description: "One line: what it is there for" },
  {
    type: "string",
    name: "model",
    description: "Its model, of those that there are here",
    autocomplete: true,
  },
];

const WHICH: CommandOption = {
  type: "string",
  name: "name",
  description: "Which agent",
  required: true,
  autocomplete: true,
};

export const agents: Command = {
  name: "agents",
  description: "Show who sits in this groupchat, and make agents of your own",
  subcommands: [
    { name: "list", description: "List who sits here, in turn", permission: "everyone" },
    {
      name: "add",
      description: "Make an agent for this channel, in a form",
      permission: "manage_channel",
      options: [
        { type: "string", name: "name", description: "Its name: letters, digits, _ and -" },
        {
          type: "string",
          name: "template",
          description: "What the bot's host prepared, to begin with",
          autocomplete: true,
        },
        ...TEXTS,
      ],
      form: addForm,
    },
    {
      name: "edit",
      description: "Change an agent that was made here, in a form",
      permission: "manage_channel",
      options: [WHICH, ...TEXTS],
      form: editForm,
    },
    {
      name: "delete",
      description: "Delete an agent that was made here",
      permission: "manage_channel",
      options: [WHICH],
    },
  ],
  help: '`/agents list` lists who sits here, in the order of their turns, with the model that each agent uses.\n`/agents add` opens a form for a plain agent of this channel alone (`template:` fills it in with what the bot\'s host prepared), and `/agents edit` one to change it. What is given at once is not asked for: `/agents add name:Critic system_message:"You find what is wrong."`. `delete` takes it away. This ends answers in the making.',
  async run(call: CommandCall): Promise<void> {
    const { session } = call;
    const name = String(call.options.get("name") ?? "");
    switch (call.subcommand) {
      case "add": {
        const agent = { ...drafted(call), ...given(call) };
        await session.changeAgents((own, table) => withAgent(own, table, agent));
        await call.reply(
          `${escapeMarkdown(agent.name.trim())} sits at the table now, as the last.`,
        );
        return;
      }
      case "edit":
        if (Object.keys(given(call)).length === 0) {
          await call.reply(`Nothing was given to change of ${ownName(call)}.`);
          return;
        }
        await session.changeAgents((own, table) => withEdit(own, table, name, given(call)));
        await call.reply(`${ownName(call)} is changed.`);
        return;
      case "delete": {
        const deleted = ownName(call);
        await session.changeAgents((own) => withoutAgent(own, name));
        await call.reply(`${deleted} is deleted. What it said is kept.`);
        return;
      }
      default:
        await call.reply(listText(session));
    }
  },
  async complete({ option, session, typed }) {
    const { agents: own, models, templates } = session.ownAgents;
    if (option === "model") return matching(models, typed);
    return matching(
      (option === "template" ? templates : own).map((agent) => agent.name),
      typed,
    );
  },
};

/** As it is written, whatever case it was typed in. Throws for one that was not made here. */
function ownName({ options, session }: FormRequest): string {
  return escapeMarkdown(ownNamed(session.ownAgents.agents, String(options.get("name"))).name);
}

function given(call: FormRequest): Partial<Omit<OwnAgent, "name">> {
  return {
    ...textOption(call, "description"),
    ...textOption(call, "system_message"),
    ...textOption(call, "model"),
  };
}

/** The agent to be added, before its texts are given: the template's, or an empty one. */
function drafted(call: FormRequest): OwnAgent {
  const { template } = textOption(call, "template");
  const { templates } = call.session.ownAgents;
  const begun = template ? templateNamed(templates, template) : EMPTY;
  return { ...begun, ...textOption(call, "name") };
}

const EMPTY: OwnAgent = { name: "", description: "", system_message: "" };

function addForm(call: FormRequest): Form | undefined {
  if (call.options.has("name") && call.options.has("system_message")) return undefined;
  const agent = { ...drafted(call), ...given(call) };
  const name: FormField = {
    name: "name",
    label: "Name",
    required: true,
    max_length: LONGEST_NAME,
    value: agent.name,
    hint: "Letters, digits, _ and -",
  };
  return { title: "A new agent", fields: [name, ...textFields(call, agent)] };
}

function editForm(call: FormRequest): Form | undefined {
  if (Object.keys(given(call)).length > 0) return undefined;
  const agent = ownNamed(call.session.ownAgents.agents, String(call.options.get("name")));
  return { title: `Edit ${agent.name}`, fields: textFields(call, agent) };
}

function textFields({ session }: FormRequest, agent: OwnAgent): FormField[] {
  return [
    {
      name: "description",
      label: "Description",
      max_length: LONGEST_DESCRIPTION,
      value: agent.description,
      hint: "One line: what it is there for",
    },
    {
      name: "system_message",
      label: "System message",
      long: true,
      required: true,
      max_length: LONGEST_MESSAGE,
      value: agent.system_message,
      hint: "Who it is and what it does, told to its model",
    },
    {
      name: "model",
      label: "Model",
      max_length: 100,
      value: agent.model ?? "",
      hint: `Empty for the usual one. There is: ${session.ownAgents.models.join(", ")}`,
    },
  ];
}

/** In the order of the turns, with those who have none just now. */
function listText(session: ChannelSession): string {
  const { muted, removed } = session.steering.absent;
  const agents = session.agents();
  return session.steering.names.seats
    .flatMap((name) => agents.find((agent) => agent.name === name) ?? [])
    .map(({ name, kind, model, description }, index) => {
      const out = removed.includes(name) ? "removed" : muted.includes(name) ? "muted" : undefined;
      const facts = [KINDS[kind], model, out].filter((fact) => fact !== undefined);
      const about = description ? `: ${escapeMarkdown(description)}` : "";
      return `${index + 1}. **${name}** (${facts.join(", ")})${about}`;
    })
    .join("\n");
}
