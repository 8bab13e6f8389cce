/** `/agents`: who sits at the table of this channel. */
import type { AgentInfo } from "../src/channels/channel-session.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";

const KINDS: Readonly<Record<AgentInfo["kind"], string>> = {
  user_proxy: "the people who write here",
  assistant: "plain agent",
  memgpt: "MemGPT agent",
};

export const agents: Command = {
  name: "agents",
  description: "Show who sits in this groupchat",
  help: "`/agents` lists who sits here, in the order of their turns, with the model that each agent uses.",
  async run(call: CommandCall): Promise<void> {
    await call.reply(call.session.agents().map(agentLine).join("\n"));
  },
};

function agentLine(agent: AgentInfo, index: number): string {
  const model = agent.model ? `, ${agent.model}` : "";
  const about = agent.description ? `: ${agent.description}` : "";
  return `${index + 1}. **${agent.name}** (${KINDS[agent.kind]}${model})${about}`;
}
