/** `/help`: what the bot is and what one can say to it. */
import type { Command, CommandCall, CommandOption, Permission } from "../src/channels/command.ts";
import { matching, textOption } from "./options.ts";

export const help: Command = {
  name: "help",
  description: "Show what this bot does and its commands",
  options: [
    {
      type: "string",
      name: "command",
      description: "A command to explain",
      autocomplete: true,
    },
  ],
  help: "`/help` lists the commands; `/help command:attach` explains one.",
  async run(call: CommandCall): Promise<void> {
    const { command: given } = textOption(call, "command");
    const name = given?.trim().replace(/^\//, "").toLowerCase();
    const one = call.commands.find((command) => command.name === name);
    await call.reply(
      one ? explained(one) : overview(call.commands, given === undefined ? [] : [UNKNOWN]),
    );
  },
  async complete(call) {
    return matching(
      call.commands.map((command) => command.name),
      call.typed,
    );
  },
};

const UNKNOWN = "There is no such command. These are there:";

function overview(commands: readonly Command[], before: readonly string[]): string {
  return [
    ...before,
    "This channel is a groupchat: write, and the agents answer in turn. They remember what was said, and what the attached documents say. Write STOP to end their answers.",
    ...commands.map((command) => `- \`/${command.name}\`: ${command.description}`),
    "More on one of them: `/help command:attach`.",
  ].join("\n");
}

function explained(command: Command): string {
  const forms = command.subcommands
    ? command.subcommands.map((sub) =>
        formLine([command.name, sub.name], sub.options, sub.description, sub.permission),
      )
    : [formLine([command.name], command.options, command.description, command.permission)];
  return [...forms, "", command.help].join("\n");
}

const NEEDS: Record<Permission, string> = {
  everyone: "",
  manage_channel: " (needs Manage Channels)",
  manage_server: " (needs Manage Server)",
};

/** ``- `/sources detach name [agent]`: what it does (needs Manage Channels)`` */
function formLine(
  words: readonly string[],
  options: readonly CommandOption[] = [],
  description: string,
  permission: Permission = "everyone",
): string {
  const slots = options.map(({ name, required }) => (required ? name : `[${name}]`));
  const who = NEEDS[permission];
  return `- \`/${[...words, ...slots].join(" ")}\`: ${description}${who}`;
}
