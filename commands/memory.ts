/** `/memory`: a look into the MemGPT agent's core, recall and archival memory. */
import type { Command, CommandCall, CommandOption } from "../src/channels/command.ts";
import type { IdleReport } from "../src/channels/idle-work.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import { blockText, peopleSubcommands, runPeopleSubcommand } from "./memory-people.ts";
import {
  agentOption,
  attachedNames,
  completeAgent,
  matching,
  pageOption,
  textOption,
} from "./options.ts";

const agent = agentOption("The MemGPT agent to look into, where the channel has several");
const page: CommandOption = {
  type: "integer",
  name: "page",
  description: "Which page of the results, from 1",
  min: 1,
};

const source: CommandOption = {
  type: "string",
  name: "source",
  description: "The attached document to search, and nothing else",
  autocomplete: true,
};

const PAGE_SIZE = 5;
const LONGEST_EXCERPT = 300;

export const memory: Command = {
  name: "memory",
  description: "Look into the MemGPT agent's memory",
  subcommands: [
    {
      name: "core",
      description: "Show the agent's core memory: persona, human, and what it has about you",
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
      description: "Search the agent's notes and the attached documents",
      permission: "everyone",
      options: [...searchOptions("What to search for; without it, how much there is"), source],
    },
    ...peopleSubcommands,
  ],
  help: "`/memory core` shows the persona and human blocks, and yours. `/memory recall query:deadline` searches what was said. `/memory archival query:virtual context` searches the agent's notes and the attached documents, and names source and page; `source:paper.pdf` searches only that. Further results: `page:2`.\n`/memory me` shows what is kept about you; `/memory correct old:tea new:coffee` puts it right, without `new` it takes it out. `/memory opt-out` has you heard but not remembered, anywhere; `/forget me` deletes what is kept here. Managers may add `person:`, and take back the agent's last edits with `/memory undo`, also those of idle work, which `/memory core` tells.",
  async run(call: CommandCall): Promise<void> {
    if (await runPeopleSubcommand(call)) return;
    const memories = call.session.memory(textOption(call, "agent").agent);
    const query = textOption(call, "query").query?.trim();
    if (call.subcommand === "core") {
      const blocks = memories.core.blocks();
      const { person, may_manage } = call;
      const shown = blocks.filter((b) => may_manage || !b.person || b.person === person.id);
      const idle = idleText(await call.session.idleReports());
      await call.reply(`${shown.map(blockText).join("\n\n")}${idle}`);
      return;
    }
    if (call.subcommand === "recall") {
      if (!query) {
        await call.reply(countText(memories.recall.count(), "lines", "recall"));
        return;
      }
      const { lines, note } = await memories.recall.search(query, call.signal);
      const items = lines.map(
        (line) => `${stamp(line.created_at)} **${line.speaker}**: ${excerpt(line.text)}`,
      );
      await call.reply(resultPage(items, pageOption(call), note));
      return;
    }
    if (!query) {
      await call.reply(countText(memories.archival.count(), "passages", "archival"));
      return;
    }
    const { found, note } = await memories.archival.find(query, {
      ...(call.signal ? { signal: call.signal } : {}),
      ...textOption(call, "source"),
    });
    const items = found.map(({ passage, also }) => {
      const places = new Set([passage, ...also].map(provenance));
      return `${[...places].join("; ")}: ${excerpt(passage.text)}`;
    });
    await call.reply(resultPage(items, pageOption(call), note));
  },
  async complete(call) {
    if (call.option === "person") return matching(call.session.people.names(), call.typed);
    if (call.option === "source") return matching(attachedNames(call), call.typed);
    return completeAgent(call);
  },
};

function searchOptions(what: string): readonly CommandOption[] {
  return [{ type: "string", name: "query", description: what }, page, agent];
}

/** What idle work did the last time for each agent, if it ever did. */
function idleText(reports: readonly IdleReport[]): string {
  const last = new Map(reports.map((report) => [report.agent, report]));
  return [...last.values()]
    .map(({ at, agent, changes }) => {
      const lines = changes.map((change) => `- ${escapeMarkdown(change)}`).join("\n");
      return `\n\nWhile it was quiet, ${stamp(at)}, ${agent} put its memory in order:\n${lines}`;
    })
    .join("");
}

function countText(count: number, what: string, kind: string): string {
  return `${kind === "recall" ? "Recall" : "Archival"} memory holds ${count} ${what}. Search them with \`/memory ${kind} query:…\`.`;
}

/** A page beyond the last is the last. */
function resultPage(items: readonly string[], wanted: number, note: string | undefined): string {
  if (items.length === 0) return ["Nothing found.", ...(note ? [note] : [])].join("\n");
  const pages = Math.ceil(items.length / PAGE_SIZE);
  const page = Math.min(wanted, pages);
  const shown = items.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  return [
    `${items.length} found, page ${page} of ${pages}.`,
    ...shown.map((item) => `- ${item}`),
    ...(note ? [note] : []),
  ].join("\n");
}

function provenance(passage: {
  source?: string;
  page?: number;
  heading?: string;
  link?: string;
  created_at: number;
}): string {
  const { source, page, heading, link, created_at } = passage;
  if (!source) return `${stamp(created_at)} the agent's own note`;
  const place =
    page !== undefined ? `, p. ${page}` : heading ? `, § ${escapeMarkdown(heading)}` : "";
  return `**${escapeMarkdown(source)}**${place}${link ? `, <${link}>` : ""}`;
}

/** `2026-11-22 12:04` in the host's zone. */
function stamp(ms: number): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" }).format(ms);
}

function excerpt(text: string): string {
  const points = [...text.replace(/\s+/g, " ").trim()];
  const cut = points.length > LONGEST_EXCERPT;
  return escapeMarkdown(
    cut ? `${points.slice(0, LONGEST_EXCERPT - 1).join("")}…` : points.join(""),
  );
}
