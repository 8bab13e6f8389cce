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
      description: "End the running answers; from then on, answer only when mentioned",
      permission: "manage_channel",
    },
    {
      name: "reset",
      description: "Begin a new talk; what the MemGPT agent remembers is kept",
      permission: "manage_channel",
    },
  ],
  help: "`/groupchat start` has the agents answer every line here; without it they answer when the bot is mentioned. `/groupchat stop` ends the running answers at once and switches them off. To end the answers to one line only, anybody may write STOP.\n`/groupchat reset` begins a new talk: the agents no longer see what was said until now. Memory and documents stay.",
  async run(call: CommandCall): Promise<void> {
    const { session } = call;
    switch (call.subcommand) {
      case "start":
        await session.changeSettings({ active: true }, call.id);
        await call.reply("The agents now answer every line written here.");
        return;
      case "stop": {
        // Off before it is stopped: no line that comes meanwhile begins another run.
        await session.changeSettings({ active: false });
        const stopped = await session.stop();
        await call.reply(
          `The agents ${stopped ? "were stopped, and " : ""}now answer only when the bot is mentioned.`,
        );
        return;
      }
      case "reset":
        await session.reset();
        await call.reply("A new talk begins. Memory and attached documents are kept.");
        return;
      default:
        await call.reply(statusText(session.status()));
    }
  },
};

function statusText(status: SessionStatus): string {
  const { running, round, max_round, speaker } = status;
  const turn = running
    ? `The agents are answering: message ${round} of at most ${max_round}${speaker ? `, ${speaker} is at work` : ""}.`
    : "The floor is yours.";
  const hears = status.active
    ? "The agents answer every line written here."
    : "The agents answer when the bot is mentioned; `/groupchat start` has them answer every line.";
  const shown = (on: boolean): string => (on ? "shown" : "hidden");
  return [
    turn,
    hears,
    `In turn: ${status.order.join(", ")}.`,
    `Inner thoughts are ${shown(status.show_inner_thoughts)}, function outputs are ${shown(status.show_function_outputs)}.`,
    `Lines so far: ${status.lines}. Messages in one run: ${max_round} at most.`,
  ].join("\n");
}
