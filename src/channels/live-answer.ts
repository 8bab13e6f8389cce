/**
 * An answer while it is being written: what people see of it, and the journal of the messages that show
 * it, so that after a crash they are edited into the answer or taken back. The answer itself, and its
 * commit, are the run's.
 */
import type { ChannelRecord } from "./channel-record.ts";
import type { RunJournal } from "./channel-state.ts";
import type { Draft, Surface, Voice } from "./ports.ts";

export class LiveAnswer {
  readonly #record: ChannelRecord;
  readonly #surface: Surface;
  readonly #draft: Draft;
  /** Of an answer before it that could not be taken back yet. */
  readonly #left: readonly string[];
  readonly #messages: string[] = [];
  #text = "";

  /** `onStands` is called once its first message stands. */
  constructor(
    { record, surface }: { record: ChannelRecord; surface: Surface },
    voice: Voice,
    run: RunJournal,
    onStands: () => void,
  ) {
    this.#record = record;
    this.#surface = surface;
    this.#left = run.draft ?? [];
    const start = { id: postId({ ...run, answers: run.answers + 1 }), voice, after: run.after };
    this.#draft = surface.draft(start, async (message) => {
      onStands();
      this.#messages.push(message);
      this.#journal([...this.#left, ...this.#messages]);
      await record.commit();
    });
  }

  /** More of its text, and what led to it so far. */
  write(more: string, traces: readonly string[]): void {
    this.#text += more;
    this.#draft.update(this.#text, traces);
  }

  /** Nothing of it is shown any more; resolves with its messages, for the answer's journal. */
  async end(): Promise<readonly string[]> {
    await this.#draft.end();
    return this.#messages;
  }

  /** Nothing came of it: rejects where its messages cannot be taken back for now; the journal keeps them. */
  async retract(): Promise<void> {
    await this.#surface.retract(await this.end());
    this.#journal(this.#left);
  }

  #journal(draft: readonly string[]): void {
    const { run } = this.#record.state;
    if (run) this.#record.update({ run: withDraft(run, draft) });
  }
}

/** An answer's id: the same after a restart. */
export function postId({ id, answers }: Pick<RunJournal, "id" | "answers">): string {
  return `${id}${answers.toString(36)}`;
}

/** The journal with these as the messages that show an answer which is not journaled. */
export function withDraft(run: RunJournal, draft: readonly string[]): RunJournal {
  const { draft: _, ...rest } = run;
  return draft.length > 0 ? { ...rest, draft } : rest;
}

/**
 * Takes back what a run that was broken off has left, also what never came to be journaled; or what one that
 * ended had to leave, because it could not be taken back then.
 */
export async function retractLeft(record: ChannelRecord, surface: Surface): Promise<void> {
  const { run, ended } = record.state;
  if (run) await surface.retract(run.draft ?? [], run.after);
  else if (ended?.draft) await surface.retract(ended.draft);
  else return;
  // Somebody may have skipped, or gone on, meanwhile.
  const { state } = record;
  if (state.run) record.update({ run: withDraft(state.run, []) });
  if (state.ended) record.update({ ended: withDraft(state.ended, []) });
}
