/**
 * An agent's file on top of the logs of an agent that is here: core memory, summary and queue become
 * the file's, recall and archival memory gain what they do not have yet, nothing is lost. Names, rows
 * and ids are made anew; sources are not linked, as a file may not say what somebody can read.
 */

import type { AgentFile, AgentFileEntry } from "./agent-file.ts";
import { coreKey, frontKey, logKey, readRow, summaryKey } from "./agent-rows.ts";
import { AppendLog } from "./append-log.ts";
import type { ArchivalEntry } from "./archival-memory.ts";
import { type CoreMemoryRecord, PERSON_LABEL } from "./core-memory.ts";
import { blocksOf } from "./export-agent.ts";
import { saidIn } from "./packaging.ts";
import type { ChatMessage, StateStore, TokenCounter } from "./ports.ts";
import type { LogEntry } from "./recall-memory.ts";
import type { Row } from "./runtime.ts";
import type { MemgptSnapshot } from "./snapshot.ts";
import { splitContent } from "./split-content.ts";

export interface ImportedAgent {
  snapshot: MemgptSnapshot;
  /** To be stored before the record that holds the snapshot. */
  rows: Row[];
  /** What was not here yet. */
  lines: number;
  archival: number;
}

export interface ImportPlace {
  store: StateStore;
  owner: string;
  tokens: TokenCounter;
  now: number;
  /** Aliases of people who are not to be remembered: their lines and blocks stay out. */
  isLeftOut?: (alias: string) => boolean;
}

const READ_BATCH = 500;

/** Rejects with a `StoreError` when a row of `current` is missing; writes nothing. */
export async function importAgent(
  file: AgentFile,
  current: MemgptSnapshot,
  here: ImportPlace,
): Promise<ImportedAgent> {
  const { owner, now, isLeftOut = () => false } = here;
  const isKept = ({ message }: AgentFileEntry): boolean => {
    const said = saidIn(message as ChatMessage);
    return said?.speaker === undefined || !isLeftOut(said.speaker);
  };
  const recallLog = new AppendLog<LogEntry>(here.store, `${owner}/log`, current.recall.length);
  const known = await keysIn(recallLog, entryKey);
  const older = wholeCalls(file.recall.filter(isKept)).filter(
    (entry) => !known.has(entryKey(entry)),
  );
  const queue = wholeCalls(file.queue.filter(isKept)).map(
    (entry): LogEntry => (known.has(entryKey(entry)) ? { ...entry, replayed: true } : entry),
  );
  const log = renumbered([...older, ...queue], current.recall.length);
  const said = log.filter((entry) => !entry.replayed && saidIn(entry.message)).length;

  const archivalLog = new AppendLog<ArchivalEntry>(
    here.store,
    `${owner}/archival`,
    current.archival.length,
  );
  const kept = await keysIn(archivalLog, (entry) => textKey(entry.parts.join("")));
  const { persona, human, ...others } = file.core;
  // Undoing would put back pieces of texts that are no longer there.
  const { edits: _, ...core_here } = await readRow<CoreMemoryRecord & { edits?: unknown }>(
    here.store,
    coreKey(owner, current.core_version),
  );
  const local = blocksOf({ ...core_here });
  const blocks = Object.entries(others)
    .filter(([label, value]) => value.trim() !== "" && local[label] !== value)
    .filter(([label]) => !isLeftOut(label.replace(PERSON_LABEL, "")))
    .map(([label, value]) => ({ created_at: file.exported_at, text: `${label}: ${value}` }));
  const archival = [...file.archival, ...blocks]
    .filter((entry) => !kept.has(textKey(entry.text)))
    .map(({ created_at, text }) => ({ created_at, parts: splitContent(text, here.tokens) }))
    .filter(({ parts }) => parts.length > 0);

  const core_version = current.core_version + 1;
  const summary_version = current.summary_version + 1;
  const front_version = (current.front_version ?? 0) + 1;
  const core: CoreMemoryRecord = { ...core_here, persona, human, modified_at: now };
  return {
    lines: said,
    archival: archival.length,
    rows: [
      ...log.map((entry, i): Row => [logKey(owner, current.recall.length + i), entry]),
      ...archival.map(
        (entry, i): Row => [`${owner}/archival/${current.archival.length + i}`, entry],
      ),
      [coreKey(owner, core_version), core],
      [summaryKey(owner, summary_version), file.summary],
      [frontKey(owner, front_version), null],
    ],
    snapshot: {
      ...current,
      queue_start: current.recall.length + older.length,
      trims: [],
      recall: {
        ...current.recall,
        length: current.recall.length + log.length,
        said: current.recall.said + said,
      },
      archival: {
        ...current.archival,
        length: current.archival.length + archival.length,
        passages: archival.reduce(
          (sum, { parts }) => sum + parts.length,
          current.archival.passages,
        ),
      },
      core_version,
      summary_version,
      front_version,
      first_message_done: true,
      warned: false,
    },
  };
}

/** The same words at the same time are the same message; ids of calls differ from place to place. */
function entryKey({ created_at, message }: AgentFileEntry | LogEntry): string {
  const calls = "tool_calls" in message ? (message.tool_calls ?? []) : [];
  const name = "name" in message ? message.name : undefined;
  return JSON.stringify([
    created_at,
    message.role,
    message.content,
    name,
    calls.map((call) => [call.function.name, call.function.arguments]),
  ]);
}

/** Without white space, which splitting into passages changes. */
function textKey(text: string): string {
  return text.replace(/\s+/g, "");
}

async function keysIn<T>(log: AppendLog<T>, key: (entry: T) => string): Promise<Set<string>> {
  const keys = new Set<string>();
  for (let from = 0; from < log.length; from += READ_BATCH) {
    for (const entry of await log.read(from, from + READ_BATCH)) keys.add(key(entry));
  }
  return keys;
}

/** Providers refuse a call without its results, or a result without its call: such are left out. */
function wholeCalls(entries: readonly AgentFileEntry[]): LogEntry[] {
  const whole: LogEntry[] = [];
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i];
    if (!entry || entry.message.role === "tool") continue;
    const calls = entry.message.role === "assistant" ? (entry.message.tool_calls ?? []) : [];
    const results = entries.slice(i + 1, i + 1 + calls.length);
    const answered = calls.every((call, n) => {
      const result = results[n]?.message;
      return result?.role === "tool" && result.tool_call_id === call.id;
    });
    const empty = entry.message.content === null && calls.length === 0;
    if (answered && !empty) whole.push(...[entry, ...results].map(plain));
  }
  return whole;
}

function plain({ created_at, message }: AgentFileEntry): LogEntry {
  return { created_at, message: message as ChatMessage };
}

/** Ids of calls as this log would have given them: unique in it. */
function renumbered(entries: readonly LogEntry[], first: number): LogEntry[] {
  let row = first;
  let answers = 0;
  return entries.map((entry, i) => {
    const { message } = entry;
    if (message.tool_calls) {
      row = first + i;
      answers = 0;
      const tool_calls = message.tool_calls.map((call, n) => ({ ...call, id: `call_${row}_${n}` }));
      return { ...entry, message: { ...message, tool_calls } };
    }
    if (message.role !== "tool") return entry;
    const tool_call_id = `call_${row}_${answers}`;
    answers += 1;
    return { ...entry, message: { ...message, tool_call_id } };
  });
}
