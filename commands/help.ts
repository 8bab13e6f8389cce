/** `/help`: what the bot is and what one can say to it. */
import type { Command, CommandCall } from "../src/channels/command.ts";
import { matching } from "./options.ts";

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
    const name = call.options.get("command");
    const one = call.commands.find((command) => command.name === String(name).replace(/^\//, ""));
    if (name !== undefined && one) {
      await call.reply(`**/${one.name}** — ${one.description}\n${one.help}`);
      return;
    }
    const lines = call.commands.map((command) => `- \`/${command.name}\` — ${command.description}`);
    await call.reply(
      [
        ...(name === undefined ? [] : [`There is no command /${String(name)}.`]),
        "This channel is a groupchat: write, and the agents answer in turn. Write STOP to end a run.",
        ...lines,
      ].join("\n"),
    );
  },
  async complete(call) {
    return matching(
      call.commands.map((command) => command.name),
      call.typed,
    );
  },
};
