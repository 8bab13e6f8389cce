/** `/attach`: a file into the archival memory of the channel's MemGPT agent. */
import { attachText } from "../src/channels/channel-documents.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";
import type { IncomingFile } from "../src/channels/ports.ts";
import { agentOption, completeAgent, readingOptions, textOption } from "./options.ts";

export const attach: Command = {
  name: "attach",
  description:
    "Attach a document (PDF, Word, EPUB, HTML, text, …) to a MemGPT agent's archival memory",
  options: [
    { type: "file", name: "file", description: "The document to read", required: true },
    agentOption("The MemGPT agent that gets it, where the channel has several"),
  ],
  help: "`/attach file:paper.pdf` reads the document, splits it into passages and links them to the agent's archival memory. Attaching the same file again changes nothing.\nIn the terminal: `/attach ./paper.pdf`.",
  async run(call: CommandCall): Promise<void> {
    const file = call.options.get("file") as IncomingFile;
    const report = await call.session.documents.attach(file, {
      ...textOption(call, "agent"),
      ...readingOptions(call, file.name),
    });
    await call.reply(attachText(report));
  },
  async complete(call) {
    return completeAgent(call);
  },
};
