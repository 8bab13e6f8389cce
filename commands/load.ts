/** `/load`: back to a snapshot that `/save` made, or an agent out of a file. */
import type { ImportReport } from "../src/channels/agent-transfer.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import type { IncomingFile } from "../src/channels/ports.ts";
import { ColloquyError } from "../src/shared/errors.ts";
import { agentOption, completeAgent, matching, textOption } from "./options.ts";

/** Bytes; `/save` gives at most 8 million. */
const LARGEST_FILE = 10_000_000;
const MOST_NAMED = 10;

export const load: Command = {
  name: "load",
  description: "Bring back a state saved with /save, or take in an agent's file",
  permission: "manage_channel",
  options: [
    {
      type: "string",
      name: "name",
      description: "The snapshot's name",
      autocomplete: true,
    },
    { type: "file", name: "file", description: "A file that /save gave" },
    agentOption("The MemGPT agent that takes in the file, where the channel has several"),
  ],
  help: "`/load name:before the refactor` ends the running answers and brings back core memory, the talk in view, the settings and the attached documents as they were. What was said since stays findable in recall memory.\n`/load file:` takes in an agent that `/save` gave as a file: core memory and the talk before its eyes become the file's, recall and archival memory gain what the file has more. The state until then is kept as a snapshot. In the terminal: `/load file:./Sam.colloquy.json`.",
  async run(call: CommandCall): Promise<void> {
    const { name } = textOption(call, "name");
    const file = call.options.get("file") as IncomingFile | undefined;
    if ((name === undefined) === (file === undefined)) {
      throw new ColloquyError("command_option", "Give either a name or a file", {
        next: "`/load name:` brings back a snapshot, `/load file:` takes in an agent.",
      });
    }
    if (file) {
      const text = await textOf(file, call);
      const report = await call.session.saves.importAgent(text, textOption(call, "agent").agent);
      await call.reply(importText(report));
      return;
    }
    const wanted = String(name).trim();
    await call.session.saves.load(wanted);
    await call.reply(`"${wanted}" is back. What was said since is still in recall memory.`);
  },
  async complete(call) {
    if (call.option === "agent") return completeAgent(call);
    return matching(await call.session.saves.names(), call.typed);
  },
};

async function textOf(file: IncomingFile, call: CommandCall): Promise<string> {
  const tooLarge = (): ColloquyError =>
    new ColloquyError("agent_file_invalid", "This file is too large for an agent's", {
      why: `The limit is ${LARGEST_FILE / 1_000_000} MB.`,
      next: "Use a file as `/save` gave it.",
    });
  if (file.size > LARGEST_FILE) throw tooLarge();
  const bytes = await file.read(call.signal);
  if (bytes.length > LARGEST_FILE) throw tooLarge();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ColloquyError("agent_file_invalid", "This file is no saved agent", {
      why: "It is not text in UTF-8.",
      next: "Use a file as `/save` gave it.",
      cause,
    });
  }
}

function importText(report: ImportReport): string {
  const { agent, from, lines, archival, missing_sources, kept_as } = report;
  const named = missing_sources.slice(0, MOST_NAMED).map(escapeMarkdown).join(", ");
  const rest = missing_sources.length - MOST_NAMED;
  return [
    `${agent} has taken in what ${from === agent ? "the file holds" : `${from} knew`}: core memory is the file's, and ${counted(lines, "line")} and ${counted(archival, "note")} came in.`,
    ...(named
      ? [
          `Its documents are not in the file; attach them again: ${named}${rest > 0 ? ` and ${rest} more` : ""}.`,
        ]
      : []),
    `What was here before is kept: \`/load name:${kept_as}\` brings it back.`,
  ].join("\n");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
