/**
 * What people do about the groupchat of one channel while it runs or rests: settings, who sits, skip, go
 * on, choose who speaks. A change is stored at once and counts from the next speaker on: nobody is
 * interrupted by it.
 */
import { ColloquyError, explainError } from "../shared/errors.ts";
import type { ChannelRecord } from "./channel-record.ts";
import { isNewerId, type RunJournal } from "./channel-state.ts";
import type { ChannelTable } from "./channel-table.ts";
import type { PressAnswer, PressRequest } from "./host.ts";
import { escapeMarkdown } from "./markdown.ts";
import type { Person } from "./ports.ts";
import { parseControl, type RunAction, runKey, runningControls, turnKey } from "./run-controls.ts";
import type { RunQueue } from "./run-queue.ts";
import {
  type SeatChange,
  type SteeredNames,
  type Steering,
  seatNamed,
  withOrder,
  withSeat,
} from "./steering.ts";

export interface SteeringStatus extends Steering {
  /** All that are set and all that are as configured. */
  method: NonNullable<Steering["speaker_selection_method"]>;
  human_input: NonNullable<Steering["human_input_mode"]>;
  /** Who has the word after the one who has it now; undefined where that is not settled yet. */
  next: string | undefined;
  asked: readonly string[] | undefined;
}

/** `runs`: the caller is to `resume`. */
type Pressed = PressAnswer & { runs: boolean };

/** Stop's own way is the session's. */
type Stop = (by: string) => Promise<boolean>;

export class ChannelSteering {
  readonly #record: ChannelRecord;
  readonly #table: ChannelTable;
  readonly #runs: RunQueue;
  readonly #stop: Stop;

  constructor(record: ChannelRecord, table: ChannelTable, runs: RunQueue, stop: Stop) {
    this.#record = record;
    this.#table = table;
    this.#runs = runs;
    this.#stop = stop;
  }

  get names(): SteeredNames {
    const agents = this.#table.agents().map((agent) => agent.name);
    const order = this.#current.order ?? [];
    const named = order.filter((name) => agents.includes(name));
    const seats = [...named, ...agents.filter((name) => !named.includes(name))];
    return { people: this.#table.peopleName, seats };
  }

  /** Who sits and who is out, who is muted: for lists and autocomplete. */
  get absent(): { muted: readonly string[]; removed: readonly string[] } {
    const { seats } = this.names;
    const known = (names: readonly string[] = []) => names.filter((name) => seats.includes(name));
    return { muted: known(this.#current.muted), removed: known(this.#current.removed) };
  }

  status(): SteeringStatus {
    const { steering, people } = this.#table;
    const run = this.#runs.current;
    const last = run?.speaker ?? this.#record.state.run?.last_speaker ?? people.name;
    const { settings } = this.#record.state;
    const method = settings.steering?.speaker_selection_method ?? steering.configured;
    const inTurn = method === "round_robin";
    return {
      ...this.#current,
      method,
      human_input: people.human_input_mode,
      next: inTurn ? steering.candidates(last)[0] : undefined,
      asked: run?.asked,
    };
  }

  /** Settings by name; `undefined` takes nothing back. */
  async set(
    patch: Pick<Steering, "max_round" | "speaker_selection_method" | "human_input_mode">,
  ): Promise<void> {
    await this.#change({ ...this.#current, ...patch });
  }

  /** Resolves with the whole order. */
  async order(typed: string): Promise<readonly string[]> {
    await this.#change(withOrder(this.#current, this.names, typed));
    return this.names.seats;
  }

  /** Resolves with the agent's name, and whether it is at work just now. */
  async seat(change: SeatChange, typed: string): Promise<{ name: string; at_work: boolean }> {
    const { steering, name } = withSeat(this.#current, this.names, change, typed);
    await this.#change(steering);
    return { name, at_work: this.#runs.current?.speaker === name };
  }

  /** All as configured again. */
  async clear(): Promise<void> {
    await this.#change({});
  }

  /** Drops the answer in the making; resolves with whose it was. Throws when there is none. */
  skip(): string {
    const name = this.#runs.skip();
    if (name !== undefined) return name;
    throw new ColloquyError("nobody_at_work", "Nobody is at work on an answer just now", {
      next: "`/groupchat show` tells whose turn it is.",
    });
  }

  /** Answers the question who speaks next. Throws when it is not being asked. */
  choose(typed: string): string {
    const name = seatNamed(this.names.seats, typed);
    if (this.#runs.choose(name)) return name;
    throw new ColloquyError("nothing_asked", "Nobody is being asked who speaks next just now", {
      next: "It was answered, or its two minutes are over.",
    });
  }

  /**
   * Takes up the run that was cut short, with a budget of its own; `session.resume` then runs it. Throws
   * when there is none, or somebody was faster. `at`: id of the wish, in one order with message ids; what
   * comes is behind it.
   */
  goOn(payer: Person, at?: string, key?: string): void {
    const { ended, run, inbox } = this.#record.state;
    if (run || this.#runs.current || inbox.length > 0) {
      throw new ColloquyError("run_goes_on", "The agents are answering already", {
        why: "Somebody was faster.",
      });
    }
    if (!ended || (key !== undefined && key !== runKey(ended))) {
      throw new ColloquyError("run_over", "There is nothing here to go on with", {
        why: "That run is over, and the talk has gone on since.",
        next: "Write to have the agents answer.",
      });
    }
    const round = ended.round >= this.#table.maxRound ? 0 : ended.round;
    const { spent: _, ...goesOn } = ended;
    this.#record.update({
      run: {
        ...goesOn,
        round,
        restarts: 0,
        payer: payer.id,
        after: at !== undefined && isNewerId(at, ended.after) ? at : ended.after,
      },
      ended: null,
    });
  }

  /** Does what a control stands for. Never rejects. */
  async press(request: PressRequest): Promise<Pressed> {
    const control = parseControl(request.id);
    if (!control) return told("This button no longer does anything.");
    try {
      return await this.#pressed(control.action, control.key, request);
    } catch (error) {
      return told(explainError(error));
    }
  }

  async #pressed(
    action: RunAction,
    key: string,
    { at, person, value }: PressRequest,
  ): Promise<Pressed> {
    const who = escapeMarkdown(person.display_name);
    if (action === "continue") {
      this.goOn(person, at, key);
      const { run } = this.#record.state;
      const controls = run ? runningControls(run) : [];
      return { text: `${who} lets the agents go on.`, where: "below", controls, runs: true };
    }
    const { run } = this.#record.state;
    if (!run || !this.#runs.current || !isOf(run, action, key)) {
      return told(action === "who" ? TOO_LATE : "That run is over; nothing is running any more.");
    }
    if (action === "stop") {
      const stopped = await this.#stop(who);
      return stopped ? { where: "alone", runs: false } : told("That run is over already.");
    }
    if (action === "skip") {
      if (turnKey(run) !== key) return told("That turn is over already.");
      const text = `${who} passes over ${escapeMarkdown(this.skip())}.`;
      const now = this.#record.state.run ?? run;
      return { text, where: "below", controls: runningControls(now), runs: false };
    }
    if (value === undefined || !this.#runs.choose(value)) return told(TOO_LATE);
    const text = `${who} gives the word to ${escapeMarkdown(value)}.`;
    return { text, where: "instead", controls: runningControls(run), runs: false };
  }

  get #current(): Steering {
    return this.#record.state.settings.steering ?? {};
  }

  async #change(steering: Steering): Promise<void> {
    const { settings } = this.#record.state;
    this.#record.update({ settings: { ...settings, steering } });
    // A run applies it itself, between two speakers.
    if (!this.#runs.current) this.#table.steering.apply(steering);
    await this.#record.commit();
  }
}

const TOO_LATE = "It is settled already who speaks next.";

function isOf(run: RunJournal, action: RunAction, key: string): boolean {
  return action === "who" ? runKey(run) === key : run.id === key.split(".", 1)[0];
}

function told(text: string): Pressed {
  return { text, where: "alone", runs: false };
}
