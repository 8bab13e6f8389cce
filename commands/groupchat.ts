/** `/groupchat`: the state of the talk here, and its switches. */
import type { SessionStatus } from "../src/channels/channel-session.ts";
import type { Command, CommandCall } from "../src/channels/command.ts";
import {
  completeSteering,
  steer,
  steeringHelp,
  steeringSubcommands,
} from "./groupchat-steering.ts";
import { usageText } from "./groupchat-usage.ts";

const HELP = [
  "`/groupchat start` has the agents answer every line here; without it they answer when the bot is mentioned. `/groupchat stop` ends the running answers at once and switches them off. To end the answers to one line only, anybody may write STOP.",
  "`/groupchat reset` begins a new talk: the agents no longer see what was said until now. Memory and documents stay.",
  "`/groupchat usage` counts requests, tokens and cost, per agent and together. Where the bot's host set a budget, reaching it ends the run before the next request.",
  steeringHelp,
].join("\n");

export const groupchat: Command = {
  name: "groupchat",
  description: "Show, start, stop, steer or reset the groupchat in this channel",
  subcommands: [
    {
      name: "show",
      description: "Show whose turn it is and how the groupchat is set",
      permission: "everyone",
    },
    {
      name: "usage",
      description: "Show what the models here used and cost, and what is left of the budget",
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
    ...steeringSubcommands,
  ],
  complete: completeSteering,
  help: HELP,
  async run(call: CommandCall): Promise<void> {
    const { session } = call;
    switch (call.subcommand) {
      case "start":
        await session.changeSettings({ active: true }, call.id);
        await call.reply("The agents now answer every line written here.");
        return;
      case "stop": {
        if (call.place.kind === "dm" || call.place.kind === "terminal") {
          const ended = (await session.stop()) ? "The agents were stopped." : "Nothing is running.";
          await call.reply(
            `${ended} What you write here is always meant for them: they answer it.`,
          );
          return;
        }
        // Off before it is stopped: no line that comes meanwhile begins another run.
        await session.changeSettings({ active: false });
        const stopped = await session.stop();
        await call.reply(
          `The agents ${stopped ? "were stopped, and " : ""}now answer only when the bot is mentioned.`,
        );
        return;
      }
      case "usage":
        await call.reply(usageText(await session.usage.report(call.person.id)));
        return;
      case "reset":
        await session.reset();
        await call.reply("A new talk begins. Memory and attached documents are kept.");
        return;
      default:
        if (!(await steer(call))) await call.reply(statusText(session.status()));
    }
  },
};

function statusText(status: SessionStatus): string {
  const { running, round, max_round, speaker } = status;
  const { table } = status;
  const now = speaker ? `; ${speaker} is at work` : "";
  const then = table.asked
    ? ", and you are asked who speaks next"
    : `, next: ${table.next ?? "as the selection says"}`;
  const turn = running
    ? `The agents are answering: turn ${Math.min(round + 1, max_round)} of ${max_round}${then}${now}.`
    : "The floor is yours.";
  const hears = status.active
    ? "The agents answer every line written here."
    : "The agents answer when the bot is mentioned; `/groupchat start` has them answer every line.";
  const place = (name: string): string => {
    if (table.removed.includes(name)) return `${name} (removed)`;
    return table.muted.includes(name) ? `${name} (muted)` : name;
  };
  const shown = (on: boolean): string => (on ? "shown" : "hidden");
  return [
    turn,
    hears,
    `In turn: ${status.order.map(place).join(", ")}.`,
    `Speaker selection: ${table.method}. Human input: ${table.human_input}.`,
    `Inner thoughts are ${shown(status.show_inner_thoughts)}, function outputs are ${shown(status.show_function_outputs)}. Answers in the making are ${shown(status.streaming)}.`,
    `Lines so far: ${status.lines}. Messages in one run: ${max_round} at most.`,
  ].join("\n");
}
