/**
 * From an agent's committed rows to its file. What does not fit into the size leaves from the oldest
 * on, first of recall memory, and the file says how much that was.
 */
import { coreKey, readRow, summaryKey } from "./agent-rows.ts";
import { AppendLog } from "./append-log.ts";
import type { ArchivalEntry } from "./archival-memory.ts";
import type { Summary } from "./main-context.ts";
import type { StateStore } from "./ports.ts";
import { BOOT_ROWS, type LogEntry, readLog } from "./recall-memory.ts";
import type { MemgptSnapshot } from "./snapshot.ts";

const READ_BATCH = 500;
/** UTF-8 bytes; Discord takes attachments of 10 MiB. */
const USUAL_LIMIT = 8_000_000;

/** JSON text. Rejects with a `StoreError` when a row is missing; writes nothing. */
export async function exportAgent(
  store: StateStore,
  owner: string,
  snapshot: MemgptSnapshot,
  now: number,
  limit = USUAL_LIMIT,
): Promise<string> {
  const core = await readRow<Record<string, unknown>>(store, coreKey(owner, snapshot.core_version));
  const summary =
    snapshot.summary_version === 0
      ? null
      : await readRow<Summary | null>(store, summaryKey(owner, snapshot.summary_version));
  const queue = await readLog(
    store,
    owner,
    Math.max(BOOT_ROWS, snapshot.queue_start),
    snapshot.recall.length,
  );
  const head = {
    format: "colloquy-agent",
    version: 1,
    exported_at: now,
    name: snapshot.name,
    core: blocksOf(core),
    summary,
    queue: queue.filter((entry) => !entry.removed).map(plainEntry),
    sources: snapshot.sources.map((source) => source.name),
  };
  const room = limit - utf8Bytes(JSON.stringify(head)) - 200;
  const log = new AppendLog<ArchivalEntry>(store, `${owner}/archival`, snapshot.archival.length);
  const archival = await newest(log, 0, snapshot.archival.length, Math.floor(room / 2), (row) => ({
    created_at: row.created_at,
    text: row.parts.join("\n"),
  }));
  const recallLog = new AppendLog<LogEntry>(store, `${owner}/log`, snapshot.recall.length);
  const recall = await newest(
    recallLog,
    BOOT_ROWS,
    snapshot.queue_start,
    room - archival.bytes,
    (row) => (row.replayed || row.removed ? undefined : plainEntry(row)),
  );
  const cut = recall.left_out > 0 || archival.left_out > 0;
  return JSON.stringify({
    ...head,
    recall: recall.items,
    archival: archival.items,
    ...(cut ? { left_out: { recall: recall.left_out, archival: archival.left_out } } : {}),
  });
}

/** Text by label: `persona`, `human` and whatever further blocks there are. */
export function blocksOf(core: Readonly<Record<string, unknown>>): Record<string, string> {
  const people = Array.isArray(core.people) ? core.people : [];
  const pairs = [...Object.entries(core), ...people.map((one) => [one?.label, one?.text] as const)];
  return Object.fromEntries(
    pairs.filter((pair): pair is [string, string] =>
      pair.every((part) => typeof part === "string"),
    ),
  );
}

/** The last rows of `from` to `to` that fit into `room` bytes, oldest first. */
async function newest<R, T>(
  log: AppendLog<R>,
  from: number,
  to: number,
  room: number,
  convert: (row: R) => T | undefined,
): Promise<{ items: T[]; bytes: number; left_out: number }> {
  const items: T[] = [];
  let bytes = 0;
  for (let end = to; end > from; end -= READ_BATCH) {
    const start = Math.max(from, end - READ_BATCH);
    const rows = await log.read(start, end);
    for (const [i, row] of [...rows.entries()].reverse()) {
      const item = convert(row);
      if (item === undefined) continue;
      const size = utf8Bytes(JSON.stringify(item)) + 1;
      if (bytes + size > room)
        return { items: items.reverse(), bytes, left_out: start + i + 1 - from };
      bytes += size;
      items.push(item);
    }
  }
  return { items: items.reverse(), bytes, left_out: 0 };
}

/** Without what says whose row it was. */
function plainEntry({ created_at, message }: LogEntry): Pick<LogEntry, "created_at" | "message"> {
  return { created_at, message };
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    // Half a surrogate pair: two of them make four bytes.
    if (code >= 0xd800 && code <= 0xdfff) bytes += 2;
    else bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  return bytes;
}
