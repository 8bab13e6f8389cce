/**
 * What `/save` and `/load` do in a channel: its working state kept under a name and brought back, and an
 * agent given and taken in as a file. Snapshots themselves are `channel-snapshots.ts`, files `agent-transfer.ts`.
 */
import type { Clock } from "../shared/clock.ts";
import type { AgentTransfer, ExportedAgent, ImportReport } from "./agent-transfer.ts";
import type { ChannelRecord } from "./channel-record.ts";
import type { ChannelSnapshots } from "./channel-snapshots.ts";
import type { ChannelTable } from "./channel-table.ts";
import type { RunQueue } from "./run-queue.ts";
import type { TurnLock } from "./turn-lock.ts";

export interface ChannelSavesOptions {
  record: ChannelRecord;
  table: ChannelTable;
  snapshots: ChannelSnapshots;
  transfer: AgentTransfer;
  /** Held while an agent makes a step. */
  steps: TurnLock;
  runs: RunQueue;
  clock: Clock;
}

export class ChannelSaves {
  readonly #options: ChannelSavesOptions;

  constructor(options: ChannelSavesOptions) {
    this.#options = options;
  }

  /** Of the snapshots, in the order in which they were first saved. */
  names(): Promise<readonly string[]> {
    return this.#options.snapshots.names();
  }

  /** Keeps the working state, and returns the name as kept. Throws for one that cannot be one. */
  save(name: string): Promise<string> {
    const { record, snapshots, steps, clock } = this.#options;
    return steps.run(async () => {
      await this.#commit();
      return snapshots.save(name, record.state, clock.now());
    });
  }

  /**
   * Ends the run in flight and brings a saved state back; the session is `outdated` then. Nothing
   * happens when there is no such snapshot: then it throws.
   */
  async load(name: string): Promise<void> {
    const { record, snapshots, runs } = this.#options;
    const snapshot = await snapshots.find(name);
    await runs.betweenRuns(async () => {
      await this.#commit();
      await record.replace(await snapshots.restored(snapshot, record));
    });
  }

  /** A MemGPT agent as a file; the first one if no name is given. */
  exportAgent(agentName?: string): Promise<ExportedAgent> {
    const { steps, transfer, clock } = this.#options;
    return steps.run(async () => {
      await this.#commit();
      return transfer.exported(agentName, clock.now());
    });
  }

  /**
   * Ends the run in flight and has an agent take in a file, after a snapshot was made; the session is
   * `outdated` then. Nothing happens when the file is no agent's: then it throws.
   */
  async importAgent(text: string, agentName?: string): Promise<ImportReport> {
    const { record, snapshots, transfer, runs, clock } = this.#options;
    const ready = await transfer.ready(text, agentName);
    return runs.betweenRuns(async () => {
      const now = clock.now();
      await this.#commit();
      const [replacement, report] = await ready.replacement(now);
      const kept_as = await snapshots.saveBefore("import", record.state, now);
      await record.replace(replacement);
      return { ...report, kept_as };
    });
  }

  #commit(): Promise<void> {
    const { record, table } = this.#options;
    return record.commit(table.committedAgents);
  }
}
