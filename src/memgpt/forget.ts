/**
 * Forgetting a person, on what is stored: their lines and the answers to them, their block in every
 * version of core memory, notes from them, and fronts and summaries that may repeat any of it. Rows
 * are emptied in place, so saved states lose them as well; the caller commits them with the record.
 */
import { coreKey, frontKey, logKey, summaryKey } from "./agent-rows.ts";
import { AppendLog } from "./append-log.ts";
import type { ArchivalEntry } from "./archival-memory.ts";
import type { CoreMemoryRecord } from "./core-memory.ts";
import {
  type ExchangeRow,
  Exchanges,
  isNoteOf,
  kindOf,
  repeats,
  type WhoIsForgotten,
  writtenIn,
} from "./exchanges.ts";
import type { Summary } from "./main-context.ts";
import { FORGOTTEN, packageAlert, saidIn } from "./packaging.ts";
import type { StateStore } from "./ports.ts";
import { BOOT_ROWS, emptiedRow, type LogEntry, readLog } from "./recall-memory.ts";
import type { Row } from "./runtime.ts";
import type { MemgptSnapshot } from "./snapshot.ts";

export interface Forgotten {
  snapshot: MemgptSnapshot;
  /** To be stored before the record that holds the snapshot. */
  rows: Row[];
  /** Passages to be deleted before anything else, so that a crash leaves none behind unseen. */
  passages: { recall: string[]; archival: string[] };
  /** Whether a line of a text that the agent wrote is theirs. */
  isTheirs: (line: string) => boolean;
  /** Answers that were taken out, as they were said. */
  answers: string[];
  lines: number;
  notes: number;
}

const BATCH = 500;
const SUMMARY_GONE =
  "An earlier summary was deleted, because somebody asked to be forgotten. conversation_search finds what else was said.";

/** `current` must be stored as it is: nothing pending. Rejects with a `StoreError`; writes nothing. */
export async function forgetPerson(
  store: StateStore,
  owner: string,
  current: MemgptSnapshot,
  who: Omit<WhoIsForgotten, "label">,
  now: { at: number; time: string },
): Promise<Forgotten> {
  const currentCore = await store.get<CoreMemoryRecord>(coreKey(owner, current.core_version));
  const label = currentCore?.people?.find((block) => block.person === who.person)?.label;
  const log = await forgetLines(store, owner, current.recall.length, { ...who, label });
  const isNote = (text: string): boolean => isNoteOf(text, { ...who, label });
  const archive = await forgetNotes(store, owner, current.archival.length, isNote, log.written);
  const isTheirs = (line: string): boolean => isNote(line) || log.written.has(plain(line));
  const scrub = (record: CoreMemoryRecord): CoreMemoryRecord =>
    withoutPerson(record, who.person, isTheirs);
  const versions = await rewritten(store, (v) => coreKey(owner, v), current.core_version, scrub);
  const earliest = Math.min(...log.removed);
  const summaries =
    earliest < current.queue_start
      ? await rewritten(
          store,
          (v) => summaryKey(owner, v),
          current.summary_version,
          (summary: Summary | null) => summary && { ...summary, text: SUMMARY_GONE },
        )
      : [];
  const { front_version = 0 } = current;
  const fronts = await rewritten(
    store,
    (v) => frontKey(owner, v),
    front_version,
    () => null,
  );
  const row = current.recall.length;
  const alert: LogEntry = { created_at: now.at, message: packageAlert(FORGOTTEN, now.time) };
  const core_version = current.core_version + 1;
  const removed = new Set(log.removed);
  return {
    rows: [
      ...log.rows,
      ...archive.rows,
      ...versions,
      ...summaries,
      ...fronts,
      [logKey(owner, row), alert],
      ...(currentCore ? [[coreKey(owner, core_version), scrub(currentCore)] as const] : []),
      // Rendered anew when the agent is restored.
      [frontKey(owner, front_version + 1), null],
    ],
    passages: { recall: log.removed.map((index) => `m${index}`), archival: archive.ids },
    isTheirs,
    answers: log.answers,
    lines: log.lines,
    notes: archive.rows.length,
    snapshot: {
      ...current,
      core_version: currentCore ? core_version : current.core_version,
      front_version: front_version + 1,
      trims: current.trims.filter(([index]) => !removed.has(index)),
      loaded: (current.loaded ?? []).filter((person) => person !== who.person),
      recall: { ...current.recall, length: row + 1, said: current.recall.said - log.said },
      archival: {
        ...current.archival,
        passages: current.archival.passages - archive.ids.length,
      },
    },
  };
}

interface ForgottenLines {
  rows: Row[];
  removed: number[];
  answers: string[];
  /** What was written to memory where nobody else took part. */
  written: Set<string>;
  lines: number;
  said: number;
}

async function forgetLines(
  store: StateStore,
  owner: string,
  length: number,
  who: WhoIsForgotten,
): Promise<ForgottenLines> {
  const found: ForgottenLines = {
    ...{ rows: [], removed: [], answers: [], written: new Set(), lines: 0, said: 0 },
  };
  const take = (exchange: readonly ExchangeRow<LogEntry>[]): void => {
    const theirs = exchange.some(({ kind }) => kind === "theirs");
    const alone = theirs && !exchange.some(({ kind }) => kind === "others");
    const repeated = exchange.some(({ entry, kind }) => kind !== "others" && repeats(entry, who));
    if (!theirs && !repeated) return;
    for (const { index, entry, kind } of exchange) {
      // Another agent heard nothing but what was said, so in an exchange of others it repeats nothing.
      const heard = kind === "agent" && entry.message.role === "user";
      if (index < BOOT_ROWS || kind === "others" || (heard && !theirs)) continue;
      found.rows.push([logKey(owner, index), emptiedRow(entry)]);
      found.removed.push(index);
      const said = saidIn(entry.message);
      if (alone)
        for (const text of writtenIn(entry).flatMap(wholeAndLines)) found.written.add(text);
      if (said?.role === "assistant") found.answers.push(said.text);
      if (!said || entry.replayed) continue;
      found.said += 1;
      if (kind === "theirs") found.lines += 1;
    }
  };
  const exchanges = new Exchanges<LogEntry>();
  for (let from = 0; from < length; from += BATCH) {
    const entries = await readLog(store, owner, from, Math.min(from + BATCH, length));
    for (const [i, entry] of entries.entries()) {
      if (entry.removed) continue;
      const ended = exchanges.add({ index: from + i, entry, kind: kindOf(entry, who) });
      if (ended) take(ended);
    }
  }
  take(exchanges.end());
  return found;
}

async function forgetNotes(
  store: StateStore,
  owner: string,
  length: number,
  isNote: (text: string) => boolean,
  written: ReadonlySet<string>,
): Promise<{ rows: Row[]; ids: string[] }> {
  const log = new AppendLog<ArchivalEntry>(store, `${owner}/archival`, length);
  const rows: Row[] = [];
  const ids: string[] = [];
  for (let from = 0; from < length; from += BATCH) {
    for (const [i, entry] of (await log.read(from, from + BATCH)).entries()) {
      const { parts, created_at } = entry;
      if (parts.length === 0) continue;
      const told = [...written].some((text) => parts.every((part) => text.includes(plain(part))));
      if (!told && !isNote(parts[0] ?? "")) continue;
      const emptied: ArchivalEntry = { created_at, parts: [] };
      rows.push([`${owner}/archival/${from + i}`, emptied]);
      ids.push(...parts.map((_, part) => `a${from + i}-${part}`));
    }
  }
  return { rows, ids };
}

function withoutPerson(
  record: CoreMemoryRecord,
  person: string,
  isTheirs: (line: string) => boolean,
): CoreMemoryRecord {
  const { people = [], edits: _, ...rest } = record;
  const without = (text: string): string => {
    const lines = text.split("\n");
    const kept = lines.filter((line) => !isTheirs(line));
    return kept.length === lines.length ? text : kept.join("\n");
  };
  // Edits hold what stood there before, so none of them may be taken back any more.
  return {
    ...rest,
    persona: without(record.persona),
    human: without(record.human),
    ...(people.length > 0 ? { people: people.filter((block) => block.person !== person) } : {}),
  };
}

/** The versions that are stored and change. Versions that never were committed have no row. */
async function rewritten<T>(
  store: StateStore,
  key: (version: number) => string,
  last: number,
  change: (value: T) => T,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 1; from <= last; from += BATCH) {
    const count = Math.min(BATCH, last - from + 1);
    const keys = Array.from({ length: count }, (_, i) => key(from + i));
    const values = await store.getMany<T>(keys);
    for (const [i, value] of values.entries()) {
      if (value === undefined) continue;
      const changed = change(value);
      if (JSON.stringify(changed) !== JSON.stringify(value)) rows.push([keys[i] ?? "", changed]);
    }
  }
  return rows;
}

/** As they are compared; a line without a word marks nobody. */
function wholeAndLines(text: string): string[] {
  return [text, ...text.split("\n")].map(plain).filter((line) => /[\p{L}\p{N}]/u.test(line));
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
