/** `/attach`: a file into the archival memory of the channel's MemGPT agent. */
import type { Command, CommandCall } from "../src/channels/command.ts";
import type { IncomingFile } from "../src/channels/ports.ts";
import type { IngestProgress } from "../src/documents/data-sources.ts";
import { agentOption, completeAgent, textOption } from "./options.ts";

export const attach: Command = {
  name: "attach",
  description: "Attach a document (PDF, text, Markdown) to a MemGPT agent's archival memory",
  options: [
    { type: "file", name: "file", description: "The document to read", required: true },
    agentOption("The MemGPT agent that gets it, where the channel has several"),
  ],
  help: "`/attach file:paper.pdf` reads the document, splits it into passages and links them to the agent's archival memory. Attaching the same file again changes nothing.\nIn the terminal: `/attach ./paper.pdf`.",
  async run(call: CommandCall): Promise<void> {
    const file = call.options.get("file") as IncomingFile;
    const report = await call.session.attach(file, {
      ...textOption(call, "agent"),
      ...(call.signal ? { signal: call.signal } : {}),
      onProgress: (progress) => call.progress(progressLine(file.name, progress)),
    });
    await call.reply(report.text);
  },
  async complete(call) {
    return completeAgent(call);
  },
};

/** One line on how far the ingestion is. */
export function progressLine(name: string, progress: IngestProgress): string {
  const pages = progress.pages_total
    ? `page ${progress.pages_done} of ${progress.pages_total}`
    : "";
  const passages = progress.passages_done > 0 ? `${progress.passages_done} passages stored` : "";
  const detail = [pages, passages].filter(Boolean).join(", ");
  return detail ? `Reading ${name}: ${detail} …` : `Reading ${name} …`;
}
