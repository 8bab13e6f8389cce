/** Conversations with annotated questions, read from JSON files for `bench/recall.ts`. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { timeOf } from "./recall-dates.ts";

export interface Turn {
  id: string;
  speaker: string;
  text: string;
  /** Milliseconds since the epoch; turns of one session a minute apart. */
  created_at: number;
}

export interface Conversation {
  turns: Turn[];
  /** Each with at least one evidence that is a turn. */
  questions: { text: string; evidence: string[] }[];
  /** Questions whose evidence is missing or no turn: they cannot be judged. */
  left_out: number;
  /** Pieces of evidence that are no turn, of all questions. */
  unknown_evidence: number;
}

/** The shape of a file, as `--help` tells it. */
export const FILE_SHAPE = `{
  "turns": [{"id": "D1:3", "speaker": "Ada", "date": "1:56 pm on 8 May, 2023", "text": "..."}],
  "questions": [{"text": "When did ...?", "evidence": ["D1:3", "D2:4"]}]
}
Turns are in the order they were said. id: text or number; without one, the place in the list,
from 1. date: "1:56 pm on 8 May, 2023", ISO, "2023/05/08 (Mon) 13:56" or seconds; a turn without
one follows the turn before it by a minute. evidence: ids in a list or in one text ("D1:3; D2:4").
Ids that are no turn are passed over; a question with no other evidence is left out, and counted
as such. Other keys are ignored.`;

const ID = z.union([z.string(), z.number()]);
const FILE = z.object({
  turns: z.array(
    z.object({
      id: ID.nullish(),
      speaker: ID.nullish(),
      date: ID.nullish(),
      text: ID.nullish(),
    }),
  ),
  questions: z.array(
    z.object({
      text: ID.nullish(),
      evidence: z.union([ID, z.array(ID.nullish())]).nullish(),
    }),
  ),
});

const MINUTE = 60_000;

/** Throws for a file that is no JSON or of another shape. */
export function readConversation(path: string): Conversation {
  return parseConversation(JSON.parse(readFileSync(path, "utf8")));
}

/** Throws for another shape, naming what is wrong. */
export function parseConversation(raw: unknown): Conversation {
  const parsed = FILE.safeParse(raw);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const file = parsed.data;
  let last = 0;
  const turns = file.turns.map(({ id, speaker, text, date }, i) => {
    const stated = timeOf(date);
    // The log is in order: turns with one date, or none, follow each other.
    last = stated !== undefined && stated > last ? stated : last + MINUTE;
    return {
      id: String(id ?? i + 1).trim(),
      speaker: String(speaker ?? "Somebody").trim() || "Somebody",
      text: String(text ?? ""),
      created_at: last,
    };
  });
  const find = finder(turns);
  let unknown = 0;
  const questions = file.questions.map(({ text, evidence }) => {
    const named = [evidence ?? []].flat().flatMap((one) => find(String(one ?? "")));
    unknown += named.filter((id) => id === undefined).length;
    return { text: String(text ?? ""), evidence: [...new Set(named.flatMap((id) => id ?? []))] };
  });
  const judged = questions.filter(({ evidence }) => evidence.length > 0);
  return {
    turns,
    questions: judged,
    left_out: questions.length - judged.length,
    unknown_evidence: unknown,
  };
}

/**
 * Looks evidence up: as it stands, else by its parts between semicolons, commas and spaces, each as
 * it stands or written a little differently ("d1:03" and "D:1:3" are D1:3). undefined for no turn.
 */
function finder(turns: readonly Turn[]): (evidence: string) => (string | undefined)[] {
  const ids = new Set(turns.map((turn) => turn.id));
  const loose = new Map(turns.map((turn) => [plain(turn.id), turn.id]));
  const one = (id: string): string | undefined => (ids.has(id) ? id : loose.get(plain(id)));
  return (evidence) => {
    const whole = evidence.trim();
    if (ids.has(whole)) return [whole];
    return whole
      .split(/[;,|\s]+/)
      .filter((part) => part !== "")
      .map((part) => one(part.replace(/^[[("']+|[\])"']+$/g, "")));
  };
}

/** Letters and numbers only, without leading zeros. */
function plain(id: string): string {
  const parts = id.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? [id];
  return parts.map((part) => part.replace(/^0+(?=\d)/, "")).join(":");
}
