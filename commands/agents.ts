/** `/agents`: who sits at the table of this channel, and the agents that were made here. */
import type { AgentInfo } from "../src/channels/channel-session.ts";
import type { Command, CommandCall, CommandOption } from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import { withAgent, withEdit, withoutAgent } from "../src/channels/own-agents.ts";
import { matching, textOption } from "./options.ts";

const KINDS: Readonly<Record<AgentInfo["kind"], string>> = {
  user_proxy: "the people who write here",
  assistant: "plain agent",
  memgpt: "MemGPT agent",
};

const TEXTS: readonly CommandOption[] = [
  { type: "string", name: "description", description: "One line: what it is there for" },
  {
    type: "string",
    name: "model",
    description: "Its model, of those that the agents here have",
    autocomplete: true,
  },
];

const MESSAGE: CommandOption = {
  type: "string",
  name: "system_message",
  description: "Who it is and what it does, told to its model",
};

function nameIs(description: string, autocomplete: boolean): CommandOption {
  return { type: "string", name: "name", description, required: true, autocomplete };
}

export const agents: Command = {
  name: "agents",
  description: "Show who sits in this groupchat, and make agents of your own",
  subcommands: [
    { name: "list", description: "List who sits here, in turn", permission: "everyone" },
    {
      name: "add",
      description: "Make an agent for this channel",
      permission: "manage_channel",
      options: [
        nameIs("Its name: letters, digits, _ and -", false),
        { ...MESSAGE, required: true },
        ...TEXTS,
      ],
    },
    {
      name: "edit",
      description: "Change an agent that was made here",
      permission: "manage_channel",
      options: [nameIs("Which agent", true), MESSAGE, ...TEXTS],
    },
    {
      name: "delete",
      description: "Delete an agent that was made here",
      permission: "manage_channel",
      options: [nameIs("Which agent", true)],
    },
  ],
  help: '`/agents list` lists who sits here, in the order of their turns, with the model that each agent uses.\n`/agents add name:Critic system_message:"You find what is wrong."` makes a plain agent for this channel alone; `edit` and `delete` change it. This ends answers in the making.',
  async run(call: CommandCall): Promise<void> {
    const { session } = call;
    const name = String(call.options.get("name") ?? "");
    const given = {
      ...textOption(call, "description"),
      ...textOption(call, "system_message"),
      ...textOption(call, "model"),
    };
    switch (call.subcommand) {
      case "add":
        await session.changeAgents((own, seats) =>
          withAgent(own, seats, { name, description: "", system_message: "", ...given }),
        );
        await call.reply(`${escapeMarkdown(name.trim())} sits at the table now, as the last.`);
        return;
      case "edit":
        await session.changeAgents((own, seats) => withEdit(own, seats, name, given));
        await call.reply(`${escapeMarkdown(name.trim())} is changed.`);
        return;
      case "delete":
        await session.changeAgents((own) => withoutAgent(own, name));
        await call.reply(`${escapeMarkdown(name.trim())} is deleted. What it said is kept.`);
        return;
      default:
        await call.reply(session.agents().map(agentLine).join("\n"));
    }
  },
  async complete({ option, session, typed }) {
    const { agents: own, models } = session.ownAgents;
    return matching(option === "model" ? models : own.map((agent) => agent.name), typed);
  },
};

function agentLine(agent: AgentInfo, index: number): string {
  const model = agent.model ? `, ${agent.model}` : "";
  const about = agent.description ? `: ${escapeMarkdown(agent.description)}` : "";
  return `${index + 1}. **${agent.name}** (${KINDS[agent.kind]}${model})${about}`;
}
