/** `/load`: back to a snapshot that `/save` made. */
import type { Command, CommandCall } from "../src/channels/command.ts";
import { matching } from "./options.ts";

export const load: Command = {
  name: "load",
  description: "Bring back a state saved with /save",
  permission: "manage_channel",
  options: [
    {
      type: "string",
      name: "name",
      description: "The snapshot's name",
      required: true,
      autocomplete: true,
    },
  ],
  help: "`/load name:before the refactor` ends the running answers and brings back core memory, the talk in view, the settings and the attached documents as they were. What was said since stays findable in recall memory.",
  async run(call: CommandCall): Promise<void> {
    const name = String(call.options.get("name")).trim();
    await call.session.loadSnapshot(name);
    await call.reply(`"${name}" is back. What was said since is still in recall memory.`);
  },
  async complete(call) {
    return matching(await call.session.snapshotNames(), call.typed);
  },
};
