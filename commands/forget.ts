/** `/forget`: deletes what is kept about a person in this channel. */
import type { Command, CommandCall, CommandOption } from "../src/channels/command.ts";
import { ColloquyError } from "../src/shared/errors.ts";
import { matching } from "./options.ts";

const confirm: CommandOption = {
  type: "boolean",
  name: "confirm",
  description: "True: delete it. It cannot be brought back",
  required: true,
};

export const forget: Command = {
  name: "forget",
  description: "Delete what is kept about you in this channel",
  subcommands: [
    {
      name: "me",
      description: "Delete what is kept about you here: lines, answers to them, notes",
      permission: "everyone",
      options: [confirm],
    },
    {
      name: "person",
      description: "Delete what is kept about somebody who has written here",
      permission: "manage_channel",
      options: [
        {
          type: "string",
          name: "name",
          description: "The name that agents know them by",
          required: true,
          autocomplete: true,
        },
        confirm,
      ],
    },
  ],
  help: "`/forget me confirm:true` ends the running answers and deletes, in this channel: your block of core memory, your lines and the answers to them, the agents' notes from you, also in their files and in saved states. What others said stays. Documents stay. It cannot be undone. `/memory opt-out` keeps you from being remembered anew.",
  async run(call: CommandCall): Promise<void> {
    if (call.options.get("confirm") !== true) {
      throw new ColloquyError("not_confirmed", "Nothing was deleted", {
        why: "`confirm` is false.",
        next: "Call the command again with `confirm:true`.",
      });
    }
    const { people } = call.session;
    const id =
      call.subcommand === "person"
        ? people.named(String(call.options.get("name"))).id
        : call.person.id;
    const { lines, notes } = await people.forget(id);
    await call.reply(
      `Forgotten here: ${lines} line${lines === 1 ? "" : "s"} with the answers to them, ${notes} archival note${notes === 1 ? "" : "s"}, and the block of core memory.`,
    );
  },
  async complete(call) {
    return matching(call.session.people.names(), call.typed);
  },
};
