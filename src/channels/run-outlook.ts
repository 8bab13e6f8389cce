/**
 * What comes behind a run's newest answer, and so the buttons under it: Continue, where it is known before
 * the answer is posted, stands on the post itself and costs no request of its own; Stop and Skip come
 * when the next answer takes long enough to be stopped.
 */
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { RunJournal } from "./channel-state.ts";
import type { ChannelTable } from "./channel-table.ts";
import type { Control, Surface } from "./ports.ts";
import { goOnControl, runningControls } from "./run-controls.ts";

/** An answer that takes longer may be stopped by a button. */
const SLOW_MS = 1_000;

/** Whether the newest line is the run's last for a reason that is not the floor. */
export function endsBehind({ round }: RunJournal, { manager, maxRound }: ChannelTable): boolean {
  const line = manager.groupchat.messages.at(-1);
  return round >= maxRound || (round > 1 && line !== undefined && manager.isTerminationMsg(line));
}

/** None where the run goes on, or ends: what is to be said of it brings its own. */
export function controlsBehind(run: RunJournal, table: ChannelTable): readonly Control[] {
  const atFloor = table.steering.isFloorBehind(run.last_speaker) && !endsBehind(run, table);
  return atFloor && mayTalkOn(table) ? [goOnControl(run)] : [];
}

/** Offers to stop or skip an answer once it is slow; what is returned is to be called when it has come. */
export function controlsWhenSlow(
  { surface, clock }: { surface: Surface; clock: Clock },
  run: RunJournal,
): () => void {
  const waiting = new AbortSource();
  const offer = (): void => surface.control(runningControls(run));
  clock.sleep(SLOW_MS, waiting.signal).then(offer, () => {});
  return () => waiting.abort(new Error("It has come."));
}

/** Whether there is a talk without the people: two who may speak. */
export function mayTalkOn({ steering, peopleName }: ChannelTable): boolean {
  return steering.candidates(peopleName).filter((name) => name !== peopleName).length > 1;
}

/** How a run that gave the people the floor goes on without a line of theirs: as if they passed. */
export function behindPeople(run: RunJournal, { peopleName }: ChannelTable): RunJournal {
  return { ...run, last_speaker: peopleName, round: 0 };
}
