/** `/sources`: the documents that agents of this channel can search. */
import type { AttachedInfo } from "../src/channels/channel-documents.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import { agentOption, completeAgent, matching, textOption } from "./options.ts";

export const sources: Command = {
  name: "sources",
  description: "List the attached documents, or detach one",
  subcommands: [
    {
      name: "list",
      description: "List the documents that the agents here can search",
      permission: "everyone",
    },
    {
      name: "detach",
      description: "Take a document away from an agent; the document itself is kept",
      permission: "manage_channel",
      options: [
        {
          type: "string",
          name: "name",
          description: "The document's name",
          required: true,
          autocomplete: true,
        },
        agentOption("The MemGPT agent to take it from, where the channel has several"),
      ],
    },
  ],
  help: "`/sources list` shows what is attached, and how many passages each document has. `/sources detach name:paper.pdf` unlinks one; attaching it again later is instant.",
  async run(call: CommandCall): Promise<void> {
    if (call.subcommand === "detach") {
      const { name, agent, total } = await call.session.documents.detach(
        String(call.options.get("name")),
        textOption(call, "agent").agent,
      );
      await call.reply(
        `Detached data source ${escapeMarkdown(name)} from agent ${agent}. Agent now has ${total} embeddings in archival memory.`,
      );
      return;
    }
    const attached = call.session.documents.attached();
    await call.reply(
      attached.length === 0
        ? "No documents are attached here. Add one with `/attach`."
        : attached.map(sourceLine).join("\n"),
    );
  },
  async complete(call) {
    if (call.option === "agent") return completeAgent(call);
    const names = call.session.documents.attached().map((source) => source.name);
    return matching([...new Set(names)], call.typed);
  },
};

function sourceLine(source: AttachedInfo): string {
  const about = source.description ? ` — ${escapeMarkdown(source.description)}` : "";
  const passages = source.passages === 1 ? "1 passage" : `${source.passages} passages`;
  return `- **${escapeMarkdown(source.name)}** (${source.kind}): ${passages}, attached to ${source.agent}${about}`;
}
