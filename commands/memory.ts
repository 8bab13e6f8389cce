/** `/memory`: a look into the MemGPT agent's core, recall and archival memory. */
import type { Command, CommandCall, CommandOption } from "../src/channels/command.ts";
import { agentOption, completeAgent, pageOption, textOption } from "./options.ts";

const agent = agentOption("The MemGPT agent to look into, where the channel has several");
const page: CommandOption = {
  type: "integer",
  name: "page",
  description: "Which page of the results, from 1",
  min: 1,
};

function searchOptions(what: string): readonly CommandOption[] {
  return [{ type: "string", name: "query", description: what }, page, agent];
}

export const memory: Command = {
  name: "memory",
  description: "Look into the MemGPT agent's memory",
  subcommands: [
    {
      name: "core",
      description: "Show what the agent always has before its eyes: persona and human",
      permission: "everyone",
      options: [agent],
    },
    {
      name: "recall",
      description: "Search what was said here",
      permission: "everyone",
      options: searchOptions("What to search for; without it, how much there is"),
    },
    {
      name: "archival",
      description: "Search archival memory and the attached documents",
      permission: "everyone",
      options: searchOptions("What to search for; without it, how much there is"),
    },
  ],
  help: "`/memory core` shows the persona and human blocks. `/memory recall query:deadline` searches what was said. `/memory archival query:virtual context` searches the archive and the attached documents, with source and page.",
  async run(call: CommandCall): Promise<void> {
    const name = textOption(call, "agent").agent;
    const query = textOption(call, "query").query?.trim();
    switch (call.subcommand) {
      case "core":
        await call.reply(coreText(call.session.coreMemory(name)));
        return;
      case "recall":
        await call.reply(
          query
            ? await call.session.searchRecall(query, pageOption(call), name)
            : `${call.session.recallCount(name)} lines are in recall memory. Search them with \`/memory recall query:…\`.`,
        );
        return;
      default:
        await call.reply(
          query
            ? await call.session.searchArchival(query, pageOption(call), name)
            : `${call.session.archivalCount(name)} passages are in archival memory. Search them with \`/memory archival query:…\`.`,
        );
    }
  },
  async complete(call) {
    return completeAgent(call);
  },
};

function coreText(blocks: readonly { label: string; value: string; limit: number }[]): string {
  return blocks
    .map(
      (block) =>
        `**${block.label}** (${block.value.length}/${block.limit} characters)\n${block.value || "(empty)"}`,
    )
    .join("\n\n");
}
