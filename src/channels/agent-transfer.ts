/**
 * A channel's MemGPT agent as a file, and back: `/save` gives it, `/load` takes it. The reader of files
 * is loaded when the first one comes.
 */
import { exportAgent } from "../memgpt/export-agent.ts";
import { importAgent } from "../memgpt/import-agent.ts";
import type { StateStore, TokenCounter } from "../memgpt/ports.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { ChannelRecord, Replacement } from "./channel-record.ts";
import type { AgentCursor } from "./channel-state.ts";
import { agentOwner, type ChannelTable } from "./channel-table.ts";
import type { OptOuts } from "./opt-outs.ts";

export interface ExportedAgent {
  agent: string;
  /** The file's text: JSON. */
  text: string;
}

export interface ImportReport {
  /** Who it is now, and who it was in the file. */
  agent: string;
  from: string;
  /** Lines and archival texts that were not here yet. */
  lines: number;
  archival: number;
  /** Names of the sources that the file's agent had, and this one has not. */
  missing_sources: readonly string[];
  /** The snapshot that leads back. */
  kept_as: string;
}

export interface AgentTransferParts {
  store: StateStore;
  record: ChannelRecord;
  table: ChannelTable;
  tokens: TokenCounter;
  opt_outs: OptOuts;
}

/** An agent to import, checked, and the one that takes it in. */
export interface ReadyImport {
  agent: string;
  /** What the record has to take; to be read while nothing runs and everything is committed. */
  replacement(now: number): Promise<[Replacement, Omit<ImportReport, "kept_as">]>;
}

export class AgentTransfer {
  readonly #parts: AgentTransferParts;

  constructor(parts: AgentTransferParts) {
    this.#parts = parts;
  }

  /** The agent's committed state; the first one's if no name is given. */
  async exported(agentName: string | undefined, now: number): Promise<ExportedAgent> {
    const { store, record, table } = this.#parts;
    const agent = table.memgpt(agentName).name;
    const { snapshot } = this.#cursor(agent);
    const text = await exportAgent(store, agentOwner(record.state.place, agent), snapshot, now);
    return { agent, text };
  }

  /**
   * Reads a file for the agent of that name; without one, for the file's own namesake or the first. Throws
   * for what is no such file.
   */
  async ready(text: string, agentName: string | undefined): Promise<ReadyImport> {
    const { store, record, table, tokens, opt_outs } = this.#parts;
    const { readAgentFile } = await import("../memgpt/agent-file.ts");
    const file = readAgentFile(text);
    const namesake = table.memgptAgents.find((one) => one.name === file.name)?.name;
    const agent = table.memgpt(agentName ?? namesake).name;
    return {
      agent,
      replacement: async (now) => {
        const { state } = record;
        const cursor = this.#cursor(agent);
        const owner = agentOwner(state.place, agent);
        const leftOut = new Set(
          record.aliases
            .rows()
            .flatMap(([id, alias]) => (opt_outs.has(id) ? [alias.toLowerCase()] : [])),
        );
        const isLeftOut = (alias: string): boolean => leftOut.has(alias.toLowerCase());
        const here = { store, owner, tokens, now, isLeftOut };
        const { snapshot, rows, lines, archival } = await importAgent(file, cursor.snapshot, here);
        const agents = { ...state.agents, [agent]: { ...cursor, snapshot } };
        const { settings, view_from } = state;
        const attached = new Set(snapshot.sources.map((source) => source.name));
        return [
          { lines: [], rows, settings, view_from, agents, run: null, ended: null },
          {
            agent,
            from: file.name,
            lines,
            archival,
            missing_sources: file.sources.filter((name) => !attached.has(name)),
          },
        ];
      },
    };
  }

  #cursor(agent: string): AgentCursor {
    const { agents } = this.#parts.record.state;
    const cursor = Object.hasOwn(agents, agent) ? agents[agent] : undefined;
    if (cursor) return cursor;
    throw new ColloquyError("agent_unknown", `Nothing is stored of ${agent} yet`);
  }
}
