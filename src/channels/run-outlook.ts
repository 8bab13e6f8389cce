/**
 * What comes behind a run's newest answer, as far as it is known before the answer is posted: so the
 * buttons that fit stand on the post itself, and cost no request of their own.
 */
import type { RunJournal } from "./channel-state.ts";
import type { ChannelTable } from "./channel-table.ts";
import type { Control } from "./ports.ts";
import { goOnControl, runningControls } from "./run-controls.ts";

/** Whether the newest line is the run's last for a reason that is not the floor. */
export function endsBehind({ round }: RunJournal, { manager, maxRound }: ChannelTable): boolean {
  const line = manager.groupchat.messages.at(-1);
  return round >= maxRound || (round > 1 && line !== undefined && manager.isTerminationMsg(line));
}

/** Whether the people are asked for the next line, as is known where turns are taken in order. */
function isFloorNext({ last_speaker }: RunJournal, { steering, people }: ChannelTable): boolean {
  const [next] = steering.candidates(last_speaker);
  const inTurn = steering.method === "round_robin";
  return inTurn && people.human_input_mode === "ALWAYS" && next === people.name;
}

/** None where the run ends: what is to be said of it brings its own. */
export function controlsBehind(run: RunJournal, table: ChannelTable): readonly Control[] {
  if (endsBehind(run, table)) return [];
  if (!isFloorNext(run, table)) return runningControls(run);
  return mayTalkOn(table) ? [goOnControl(run)] : [];
}

/** Whether there is a talk without the people: two who may speak. */
export function mayTalkOn({ steering, peopleName }: ChannelTable): boolean {
  return steering.candidates(peopleName).filter((name) => name !== peopleName).length > 1;
}

/** How a run that gave the people the floor goes on without a line of theirs: as if they passed. */
export function behindPeople(run: RunJournal, { peopleName }: ChannelTable): RunJournal {
  return { ...run, last_speaker: peopleName, round: 0 };
}
