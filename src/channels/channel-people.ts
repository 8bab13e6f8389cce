/**
 * What is kept about a person in a channel, and their say in it: looking, correcting, forgetting;
 * and taking back what an agent wrote to its core memory. Who may ask is the commands' care.
 */

import type { Row } from "../memgpt/agent.ts";
import type { EditReceipt } from "../memgpt/core-memory.ts";
import { speakerKind } from "../memgpt/exchanges.ts";
import { type Forgotten, forgetPerson } from "../memgpt/forget.ts";
import type { AgentFiles, PassageStore, StateStore } from "../memgpt/ports.ts";
import { TimeFormat } from "../memgpt/time-format.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { ChannelRecord } from "./channel-record.ts";
import { removedLine, transcriptPrefix } from "./channel-state.ts";
import { agentOwner, type ChannelTable } from "./channel-table.ts";
import type { IdleWork } from "./idle-work.ts";
import { escapeMarkdown } from "./markdown.ts";
import type { OptOuts } from "./opt-outs.ts";
import type { RunQueue } from "./run-queue.ts";
import type { TurnLock } from "./turn-lock.ts";

export interface ChannelPeopleParts {
  store: StateStore;
  passages: PassageStore;
  record: ChannelRecord;
  table: ChannelTable;
  steps: TurnLock;
  runs: RunQueue;
  opt_outs: OptOuts;
  idle: IdleWork;
  /** What agents wrote to files. */
  files?: Pick<AgentFiles, "removeLines">;
  clock: Clock;
  time_zone?: string;
}

/** What one agent has of a person. */
export interface KeptByAgent {
  agent: string;
  label: string | undefined;
  text: string;
  limit: number;
  /** Lines in recall memory. */
  lines: number;
}

export interface KnownPerson {
  id: string;
  alias: string;
}

const READ_BATCH = 500;

export class ChannelPeople {
  readonly #parts: ChannelPeopleParts;

  constructor(parts: ChannelPeopleParts) {
    this.#parts = parts;
  }

  /** Somebody who has written here, by the name that agents know them by. */
  named(alias: string): KnownPerson {
    const wanted = alias.trim().toLowerCase();
    const rows = this.#parts.record.aliases.rows();
    const found = rows.find(([, name]) => name.toLowerCase() === wanted);
    if (found) return { id: found[0], alias: found[1] };
    const message = `Nobody here is known as "${escapeMarkdown(alias.trim().slice(0, 60))}"`;
    throw new ColloquyError("person_unknown", message, {
      next: "Use the name under which the agents speak of them.",
    });
  }

  /** Names of those who have written here, the one heard last first. */
  names(): string[] {
    return this.#parts.record.aliases
      .rows()
      .map(([, alias]) => alias)
      .reverse();
  }

  isOptedOut(person: string): boolean {
    return this.#parts.opt_outs.has(person);
  }

  /** False when it was so already. */
  setOptedOut(person: string, opted_out: boolean): Promise<boolean> {
    return this.#parts.opt_outs.set(person, opted_out);
  }

  async kept(person: string): Promise<KeptByAgent[]> {
    const { record, table } = this.#parts;
    const alias = record.aliases.known(person);
    const kept: KeptByAgent[] = [];
    for (const { name: agent, memgpt } of table.memgptAgents) {
      const block = memgpt.core.personBlock(person);
      const lines = alias === undefined ? 0 : await memgpt.recall.countOf(alias);
      const { limit } = memgpt.core;
      kept.push({ agent, label: block?.label, text: block?.text ?? "", limit, lines });
    }
    return kept;
  }

  /** The block as it reads then. Throws `core_memory_edit_failed`, as the agent's own edits do. */
  correct(
    person: string,
    change: { old_content: string; new_content: string },
    agentName?: string,
  ): Promise<{ label: string; value: string; limit: number }> {
    const { memgpt, name } = this.#parts.table.memgpt(agentName);
    return this.#changed(() => {
      if (!memgpt.core.personBlock(person)) throw nothingKept(name);
      const { label } = memgpt.correctPerson(person, change.old_content, change.new_content);
      return { label, value: memgpt.core.text(label), limit: memgpt.core.limit };
    });
  }

  /** Takes the agent's newest edits back, newest first; empty when there are none to take back. */
  undo(count: number, agentName?: string): Promise<EditReceipt[]> {
    const { memgpt } = this.#parts.table.memgpt(agentName);
    return this.#changed(() => memgpt.undoEdits(count));
  }

  /**
   * Ends the run in flight and deletes what is kept about a person here: in all agents' memories, the
   * transcript and saved states. The session is `outdated` then. When it fails, it can be asked again.
   */
  async forget(person: string): Promise<{ lines: number; notes: number }> {
    const { record, table, runs, idle } = this.#parts;
    let told = { lines: 0, notes: 0 };
    await runs.betweenRuns(async () => {
      await record.commit(table.committedAgents);
      const alias = record.aliases.known(person) ?? "";
      const agents = table.agents().map((agent) => agent.name);
      const who = { person, alias, agents };
      const forgotten = await this.#forgottenByAgents(who);
      const transcript = await this.#forgottenLines(who, forgotten);
      await this.#deleteOutside(forgotten);
      record.aliases.forget(person);
      const { state } = record;
      record.update({ inbox: state.inbox.filter((line) => line.person.id !== person) });
      const cursors = Object.entries(state.agents).map(([name, cursor]) => {
        const snapshot = forgotten.get(name)?.snapshot ?? cursor.snapshot;
        return [name, { ...cursor, snapshot }] as const;
      });
      await record.replace({
        lines: [],
        rows: [
          ...[...forgotten.values()].flatMap(({ rows }) => rows),
          ...transcript.rows,
          idle.forgotten(),
        ],
        settings: state.settings,
        view_from: state.view_from,
        agents: Object.fromEntries(cursors),
        run: null,
        ended: null,
      });
      const notes = [...forgotten.values()].reduce((sum, one) => sum + one.notes, 0);
      told = { lines: transcript.lines, notes };
    });
    return told;
  }

  async #forgottenByAgents(who: Who): Promise<Map<string, Forgotten>> {
    const { store, record, clock, time_zone } = this.#parts;
    const at = clock.now();
    const time = new TimeFormat(time_zone).format(at);
    const forgotten = new Map<string, Forgotten>();
    // Agents that have left the table keep their memory, so they forget as well.
    for (const [name, { snapshot }] of Object.entries(record.state.agents)) {
      const owner = agentOwner(record.state.place, name);
      forgotten.set(name, await forgetPerson(store, owner, snapshot, who, { at, time }));
    }
    return forgotten;
  }

  /** Their lines, the answers to them, and answers to others that repeated them. */
  async #forgottenLines(
    who: Who,
    forgotten: ReadonlyMap<string, Forgotten>,
  ): Promise<{ rows: Row[]; lines: number }> {
    const { transcript, state } = this.#parts.record;
    const answers = new Set([...forgotten.values()].flatMap((one) => one.answers));
    const rows: Row[] = [];
    let lines = 0;
    let answering = false;
    let spoken = false;
    for (let from = 0; from < transcript.length; from += READ_BATCH) {
      for (const [i, line] of (await transcript.read(from, from + READ_BATCH)).entries()) {
        if (line.removed) continue;
        const ofAgent = who.agents.includes(line.speaker) && line.person_id === undefined;
        const isPerson = line.person_id !== undefined || !ofAgent;
        const kind = isPerson ? speakerKind(line.name, line.person_id, who) : "agent";
        if (isPerson && spoken) answering = false;
        spoken = !isPerson;
        if (kind === "theirs") answering = true;
        const repeats = kind === "agent" && (answering || answers.has(line.text));
        if (kind !== "theirs" && !repeats) continue;
        if (kind === "theirs") lines += 1;
        const key = `${transcriptPrefix(state.place.id)}/${from + i}`;
        rows.push([key, removedLine(line)]);
      }
    }
    return { rows, lines };
  }

  /** What is not in the state store goes first, so that a crash leaves none of it behind unseen. */
  async #deleteOutside(forgotten: ReadonlyMap<string, Forgotten>): Promise<void> {
    const { passages, files, record } = this.#parts;
    for (const [name, { passages: ids, isTheirs }] of forgotten) {
      const owner = agentOwner(record.state.place, name);
      await files?.removeLines(owner, isTheirs);
      if (ids.recall.length > 0) await passages.delete(`${owner}/recall`, ids.recall);
      if (ids.archival.length > 0) await passages.delete(`${owner}/archival`, ids.archival);
    }
  }

  #changed<T>(change: () => T): Promise<T> {
    const { steps, record, table } = this.#parts;
    return steps.run(async () => {
      const result = change();
      await record.commit(table.committedAgents);
      return result;
    });
  }
}

interface Who {
  person: string;
  alias: string;
  agents: readonly string[];
}

function nothingKept(agent: string): ColloquyError {
  return new ColloquyError("person_unknown", `${agent} has no notes about you`, {
    next: "See `/memory me` for what is kept.",
  });
}
