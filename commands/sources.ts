/** `/sources`: the data sources that agents of this channel can search, or could. */
import { attachText, failureLines } from "../src/channels/channel-documents.ts";
import type { DroppedFiles } from "../src/channels/channel-state.ts";
import type { Command, CommandCall, CommandOption } from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import type { DataSource } from "../src/documents/data-sources.ts";
import { ColloquyError } from "../src/shared/errors.ts";
import {
  agentOption,
  attachedNames,
  completeAgent,
  fileOptions,
  givenFiles,
  integerOption,
  matching,
  readingOptions,
  textOption,
} from "./options.ts";
import { count, listLine, loadedText, showText } from "./source-texts.ts";

const MOST_URLS = 10;
const FIRST_PASSAGES = 3;
const DROPPED: readonly DroppedFiles[] = ["ask", "always", "never"];

const NAME: CommandOption = {
  type: "string",
  name: "name",
  description: "The source's name",
  required: true,
  autocomplete: true,
};

export const sources: Command = {
  name: "sources",
  description: "Load documents as data sources, list, attach, detach and change them",
  subcommands: [
    {
      name: "load",
      description: "Load files or web pages as one source, without attaching it",
      permission: "everyone",
      options: [
        ...fileOptions(),
        {
          type: "string",
          name: "url",
          description: "Web pages instead of files, parted by spaces",
        },
        { type: "string", name: "name", description: "What to call it; else as the first file" },
      ],
    },
    {
      name: "list",
      description: "List the sources seen here, and who has them",
      permission: "everyone",
    },
    {
      name: "attach",
      description: "Attach a loaded source to an agent, at once",
      permission: "everyone",
      in_public: true,
      options: [NAME, agentOption("The MemGPT agent that gets it, where there are several")],
    },
    {
      name: "detach",
      description: "Take a document away from an agent; the document itself is kept",
      permission: "manage_channel",
      options: [
        NAME,
        agentOption("The MemGPT agent to take it from, where the channel has several"),
      ],
    },
    {
      name: "show",
      description: "Show a source's files, what could not be read, and its first passages",
      permission: "everyone",
      options: [
        NAME,
        { type: "integer", name: "passages", description: "How many (3)", min: 0, max: 20 },
      ],
    },
    {
      name: "rename",
      description: "Give a source another name",
      permission: "manage_channel",
      options: [NAME, { type: "string", name: "to", description: "Its new name", required: true }],
    },
    {
      name: "refresh",
      description: "Fetch a web page again; split and embed a source anew",
      permission: "manage_channel",
      options: [NAME],
    },
    {
      name: "publish",
      description: "Let the whole server see a source, or only where it was loaded",
      permission: "manage_server",
      options: [
        NAME,
        { type: "boolean", name: "published", description: "True, or false to take it back" },
      ],
    },
    {
      name: "delete",
      description: "Delete a source with all its passages, for everyone",
      permission: "manage_channel",
      options: [NAME, { type: "boolean", name: "confirm", description: "True: yes, delete it" }],
    },
    {
      name: "dropped",
      description: "What becomes of documents that people post here",
      permission: "manage_channel",
      options: [
        {
          type: "string",
          name: "what",
          description: "ask: a button under them; always: attach at once; never: nothing",
          choices: DROPPED,
          required: true,
        },
      ],
    },
  ],
  help: "`/sources load` reads files or a `url:` into one source; `/sources attach` links it to an agent at once. `/sources list` shows what is there, how large it is and who has it; `/sources show` the files, what could not be read and the first passages. `/sources detach name:paper.pdf` unlinks one; attaching it again later is instant. `/sources rename`, `refresh` and `delete` change one for all who have it. A source is seen where it was loaded; `/sources publish` shows it to the whole server. `/sources dropped what:always` attaches posted documents without asking.",
  async run(call: CommandCall): Promise<void> {
    const work = WORK.get(call.subcommand ?? "");
    if (work) await call.reply(await work(call));
  },
  async complete(call) {
    if (call.option === "agent") return completeAgent(call);
    if (call.subcommand === "detach") return matching(attachedNames(call), call.typed);
    return matching(await call.session.sources.names(), call.typed);
  },
};

const WORK: ReadonlyMap<string, (call: CommandCall) => Promise<string>> = new Map([
  ["load", load],
  ["list", list],
  ["attach", attach],
  ["detach", detach],
  ["show", show],
  ["rename", rename],
  ["refresh", refresh],
  ["publish", publish],
  ["delete", remove],
  ["dropped", dropped],
]);

async function load(call: CommandCall): Promise<string> {
  const files = givenFiles(call);
  const urls = (textOption(call, "url").url ?? "").split(/\s+/).filter(Boolean);
  if ((files.length === 0) === (urls.length === 0) || urls.length > MOST_URLS) {
    throw new ColloquyError("command_option", "There is nothing here that can be loaded", {
      why: `A source is made of files, or of 1 to ${MOST_URLS} web pages.`,
      next: "Give `file`, or `url`.",
    });
  }
  const { name } = textOption(call, "name");
  const { sources } = call.session;
  const options = readingOptions(call, name ?? files[0]?.name ?? urls[0] ?? "");
  return loadedText(
    files.length > 0
      ? await sources.load(name, files, options)
      : await sources.loadPages(name, urls, options),
  );
}

async function list(call: CommandCall): Promise<string> {
  const listed = await call.session.sources.list();
  if (listed.length > 0) return listed.map(listLine).join("\n");
  return "There are no data sources here. Add one with `/attach` or `/sources load`.";
}

async function attach(call: CommandCall): Promise<string> {
  const { agent: wanted } = textOption(call, "agent");
  return attachText(await call.session.sources.attach(nameOf(call), wanted));
}

async function detach(call: CommandCall): Promise<string> {
  const { name, agent, total } = await call.session.documents.detach(
    nameOf(call),
    textOption(call, "agent").agent,
  );
  return `Detached data source ${escapeMarkdown(name)} from agent ${agent}. Agent now has ${total} embeddings in archival memory.`;
}

async function show(call: CommandCall): Promise<string> {
  const { sources } = call.session;
  const passages = integerOption(call, "passages") ?? FIRST_PASSAGES;
  return showText(await sources.show(await sources.find(nameOf(call)), passages));
}

async function rename(call: CommandCall): Promise<string> {
  const source = await changeable(call);
  const renamed = await call.session.sources.rename(source, String(call.options.get("to")));
  return `Data source ${escapeMarkdown(source.name)} is called ${escapeMarkdown(renamed.name)} now.`;
}

async function refresh(call: CommandCall): Promise<string> {
  const source = await changeable(call);
  const fresh = await call.session.sources.refresh(source, readingOptions(call, source.name));
  const name = escapeMarkdown(fresh.name);
  const closing = `Refreshed data source ${name}, consisting of ${fresh.passages}.`;
  return [closing, ...failureLines(fresh)].join("\n");
}

async function publish(call: CommandCall): Promise<string> {
  const { sources } = call.session;
  const published = call.options.get("published") !== false;
  const { name } = await sources.publish(await sources.find(nameOf(call)), published);
  const shown = escapeMarkdown(name);
  return published
    ? `Data source ${shown} is seen in the whole server now.`
    : `Data source ${shown} is seen only where it was loaded now. Agents that have it keep it.`;
}

async function remove(call: CommandCall): Promise<string> {
  const source = await changeable(call);
  const { sources } = call.session;
  const name = escapeMarkdown(source.name);
  const passages = count(source.passages, "passage");
  if (call.options.get("confirm") !== true) {
    const listed = (await sources.list()).find((one) => one.source.id === source.id);
    const users = [
      ...(listed?.agents ?? []),
      ...(listed?.elsewhere ? [count(listed.elsewhere, "other channel")] : []),
    ];
    const lose = users.length > 0 ? ` It is attached to ${users.join(", ")}.` : "";
    return `Delete data source ${name} with its ${passages}, for everyone?${lose} If so, call this again with \`confirm:true\`.`;
  }
  await sources.delete(source);
  return `Deleted data source ${name} with its ${passages}.`;
}

async function dropped(call: CommandCall): Promise<string> {
  const what = DROPPED.find((one) => one === call.options.get("what")) ?? "ask";
  await call.session.changeSettings({ dropped_files: what });
  switch (what) {
    case "ask":
      return "From now on, a button is put under documents that are posted here.";
    case "always":
      return "From now on, documents that are posted here are attached at once.";
    case "never":
      return "From now on, documents that are posted here are left alone.";
  }
}

function nameOf(call: CommandCall): string {
  return String(call.options.get("name"));
}

/** What the whole server sees is not one channel's to change. */
async function changeable(call: CommandCall): Promise<DataSource> {
  const source = await call.session.sources.find(nameOf(call));
  if (!source.published || call.may_manage_server) return source;
  throw new ColloquyError("command_forbidden", "You may not change this data source", {
    why: "It is published to the whole server.",
    next: "Ask somebody with the Manage Server permission.",
  });
}
