/** `/attach`: files into the archival memory of the channel's MemGPT agent. */
import { attachText } from "../src/channels/channel-documents.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";
import {
  agentOption,
  completeAgent,
  fileOptions,
  givenFiles,
  readingOptions,
  textOption,
} from "./options.ts";

export const attach: Command = {
  name: "attach",
  description:
    "Attach a document (PDF, Word, EPUB, HTML, text, …) to a MemGPT agent's archival memory",
  options: [
    ...fileOptions(true),
    agentOption("The MemGPT agent that gets it, where the channel has several"),
  ],
  help: "`/attach file:paper.pdf` reads the document, splits it into passages and links them to the agent's archival memory; up to five files go at once. Attaching the same file again changes nothing.\nIn the terminal: `/attach ./paper.pdf ./notes.md`.",
  async run(call: CommandCall): Promise<void> {
    const { documents } = call.session;
    const [file, ...others] = givenFiles(call);
    if (!file) return;
    const options = { ...textOption(call, "agent"), ...readingOptions(call, file.name) };
    if (others.length === 0) {
      await call.reply(attachText(await documents.attach(file, options)));
      return;
    }
    const progress = (text: string): void => call.progress(text);
    await call.reply(await documents.attachAll([file, ...others], { ...options, progress }));
  },
  async complete(call) {
    return completeAgent(call);
  },
};
