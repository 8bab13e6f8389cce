/**
 * The buttons of a run, Continue, Stop and Skip, and what their ids say: which run, or turn, they are of,
 * so that one of a finished run does nothing to another.
 */
import type { RunJournal } from "./channel-state.ts";
import type { Control } from "./ports.ts";

export type RunAction = "continue" | "stop" | "skip" | "who";

const ACTIONS: readonly string[] = ["continue", "stop", "skip", "who"] satisfies RunAction[];

type Run = Pick<RunJournal, "id" | "answers" | "skips">;

/** A run that was gone on with has the same id, and more answers. */
export function runKey({ id, answers }: Run): string {
  return `${id}.${answers.toString(36)}`;
}

/** Another one after each answer and each skip: who presses twice passes over one, not two. */
export function turnKey(run: Run): string {
  return `${runKey(run)}.${(run.skips ?? 0).toString(36)}`;
}

export function goOnControl(run: Run): Control {
  return { id: `continue:${runKey(run)}`, label: "Continue" };
}

export function stopControl({ id }: Run): Control {
  return { id: `stop:${id}`, label: "Stop" };
}

export function runningControls(run: Run): readonly Control[] {
  return [stopControl(run), { id: `skip:${turnKey(run)}`, label: "Skip" }];
}

/** Undefined for ids of other or older makes. */
export function parseControl(id: string): { action: RunAction; key: string } | undefined {
  const [action, key, ...rest] = id.split(":");
  const isKnown = (word: string | undefined): word is RunAction => ACTIONS.includes(word ?? "");
  if (!isKnown(action) || !/^[a-z0-9.]{1,60}$/.test(key ?? "") || rest.length > 0) return undefined;
  return { action, key: key ?? "" };
}
