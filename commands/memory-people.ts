/** The part of `/memory` that is about people: seeing, correcting, undoing, opting out. */
import type { KnownPerson } from "../src/channels/channel-people.ts";
import type { CommandCall, CommandOption, Subcommand } from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import { ColloquyError } from "../src/shared/errors.ts";
import { agentOption, textOption } from "./options.ts";

const person: CommandOption = {
  type: "string",
  name: "person",
  description: "Somebody else, by the name that agents use; for managers",
  autocomplete: true,
};

export const peopleSubcommands: readonly Subcommand[] = [
  {
    name: "me",
    description: "Show what is kept about you here",
    permission: "everyone",
    options: [person],
  },
  {
    name: "correct",
    description: "Correct what core memory has about you",
    permission: "everyone",
    options: [
      {
        type: "string",
        name: "old",
        description: "The text to replace, exactly as /memory me shows it",
        required: true,
      },
      { type: "string", name: "new", description: "What is right; without it, the text goes" },
      person,
      agentOption("The MemGPT agent to correct, where the channel has several"),
    ],
  },
  {
    name: "undo",
    description: "Take back the agent's last edits of core memory",
    permission: "manage_channel",
    options: [
      {
        type: "integer",
        name: "count",
        description: "How many edits; 1 by default",
        min: 1,
        max: 10,
      },
      agentOption("The MemGPT agent, where the channel has several"),
    ],
  },
  {
    name: "opt-out",
    description: "Be heard, but not remembered, wherever this bot is",
    permission: "everyone",
  },
  { name: "opt-in", description: "Be remembered again from now on", permission: "everyone" },
];

/** False when the subcommand is not one of these. */
export async function runPeopleSubcommand(call: CommandCall): Promise<boolean> {
  switch (call.subcommand) {
    case "me":
      await call.reply(await keptText(call, aboutWhom(call)));
      return true;
    case "correct":
      await call.reply(await corrected(call));
      return true;
    case "undo":
      await call.reply(await undone(call));
      return true;
    case "opt-out":
    case "opt-in":
      await call.reply(await chosen(call, call.subcommand === "opt-out"));
      return true;
    default:
      return false;
  }
}

/** `value` as the block's text, for people to read. */
export function blockText(block: { label: string; value: string; limit: number }): string {
  const { label, value, limit } = block;
  const size = [...value].length;
  return `**${escapeMarkdown(label)}** (${size}/${limit} characters)\n${escapeMarkdown(value) || "(empty)"}`;
}

/** Everybody may ask about themselves, only managers about others. */
function aboutWhom(call: CommandCall): Pick<KnownPerson, "id"> {
  const { person: name } = textOption(call, "person");
  if (name === undefined) return call.person;
  if (!call.may_manage) {
    throw new ColloquyError("command_forbidden", "You may only ask about yourself here", {
      why: "What is kept about somebody else is theirs.",
      next: "Leave `person` out, or ask somebody with the Manage Channels permission.",
    });
  }
  return call.session.people.named(name);
}

async function keptText(call: CommandCall, { id }: Pick<KnownPerson, "id">): Promise<string> {
  const { people } = call.session;
  const kept = await people.kept(id);
  const agents = kept.map(({ agent, label, text, limit, lines }) => {
    const block =
      label === undefined ? "No block of core memory." : blockText({ label, value: text, limit });
    return `${agent}: ${lines} lines in recall memory. ${block}`;
  });
  const optedOut = people.isOptedOut(id) ? ["Opted out: what is said is heard, and not kept."] : [];
  return [
    ...optedOut,
    ...agents,
    "See the lines with `/memory recall`, put the block right with `/memory correct`, delete all of it with `/forget me`.",
  ].join("\n");
}

async function corrected(call: CommandCall): Promise<string> {
  const { id } = aboutWhom(call);
  const { agent, new: new_content = "" } = textOptions(call);
  const old_content = String(call.options.get("old"));
  const block = await call.session.people.correct(id, { old_content, new_content }, agent);
  return `Corrected.\n${blockText(block)}`;
}

async function undone(call: CommandCall): Promise<string> {
  const count = call.options.get("count");
  const { agent } = textOptions(call);
  const edits = await call.session.people.undo(typeof count === "number" ? count : 1, agent);
  if (edits.length === 0) return "There is no edit of core memory to take back.";
  // Others read this answer, and a person's block is not for them.
  const labels = edits.map(({ label }) => `\`${label}\``);
  return `Taken back: ${edits.length} edit${edits.length === 1 ? "" : "s"}, in ${[...new Set(labels)].join(", ")}. The agent has been told.`;
}

async function chosen(call: CommandCall, opted_out: boolean): Promise<string> {
  await call.session.people.setOptedOut(call.person.id, opted_out);
  return opted_out
    ? "From now on you are heard while the agents answer, and nothing of it is kept, here and wherever this bot is. What was kept before stays until you use `/forget me` in the channel. `/memory opt-in` takes this back."
    : "From now on you are remembered again.";
}

function textOptions(call: CommandCall): { agent?: string; new?: string } {
  return { ...textOption(call, "agent"), ...textOption(call, "new") };
}
