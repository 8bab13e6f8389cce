/**
 * What a quiet channel's MemGPT agents do: put their memory in order. It is done between steps, only
 * where something was said since the last time, and not without a snapshot that leads back; what was
 * changed is kept for `/memory` and told with the next answer.
 */
import type { Row } from "../memgpt/agent.ts";
import { coreKey } from "../memgpt/agent-rows.ts";
import { CoreMemory, type CoreMemoryRecord } from "../memgpt/core-memory.ts";
import type { ChatModel, StateStore } from "../memgpt/ports.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelRecord } from "./channel-record.ts";
import type { ChannelSnapshots } from "./channel-snapshots.ts";
import { agentOwner, type ChannelTable } from "./channel-table.ts";
import type { OptOuts } from "./opt-outs.ts";

export interface IdleReport {
  /** Milliseconds since the epoch. */
  at: number;
  agent: string;
  changes: readonly string[];
  /** Versions of core memory and summary before and after: their rows are kept. */
  core: readonly [before: number, after: number];
  summary: readonly [before: number, after: number];
}

export interface IdleWorkParts {
  store: StateStore;
  record: ChannelRecord;
  table: ChannelTable;
  snapshots: ChannelSnapshots;
  opt_outs: OptOuts;
  clock: Clock;
  logger: Logger;
}

interface IdleRecord {
  version: 1;
  /** By agent: lines in recall memory when it last worked. */
  seen: Record<string, number>;
  /** Newest last. */
  reports: IdleReport[];
}

/** The snapshot of what was before the last changes. */
export const BEFORE_IDLE_WORK = "before idle work";
const MOST_REPORTS = 20;
const MOST_NOTICES = 5;

export class IdleWork {
  readonly #parts: IdleWorkParts;
  readonly #key: string;

  constructor(parts: IdleWorkParts) {
    this.#parts = parts;
    this.#key = `channel/${parts.record.state.place.id}/idle`;
  }

  /** Oldest first. */
  async reports(): Promise<readonly IdleReport[]> {
    return (await this.#read()).reports;
  }

  /** To be called between steps. Rejects when the store fails. */
  async run(through: (model: ChatModel) => ChatModel, signal: AbortSignalLike): Promise<void> {
    const { record, table, snapshots, opt_outs, clock, logger } = this.#parts;
    const before = await this.#read();
    const due = table.memgptAgents.filter(
      ({ name, memgpt }) => memgpt.recall.count() !== (seenBy(before, name) ?? 0),
    );
    if (due.length === 0 || signal.aborted) return;
    if (!(await snapshots.hasRoomFor(BEFORE_IDLE_WORK))) {
      logger.warn("no idle work, because there is no room for the snapshot that leads back");
      return;
    }
    await record.commit(table.committedAgents);
    const committed = record.state;
    const isLeftOut = (person: string): boolean => opt_outs.has(person);
    const reports: IdleReport[] = [];
    const seen = { ...before.seen };
    for (const { name, memgpt } of due) {
      if (signal.aborted) break;
      const from = memgpt.snapshot();
      const fixed = await this.#takenBack(memgpt.core, before.reports.filter(isOf(name)), name);
      const options = { through, isLeftOut, fixed, signal };
      const { changes, ended } = await memgpt.consolidate(options);
      logger.info("idle work", { agent: name, changes: changes.length, ended });
      const to = memgpt.snapshot();
      if (ended !== "aborted") seen[name] = memgpt.recall.count();
      if (changes.length === 0) continue;
      reports.push({
        at: clock.now(),
        agent: name,
        changes,
        core: [from.core_version, to.core_version],
        summary: [from.summary_version, to.summary_version],
      });
    }
    // An earlier one stays while there is nothing to undo but what it leads back from.
    if (reports.length > 0) {
      await snapshots.save(BEFORE_IDLE_WORK, committed, clock.now()).catch((error: unknown) => {
        record.giveUp();
        throw error;
      });
    }
    record.update({
      notices: [...(record.state.notices ?? []), ...reports.map(noticeOf)].slice(-MOST_NOTICES),
    });
    await record.commit(table.committedAgents);
    const kept = [...before.reports, ...reports].slice(-MOST_REPORTS);
    const row: IdleRecord = { version: 1, seen, reports: kept };
    await this.#parts.store.set(this.#key, row);
  }

  /** The row without what was changed, which may be about somebody who is to be forgotten. */
  forgotten(): Row {
    return [this.#key, { version: 1, seen: {}, reports: [] } satisfies IdleRecord];
  }

  /** Labels of blocks that read again as they did before a change: people do not want it. */
  async #takenBack(
    core: CoreMemory,
    reports: readonly IdleReport[],
    agent: string,
  ): Promise<ReadonlySet<string>> {
    const owner = agentOwner(this.#parts.record.state.place, agent);
    const labels = core.blocks().map(({ label }) => label);
    const taken = new Set<string>();
    for (const { core: versions } of reports) {
      const keys = versions.map((version) => coreKey(owner, version));
      const [before, after] = await this.#parts.store.getMany<CoreMemoryRecord>(keys);
      if (!before || !after) continue;
      const [old, changed] = [new CoreMemory(before, 0), new CoreMemory(after, 0)];
      for (const label of labels) {
        const isOld = core.text(label) === old.text(label);
        if (isOld && changed.text(label) !== old.text(label)) taken.add(label);
      }
    }
    return taken;
  }

  async #read(): Promise<IdleRecord> {
    const row = await this.#parts.store.get<IdleRecord>(this.#key);
    return row ?? { version: 1, seen: {}, reports: [] };
  }
}

function isOf(name: string): (report: IdleReport) => boolean {
  return ({ agent }) => agent === name;
}

function seenBy({ seen }: IdleRecord, name: string): number | undefined {
  return Object.hasOwn(seen, name) ? seen[name] : undefined;
}

function noticeOf({ agent, changes }: IdleReport): string {
  const { length } = changes;
  const count = `${length} change${length === 1 ? "" : "s"}`;
  return `[notice] ${agent} put its memory in order while it was quiet: ${count}. /memory core tells them, /memory undo takes edits of core memory back, the newest first, /load name:${BEFORE_IDLE_WORK} all of it.`;
}
