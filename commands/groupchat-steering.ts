/** The part of `/groupchat` that steers: settings of the channel, who sits and speaks, skip, go on. */
import type { Command, CommandCall, CompletionCall, Subcommand } from "../src/channels/command.ts";
import { escapeMarkdown } from "../src/channels/markdown.ts";
import {
  HUMAN_INPUT_MODES,
  SELECTION_METHODS,
  type SeatChange,
  type Steering,
} from "../src/channels/steering.ts";
import { matching } from "./options.ts";

function agentIs(description: string): NonNullable<Command["options"]> {
  return [{ type: "string", name: "agent", description, required: true, autocomplete: true }];
}

export const steeringSubcommands: readonly Subcommand[] = [
  {
    name: "set",
    description: "Set how the groupchat runs in this channel",
    permission: "manage_channel",
    options: [
      {
        type: "integer",
        name: "max_round",
        description: "Messages in one run, the opening one included",
        min: 1,
        max: 1000,
      },
      {
        type: "string",
        name: "speaker_selection",
        description: "How the next speaker is found",
        choices: SELECTION_METHODS,
      },
      {
        type: "string",
        name: "human_input",
        description: "When the floor is given to the people",
        choices: HUMAN_INPUT_MODES,
      },
    ],
  },
  {
    name: "order",
    description: "Set the order of the turns",
    permission: "manage_channel",
    options: [
      {
        type: "string",
        name: "agents",
        description: "Names in order, with commas; whoever is left out comes behind",
        required: true,
        autocomplete: true,
      },
    ],
  },
  {
    name: "mute",
    description: "Give an agent no word; it still hears everything",
    permission: "manage_channel",
    options: agentIs("Whom to mute"),
  },
  {
    name: "unmute",
    description: "Give a muted agent its turns again",
    permission: "manage_channel",
    options: agentIs("Whom to unmute"),
  },
  {
    name: "add",
    description: "Seat an agent that was removed",
    permission: "manage_channel",
    options: agentIs("Whom to seat"),
  },
  {
    name: "remove",
    description: "Take an agent from the table; its memory is kept",
    permission: "manage_channel",
    options: agentIs("Whom to remove"),
  },
  {
    name: "defaults",
    description: "Undo what was set here: all as the bot's host configured it",
    permission: "manage_channel",
  },
  {
    name: "skip",
    description: "Pass over the agent at work on an answer",
    permission: "everyone",
    in_public: true,
  },
  {
    name: "continue",
    description: "Have the agents go on, after their round or what cut it short",
    permission: "everyone",
    in_public: true,
  },
  {
    name: "next",
    description: "Say who speaks next, where the bot asks for it",
    permission: "everyone",
    in_public: true,
    options: agentIs("Who speaks next"),
  },
];

export const steeringHelp =
  "`/groupchat set max_round:20 speaker_selection:manual` changes how it runs here (manual: the bot asks who speaks next; `human_input:NEVER` leaves the floor with the agents until a limit). `order`, `mute`, `unmute`, `add` and `remove` change the table; all is kept, counts from the next speaker on, and `/groupchat defaults` undoes it. Anybody may `skip` the agent at work, and have them `continue`: after a run that was cut short, or among themselves.";

const DONE: Readonly<Record<SeatChange, string>> = {
  mute: "is muted: it hears everything and gets no turn",
  unmute: "gets its turns again",
  add: "sits at the table again",
  remove: "has left the table; its memory is kept",
};

/** False if the subcommand is none of these. */
export async function steer(call: CommandCall): Promise<boolean> {
  const { steering } = call.session;
  const typed = String(call.options.get("agent") ?? "");
  switch (call.subcommand) {
    case "set":
      await call.reply(await setText(call));
      return true;
    case "order": {
      const order = await steering.order(String(call.options.get("agents") ?? ""));
      await call.reply(`In turn from now on: ${order.map(escapeMarkdown).join(", ")}.`);
      return true;
    }
    case "mute":
    case "unmute":
    case "add":
    case "remove": {
      const { name, at_work } = await steering.seat(call.subcommand, typed);
      const isLeaving = call.subcommand === "mute" || call.subcommand === "remove";
      const then =
        isLeaving && at_work
          ? " The answer in the making is its last one; `/groupchat skip` drops it."
          : "";
      await call.reply(`${escapeMarkdown(name)} ${DONE[call.subcommand]}.${then}`);
      return true;
    }
    case "defaults":
      await steering.clear();
      await call.reply("The table is as configured again, from the next speaker on.");
      return true;
    case "skip":
      await call.reply(`${escapeMarkdown(steering.skip())} is passed over.`);
      return true;
    case "next":
      await call.reply(`${escapeMarkdown(steering.choose(typed))} speaks next.`);
      return true;
    case "continue":
      steering.goOn(call.person, call.id);
      await call.reply("The agents go on.");
      await call.session.resume();
      return true;
    default:
      return false;
  }
}

export async function completeSteering(call: CompletionCall): Promise<readonly string[]> {
  const { steering } = call.session;
  const { people, seats } = steering.names;
  const { muted, removed } = steering.absent;
  const agents = seats.filter((name) => name !== people);
  switch (call.subcommand) {
    case "order": {
      const parts = call.typed.split(",");
      const last = parts.pop() ?? "";
      const named = parts.map((part) => part.trim()).filter((part) => part !== "");
      const left = seats.filter((name) => !named.includes(name));
      return matching(left, last).map((name) => [...named, name].join(", "));
    }
    case "unmute":
      return matching(muted, call.typed);
    case "add":
      return matching(removed, call.typed);
    case "next":
      return matching(steering.status().asked ?? [], call.typed);
    case "mute":
      return matching(without(agents, muted), call.typed);
    default:
      return matching(without(agents, removed), call.typed);
  }
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name));
}

async function setText(call: CommandCall): Promise<string> {
  const max_round = call.options.get("max_round");
  const method = SELECTION_METHODS.find((one) => one === call.options.get("speaker_selection"));
  const mode = HUMAN_INPUT_MODES.find((one) => one === call.options.get("human_input"));
  const patch: Steering = {
    ...(typeof max_round === "number" ? { max_round } : {}),
    ...(method ? { speaker_selection_method: method } : {}),
    ...(mode ? { human_input_mode: mode } : {}),
  };
  const set = Object.entries(patch).map(([key, value]) => `\`${key}\` ${value}`);
  if (set.length === 0) return "Nothing was given to set. `/groupchat show` tells how it is set.";
  await call.session.steering.set(patch);
  return `Set here, from the next speaker on: ${set.join(", ")}.`;
}
