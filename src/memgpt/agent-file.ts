/**
 * One agent as a file: a versioned JSON format that says what the agent knows and nothing of where it
 * was kept. A file that comes in is untrusted: it is bounded, checked against the schema, stripped of
 * what the schema does not name, and its older versions are migrated forward first.
 */
import { z } from "zod";
import { ColloquyError } from "../shared/errors.ts";
import { parseObject } from "./packaging.ts";

export const AGENT_FILE_FORMAT = "colloquy-agent";
export const AGENT_FILE_VERSION = 1;
/** Characters of a file that is read. */
export const LONGEST_AGENT_FILE = 10_000_000;
/** Blocks of core memory beside `persona` and `human`. */
const MOST_BLOCKS = 500;

const time = z.number().int().min(0).max(8.64e15);
const text = (most: number): z.ZodString => z.string().max(most);
const wireName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const callId = text(200);
const blockLabel = z.string().regex(/^[a-z][A-Za-z0-9_:-]{0,99}$/);

const message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), content: text(200_000), name: wireName.optional() }),
  z.object({
    role: z.literal("assistant"),
    content: text(200_000).nullable(),
    tool_calls: z
      .array(
        z.object({
          id: callId,
          type: z.literal("function"),
          function: z.object({ name: wireName, arguments: text(200_000) }),
        }),
      )
      .min(1)
      .max(32)
      .optional(),
  }),
  z.object({ role: z.literal("tool"), content: text(200_000), tool_call_id: callId }),
]);
const entry = z.object({ created_at: time, message });

const schema = z.object({
  format: z.literal(AGENT_FILE_FORMAT),
  version: z.literal(AGENT_FILE_VERSION),
  exported_at: time,
  /** The agent's. */
  name: wireName,
  /** Core memory: the blocks by label, persona and human among them. */
  core: z
    .record(blockLabel, text(20_000))
    .refine((blocks) => Object.keys(blocks).length <= MOST_BLOCKS + 2)
    .pipe(z.object({ persona: text(20_000), human: text(20_000) }).catchall(text(20_000))),
  summary: z.object({ text: text(50_000), covers: z.number().int().min(0) }).nullable(),
  /** Messages that have left the queue, oldest first. */
  recall: z.array(entry).max(200_000),
  /** Messages in the queue, oldest first. */
  queue: z.array(entry).max(10_000),
  archival: z.array(z.object({ created_at: time, text: text(200_000) })).max(100_000),
  /** Names of the data sources that were attached; their text is not in the file. */
  sources: z.array(text(300)).max(1000),
  /** What was left out because the file would have become too large. */
  left_out: z
    .object({ recall: z.number().int().min(0), archival: z.number().int().min(0) })
    .optional(),
});

export type AgentFile = z.infer<typeof schema>;
export type AgentFileEntry = AgentFile["recall"][number];

/** What makes a file of version n one of version n + 1. */
type Migration = (file: Record<string, unknown>) => Record<string, unknown>;

/** By the version they begin at. A new version of the format comes with its step here. */
const MIGRATIONS: ReadonlyMap<number, Migration> = new Map();

/** Throws a `ColloquyError` that says what is wrong with the file. `migrations` is for tests. */
export function readAgentFile(json: string, migrations = MIGRATIONS): AgentFile {
  if (json.length > LONGEST_AGENT_FILE) {
    throw refused(`It has more than ${LONGEST_AGENT_FILE / 1_000_000} million characters.`);
  }
  let file = parseObject(json.replace(/^\uFEFF/, ""));
  if (!file) throw refused("It is not JSON, or was cut off.");
  if (file.format !== AGENT_FILE_FORMAT) throw refused("It was not made by `/save`.");
  const { version } = file;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 0) {
    throw refused("It does not say which version it has.");
  }
  if (version > AGENT_FILE_VERSION) {
    throw refused(
      `It has version ${version}, and this program knows versions up to ${AGENT_FILE_VERSION}.`,
      "Import it with a newer version of the bot.",
    );
  }
  for (let at = version; at < AGENT_FILE_VERSION; at += 1) {
    const migrate = migrations.get(at);
    if (!migrate) throw refused(`Its version ${version} is no longer known.`);
    file = { ...migrate(file), version: at + 1 };
  }
  const checked = schema.safeParse(file);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = issue?.path.slice(0, 6).map(String).join(".").slice(0, 100);
  throw refused(`At ${path || "its top"} it is not as it should be (${issue?.code ?? "invalid"}).`);
}

function refused(why: string, next = "Use a file as `/save` gave it."): ColloquyError {
  return new ColloquyError("agent_file_invalid", "This file is no saved agent", { why, next });
}
