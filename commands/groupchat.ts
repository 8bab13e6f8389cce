/** `/groupchat`: the state of the talk here, and its switches. */
import type { SessionStatus } from "../src/channels/channel-session.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";

export const groupchat: Command = {
  name: "groupchat",
  description: "Show, start, stop or reset the groupchat in this channel",
  subcommands: [
    {
      name: "show",
      description: "Show whose turn it is and how the groupchat is set",
      permission: "everyone",
    },
    {
      name: "start",
      description: "Have the agents answer every line in this channel",
      permission: "manage_channel",
    },
    {
      name: "stop",
      description: "End the running turn; answer only when mentioned",
      permission: "manage_channel",
    },
    {
      name: "reset",
      description: "Begin a new talk; what the MemGPT agent remembers is kept",
      permission: "manage_channel",
    },
  ],
  help: "`/groupchat start` switches the agents on for every line here; without it they answer when the bot is mentioned. `/groupchat stop` ends a running turn at once and switches them off. `/groupchat reset` lets the agents begin afresh; memory and documents stay.",
  async run(call: CommandCall): Promise<void> {
    switch (call.subcommand) {
      case "start":
        await call.session.changeSettings({ active: true });
        await call.reply("The agents now answer every line written here.");
        return;
      case "stop": {
        const stopped = await call.session.stop();
        await call.session.changeSettings({ active: false });
        await call.reply(
          `${stopped ? "The running turn is ended. " : ""}The agents now answer only when the bot is mentioned.`,
        );
        return;
      }
      case "reset":
        await call.session.reset();
        await call.reply("A new talk begins. Memory and attached documents are kept.");
        return;
      default:
        await call.reply(statusText(call.session.status()));
    }
  },
};

function statusText(status: SessionStatus): string {
  const turn = status.running
    ? `Turn ${status.round} of ${status.max_round}${status.speaker ? `, ${status.speaker} is answering` : ""}.`
    : "The floor is yours.";
  const hears = status.active
    ? "The agents answer every line written here."
    : "The agents answer when the bot is mentioned; `/groupchat start` has them answer every line.";
  return [
    turn,
    hears,
    `At the table, in order: ${status.order.join(", ")}.`,
    `Inner thoughts are ${status.show_inner_thoughts ? "shown" : "hidden"}, function outputs are ${status.show_function_outputs ? "shown" : "hidden"}.`,
    `${status.lines} lines so far; at most ${status.max_round} in a run.`,
  ].join("\n");
}
