/** The form of the commands that show or hide something of agents' answers in a channel. */
import type { Command, CommandCall } from "../src/channels/command.ts";

export function visibilityCommand(options: {
  name: string;
  setting: "show_inner_thoughts" | "show_function_outputs" | "streaming";
  what: string;
  help: string;
}): Command {
  const { name, setting, what } = options;
  return {
    name,
    description: `Show or hide ${what} in this channel`,
    subcommands: [
      { name: "show", description: `Show ${what} here`, permission: "manage_channel" },
      { name: "hide", description: `Hide ${what} here`, permission: "manage_channel" },
    ],
    help: `\`/${name} show\`, \`/${name} hide\`. ${options.help}`,
    async run(call: CommandCall): Promise<void> {
      const shown = call.subcommand === "show";
      await call.session.changeSettings({ [setting]: shown });
      await call.reply(
        shown ? `From now on, ${what} are shown here.` : `From now on, ${what} are hidden here.`,
      );
    },
  };
}
