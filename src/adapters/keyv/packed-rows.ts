/**
 * Rows as SQLite keeps them: deflated, with the shapes of our own rows known beforehand, which halves
 * even a line of chat; the shortest and the longest as the text they are. Knows nothing of keys.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { KeyvSqlite } from "@keyv/sqlite";

/** Characters. Shorter rows gain nothing; longer ones would hold up everybody else. */
const SHORTEST = 100;
const LONGEST = 65_536;
/** Small tables: most of the cost is setting them up. */
const TABLES = { windowBits: 12, memLevel: 5 };

/** A packed row's first byte: the dictionary that it was packed with. */
const FIRST_DICTIONARY = 1;
/**
 * What rows look like, the likeliest last. Part of the format: rows were written with it, so it is
 * never changed; a better one gets a first byte of its own.
 */
const DICTIONARY = Buffer.from(
  [
    '{"value":{"version":1,"place":{"id":"","kind":"channel","scope":"","name":""},"settings":{"active":true,"show_inner_thoughts":true,"show_function_outputs":false},"log_length":0,"view_from":0,"last_message_id":"","inbox":[],"aliases":{},"agents":{"":{"snapshot":{"version":1,"name":"","queue_start":0,"trims":[],"recall":{"length":0,"said":0,"index":{"embedder":"offline-hash-1024","done":0}},"archival":{"length":0,"passages":0,"index":{"embedder":"offline-hash-1024","done":0}},"core_version":1,"summary_version":0,"sources":[],"first_message_done":true,"warned":false},"heard":0}},"run":null}}',
    '","tool_calls":[{"id":"call_1_0","type":"function","function":{"name":"archival_memory_search","arguments":"{\\"query\\":\\"\\",\\"request_heartbeat\\":true}"}}]}}}',
    '{"value":{"speaker":"User_proxy","name":"","text":"","created_at":1700000000000,"person_id":"',
    '{"value":{"created_at":1700000000000,"message":{"role":"user","content":"{\\"type\\":\\"heartbeat\\",\\"reason\\":\\"[Automatic event, hidden from the people] request_heartbeat is true: go on.\\",\\"time\\":\\"',
    '{"value":{"created_at":1700000000000,"message":{"role":"user","content":"{\\"type\\":\\"user_message\\",\\"message\\":\\"","\\",\\"time\\":\\"2025-01-01 12:00:00 PM UTC+0000\\"}","name":"',
    '{"value":{"created_at":1700000000000,"message":{"role":"tool","content":"{\\"status\\":\\"OK\\",\\"message\\":\\"None\\",\\"time\\":\\"2025-01-01 12:00:00 PM UTC+0000\\"}","tool_call_id":"call_1_0"}}}',
    '{"value":{"created_at":1700000000000,"message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1_0","type":"function","function":{"name":"send_message","arguments":"{\\"message\\":\\" the and to of a in that is you for it with on as I be are this not have was or can "}}]}}}',
  ].join(""),
);

/** Text, or the packed bytes of it. */
export function packRow(text: string): string | Buffer {
  if (text.length < SHORTEST || text.length > LONGEST) return text;
  const packed = deflateRawSync(text, { ...TABLES, dictionary: DICTIONARY });
  return Buffer.concat([Buffer.of(FIRST_DICTIONARY), packed]);
}

/** What `packRow` was given; text, and what is not there, as it is. Throws for bytes that it never made. */
export function unpackRow(stored: unknown): unknown {
  if (!Buffer.isBuffer(stored)) return stored;
  if (stored[0] !== FIRST_DICTIONARY) {
    throw new SyntaxError("A row was packed in a way that this program does not know.");
  }
  return inflateRawSync(stored.subarray(1), { dictionary: DICTIONARY }).toString("utf8");
}

/** @keyv/sqlite with packed rows: put into a Keyv, it reads what the bot wrote, and the other way round. */
export class PackedKeyvSqlite extends KeyvSqlite {
  override async get<T>(key: string): Promise<T> {
    return unpackRow(await super.get(key)) as T;
  }

  override async getMany<T>(keys: string[]): Promise<T[]> {
    const rows = await super.getMany<T>(keys);
    return rows.map((row) => unpackRow(row) as T);
  }
}
