/** `/save`: a named snapshot of the groupchat's working state. */
import type { Command, CommandCall } from "../src/channels/command.ts";

export const save: Command = {
  name: "save",
  description: "Save the groupchat's state under a name",
  permission: "manage_channel",
  options: [{ type: "string", name: "name", description: "The snapshot's name", required: true }],
  help: "`/save name:before the refactor` keeps core memory, the talk in view, the settings and the attached documents under a name; an earlier snapshot of that name is replaced. The groupchat also saves itself after every step; this is for going back.",
  async run(call: CommandCall): Promise<void> {
    const name = await call.session.saveSnapshot(String(call.options.get("name")));
    await call.reply(`Saved as "${name}". Bring it back with \`/load name:${name}\`.`);
  },
};
